"""A small kingdom that lives: every deed goes through the service that a screen or a worker calls, on a day that is told.

The history tables of PostgreSQL bear the instant of their transaction; here they are given the instant of the day that is lived, so
that whoever reads a family as it was finds it as it was.
"""

import tempfile
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.utils.timezone import get_default_timezone

import eligibility.queries
import eligibility.services
import households.services
from eligibility import runs as law_runs
from eligibility.models import OPEN, Program
from enrollment import runs, services
from enrollment.models import Adhesion, Allowance, Appeal, Contribution, Direction, Overpayment, Payment
from enrollment.paying import simulator
from enrollment.selection import Selection
from enrollment.services.ordering import rows_of
from households.models import Household
from households.services import DeclarationRefused, RequestOutdated, RequestRefused, SecondNeeded
from rsu.authentication import engine
from rsu.desk import casework
from rsu.models import User
from rsu.permissions import Forbidden
from tests.api.declarations import GUELIZ, SIDI_MOUMEN, adult, declaration
from tests.eligibility.legislating import move_line

BEGINS = date(2027, 1, 4)
REFUSALS = (
    services.NotEnrollable, services.AppealRefused, services.AppealDecided, services.NotDirectable, services.BatchRefused,
    services.MonthRefused, services.OrderRefused, services.OverpaymentRefused, services.ClaimRefused, services.NotSettled,
    eligibility.services.ProposalRefused, DeclarationRefused, RequestOutdated, RequestRefused, Forbidden,
)  # fmt: skip
"""What a service may answer: nothing is done then, and life goes on."""
RICH = {"mobile_phones": "3", "cars": "2", "computer": True, "second_home": True, "garage": True, "landline": True, "loan": True}
POOR = {"mobile_phones": "0", "cars": "0", "computer": False, "second_home": False, "garage": False, "landline": False, "loan": False}
MODEST = {"mobile_phones": 3, "landline": True, "computer": True, "rooms": 3}
LINES = (930_000_00, 974_300_10, 999_000_00)


def kid(name: str, born_on: date, **answers) -> dict:
    born = {"birth_year": born_on.year, "birth_month": born_on.month, "birth_day": born_on.day}
    unasked = dict.fromkeys(("diploma", "situation", "education_level", "other_allowances"))
    school = {"schooling": "primary", "school_sector": "public"} if 2014 <= born_on.year <= 2020 else {"schooling": "no"}
    return adult(first_name_fr=name, relation="child", father=1, mother=2, **unasked, **school, **born) | answers


def couple_of(*kids: dict, **answers) -> dict:
    head = adult(marital_status="married", birth_year=1982)
    wife = adult(first_name_fr="Fatima", relation="spouse", sex="female", marital_status="married", spouse=1, birth_year=1986)
    return declaration(head, wife, *kids, **({"rooms": 1, "butane_month": "0", "mobile_phones": 0} | answers))


def families() -> list[dict]:
    """Poor with four pupils; poor with a son about to be 21 and a baby; a widow with an orphan; above the line of both programs."""
    orphan = kid(
        "Orpheline", date(2017, 3, 3), father=None, mother=1, father_status="deceased", father_died_on="04/05/2020", charge="mother"
    )
    grown = kid("Grand", date(2006, 2, 10), situation="other_inactive", diploma="none", other_allowances=False)
    widow = adult(first_name_fr="Zahra", sex="female", marital_status="widowed", birth_year=1985)
    return [
        couple_of(*(kid(f"Enfant {year}", date(year, 6, 1)) for year in (2015, 2016, 2018, 2020))),
        couple_of(grown, kid("Petit", date(2026, 11, 2), schooling=None)),
        declaration(widow, orphan, rooms=1, butane_month="0", mobile_phones=0),
        couple_of(kid("Fils", date(2016, 9, 9)), **MODEST),
    ]  # fmt: skip


@dataclass
class Kingdom:
    """Who acts, on which day; `done` and `refused` count the deeds."""

    on: date = BEGINS
    minutes: int = 0
    homes: list[int] = field(default_factory=list)
    done: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.desk, self.second, self.third = (
            User.objects.create(username=name, role="supervisor", area_level="kingdom") for name in ("hakim", "nora", "samira")
        )
        self.office = [User.objects.get(username=name) for name in ("chaima", "driss")]
        for answers in families():
            self.do("register", lambda k, home, n, answers=answers: k.register(answers), None, 0)

    @property
    def law(self):
        return eligibility.queries.law(self.on)

    @property
    def at(self) -> datetime:
        return datetime.combine(self.on, time(8), get_default_timezone()) + timedelta(minutes=self.minutes)

    def live(self, deed: str, which: int, number: int) -> None:
        self.do(deed, DEEDS[deed], Household.objects.get(pk=self.homes[which % len(self.homes)]), number)

    def do(self, name: str, deed: Callable, home: Household | None, number: int) -> None:
        """One deed, whole or not at all; what it wrote bears the instant that is lived."""
        self.minutes += 1
        try:
            with transaction.atomic(), _lived(self.at):
                deed(self, home, number)
        except REFUSALS as refusal:
            self.refused[name, str(refusal)] += 1
        else:
            self.done[name] += 1

    def register(self, answers: dict) -> None:
        made = households.services.submit_registration(token=uuid.uuid4(), answers=answers, on=self.on, by=self.desk, law=self.law)
        self.homes.append(made.household.pk)
        eligibility.services.assess_due(made.household.pk, on=self.on, by=engine())
        services.propose_for_household(made.household.pk, on=self.on, by=engine())

    def night(self, home=None, number: int = 0) -> None:
        """What the beat does between two days."""
        for pk in self.homes:
            eligibility.services.assess_due(pk, on=self.on, by=engine())
        while services.propose_due(on=self.on, by=engine()):
            pass
        services.settle_migrated(on=self.on, by=engine())
        services.open_night(on=self.on, by=engine())
        while services.follow_covers(on=self.on, by=engine()):
            pass
        services.call_contributions(on=self.on, by=engine())
        while services.open_rights(on=self.on, by=engine()):
            pass
        services.close_night(followed=0, on=self.on)

    def request(self, home: Household, change: Callable[[dict], dict] | None = None, **details) -> None:
        """A request opened, changed, sent and processed, signed by a second person where the law wants it."""
        token = uuid.uuid4()
        asked = {"kind": "update"} | details
        opened = households.services.open_request(household_id=home.pk, token=token, on=self.on, by=self.desk, law=self.law, **asked)
        if change:
            households.services.amend_draft(token=token, change=change, by=self.desk, on=self.on)
        sent = households.services.submit_request(token=token, on=self.on, by=self.desk, law=self.law)
        assert sent.pk == opened.pk
        try:
            with transaction.atomic():
                casework.process(sent.pk, on=self.on, by=self.desk)
        except SecondNeeded:
            casework.process(sent.pk, on=self.on, by=self.second)


class _lived:
    """Rows written inside bear this instant."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp(), coalesce((SELECT max(id) FROM enrollment_allowance), 0)")
            self.began, self.allowance = cursor.fetchone()
            self.marks = {}
            for table in EVENTS:
                cursor.execute(f"SELECT coalesce(max(pgh_id), 0) FROM {table}")
                self.marks[table] = cursor.fetchone()[0]

    def __exit__(self, fault, *rest) -> None:
        if fault is not None:
            return
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table, mark in self.marks.items():
                cursor.execute(f"UPDATE {table} SET pgh_created_at = %s WHERE pgh_id > %s", [self.at, mark])
            cursor.execute(
                "UPDATE enrollment_allowance SET computed_at = %s WHERE id > %s AND computed_at BETWEEN %s AND clock_timestamp()",
                [self.at, self.allowance, self.began],
            )
            cursor.execute("SET LOCAL session_replication_role = origin")


EVENTS = ("households_memberevent", "households_householdevent")

# What happens to a family -----------------------------------------------------------------------------------------------


def birth(k: Kingdom, home: Household, n: int) -> None:
    born_on = k.on - timedelta(days=n)
    people = list(home.members.order_by("position"))
    mother = next((p for p, one in enumerate(people, 1) if one.sex == "female" and one.relation in ("head", "spouse")), None)
    father = next((p for p, one in enumerate(people, 1) if one.sex == "male" and one.relation in ("head", "spouse")), None)
    baby = kid(f"Bébé {k.minutes}", born_on, mother=mother, father=father, schooling=None)
    if father is None:
        baby |= {"father_status": "alive", "charge": "mother"}
    k.request(home, lambda kept: kept | {"members": [*kept["members"], baby]})


def death(k: Kingdom, home: Household, n: int) -> None:
    people = list(home.members.order_by("position"))
    dead = people[n % len(people)]
    heir = next((one for one in people if one != dead and one.relation == "spouse"), None)
    new_head = f"m{heir.pk}" if dead.relation == "head" and heir else ""
    k.request(home, occasion="death", people=(f"m{dead.pk}",), new_head=new_head, died_on=k.on - timedelta(days=n % 10),
              change=(lambda kept: _head_answers(kept)) if new_head else None)  # fmt: skip


def _head_answers(kept: dict) -> dict:
    return kept | {"members": [one | {"education_level": "none"} if one.get("relation") == "head" else one for one in kept["members"]]}


def marriage(k: Kingdom, home: Household, n: int) -> None:
    """The eldest child marries, his wife comes to live with them."""
    eldest = home.members.filter(relation="child", marital_status="single").order_by("born_on").first()
    if eldest is None:
        raise RequestRefused({"": "nobody"})

    def wed(kept: dict) -> dict:
        members = list(kept["members"])
        place = next(p for p, one in enumerate(members) if one.get("key") == f"m{eldest.pk}")
        members[place] = members[place] | {"marital_status": "married", "spouse": len(members) + 1}
        wife = adult(
            first_name_fr="Hind",
            relation="other",
            sex="female",
            marital_status="married",
            spouse=place + 1,
            birth_year=2004,
            schooling="no",
        )
        return kept | {"members": [*members, wife]}

    k.request(home, wed)


def departure(k: Kingdom, home: Household, n: int) -> None:
    leaving = home.members.filter(relation__in=("child", "other", "spouse")).order_by("-position").first()
    k.request(home, occasion="departure", people=(f"m{leaving.pk}",) if leaving else ())


def transfer(k: Kingdom, home: Household, n: int) -> None:
    """A child goes to live with another family."""
    there = Household.objects.get(pk=k.homes[(k.homes.index(home.pk) + 1) % len(k.homes)])
    moving = there.members.filter(relation="child").order_by("position").last()
    if moving is None:
        raise RequestRefused({"": "nobody"})
    told = {"relation": "other", "charge": "guardian", "father_status": "alive"}
    k.request(
        home, occasion="transfer", other_id=there.pk, people=(f"m{moving.pk}",), told=True,
        change=lambda kept: kept | {"members": [one | told if one.get("key") == f"m{moving.pk}" else one for one in kept["members"]]},
    )  # fmt: skip


def move(k: Kingdom, home: Household, n: int) -> None:
    code = GUELIZ if home.commune.code == SIDI_MOUMEN else SIDI_MOUMEN
    k.request(home, lambda kept: kept | {"commune": code, "address": f"{k.minutes}, rue Neuve"}, occasion="move")


def richer(k: Kingdom, home: Household, n: int) -> None:
    k.request(home, lambda kept: kept | RICH)


def poorer(k: Kingdom, home: Household, n: int) -> None:
    k.request(home, lambda kept: kept | POOR)


def school(k: Kingdom, home: Household, n: int) -> None:
    """A child leaves school, or goes back."""
    pupils = list(home.members.filter(relation="child", schooling__isnull=False).order_by("position"))
    one = pupils[n % len(pupils)] if pupils else None

    def changed(member: dict) -> dict:
        if one is None or member.get("key") != f"m{one.pk}":
            return member
        return member | (
            {"schooling": "no", "school_sector": None} if one.schooling != "no" else {"schooling": "primary", "school_sector": "public"}
        )

    k.request(home, lambda kept: kept | {"members": [changed(member) for member in kept["members"]]})


def job(k: Kingdom, home: Household, n: int) -> None:
    who = home.members.order_by("position")[n % home.members.count()]
    services.confirm_direction(idcs=who.idcs, scheme="amo_employee", since=k.on - timedelta(days=n % 5), on=k.on, by=engine())


def job_ends(k: Kingdom, home: Household, n: int) -> None:
    known = Direction.objects.filter(household=home, state="confirmed").first()
    if known is None:
        raise services.NotDirectable
    services.end_direction(idcs=known.idcs, scheme=known.scheme, until=k.on, on=k.on, by=engine())


def line(k: Kingdom, home: Household, n: int) -> None:
    """The threshold of a program moves, voted by two; its run is done."""
    move_line(LINES[n % len(LINES)], on=k.on, program=list(Program)[n % 2])
    while chunk := law_runs.claim(worker="test", at=k.at):
        law_runs.apply(chunk, on=k.on, at=k.at)
    law_runs.close_finished(at=k.at)


# What is decided --------------------------------------------------------------------------------------------------------


def _ids(home: Household, n: int, *statuses: str) -> list[int]:
    rows = home.enrollments.filter(program=list(Program)[n % 2], status__in=statuses)
    found = list(rows.order_by("id").values_list("pk", flat=True))
    if not found:
        raise services.NotEnrollable
    return found


def accept(k: Kingdom, home: Household, n: int) -> None:
    services.accept_enrollments(_ids(home, n, "proposed"), on=k.on, by=k.desk)


def refuse(k: Kingdom, home: Household, n: int) -> None:
    services.refuse_enrollments(_ids(home, n, "proposed"), reason="Doute.", on=k.on, by=k.desk)


def keep(k: Kingdom, home: Household, n: int) -> None:
    services.keep_enrollments(_ids(home, n, "in_review"), reason="Vérifié.", on=k.on, by=k.desk)


def end(k: Kingdom, home: Household, n: int) -> None:
    ids = _ids(home, n, *(("in_review",) if n % 3 else ("active", "in_review", "suspended")))
    services.end_enrollments(ids, reason="Décision.", on=k.on, by=k.desk, other_cause=n % 4 == 0)


def suspend(k: Kingdom, home: Household, n: int) -> None:
    services.suspend_enrollments(_ids(home, n, "active", "in_review"), reason="Doute.", on=k.on, by=k.desk)


def resume(k: Kingdom, home: Household, n: int) -> None:
    services.resume_enrollments(_ids(home, n, "suspended"), reason="Levé.", restore=bool(n % 3), on=k.on, by=k.desk)


def batch(k: Kingdom, home: Household, n: int) -> None:
    deed, program = ("accept", "end", "keep", "suspend", "accept")[n % 5], list(Program)[n % 2]
    again = k.on + timedelta(days=30)
    made = services.propose_batch(
        deed=deed, program=program, chosen=Selection(), reason="Revue du mois.", look_again_on=again, on=k.on, by=k.second
    )
    services.sign_batch(made.pk, on=k.on, by=k.third)
    while chunk := services.claim_decisions(worker="test", at=k.at):
        services.apply_decisions(chunk, on=k.on, at=k.at)
    assert services.close_batches(at=k.at)[0].status == "closed"


def appeal(k: Kingdom, home: Household, n: int) -> None:
    lost = home.determinations.filter(entitled=False, until=OPEN).order_by("-id").first()
    if lost is None:
        raise services.AppealRefused({"": "nothing"})
    filed = services.file_appeal(
        household_id=home.pk, key=f"determination:{lost.pk}", ground="answer", words="Ces biens ne sont pas à nous.", claims=dict(POOR),
        notified_on=k.on, token=uuid.uuid4(), at=k.at, on=k.on, by=k.desk,
    )  # fmt: skip
    services.examine_appeal(appeal_id=filed.pk, on=k.on, by=k.desk)


def judge(k: Kingdom, home: Household, n: int) -> None:
    open_one = Appeal.objects.filter(household=home, status="in_examination").first()
    if open_one is None:
        raise services.AppealRefused({"": "nothing"})
    deed = services.uphold_appeal if n % 3 else services.dismiss_appeal
    deed(appeal_id=open_one.pk, answer="Vu les pièces.", on=k.on, by=k.third)


def join(k: Kingdom, home: Household, n: int) -> None:
    head = home.members.filter(relation="head").first()
    services.join_achamil(household_id=home.pk, insured_id=head.pk if head else 0, acknowledged=True, on=k.on, by=k.desk)


def contribute(k: Kingdom, home: Household, n: int) -> None:
    due = Contribution.objects.filter(adhesion__enrollment__household=home, paid_on=None).order_by("month")
    if not due:
        raise services.WrongPayment("nothing")
    for row in due:
        services.record_contribution(adhesion_id=row.adhesion_id, month=row.month, amount=row.amount, paid_on=k.on, on=k.on, by=k.desk)


def leave(k: Kingdom, home: Household, n: int) -> None:
    known = Adhesion.objects.filter(enrollment__household=home, left_on=None).first()
    if known is None:
        raise services.NotEnrollable
    services.leave_achamil(adhesion_id=known.pk, reason="La famille le demande.", on=k.on, by=k.desk)


# Money ------------------------------------------------------------------------------------------------------------------


def month(k: Kingdom, home: Household, n: int) -> None:
    run = services.start_month(k.on.replace(day=1), on=k.on, by=k.office[0])
    _work_month(k, run)


def _work_month(k: Kingdom, run) -> None:
    while chunk := runs.claim(worker="test", at=k.at):
        runs.apply(chunk, at=k.at)
    runs.close_finished(at=k.at)
    run.refresh_from_db()
    assert run.status == "closed", run.reason


def correct(k: Kingdom, home: Household, n: int) -> None:
    """Months read again, the families as they were when they were written."""
    last = Allowance.objects.order_by("-month").values_list("month", flat=True).first()
    if last is None:
        raise services.MonthRefused
    if n % 2:
        _work_month(k, services.correct_everyone(last, reason="Relecture.", on=k.on, by=k.office[0]))
    else:
        services.correct_months(households=[home.pk], months=[last], reason="Relecture.", on=k.on, by=k.desk, as_written=True)


def recover(k: Kingdom, home: Household, n: int) -> None:
    for over in Overpayment.objects.filter(household=home, state="recorded"):
        services.propose_recovery(over.pk, share=min(over.left, 10_000), reason="Dû.", on=k.on, by=k.desk)
        services.decide_recovery(over.pk, accept=bool(n % 4), reason="Vu.", on=k.on, by=k.second)


def order(k: Kingdom, home: Household, n: int) -> None:
    """Everything owed is listed, signed by two, sent and answered; or given up before; what came back is issued again."""
    first, second = k.office
    made = services.prepare_order(month=k.on.replace(day=1), on=k.on, by=first)
    if n % 5 == 4:
        services.cancel_order(made.pk, reason="Erreur.", on=k.on, by=first)
        return
    for who in (first, second):
        services.approve_order(made.pk, on=k.on, by=who)
    services.freeze_order(made.pk, on=k.on, by=first)
    made = services.export_order(made.pk, on=k.on, by=first)
    if n % 5 == 3:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.xml"
        with open(path, "wb") as out:
            simulator.answer(out, rows_of(made), reference=made.reference, on=k.on, reject_every=2 + n % 3, errors=False)
        services.record_return(made.pk, path=path, name="answer.xml", on=k.on, by=first)
    for rejected in Payment.objects.filter(order=made, status="rejected"):
        services.reissue_payment(rejected.pk, reason="Corrigé.", on=k.on, by=k.desk)


def fold(k: Kingdom, home: Household, n: int) -> None:
    services.keep_spending(on=k.on)


DEEDS: dict[str, Callable] = {
    "birth": birth, "death": death, "marriage": marriage, "departure": departure, "transfer": transfer, "move": move, "richer": richer,
    "poorer": poorer, "school": school, "job": job, "job_ends": job_ends, "line": line, "accept": accept, "refuse": refuse, "keep": keep,
    "end": end, "suspend": suspend, "resume": resume, "batch": batch, "appeal": appeal, "judge": judge, "join": join,
    "contribute": contribute, "leave": leave, "month": month, "correct": correct, "recover": recover, "order": order, "fold": fold,
    "night": Kingdom.night,
}  # fmt: skip
