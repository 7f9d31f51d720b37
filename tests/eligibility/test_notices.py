"""Papers as they are kept: references, chains, one paper for one telling, the same bytes for ever, and who may do what."""

import hashlib
import threading
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eligibility import law as legal
from eligibility import references, services, typesetting
from eligibility.limits import UnknownDayCount, last_day
from eligibility.models import Notice, Provision
from eligibility.services.notices import digest_of
from households.models import Household, Member, Request
from rsu.models import AuditEvent, User
from rsu.permissions import Forbidden
from tests.eligibility.families import GUELIZ, family, person
from tests.eligibility.papers import decision_told, pair, telling
from tests.sizes import cases

DAY = date(2026, 11, 22)


# References


def test_a_reference_is_twelve_letters_and_digits_that_check_one_another():
    drawn = {references.draw() for _ in range(500)}
    assert len(drawn) == 500
    assert all(len(one) == 12 and references.is_well_formed(one) and not set(one) & set("ILOU") for one in drawn)
    assert references.grouped("7K3M9QXT2B5F") == "7K3M-9QXT-2B5F"


@given(st.integers(0, 11), st.sampled_from(references.ALPHABET))
def test_one_letter_mistyped_is_seen(place, letter):
    reference = references.draw()
    wrong = reference[:place] + letter + reference[place + 1 :]
    assert references.is_well_formed(wrong) == (letter == reference[place])


@given(st.integers(0, 10))
def test_two_neighbors_exchanged_are_not_taken_for_right(place):
    """Mod 33,32 sees every exchange but those of its first and last letter."""
    reference = references.draw()
    first, second = reference[place], reference[place + 1]
    exchanged = reference[:place] + second + first + reference[place + 2 :]
    if {first, second} != {"0", "Z"}:
        assert references.is_well_formed(exchanged) == (first == second)


@pytest.mark.parametrize(
    "typed",
    ["7k3m-9qxt-2b5f", " 7K3M 9QXT 2B5F ", "7K3M9QXT2B5F", "7K3M–9QXT–2B5F", "\u20667K3M-9QXT-2B5F\u2069", "٧K٣M-٩QXT-٢B٥F"],
)
def test_a_reference_is_read_however_it_is_typed(typed):
    assert references.read(typed) == "7K3M9QXT2B5F"


def test_letters_taken_for_digits_are_read_as_them():
    assert references.read("oO-iI-lL") == "001111"


# Time limits


def law(on=DAY, *more) -> legal.Law:
    return legal.Law([*legal.founding(), *more], on)


def test_the_day_of_the_notice_does_not_count_and_the_last_day_does():
    """E22: fifteen days from the 22nd of November end on the 7th of December, Sundays counted."""
    assert last_day(law(), "appeal.filing_days", start=DAY) == date(2026, 12, 7)
    assert last_day(law(), "appeal.filing_days", start=date(2028, 2, 20)) == date(2028, 3, 6)


def test_days_counted_in_an_unknown_way_give_no_day():
    other = legal.Provision(900, "appeal.day_count", date(2026, 1, 1), "working_days", "source", "", "", "", "L")
    with pytest.raises(UnknownDayCount):
        last_day(law(DAY, other), "appeal.filing_days", start=DAY)


# Issuing


@pytest.fixture
def household(db):
    return family(person())


def issue(household, by, on=DAY, **changes):
    return services.issue_notice(household=household, tell=lambda: telling(**changes), on=on, by=by)


def test_a_notice_freezes_what_it_tells_and_its_paper(household, amina):
    notice = issue(household, amina).notice
    kept = Notice.objects.get(pk=notice.pk)
    assert bytes(kept.pdf).startswith(b"%PDF-") and hashlib.sha256(bytes(kept.pdf)).hexdigest() == kept.pdf_digest
    assert kept.content["told"] == decision_told() and kept.digest == digest_of(decision_told())
    assert (kept.on, kept.counts_from, kept.determinations, kept.issued_by) == (DAY, DAY, [7, 8], amina)
    assert kept.renderer == typesetting.RENDERER and "typst" in kept.renderer
    assert kept.content["issued"]["reference"]["fr"].replace("-", "") == kept.reference
    assert kept.content["issued"]["url"].endswith(f"/verify/{references.grouped(kept.reference)}")


def test_pressing_twice_gives_the_same_paper(household, amina, salma):
    first, second = issue(household, amina), issue(household, salma, on=DAY + timedelta(days=3))
    assert first.fresh and not second.fresh and first.notice.pk == second.notice.pk
    assert Notice.objects.count() == 1
    assert list(AuditEvent.objects.filter(household_id=household.pk).order_by("id").values_list("verb", "by__username")) == [
        ("issue_notice", "amina"),
        ("reprint_notice", "salma"),
    ]


def test_a_new_telling_replaces_the_notice_and_one_told_before_is_told_anew(household, amina):
    first = issue(household, amina).notice
    second = issue(household, amina, score=96_000_000).notice
    third = issue(household, amina).notice
    assert [first.replaces, second.replaces, third.replaces] == [None, first, second]
    assert first.digest == third.digest and len({first.reference, second.reference, third.reference}) == 3


def test_time_limits_run_from_the_first_telling_of_the_same_decision(household, amina):
    """A name spelled otherwise makes a new paper and gives no new days; another score does."""
    later, last = DAY + timedelta(days=5), DAY + timedelta(days=9)
    issue(household, amina)
    respelled = issue(household, amina, on=later, note="autre orthographe").notice
    assert (respelled.on, respelled.counts_from) == (later, DAY)
    assert respelled.content["issued"]["next"] == [pair(f"{DAY} {later}")]
    decided_again = issue(household, amina, on=last, score=90_000_000).notice
    assert decided_again.counts_from == last


def test_two_renders_are_equal_after_the_law_the_household_and_the_names_have_changed(household, amina):
    notice = issue(household, amina).notice
    before = bytes(notice.pdf)
    Member.objects.filter(household=household).update(first_name_fr="Autre", last_name_ar="آخر")
    Household.objects.filter(pk=household.pk).update(butane_month=50_000, synthetic=False)
    Provision.objects.create(key="appeal.filing_days", since=DAY, value=3, source="Texte nouveau")
    kept = Notice.objects.get(pk=notice.pk)
    assert bytes(kept.pdf) == before == typesetting.render(kept.content) == typesetting.render(kept.content)
    assert services.reprint_notice(notice=kept, on=DAY, by=amina) == before


def test_a_paper_is_kept_even_if_another_renderer_would_set_it_otherwise(household, amina, monkeypatch):
    notice = issue(household, amina).notice
    monkeypatch.setattr(typesetting, "STANDARDS", ["1.7"])
    assert typesetting.render(notice.content) != bytes(notice.pdf)
    assert services.reprint_notice(notice=notice, on=DAY, by=amina) == bytes(notice.pdf)


def test_two_people_who_press_at_once_get_one_paper(committed_db, amina):
    household = family(person())
    found, together = [], threading.Barrier(2)

    def press():
        together.wait()
        found.append(issue(household, amina).notice.pk)
        connections.close_all()

    pressing = [threading.Thread(target=press) for _ in range(2)]
    for one in pressing:
        one.start()
    for one in pressing:
        one.join()
    assert len(set(found)) == 1 and Notice.objects.count() == 1
    assert AuditEvent.objects.filter(verb="issue_notice").count() == 1


def test_nothing_is_kept_when_there_is_nothing_to_tell(household, amina):
    def tell():
        raise services.NothingToTell("Rien à dire.")

    with pytest.raises(services.NothingToTell):
        services.issue_notice(household=household, tell=tell, on=DAY, by=amina)
    assert not Notice.objects.exists() and not AuditEvent.objects.filter(household_id=household.pk).exists()


# Who may


@pytest.mark.parametrize("username", ["brahim", "chaima", "yassine"])
def test_only_who_receives_the_family_gives_it_a_paper(household, username, db):
    with pytest.raises(Forbidden):
        issue(household, User.objects.get(username=username))
    assert not Notice.objects.exists()


@pytest.mark.parametrize(("username", "status"), [("amina", 200), ("salma", 200), ("yassine", 200), ("chaima", 200), ("brahim", 404)])
def test_who_may_read_the_file_prints_the_paper_again(household, amina, as_, username, status):
    notice = issue(household, amina).notice
    answer = as_(username).get(reverse("eligibility:notice", args=[references.grouped(notice.reference).lower()]))
    assert answer.status_code == status
    reprinted = AuditEvent.objects.filter(verb="reprint_notice", household_id=household.pk, subject=f"notice:{notice.pk}")
    assert reprinted.count() == (1 if status == 200 else 0)
    if status == 200:
        assert answer.content == bytes(notice.pdf)
        assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "private, no-store"
        assert answer["Content-Disposition"] == f'inline; filename="decision-{references.grouped(notice.reference)}.pdf"'
        assert answer["Content-Security-Policy"].startswith("default-src 'none'") and answer["X-Content-Type-Options"] == "nosniff"


def test_the_service_itself_refuses_a_reader_of_elsewhere(household, amina, brahim):
    notice = issue(household, amina).notice
    with pytest.raises(Forbidden):
        services.reprint_notice(notice=notice, on=DAY, by=brahim)


def test_a_notice_follows_its_household_to_another_commune(household, amina, brahim):
    notice = issue(household, amina).notice
    Household.objects.filter(pk=household.pk).update(commune=brahim.commune)
    assert services.reprint_notice(notice=notice, on=DAY, by=brahim)
    with pytest.raises(Forbidden):
        services.reprint_notice(notice=notice, on=DAY, by=amina)


# Receipts


def request_of(household, by, **changes) -> Request:
    sent = {"status": "in_progress", "submitted_on": DAY, "kind": "complaint", "household": household, "commune": by.commune}
    return Request.objects.create(token="00000000-0000-4000-8000-000000000001", created_by=by, **(sent | changes))


def receipt(request, by, **changes):
    told = {"kind": "receipt", "synthetic": False, "rows": [], "people": [], "next": [pair("Attendre")]} | changes
    return services.issue_receipt(request=request, tell=lambda locked: telling(told), on=DAY, by=by)


def test_a_request_has_a_receipt_of_its_own_beside_the_decision(household, amina):
    issue(household, amina)
    first = receipt(request_of(household, amina), amina)
    assert first.fresh and first.notice.replaces is None and first.notice.kind == "receipt"
    assert not receipt(first.notice.request, amina).fresh
    changed = receipt(first.notice.request, amina, next=[pair("Traitée")]).notice
    assert changed.replaces == first.notice
    assert AuditEvent.objects.filter(verb="issue_receipt").count() == 2 and AuditEvent.objects.filter(verb="reprint_receipt").count() == 1


def test_a_request_that_has_no_household_yet_has_a_receipt_all_the_same(amina, brahim):
    request = request_of(None, amina, kind="registration")
    notice = receipt(request, amina).notice
    assert notice.household is None
    assert services.reprint_notice(notice=notice, on=DAY, by=amina)
    with pytest.raises(Forbidden):
        services.reprint_notice(notice=notice, on=DAY, by=brahim)


def test_a_draft_has_no_receipt(household, amina):
    with pytest.raises(services.NothingToTell, match="pas encore été envoyée"):
        receipt(request_of(household, amina, status="draft", submitted_on=None), amina)


def test_a_request_of_elsewhere_has_no_receipt_here(amina, brahim):
    there = family(person(), commune=GUELIZ)
    with pytest.raises(Forbidden):
        receipt(request_of(there, brahim, status="in_progress"), amina)


# The database


def raw(household, by, **changes) -> Notice:
    digest = "a" * 64
    row = {
        "reference": references.draw(), "kind": "decision", "household": household, "on": DAY, "counts_from": DAY, "content": {},
        "digest": digest, "renderer": "x", "pdf": b"x", "pdf_digest": digest, "issued_by": by,
    }  # fmt: skip
    return Notice.objects.create(**(row | changes))


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("notice_has_its_subject", {"household": None}),
        ("notice_has_its_subject", {"kind": "receipt"}),
        ("notice_reference_letters", {"reference": "ILOU00000000"}),
        ("notice_digests_whole", {"digest": "A" * 64}),
        ("notice_digests_whole", {"pdf_digest": "a" * 63}),
        ("notice_limits_run_from_the_past", {"counts_from": DAY + timedelta(days=1)}),
    ],
)
def test_the_database_refuses_what_no_notice_is(household, amina, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint):
        raw(changes.pop("household", household), amina, **changes)


def test_the_database_holds_one_chain_a_household(household, amina):
    first = raw(household, amina)
    with pytest.raises(IntegrityError, match="notice_one_first"), transaction.atomic():
        raw(household, amina)
    raw(household, amina, replaces=first)
    with pytest.raises(IntegrityError, match="replaces"), transaction.atomic():
        raw(household, amina, replaces=first)
    with pytest.raises(IntegrityError, match="reference"), transaction.atomic():
        raw(family(person()), amina, reference=first.reference)


@pytest.mark.parametrize(
    "statement", ["UPDATE eligibility_notice SET content = '{}'", "DELETE FROM eligibility_notice", "TRUNCATE eligibility_notice"]
)
def test_a_notice_is_never_changed_or_lost(household, amina, statement):
    raw(household, amina)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Notice.objects.count() == 1


def test_a_notice_does_not_replace_itself(household, amina):
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('eligibility_notice', 'id'))")
        own = cursor.fetchone()[0]
    with pytest.raises(IntegrityError, match="notice_replaces_another"):
        raw(household, amina, pk=own, replaces_id=own)


# Typesetting


@settings(deadline=None, max_examples=cases(10, 30))
@given(st.text(max_size=40))
@example("ⵎⵓⵃⵎⵎⴷ 穆罕默德")
@example("Said\0\x07 Alaoui")
@example('#panic("x") *_$ \\ ` <label> @ref //')
@example("\u202eدعم\u2066−0,12\u2069 El Alaoui")
def test_whatever_was_typed_is_set_as_text(typed):
    told = decision_told(rows=[[pair("Ménage"), pair(typed, typed)]])
    content = {"told": told, "words": telling().words, "issued": ISSUED}
    assert typesetting.render(content).startswith(b"%PDF-")


ISSUED = {
    "rows": [], "next": [], "day": "2026-11-22", "reference": pair("7K3M-9QXT-2B5F"), "digest": pair("0a1b2c3d"),
    "url": "https://rsu.example/verify/7K3M-9QXT-2B5F",
}  # fmt: skip


def test_a_paper_is_tagged_titled_dated_and_kept_for_decades():
    paper = typesetting.render({"told": decision_told(), "words": telling().words, "issued": ISSUED})
    assert b"pdfuaid:part>1<" in paper and b"pdfaid:part>2<" in paper and b"/StructTreeRoot" in paper and b"/Lang" in paper
    assert b"D:20261122000000" in paper
