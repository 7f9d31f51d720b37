"""Partners' deliveries: what each kind says, what is refused in it, and that no answer changes by itself."""

import io
import re
from datetime import date, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from households import queries
from households.models import AnswerConflict, Import, Member, MonthsToReview, PeriodStatement, VerifiedPeriod
from households.services import (
    ConflictRefused,
    TokenReused,
    Unusable,
    apply_lot,
    check_take,
    claim_lot,
    close_imports,
    escalate_conflicts,
    keep_answer,
    receive_import,
    settle_taken,
    tell_family,
)
from households.sheets import feeds
from rsu.authentication import engine
from rsu.models import Agency, AuditEvent
from rsu.permissions import Forbidden
from tests.eligibility.families import GUELIZ, child, family, person
from tests.sizes import cases

from .delivering import (
    DAY,
    act,
    born,
    certificate,
    counts,
    dead,
    deliver,
    fresh,
    law,
    paid,
    periods,
    received,
    refusals,
    school,
    worked_off,
)
from .files import as_csv
from .test_imports import valid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]


def pupil(schooling="primary", sector="public", **more) -> Member:
    """A child of eleven in a family of Sidi Moumen."""
    household = family(person(sex="female"), child(date(2015, 4, 2), schooling=schooling, school_sector=sector, mother=1, **more))
    return household.members.get(relation="child")


def parent(**answers) -> Member:
    return family(person(other_allowances=False, disability="none", **answers)).members.get()


class TestADelivery:
    def test_is_dated_numbered_and_closed_on_its_rows(self, salma):
        one, two = pupil(), pupil("no", None)
        delivered = deliver(salma, "schooling", school(one.idcs), school(two.idcs), school(valid(7)), school("123"), agency="schools")
        assert (delivered.status, delivered.as_of, delivered.number, delivered.rows) == ("closed", DAY, 1, 4)
        # As of 22 November 2026 the year 2025-2026 is over: nothing is said of today's answer.
        assert counts(delivered) == {"applied": 2, "refused": 1, "unknown": 1}
        again = deliver(salma, "schooling", school(one.idcs), agency="schools", as_of=DAY - timedelta(days=1))
        assert (again.number, counts(again)) == (2, {"already": 1})

    def test_is_the_same_one_when_it_is_sent_twice(self, salma):
        member = pupil()
        first = deliver(salma, "schooling", school(member.idcs), agency="schools")
        assert received(salma, "schooling", school(member.idcs), agency="schools") == first
        assert Import.objects.count() == 1
        later = deliver(salma, "schooling", school(member.idcs), agency="schools", as_of=DAY - timedelta(days=3))
        assert later != first and periods("schooling") == [("primary", "2025-09-08", "2026-09-01", False)]

    def test_is_of_a_kind_that_the_agreement_holds(self, salma, amina):
        with pytest.raises(Forbidden, match="ne prévoit pas"):
            received(salma, "births", born(valid(1), valid(2)), agency="cnss")
        with pytest.raises(Forbidden):
            received(amina, "allowances", paid(valid(1), "2026-01-01"), agency="cnss")
        Agency.objects.filter(code="cnss").update(until=DAY)
        with pytest.raises(Forbidden, match="en vigueur"):
            received(salma, "allowances", paid(valid(1), "2026-01-01"), agency="cnss")

    def test_is_never_dated_in_the_future_and_says_its_day_somewhere(self, salma):
        with pytest.raises(Unusable, match="avenir"):
            received(salma, "deaths", dead(valid(1)), agency="rnp", as_of=DAY + timedelta(days=1))
        with pytest.raises(Unusable, match="as_of"):
            received(salma, "deaths", dead(valid(1)), agency="rnp", as_of=None)
        by_row = received(salma, "deaths", dead(valid(1)) | {"as_of": "21/11/2026"}, agency="rnp", as_of=None)
        assert (by_row.as_of, by_row.number) == (None, 1)

    def test_a_mark_stands_for_one_delivery(self, salma):
        mark, cnss = uuid4(), Agency.objects.get(code="cnss")

        def send(row):
            content = io.BytesIO(as_csv([row]))
            return receive_import(file=content, name="x", kind="allowances", agency=cnss, as_of=DAY, token=mark, on=DAY, by=salma)

        first = send(paid(valid(1), "2026-01-01"))
        assert send(paid(valid(1), "2026-01-01")) == first
        with pytest.raises(TokenReused):
            send(paid(valid(2), "2026-01-01"))

    def test_knows_nobody_outside_the_area_of_who_sends_it(self, salma):
        elsewhere = family(person(other_allowances=False), commune=GUELIZ).members.get()
        delivered = deliver(salma, "allowances", paid(elsewhere.idcs, "2026-01-01"), agency="cnss")
        assert counts(delivered) == {"unknown": 1}
        assert not PeriodStatement.objects.exists() and not AnswerConflict.objects.exists()

    @pytest.mark.parametrize(
        ("kind", "agency", "row", "column", "sentence"),
        [
            ("schooling", "schools", school("2000000011"), "idcs", "erreur de frappe"),
            ("schooling", "schools", school(valid(1), year="2025-2027"), "school_year", "2025-2026"),
            ("schooling", "schools", school(valid(1), since="2025-08-31"), "since", "année scolaire"),
            ("schooling", "schools", school(valid(1), since="2026-09-01"), "since", "année scolaire"),
            ("schooling", "schools", school(valid(1), until="2026-09-02"), "until", "année scolaire"),
            ("schooling", "schools", school(valid(1), until="2025-09-08"), "until", "suivre le début"),
            ("schooling", "schools", school(valid(1), level="lycée ?"), "schooling", "réponses proposées"),
            ("schooling", "schools", school(valid(1), sector=""), "school_sector", "public ou privé"),
            ("allowances", "cnss", paid(valid(1), "31/02/2026"), "since", "calendrier"),
            ("allowances", "cnss", paid(valid(1), "2026-02-01", "2026-02-01"), "until", "suivre le début"),
            ("allowances", "cnss", paid(valid(1), "2026-02-01", scheme=""), "scheme", "obligatoire"),
            ("allowances", "cnss", paid(valid(1), "2026-02-01", other_allowances="peut-être"), "other_allowances", "oui ou par non"),
            ("allowances", "cnss", paid(valid(1), "2026-02-01", as_of="23/11/2026"), "as_of", "avenir"),
            ("disability", "disability", certificate(valid(1), "2026-02-01", degree="total"), "disability", "réponses proposées"),
            ("disability", "disability", certificate(valid(1), ""), "since", "jour/mois/année"),
            ("births", "rnp", born(valid(1), valid(1)), "mother_idcs", "elle-même"),
            ("births", "rnp", born(valid(1), valid(2), sex="?"), "sex", "réponses proposées"),
            ("births", "rnp", born(valid(1), valid(2), first_name_fr=""), "first_name_fr", "obligatoire"),
            ("deaths", "rnp", dead(valid(1), "2026-11-23"), "died_on", "suit celle"),
            ("deaths", "rnp", dead(valid(1), "hier"), "died_on", "jour/mois/année"),
            ("marriages", "rnp", act(valid(1), status="fiancé"), "marital_status", "réponses proposées"),
            ("marriages", "rnp", act(valid(1), spouse_idcs=valid(1)), "spouse_idcs", "elle-même"),
        ],
    )
    def test_gives_back_a_wrong_row_with_its_column_and_why(self, salma, kind, agency, row, column, sentence):
        delivered = deliver(salma, kind, row, agency=agency)
        assert counts(delivered) == {"refused": 1}
        [(where, told)] = refusals()
        assert where == column
        assert re.search(sentence, told), told

    def test_refuses_a_second_row_that_begins_on_the_same_day(self, salma):
        member = parent()
        rows = [paid(member.idcs, "2026-02-01"), paid(member.idcs, "2026-02-01", "2026-04-01"), paid(member.idcs, "2026-05-01")]
        assert counts(deliver(salma, "allowances", *rows, agency="cnss")) == {"contradicted": 2, "refused": 1}

    def test_costs_the_same_number_of_statements_whatever_the_number_of_people(self, salma):
        def statements(people: int) -> int:
            rows = [paid(parent().idcs, "2026-02-01") for _n in range(people)]
            rows += [paid(parent().idcs, "2026-02-01", "2026-04-01") for _n in range(people)]
            importing = received(salma, "allowances", *rows, agency="cnss")
            assert apply_lot(claim_lot(worker="t", at=timezone.now()), on=DAY, at=timezone.now(), law=law())
            lot, rules = claim_lot(worker="t", at=timezone.now()), law()
            with CaptureQueriesContext(connection) as captured:
                apply_lot(lot, on=DAY, at=timezone.now(), law=rules)
            close_imports(at=timezone.now())
            importing.refresh_from_db()
            assert importing.status == "closed"
            return len(captured)

        assert statements(1) == statements(6)

    def test_the_database_refuses_two_values_of_a_person_on_one_day(self, salma):
        cnss = Agency.objects.get(code="cnss")
        known = {"idcs": valid(1), "kind": "allowances", "agency": cnss, "as_of": DAY}
        VerifiedPeriod.objects.create(value="yes", since=date(2026, 1, 1), until=date(2026, 3, 1), **known)
        VerifiedPeriod.objects.create(value="no", since=date(2026, 3, 1), **known)
        with pytest.raises(IntegrityError, match="verified_period_once_a_day"), transaction.atomic():
            VerifiedPeriod.objects.create(value="no", since=date(2026, 2, 28), until=date(2026, 3, 1), **known)
        with pytest.raises(IntegrityError, match="verified_period_forward"), transaction.atomic():
            VerifiedPeriod.objects.create(value="no", since=date(2025, 2, 1), until=date(2025, 2, 1), **known)
        with pytest.raises(IntegrityError, match="months_to_review_from_a_first"), transaction.atomic():
            MonthsToReview.objects.create(household=parent().household, since=date(2026, 2, 2))


class TestWhatAPeriodSays:
    def test_the_same_as_the_family_verifies_its_answer(self, salma):
        member = pupil()
        said = school(member.idcs, "2026-09-07", year="2026-2027")
        assert counts(deliver(salma, "schooling", said, agency="schools")) == {"applied": 1}
        mark = queries.marks_of(member.household, [member])[member.pk, "schooling"]
        assert (mark.agrees, mark.verification.agency.code, mark.verification.as_of) == (True, "schools", DAY)
        assert not AnswerConflict.objects.exists() and not MonthsToReview.objects.exists()

    def test_something_else_is_a_contradiction_that_changes_no_answer_and_decides_nothing(self, salma):
        member = parent()
        assert counts(deliver(salma, "allowances", paid(member.idcs, "2026-11-01"), agency="cnss")) == {"contradicted": 1}
        conflict = AnswerConflict.objects.get()
        assert (conflict.field, conflict.declared["other_allowances"], conflict.verified) == (
            "other_allowances",
            False,
            {"other_allowances": True, "other_allowances_scheme": "CNSS", "other_allowances_since": "2026-11-01"},
        )
        assert (fresh(member).other_allowances, fresh(member).household.due_since) == (False, None)
        assert VerifiedPeriod.objects.get().held and not MonthsToReview.objects.exists()

    def test_a_pupil_who_left_school_is_contradicted_and_one_whose_year_is_over_is_not(self, salma):
        left, over = pupil(), pupil()
        rows = [school(left.idcs, until="2026-03-15"), school(over.idcs, until="2026-06-20")]
        delivered = deliver(salma, "schooling", *rows, agency="schools", as_of=date(2026, 5, 4))
        assert counts(delivered) == {"applied": 1, "contradicted": 1}
        assert AnswerConflict.objects.get().verified == {"schooling": "no", "school_sector": None}
        assert periods("schooling", left.idcs) == [
            ("primary", "2025-09-08", "2026-03-15", False),
            ("no", "2026-03-15", "2026-09-01", True),
        ]
        assert periods("schooling", over.idcs) == [("primary", "2025-09-08", "2026-09-01", False)]

    def test_the_end_of_a_schemes_allowances_says_nothing_of_another_schemes(self, salma):
        own, other = ({"other_allowances": True, "other_allowances_scheme": name} for name in ("cnss", "Caisse des marins"))
        one, two = (family(person(**said)).members.get() for said in (own, other))
        rows = [paid(one.idcs, "2026-01-01", "2026-06-01"), paid(two.idcs, "2026-01-01", "2026-06-01")]
        assert counts(deliver(salma, "allowances", *rows, agency="cnss")) == {"applied": 1, "contradicted": 1}
        conflict = AnswerConflict.objects.get()
        assert (conflict.member, conflict.verified) == (one, {"other_allowances": False})

    def test_a_certificate_of_another_degree_is_contradicted(self, salma):
        member = parent()
        deliver(salma, "disability", certificate(member.idcs, "2026-01-05", "2028-01-05"), agency="disability")
        assert AnswerConflict.objects.get().verified == {
            "disability": "severe", "disability_number": "H-12", "disability_since": "2026-01-05", "disability_until": "2028-01-05",
        }  # fmt: skip

    def test_who_was_never_asked_is_not_contradicted(self, salma):
        old = family(person(schooling=None)).members.get()
        said = school(old.idcs, "2026-09-07", year="2026-2027", level="higher")
        assert counts(deliver(salma, "schooling", said, agency="schools")) == {"applied": 1}
        assert not AnswerConflict.objects.exists() and len(periods("schooling")) == 1

    def test_an_older_delivery_never_takes_the_place_of_a_newer_one(self, salma):
        member = parent()
        deliver(salma, "allowances", paid(member.idcs, "2026-02-01", "2026-04-01"), agency="cnss", as_of=date(2026, 4, 10))
        older = deliver(salma, "allowances", paid(member.idcs, "2026-02-01"), agency="cnss", as_of=date(2026, 2, 20))
        assert counts(older) == {"applied": 1}
        assert periods("allowances") == [("yes", "2026-02-01", "2026-04-01", False), ("no", "2026-04-01", None, True)]
        assert not AnswerConflict.objects.exists()

    def test_an_older_delivery_that_moves_a_beginning_moves_it_in_what_is_asked(self, salma):
        """April's word came first and February's, then January's, after it: the family is asked of allowances since January."""
        member = parent()
        for since, as_of in (("2026-04-01", date(2026, 3, 15)), ("2026-02-01", date(2026, 3, 1)), ("2026-01-01", date(2026, 3, 8))):
            deliver(salma, "allowances", paid(member.idcs, since), agency="cnss", as_of=as_of)
        asked = AnswerConflict.objects.get()
        assert asked.as_of == date(2026, 3, 15)
        assert (asked.verified["other_allowances_since"], asked.verified["other_allowances_until"]) == ("2026-01-01", "2026-04-01")

    def test_a_cover_is_verified_with_its_beginning(self, salma):
        member = family(person(cover="amo_employee", cover_quality="principal")).members.get()
        row = {"idcs": member.idcs, "cover": "amo_employee", "cover_quality": "principal", "since": "2026-10-01", "until": ""}
        assert counts(deliver(salma, "cover", row, agency="cnss")) == {"applied": 1}
        assert periods("cover") == [("amo_employee", "2026-10-01", None, False)]

    def test_a_cover_nobody_declared_is_held_until_it_is_settled(self, salma, amina):
        member = family(person(cover="none")).members.get()
        row = {"idcs": member.idcs, "cover": "amo_employee", "cover_quality": "principal", "since": "2026-10-01", "until": ""}
        deliver(salma, "cover", row, agency="cnss")
        assert VerifiedPeriod.objects.get().held
        keep_answer(AnswerConflict.objects.get().pk, reason="carte d’un homonyme", on=DAY, by=amina)
        assert VerifiedPeriod.objects.get().held


ROWS = st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from(["", "oui", "non"]), st.integers(0, 8))


@settings(max_examples=cases(5, 60), deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink])
@given(said=st.lists(ROWS, min_size=2, max_size=3, unique_by=lambda row: row[3]))
def test_any_order_of_deliveries_gives_the_same_periods_and_the_same_contradiction(salma, said):
    """Each row: month it begins in, months it lasts (0: still), paid or not, week of its data."""
    found, member = set(), parent()
    for order in permutations(said):
        with transaction.atomic():
            for since, lasts, answer, week in order:
                end = f"{date(2026, since + lasts + 1, 1)}" if lasts else ""
                row = paid(member.idcs, f"{date(2026, since + 1, 1)}", end, other_allowances=answer)
                deliver(salma, "allowances", row, agency="cnss", as_of=date(2026, 3, 1) + timedelta(weeks=week))
            last = max(said, key=lambda row: row[3])
            open_ones = [
                (one.as_of, tuple(sorted(one.verified.items()))) for one in AnswerConflict.objects.filter(status="open", idcs=member.idcs)
            ]
            found.add((tuple(periods("allowances", member.idcs)), tuple(open_ones), last[3]))
            transaction.set_rollback(True)
    assert len(found) == 1


class TestSettling:
    @pytest.fixture
    def conflict(self, salma) -> AnswerConflict:
        deliver(salma, "allowances", paid(parent().idcs, "2026-09-01"), agency="cnss")
        return AnswerConflict.objects.get()

    def test_the_family_has_thirty_days_before_anything_is_taken(self, conflict, amina):
        tell_family(conflict.pk, on=DAY, by=amina, law=law())
        conflict.refresh_from_db()
        assert conflict.due_on == date(2026, 12, 22)
        with pytest.raises(ConflictRefused, match="encore le temps"):
            check_take(conflict, reason="", on=date(2026, 12, 22))
        check_take(conflict, reason="", on=date(2026, 12, 23))

    def test_what_is_kept_stays_without_effect_and_reopens_no_month(self, conflict, amina):
        keep_answer(conflict.pk, reason="attestation de la CNSS vue", on=DAY, by=amina)
        assert VerifiedPeriod.objects.get().held and not MonthsToReview.objects.exists()

    def test_what_is_taken_decides_and_the_months_since_are_to_be_read_again(self, conflict, amina):
        member = conflict.member
        for name, value in conflict.verified.items():
            setattr(member, name, value)
        member.save()
        conflict = AnswerConflict.objects.get()
        with transaction.atomic():
            assert settle_taken(conflict, reason="la famille confirme", on=DAY, by=amina)
        assert not VerifiedPeriod.objects.get().held
        review = MonthsToReview.objects.get()
        assert (review.household, review.since) == (member.household, date(2026, 9, 1))

    def test_the_supervisors_are_called_once_the_day_after_the_last(self, conflict, amina):
        assert escalate_conflicts(on=conflict.due_on, by=engine()) == 0
        assert escalate_conflicts(on=conflict.due_on + timedelta(days=1), by=engine()) == 1
        assert escalate_conflicts(on=conflict.due_on + timedelta(days=2), by=engine()) == 0
        conflict.refresh_from_db()
        assert conflict.escalated_on == conflict.due_on + timedelta(days=1)
        assert AuditEvent.objects.get(verb="conflict.escalated").household_id == conflict.member.household_id

    def test_what_somebody_settled_in_time_calls_nobody(self, conflict, amina):
        keep_answer(conflict.pk, reason="attestation vue", on=DAY, by=amina)
        assert escalate_conflicts(on=date(2027, 5, 1), by=engine()) == 0


class TestMonthsReadBefore:
    def test_a_past_period_that_ended_reopens_its_months_and_contradicts_nobody(self, salma):
        member = parent()
        said = paid(member.idcs, "2026-02-01", "2026-04-01")
        assert counts(deliver(salma, "allowances", said, agency="cnss", as_of=date(2026, 4, 10))) == {"applied": 1}
        assert MonthsToReview.objects.get().since == date(2026, 2, 1)

    def test_the_earliest_month_stands(self, salma):
        member = parent()
        deliver(salma, "allowances", paid(member.idcs, "2026-05-01", "2026-06-01"), agency="cnss")
        deliver(salma, "allowances", paid(member.idcs, "2026-07-01", "2026-08-01"), agency="cnss", as_of=DAY - timedelta(days=1))
        assert MonthsToReview.objects.get().since == date(2026, 5, 1)
        deliver(salma, "allowances", paid(member.idcs, "2026-01-15", "2026-02-15"), agency="cnss", as_of=DAY - timedelta(days=2))
        assert MonthsToReview.objects.get().since == date(2026, 1, 1)

    def test_a_degree_that_the_family_declares_too_reopens_no_month_of_its_validity(self, salma):
        member = family(person(disability="severe", disability_since="2026-01-05")).members.get()
        deliver(salma, "disability", certificate(member.idcs, "2026-01-05"), agency="disability")
        assert not MonthsToReview.objects.exists()


def test_every_kind_has_its_columns_in_both_languages():
    for kind in feeds.DELIVERED:
        columns = feeds.columns_of(kind)
        assert columns[0].name == "idcs" and len({column.name for column in columns}) == len(columns)
        assert all(column.headings["fr"] and column.headings["ar"] != column.headings["fr"] for column in columns)
        headings = [heading for column in columns for heading in column.known_as()]
        assert len(set(headings)) == len(headings), kind


def test_a_lot_left_in_the_middle_is_done_once(salma):
    """The worker dies after writing and before committing: the lot waits again, and its rows count once."""
    rows = [paid(parent().idcs, "2026-02-01") for _n in range(4)]
    importing = received(salma, "allowances", *rows, agency="cnss")
    assert apply_lot(claim_lot(worker="a", at=timezone.now()), on=DAY, at=timezone.now(), law=law())
    lot = claim_lot(worker="a", at=timezone.now())
    with transaction.atomic():
        apply_lot(lot, on=DAY, at=timezone.now(), law=law())
        transaction.set_rollback(True)
    assert not PeriodStatement.objects.exists()
    type(lot).objects.filter(pk=lot.pk).update(status="waiting")
    worked_off(importing)
    assert not apply_lot(lot, on=DAY, at=timezone.now(), law=law())
    assert (importing.status, counts(importing), PeriodStatement.objects.count()) == ("closed", {"contradicted": 4}, 4)
