"""AMO ACHAMIL, step by step: joining, the months called and paid, rights that open, leaving.

A unit without any activity joins above the line of AMO-TADAMON; each month its contribution follows the household's score of the due
day. Rights open once the months of waiting are paid: until then its people are proposed, and no cover is counted.
"""

from collections.abc import Iterable
from datetime import date

from django.db import connection, transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

import eligibility.queries
import eligibility.services
import households.services
from eligibility.law import Law
from eligibility.models import Program
from eligibility.queries import law as law_of
from eligibility.score import threshold_points
from eligibility.traps import BANDS, Trap, achamil_trap, contribution
from households.models import Household
from rsu import audit
from rsu.authentication import engine
from rsu.models import User
from rsu.months import first_of_next_month
from rsu.wording import day

from .. import queries
from ..lifecycle import HOLDING
from ..models import COVERS, Adhesion, Contribution, Enrollment, MigratedCover, Scheme
from ..permissions import check_decide
from ..units import Family
from .aiding import end_of_right
from .covering import follow_households, units_for
from .moves import NotEnrollable, count_closed, count_enrolled, move, move_each, open_each
from .ramed_covers import make_room

Status = Enrollment.Status
COVER, TADAMON = Scheme.AMO_ACHAMIL.value, Scheme.AMO_TADAMON.value
WORKING, DUE_DAY = "amo_achamil.excluded_situations", "amo_achamil.due_day"
WAITING, WAIVED_ON, WAIVED = "amo_achamil.waiting_months", "amo_achamil.waiting_waived_covered_on", "amo_achamil.waiting_waived"
ENTITLED_NOW = gettext_noop("L’AMO-TADAMON prend la suite de l’AMO ACHAMIL.")
ACHAMIL_NOW = gettext_noop("L’AMO ACHAMIL prend la suite.")
RIGHTS_OPEN = gettext_noop("Les mois de cotisation demandés sont payés : les droits sont ouverts.")
WAITING_WAIVED = gettext_noop("Sans délai : la loi en dispense cette personne.")
NOT_OF_THE_UNIT = gettext_noop("Cette personne n’est plus dans l’unité.")


class TrapNotAcknowledged(NotEnrollable):
    """Joining would cost the family its aid, and nobody has said that it knows; `trap` says how."""

    def __init__(self, trap: Trap) -> None:
        super().__init__(_("Adhérer ferait perdre l’aide directe : confirmez que la famille en a été informée."))
        self.trap = trap


class WrongPayment(NotEnrollable):
    """The payment cannot be recorded; the message says why, `field` names the answer that is wrong, "" where none is."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def join_achamil(*, household_id: int, insured_id: int, acknowledged: bool, on: date, by: User) -> Adhesion:
    """The unit of this insured person joins. Joined already, the same adhesion.

    `acknowledged`: the family was told what it would lose (U14, R13). Raises Forbidden, NotEnrollable, TrapNotAcknowledged.
    """
    check_decide(by, Household.objects.get(pk=household_id))
    eligibility.services.assess_due(household_id, on=on, by=by)
    household = Household.objects.select_for_update(of=("self",), no_key=True).get(pk=household_id)
    law = law_of(on)
    family = joining_family(household, insured_id, on=on, law=law)
    if (known := _adhesion_of(family.insured.idcs)) is not None:
        return known
    standing = eligibility.queries.standing(household, on=on)
    check_joinable(standing, family, law)
    trap = achamil_trap(standing, law)
    if trap and not acknowledged:
        raise TrapNotAcknowledged(trap)
    rows = propose_unit(household, family, by=by)
    waiting = waiting_months(family.insured.idcs, law)
    adhesion = Adhesion.objects.create(
        enrollment=rows[0], joined_on=on, first_month=first_month_due(on, law), waiting_months=waiting, rights_on=None if waiting else on
    )
    audit.record(
        by=by, verb="achamil.joined", household=household, subject=f"enrollment:{rows[0].pk}", acknowledged=bool(trap),
        people=len(rows), waiting_months=waiting, score_after=trap.score if trap else None,
    )  # fmt: skip
    if not waiting:
        _open(adhesion, reason=WAITING_WAIVED, on=on, by=by)
    call_contributions(on=on, by=by, household_id=household_id)
    return adhesion


def joining_family(household: Household, insured_id: int, *, on: date, law: Law) -> Family:
    """The unit that would join: the insured person, and those of his dependants who have no activity of their own.

    Raises NotEnrollable for who insures nobody here, and for who works.
    """
    working = _working(household, law)
    for unit in queries.sorted_members(household, on, law).units:
        if unit.insured.id == insured_id:
            if insured_id in working:
                raise NotEnrollable(_("Qui travaille relève du régime de son travail : orientez cette personne vers ce régime."))
            kept = tuple(one for one in unit.dependants if one.id not in working)
            return Family(unit.kind, unit.insured, kept)
    raise NotEnrollable(
        _("Cette personne n’est l’assurée d’aucune unité du ménage : elle est couverte par un proche, ou par un autre régime.")
    )


def _working(household: Household, law: Law) -> set[int]:
    situations = law.value(WORKING) if law.has(WORKING) else []
    return set(household.members.filter(situation__in=situations).values_list("pk", flat=True))


def check_joinable(standing, family: Family, law: Law) -> None:
    """Raise NotEnrollable unless this score and these people are what AMO ACHAMIL is for."""
    amo = standing.by_program.get(Program.AMO_TADAMON.value)
    if standing.score is None:
        raise NotEnrollable(_("L’indice du ménage n’est pas encore calculé."))
    if amo is not None and amo.entitled:
        raise NotEnrollable(_("L’indice de ce ménage donne l’AMO-TADAMON : il n’a rien à payer."))
    if contribution(standing.score, law) is None:
        raise NotEnrollable(_("Aucune tranche de cotisation n’est en vigueur pour cet indice."))
    people = [one.idcs for one in family.people]
    if Enrollment.objects.filter(program=COVER, idcs__in=people, status__in=(Status.PROPOSED, *HOLDING)).exists():
        raise NotEnrollable(_("Une personne de cette unité a déjà adhéré à l’AMO ACHAMIL."))


def waiting_months(idcs: str, law: Law) -> int:
    """Months to pay before rights open; 0 where the law waives them for who had AMO-TADAMON, as whoever was moved from RAMED had."""
    had = Enrollment.objects.filter(program=Program.AMO_TADAMON, idcs=idcs, status__in=(*HOLDING, Status.ENDED), since__isnull=False)
    moved = MigratedCover.objects.filter(idcs=idcs, since__lt=F("until"))
    if law.has(WAIVED_ON):
        covered_on = date.fromisoformat(law.value(WAIVED_ON))
        if any(rows.filter(since__lte=covered_on, until__gt=covered_on).exists() for rows in (had, moved)):
            return 0
    if law.has(WAIVED) and law.value(WAIVED) and (had.exists() or moved.exists()):
        return 0
    return law.value(WAITING) if law.has(WAITING) else 0


def first_month_due(on: date, law: Law) -> date:
    """The first month whose due day has not gone by."""
    due_day = law.value(DUE_DAY) if law.has(DUE_DAY) else 1
    return on.replace(day=1) if on.day <= due_day else first_of_next_month(on)


def _adhesion_of(idcs: str) -> Adhesion | None:
    rows = Adhesion.objects.filter(enrollment__idcs=idcs, enrollment__status__in=(Status.PROPOSED, *HOLDING), left_on=None)
    return rows.select_related("enrollment").first()


def propose_unit(household: Household, family: Family, *, by: User) -> list[Enrollment]:
    """The insured person's row first."""
    unit = units_for([(household.pk, family)])[household.pk, family.insured.idcs]
    rows = [
        Enrollment(
            program=COVER, household=household, unit=unit, member_id=one.id, idcs=one.idcs, status=Status.PROPOSED,
            quality=Enrollment.Quality.INSURED if one is family.insured else Enrollment.Quality.DEPENDANT,
            commune_id=household.commune_id, milieu=household.milieu,
        )
        for one in family.people
    ]  # fmt: skip
    open_each(rows, by=by)
    return rows


# Contributions ---------------------------------------------------------------------------------------------------------


CALL = """
    INSERT INTO enrollment_contribution (adhesion_id, month, due_on, score, band_id, amount, reference)
    SELECT a.enrollment_id, %(month)s, %(due)s, s.score, %(band)s, b.monthly, ''
    FROM enrollment_adhesion a
    JOIN enrollment_enrollment e ON e.id = a.enrollment_id AND e.status = ANY(%(standing)s)
    CROSS JOIN LATERAL (
        SELECT x.score FROM (
            SELECT score, "on", 1 AS newest FROM eligibility_assessment WHERE household_id = e.household_id AND formula_id = %(formula)s
            UNION ALL
            SELECT score, "on", 0 FROM eligibility_pastassessment WHERE household_id = e.household_id AND formula_id = %(formula)s
        ) x ORDER BY x."on" > %(due)s, abs(x."on" - %(due)s), x.newest DESC LIMIT 1
    ) s
    JOIN unnest(%(above)s::bigint[], %(up_to)s::bigint[], %(monthly)s::int[]) AS b (above, up_to, monthly)
      ON s.score > b.above AND s.score <= b.up_to
    WHERE a.first_month <= %(month)s AND (a.left_on IS NULL OR a.left_on > %(month)s) {one}
      AND NOT EXISTS (SELECT FROM enrollment_contribution c WHERE c.adhesion_id = a.enrollment_id AND c.month = %(month)s)
    ON CONFLICT DO NOTHING
"""
"""The household's score of the due day: the last one read until then, otherwise the first read after."""
UNBOUNDED = 2**62


@transaction.atomic
def call_contributions(*, on: date, by: User, household_id: int | None = None) -> int:
    """Call every month due until `on` that was not called yet, each at its own day's bands; how many. Harmless twice."""
    open_rows = Adhesion.objects.filter(left_on=None)
    if household_id:
        open_rows = open_rows.filter(enrollment__household=household_id)
    called = open_rows.annotate(last=Max("contributions__month")).values_list("first_month", "last")
    month = min((first_of_next_month(last) if last else first for first, last in called), default=None)
    total = 0
    while month is not None and month <= on:
        total += _call_month(month, on=on, household_id=household_id)
        month = first_of_next_month(month)
    if total:
        audit.record(by=by, verb="achamil.called", household=household_id, on=str(on), months=total)
    return total


def _call_month(month: date, *, on: date, household_id: int | None) -> int:
    law = law_of(month)
    due = month.replace(day=law.value(DUE_DAY) if law.has(DUE_DAY) else 1)
    law = law_of(due)
    if due > on or not law.has(BANDS):
        return 0
    cited = law.cite(BANDS)
    with connection.cursor() as cursor:
        cursor.execute(
            CALL.format(one="AND e.household_id = %(household)s" if household_id else ""),
            {
                "month": month, "due": due, "band": cited.id, "formula": law.cite("score.formula").id, "household": household_id,
                "standing": [Status.PROPOSED, *HOLDING], "above": [threshold_points(band["above"]) for band in cited.value],
                "up_to": [threshold_points(band["up_to"]) if "up_to" in band else UNBOUNDED for band in cited.value],
                "monthly": [band["monthly"] for band in cited.value],
            },
        )  # fmt: skip
        return cursor.rowcount


@transaction.atomic
def record_contribution(
    *, adhesion_id: int, month: date, amount: int, paid_on: date, reference: str = "", on: date, by: User
) -> Contribution:
    """A month paid, in full; recorded twice, recorded once. With the last month of waiting, rights open.

    Raises Forbidden, WrongPayment.
    """
    adhesion = _locked(adhesion_id, by)
    row = Contribution.objects.select_for_update(of=("self",), no_key=True).filter(adhesion=adhesion, month=month).first()
    if row is None:
        raise WrongPayment(_("Ce mois n’est pas encore appelé : il le sera le jour où la cotisation est due."))
    if row.paid_on:
        if (row.paid_on, row.amount) != (paid_on, amount):
            raise WrongPayment(_("Ce mois est déjà payé, le %(day)s.") % {"day": day(row.paid_on)})
        return row
    if amount != row.amount:
        raise WrongPayment(
            _("Le montant payé n’est pas celui du mois : %(amount)s dirhams.") % {"amount": f"{row.amount // 100}"}, "amount"
        )
    if paid_on > on:
        raise WrongPayment(_("Cette date est dans l’avenir."), "paid_on")
    row.paid_on, row.reference, row.recorded_by, row.recorded_at = paid_on, reference.strip(), by, Now()
    row.save()
    audit.record(
        by=by, verb="achamil.paid", household=adhesion.enrollment.household, subject=f"enrollment:{adhesion.pk}",
        month=str(month), amount=amount, paid_on=str(paid_on),
    )  # fmt: skip
    _date_rights(adhesion)
    if adhesion.rights_on and adhesion.rights_on <= on:
        _opened(adhesion, on=on, by=by)
    return row


def _locked(adhesion_id: int, by: User) -> Adhesion:
    """The adhesion, after its household."""
    household_id = Adhesion.objects.values_list("enrollment__household", flat=True).get(pk=adhesion_id)
    household = Household.objects.select_for_update(of=("self",), no_key=True).get(pk=household_id)
    if by.role != User.Role.ENGINE:
        check_decide(by, household)
    rows = Adhesion.objects.select_related("enrollment__household", "enrollment__unit")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=adhesion_id)


def _date_rights(adhesion: Adhesion) -> None:
    """Rights open the day after the months of waiting, or the day the last of them is paid if it is later."""
    if adhesion.rights_on is not None:
        return
    months = list(adhesion.contributions.order_by("month")[: adhesion.waiting_months])
    if len(months) < adhesion.waiting_months or any(one.paid_on is None for one in months):
        return
    adhesion.rights_on = max(first_of_next_month(months[-1].month), *(one.paid_on for one in months))
    adhesion.save(update_fields=["rights_on"])


def open_rights(*, on: date, by: User) -> int:
    """Open the rights of the adhesions whose day has come, each in a transaction of its own; how many. Harmless twice.

    Who may no longer join (an activity since then) waits for a person: he keeps nobody else from his rights.
    """
    due = Adhesion.objects.filter(rights_on__lte=on, left_on=None, enrollment__status=Status.PROPOSED).order_by("pk")
    return sum(_open_due(pk, on=on, by=by) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _open_due(adhesion_id: int, *, on: date, by: User) -> bool:
    adhesion = _locked(adhesion_id, engine())
    return adhesion.enrollment.status == Status.PROPOSED and _opened(adhesion, on=on, by=by)


def _opened(adhesion: Adhesion, *, on: date, by: User) -> bool:
    """False, and nothing done, where the unit may no longer join."""
    try:
        with transaction.atomic():
            _open(adhesion, reason=RIGHTS_OPEN, on=on, by=by)
    except NotEnrollable:
        return False
    return True


def _open(adhesion: Adhesion, *, reason: str, on: date, by: User) -> None:
    """Active from the day rights open, or from the day a former cover ends: no day twice. Who left the unit is refused, who was born
    into it meanwhile comes along. From then on the cover counts among the answers, as the formula's text has it."""
    household, unit = adhesion.enrollment.household, adhesion.enrollment.unit
    waiting = list(
        unit.enrollments.filter(program=COVER, status=Status.PROPOSED).order_by("id").select_for_update(of=("self",), no_key=True)
    )
    if not waiting:
        return
    family = joining_family(household, adhesion.enrollment.member_id, on=on, law=law_of(on))
    people = {one.idcs for one in family.people}
    gone = [one for one in waiting if one.idcs not in people]
    move(gone, Status.REFUSED, by=by, reason=NOT_OF_THE_UNIT)
    staying = [one for one in waiting if one.idcs in people]
    _end_former(staying, since=adhesion.rights_on, by=by)
    ends = (
        Enrollment.objects.filter(idcs__in=people, program__in=COVERS, status=Status.ENDED).values_list("idcs").annotate(until=Max("until"))
    )
    ended = dict(ends)
    for idcs, until in make_room(staying, on=adhesion.rights_on, by=by).items():
        ended[idcs] = max(until, ended.get(idcs, until))
    opened = [(one, Status.ACTIVE, {"since": max(adhesion.rights_on, ended.get(one.idcs, date.min)), "reason": reason}) for one in staying]
    first = not household.enrollments.filter(program=COVER, status__in=HOLDING).exists()
    move_each(opened, by=by)
    count_enrolled(COVER, commune_id=household.commune_id, milieu=household.milieu, households=int(first), people=len(opened))
    households.services.set_covers(
        household_id=household.pk, covers={one.member_id: (COVER, quality(one)) for one in staying}, on=on, by=by
    )
    follow_households([household.pk], on=on, by=by)


def quality(one: Enrollment) -> str:
    """As the answers say it."""
    return "principal" if one.quality == Enrollment.Quality.INSURED else "dependant"


def _end_former(rows: list[Enrollment], *, since: date, by: User) -> None:
    """What is still open of AMO-TADAMON, under review since the score lost it, ends the day before."""
    former = Enrollment.objects.filter(program=Program.AMO_TADAMON, idcs__in=[one.idcs for one in rows], status__in=HOLDING)
    locked = list(former.order_by("id").select_for_update(of=("self",), no_key=True))
    ends = [(one, Status.ENDED, {"until": max(one.since, since), "reason": ACHAMIL_NOW}) for one in locked]
    move_each(ends, by=by)
    count_closed(locked)


# Leaving ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def leave_achamil(*, adhesion_id: int, reason: str, on: date, by: User) -> Adhesion:
    """The unit leaves: with the month of the notice where rights run, at once where they were still awaited. Left, left once.

    Raises Forbidden, NotEnrollable.
    """
    if not reason.strip():
        raise NotEnrollable(_("Donnez le motif : la famille doit pouvoir le lire."))
    adhesion = _locked(adhesion_id, by)
    if adhesion.left_on is not None:
        return adhesion
    household, unit = adhesion.enrollment.household, adhesion.enrollment.unit
    rows = list(unit.enrollments.filter(program=COVER).order_by("id").select_for_update(of=("self",), no_key=True))
    until = end_of_right(COVER, on)
    move([one for one in rows if one.status == Status.PROPOSED], Status.REFUSED, by=by, reason=reason.strip())
    running = [one for one in rows if one.status in HOLDING]
    move_each([(one, Status.ENDED, {"until": max(one.since, until), "reason": reason.strip()}) for one in running], by=by)
    if running:
        count_closed(running)
        households.services.set_covers(household_id=household.pk, covers={one.member_id: ("none", None) for one in running}, on=on, by=by)
    adhesion.left_on = until if running else on
    adhesion.save(update_fields=["left_on"])
    audit.record(
        by=by, verb="achamil.left", household=household, subject=f"enrollment:{adhesion.pk}", reason=reason.strip(), until=str(until)
    )
    return adhesion


def leave_for_tadamon(people: Iterable[str], *, on: date, by: User) -> int:
    """Whoever AMO-TADAMON takes from `on` leaves AMO ACHAMIL on the eve; an adhesion still waiting is not pursued.

    His answer says so: the formula counts the cover that he has, not the one that he had.
    """
    rows = Enrollment.objects.filter(program=COVER, idcs__in=list(people)).order_by("id")
    locked = list(rows.filter(status__in=(Status.PROPOSED, *HOLDING)).select_for_update(of=("self",), no_key=True))
    move([one for one in locked if one.status == Status.PROPOSED], Status.REFUSED, by=by, reason=ENTITLED_NOW)
    running = [one for one in locked if one.status in HOLDING]
    move_each([(one, Status.ENDED, {"until": max(one.since, on), "reason": ENTITLED_NOW}) for one in running], by=by)
    count_closed(running)
    for household_id in sorted({one.household_id for one in running}):
        covers = {one.member_id: (TADAMON, quality(one)) for one in running if one.household_id == household_id}
        households.services.set_covers(household_id=household_id, covers=covers, on=on, by=by)
    Adhesion.objects.filter(enrollment__in=[one.pk for one in locked], left_on=None).update(left_on=on)
    return len(locked)
