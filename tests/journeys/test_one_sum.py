"""One sum, to the centime: the lines of a month, what is paid, the file sent, its CSV, the agency's answer, the pages, the dashboard.

A small synthetic kingdom in two regions (thirty households whose ages, schooling and deaths differ), a child in an institution, a birth
grant, a correction and a recovery. Each number is counted apart: from its own rows, from the bytes sent, from the page as it is read.
"""

import csv
import io
import re
from collections import Counter
from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.db.models import F, Sum
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from enrollment import budget, runs, services
from enrollment.models import Allowance, AllowanceLine, Overpayment, Payment, PaymentFile, PlacementMonth
from enrollment.paying import simulator
from enrollment.paying.pain001 import NAMESPACE
from enrollment.services.ordering import rows_of
from households.models import Household, Member
from rsu.authentication import engine
from rsu.models import Commune
from rsu.numerals import dirhams
from tests.eligibility.families import GUELIZ, SIDI_MOUMEN, child, idcs
from tests.enrollment.aiding import aided
from tests.enrollment.builders import PUPIL, couple, widow_with
from tests.enrollment.owing import bank, rib

pytestmark = pytest.mark.django_db

MONTH = timezone.localdate().replace(day=1)
"""The month that the dashboard shows is today's; whatever is counted in it is counted on its first day."""
BEFORE = (MONTH - timedelta(days=1)).replace(day=1)
ORPHAN = {"father_status": "deceased", "father_died_on": date(2022, 3, 3)}


@pytest.fixture(autouse=True)
def files(tmp_path):
    with override_settings(FILES_ROOT=str(tmp_path / "files")):
        yield


def years(age: int, on: date = MONTH) -> date:
    return date(on.year - age, 1, 15)


def kingdom() -> list[Household]:
    """Thirty households: pupils, small children, orphans of a father, a disabled child, couples alone; a third of them in the country."""
    made = []
    for number in range(30):
        ages = [3 + (number * 5 + place * 4) % 17 for place in range(number % 7)]
        kids = [child(years(age), **(PUPIL if (age + number) % 3 else {})) for age in ages]
        if number % 5 == 4 and kids:
            kids[0] |= {"disability": "severe", "disability_since": years(1)}
        where = {"milieu": "rural", "commune": GUELIZ} if number % 3 == 2 else {}
        made.append(widow_with(*(kid | ORPHAN for kid in kids), **where) if number % 4 == 3 else couple(*kids, **where))
    for household in made:
        aided(household, since=BEFORE - timedelta(days=40))
    return made


def write(month: date) -> None:
    """The month's run, its chunks done on the month's first day."""
    at = datetime(month.year, month.month, 1, 9, tzinfo=timezone.get_default_timezone())
    run = services.start_month(month, on=month, by=engine())
    while chunk := runs.claim(worker="test", at=at):
        assert runs.apply(chunk, at=at)
    runs.close_finished(at=at)
    run.refresh_from_db()
    assert run.status == "closed", run.reason


def paid_for(month: date, first, second, tmp_path, *, reject_every: int):
    """Everything owed until the month: prepared, signed by two, frozen, sent, answered by the agency."""
    order = services.prepare_order(month=month, on=month, by=first)
    for who in (first, second):
        services.approve_order(order.pk, on=month, by=who)
    services.freeze_order(order.pk, on=month, by=first)
    order = services.export_order(order.pk, on=month, by=first)
    path = tmp_path / f"{order.pk}.xml"
    with open(path, "wb") as out:
        simulator.answer(out, rows_of(order), reference=order.reference, on=month, reject_every=reject_every, errors=False)
    services.record_return(order.pk, path=path, name=path.name, on=month, by=first)
    order.refresh_from_db()
    return order


def a_birth(household: Household) -> None:
    """The first delivery of the household's mother, a month ago, and its grant claimed this month."""
    mother = household.members.get(relation="spouse")
    born_on = MONTH - timedelta(days=20)
    values = {"relation": "child", "sex": "female", "born_on": born_on, "marital_status": "single", "cover": "none", "disability": "none"}
    Member.objects.create(
        household=household, position=9, idcs=idcs(880_001), mother=mother, first_name_fr="Fictive", last_name_fr="Née", **values
    )


def a_child_taken_in(by) -> None:
    services.record_placement(
        idcs=idcs(880_002), name="Enfant Accueilli", born_on=years(9), institution="Maison fictive", since=MONTH, account=rib(77),
        commune=Commune.objects.get(code=SIDI_MOUMEN), on=MONTH, by=by,
    )  # fmt: skip
    services.write_placements(on=MONTH, by=engine())


def answer(household: Household, **values) -> None:
    Member.objects.filter(household=household, relation="child").update(**values)


def corrected(household: Household, by) -> int:
    return services.correct_months(households=[household.pk], months=[BEFORE], reason="Certificat remis.", on=MONTH, by=by)[
        household.pk, BEFORE
    ]


def of_xml(content: bytes) -> tuple[int, int, int]:
    """(transactions, their sum, CtrlSum of the head) of a pain.001, its batches adding up; read without a line of the product's own."""
    root, space = ElementTree.fromstring(content), {"p": NAMESPACE}

    def cents(text: str) -> int:
        whole, dot, part = text.partition(".")
        return int(whole) * 100 + int(part.ljust(2, "0") if dot else 0)

    amounts = [cents(node.text) for node in root.iterfind(".//p:CdtTrfTxInf/p:Amt/p:InstdAmt", space)]
    head = cents(root.find(".//p:GrpHdr/p:CtrlSum", space).text)
    assert sum(cents(node.text) for node in root.iterfind(".//p:PmtInf/p:CtrlSum", space)) == head
    return len(amounts), sum(amounts), head


def of_csv(content: bytes) -> tuple[int, int]:
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))[1:]
    return len(lines), sum(int(re.sub(r"\D", "", cells[8])) for cells in lines)


def shown(page) -> str:
    """What is read on a page, the marks that keep a number together taken away."""
    return " ".join(re.sub(r"[\u2066-\u2069\u200e\u200f]", "", strip_tags(page.content.decode())).split())


def number(centimes: int, *, trim: bool = False) -> str:
    return " ".join(re.sub(r"[\u2066-\u2069\u200e\u200f]", "", dirhams(centimes, trim=trim)).split())


@pytest.fixture
def paid(amina, salma, chaima, driss, tmp_path):
    """(order of the month, the household that is owed a correction, the one that is taken back from)"""
    homes = kingdom()
    here = [home for home in homes if home.commune.code == SIDI_MOUMEN and home.members.filter(relation="child").count() >= 2]
    owed, owing, bearing = here[0], here[1], homes[0]
    answer(owed, schooling="no", born_on=years(10))
    answer(owing, schooling="primary", school_sector="public", born_on=years(10))
    for rank, home in enumerate(homes[::6], start=1):
        if home.commune.code == SIDI_MOUMEN:
            bank(home, rank, by=amina, on=BEFORE)
    write(BEFORE)
    paid_for(BEFORE, chaima, driss, tmp_path, reject_every=1000)
    answer(owed, schooling="primary", school_sector="public")
    answer(owing, schooling="no")
    assert corrected(owed, amina) > 0 > corrected(owing, amina)
    overpayment = Overpayment.objects.get()
    services.propose_recovery(overpayment.pk, share=5000, reason="Certificat rendu.", on=MONTH, by=amina)
    services.decide_recovery(overpayment.pk, accept=True, reason="Oui.", on=MONTH, by=salma)
    a_birth(bearing)
    mother = bearing.members.get(relation="spouse")
    services.claim_birth_grant(household=bearing, mother_id=mother.pk, born_on=MONTH - timedelta(days=20), before=0, on=MONTH, by=amina)
    a_child_taken_in(salma)
    write(MONTH)
    return paid_for(MONTH, chaima, driss, tmp_path, reject_every=7)


def test_lines_payments_files_answers_pages_and_dashboard_are_one_number(paid, client, chaima):
    order = paid
    lines = AllowanceLine.objects.filter(allowance__month=MONTH)
    kinds = Counter(lines.values_list("kind", flat=True))
    assert {"child", "orphan", "disability", "flat", "birth_grant", "recovery"} <= set(kinds), kinds
    assert lines.filter(belongs_to=BEFORE).exclude(kind="recovery").exists()
    aid = lines.aggregate(sum=Sum("amount"))["sum"]
    placed = PlacementMonth.objects.filter(month=MONTH).aggregate(sum=Sum("amount"))["sum"]
    one = aid + placed
    assert placed > 0

    assert Allowance.objects.filter(month=MONTH).aggregate(sum=Sum("amount"))["sum"] == aid
    payments = Payment.objects.filter(order=order)
    assert payments.count() == 31
    assert payments.aggregate(sum=Sum("amount"))["sum"] == order.amount == one

    transfers = {kind: [] for kind in PaymentFile.Kind.values}
    for file in order.files.order_by("kind", "position"):
        with services.read_file(file, on=MONTH, by=chaima) as opened:
            content = opened.read()
        transfers[file.kind].append(of_xml(content) if file.kind == PaymentFile.Kind.PAIN else of_csv(content))
    assert [sum(part) for part in zip(*transfers[PaymentFile.Kind.PAIN], strict=True)] == [31, one, one]
    assert transfers[PaymentFile.Kind.CSV] == [(31, one)]

    answered = dict(payments.order_by().values_list("status").annotate(sum=Sum("amount")))
    assert set(answered) == {"paid", "rejected"} and sum(answered.values()) == one

    found = budget.month_money(chaima, month=MONTH)
    assert sum(programs["direct_aid"] for programs in found.values()) == one

    client.force_login(chaima)
    month_page = shown(client.get(reverse("enrollment:month", args=[MONTH.strftime("%Y-%m")])))
    assert number(aid) in month_page and number(one) in month_page
    assert number(one) in shown(client.get(reverse("enrollment:payment_order", args=[order.pk])))
    assert number(one, trim=True) in shown(client.get(reverse("dashboards:kingdom")))


def test_every_household_month_and_every_placed_month_is_paid_by_one_payment(paid):
    standing = Payment.objects.filter(status__in=("ready", "sent", "paid", "rejected"))
    assert not standing.exclude(allowance=None).exclude(amount=F("allowance__amount")).exists()
    assert sorted(standing.exclude(allowance=None).values_list("allowance", flat=True)) == sorted(
        Allowance.objects.values_list("pk", flat=True)
    )
    assert list(standing.exclude(placement_month=None).values_list("placement_month", flat=True)) == [PlacementMonth.objects.get().pk]
