"""Many decisions at once: two people, a list that does not move, chunks done once, and the same rows as one by one."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from eligibility.models import OPEN, Determination, Tally
from enrollment import services
from enrollment.models import (
    Appeal,
    BatchRefusal,
    DecisionBatch,
    Enrollment,
    EnrollmentMove,
    Hold,
    MigratedCover,
    Suspension,
)
from enrollment.selection import AFTER, BEFORE, Selection, selected
from enrollment.services.batches import BatchRefused
from enrollment.tasks import sweep_batches, take_decisions
from households.models import Household, Request
from rsu.authentication import engine
from rsu.models import AuditEvent, Commune, User
from rsu.permissions import Forbidden
from tests.eligibility.families import GUELIZ

from .builders import DAY, couple, determine, flip
from .test_ramed_settling import cover

LATER = date(2026, 12, 3)
WHY = "relevé du seuil, droits vérifiés"


def waiting(program, count=1, **answer):
    """Families with a proposal each."""
    homes = [couple() for _ in range(count)]
    for home in homes:
        determine(home, program, **answer)
    while services.propose_due(on=DAY, by=engine()):
        pass
    return homes


def reviewed(program, count, by):
    homes = waiting(program, count)
    for home in homes:
        services.accept_household(home, program, on=DAY, by=by)
    for row in Determination.objects.filter(household__in=homes, program=program, until=OPEN):
        flip(row, on=LATER)
    while services.propose_due(on=LATER, by=engine()):
        pass
    return homes


def appealed(home, program, *, on, by) -> Appeal:
    """An open appeal of the family against the score's answer, filed in time."""
    request = Request.objects.create(
        token=uuid.uuid4(), kind="complaint", status="in_progress", household=home, created_by=by, submitted_on=on
    )
    return Appeal.objects.create(
        household=home, request=request, contests="determination", program=program, ground="rule", contested_on=on, since=on, filed_on=on,
        filed_by=by, notified_on=on, last_day=on + timedelta(days=15), due_on=on + timedelta(days=30),
        determination_id=home.determinations.get(program=program, until=OPEN).pk,
    )  # fmt: skip


def propose(deed, program, by, on=DAY, chosen=None, **more):
    return services.propose_batch(deed=deed, program=program, chosen=chosen or Selection(), reason=WHY, on=on, by=by, **more)


def run(batch):
    take_decisions()
    batch.refresh_from_db()
    return batch


def counted(batch):
    return tuple(batch.chunks.aggregate(a=Sum("applied"), b=Sum("already"), c=Sum("refused")).values())


def enrolled(program):
    counts = Tally.objects.filter(measure="enrolled", program=program).aggregate(h=Sum("households"), p=Sum("people"))
    return counts["h"] or 0, counts["p"] or 0


@pytest.fixture
def hind(db):
    """A supervisor of the same province as Salma, made by nobody she made."""
    salma = User.objects.get(username="salma")
    return User.objects.create(
        username="hind", role="supervisor", area_level=salma.area_level, region=salma.region, province=salma.province, commune=salma.commune
    )


@pytest.mark.django_db
class TestTwoPeople:
    def test_what_one_proposed_another_signs_and_the_list_is_applied(self, salma, chaima):
        waiting("direct_aid", 3)
        batch = propose("accept", "direct_aid", salma)
        assert (batch.status, batch.planned, batch.households, batch.people, batch.needs_second) == ("proposed", 3, 3, 6, True)
        assert take_decisions() == 0
        services.sign_batch(batch.pk, on=DAY, by=chaima)
        assert run(batch).status == "closed"
        assert counted(batch) == (3, 0, 0)
        assert set(Enrollment.objects.values_list("status", "decided_by__username")) == {("active", "chaima")}
        assert enrolled("direct_aid") == (3, 6)

    def test_nobody_signs_what_he_proposed(self, salma):
        waiting("direct_aid")
        batch = propose("accept", "direct_aid", salma)
        with pytest.raises(Forbidden, match="une autre personne"):
            services.sign_batch(batch.pk, on=DAY, by=salma)

    def test_nor_does_an_account_of_his(self, salma, hind):
        waiting("direct_aid")
        hind.vouched_by = salma
        hind.save()
        batch = propose("accept", "direct_aid", salma)
        with pytest.raises(Forbidden, match="garant"):
            services.sign_batch(batch.pk, on=DAY, by=hind)

    def test_the_database_refuses_one_person_twice(self, salma):
        waiting("direct_aid")
        batch = propose("accept", "direct_aid", salma)
        with pytest.raises(IntegrityError, match="batch_signed_by_another"), transaction.atomic():
            DecisionBatch.objects.filter(pk=batch.pk).update(status="running", decided_by=salma, decided_at=timezone.now())

    @pytest.mark.parametrize(("who", "may"), [("amina", False), ("yassine", False), ("salma", True), ("chaima", True)])
    def test_supervisors_and_administrators_propose(self, who, may, request):
        waiting("direct_aid")
        by = request.getfixturevalue(who)
        if may:
            assert propose("accept", "direct_aid", by).planned == 1
        else:
            with pytest.raises(Forbidden):
                propose("accept", "direct_aid", by)

    def test_who_signs_sees_every_household_of_the_list(self, salma, chaima):
        waiting("direct_aid")
        elsewhere = couple(commune=GUELIZ)
        determine(elsewhere, "direct_aid")
        services.propose_due(on=DAY, by=engine())
        batch = propose("accept", "direct_aid", chaima)
        assert batch.planned == 2
        with pytest.raises(Forbidden, match="territoire"):
            services.sign_batch(batch.pk, on=DAY, by=salma)
        assert propose("accept", "direct_aid", salma).planned == 1

    def test_signed_twice_is_signed_once(self, salma, chaima, driss):
        waiting("direct_aid")
        batch = propose("accept", "direct_aid", salma)
        services.sign_batch(batch.pk, on=DAY, by=chaima)
        services.sign_batch(batch.pk, on=DAY, by=driss)
        assert AuditEvent.objects.filter(verb="batch.signed").count() == 1
        batch.refresh_from_db()
        assert batch.decided_by == chaima

    def test_a_rejected_batch_changes_nothing_and_says_why(self, salma, chaima):
        waiting("direct_aid")
        batch = propose("accept", "direct_aid", salma)
        with pytest.raises(BatchRefused, match="Dites pourquoi"):
            services.reject_batch(batch.pk, reason=" ", on=DAY, by=chaima)
        services.reject_batch(batch.pk, reason="trop tôt", on=DAY, by=chaima)
        with pytest.raises(BatchRefused, match="rejetée"):
            services.sign_batch(batch.pk, on=DAY, by=chaima)
        assert take_decisions() == 0
        assert Enrollment.objects.get().status == "proposed"

    def test_a_reason_and_a_date_are_asked_for(self, salma):
        waiting("direct_aid")
        with pytest.raises(BatchRefused, match="motif"):
            services.propose_batch(deed="accept", program="direct_aid", chosen=Selection(), reason="", on=DAY, by=salma)
        with pytest.raises(BatchRefused, match="rien n’attend sans date"):
            propose("hold", "direct_aid", salma, look_again_on=DAY)
        with pytest.raises(BatchRefused, match="Aucune inscription"):
            propose("accept", "amo_tadamon", salma)


@pytest.mark.django_db
class TestFrozen:
    def test_what_comes_after_the_proposal_is_not_in_the_list(self, salma, chaima):
        first = waiting("direct_aid")[0]
        batch = propose("accept", "direct_aid", salma, chosen=Selection(milieu="urban"))
        later = waiting("direct_aid")[0]
        services.sign_batch(batch.pk, on=DAY, by=chaima)
        run(batch)
        assert batch.filter == {"milieu": "urban"}
        assert first.enrollments.get().status == "active"
        assert later.enrollments.get().status == "proposed"

    def test_what_was_decided_meanwhile_is_refused_or_already_so(self, salma, chaima, amina):
        refused, accepted, lost, kept = waiting("direct_aid", 4)
        batch = propose("accept", "direct_aid", salma)
        services.refuse_enrollment(refused.enrollments.get().pk, reason="erreur", on=DAY, by=amina)
        services.accept_household(accepted, "direct_aid", on=DAY, by=amina)
        flip(lost.determinations.get(), on=LATER)
        services.sign_batch(batch.pk, on=DAY, by=chaima)
        assert run(batch).status == "closed"
        assert counted(batch) == (1, 1, 2)
        assert dict(BatchRefusal.objects.values_list("enrollment__household", "why")) == {refused.pk: "changed", lost.pk: "not_entitled"}
        assert kept.enrollments.get().status == "active"

    def test_who_left_the_territory_of_the_signer_is_left_alone(self, salma, hind):
        [home] = waiting("direct_aid")
        batch = propose("accept", "direct_aid", salma)
        services.sign_batch(batch.pk, on=DAY, by=hind)
        Household.objects.filter(pk=home.pk).update(commune=Commune.objects.get(code=GUELIZ))
        run(batch)
        assert BatchRefusal.objects.get().why == "away"

    def test_an_open_appeal_suspends_a_loss_where_the_law_says_so(self, salma, chaima, amina, django_assert_num_queries):
        [home] = reviewed("direct_aid", 1, amina)
        appealed(home, "direct_aid", on=LATER, by=amina)
        from eligibility.models import Provision

        Provision.objects.create(
            key="appeal.suspends", since=date(2021, 8, 9), value=True, source="x", gazette="", url="", note="", confidence="L"
        )
        batch = propose("end", "direct_aid", salma, on=LATER)
        services.sign_batch(batch.pk, on=LATER, by=chaima)
        chunk = services.claim_decisions(worker="w", at=timezone.now())
        assert services.apply_decisions(chunk, on=LATER, at=timezone.now())
        assert BatchRefusal.objects.get().why == "appeal"

    def test_a_loss_the_score_has_taken_back_is_not_carried_out(self, salma, chaima, amina):
        [home] = reviewed("direct_aid", 1, amina)
        batch = propose("end", "direct_aid", salma, on=LATER)
        services.sign_batch(batch.pk, on=LATER, by=chaima)
        flip(home.determinations.get(until=OPEN), on=date(2026, 12, 4))
        run(batch)
        assert BatchRefusal.objects.get().why == "entitled"
        assert home.enrollments.get().status == "in_review"


@pytest.mark.django_db
class TestHeld:
    def test_a_suspended_right_keeps_its_place_and_has_a_day(self, salma, chaima, amina):
        [home] = reviewed("direct_aid", 1, amina)
        batch = propose("suspend", "direct_aid", salma, on=LATER, look_again_on=date(2027, 1, 15))
        services.sign_batch(batch.pk, on=LATER, by=chaima)
        chunk = services.claim_decisions(worker="w", at=timezone.now())
        services.apply_decisions(chunk, on=LATER, at=timezone.now())
        right = home.enrollments.get()
        assert right.status == "suspended"
        assert Suspension.objects.get().since == LATER
        hold = Hold.objects.get()
        assert (hold.status, hold.kind, hold.look_again_on) == ("suspended", "wait", date(2027, 1, 15))
        assert enrolled("direct_aid") == (1, 2)

    @pytest.mark.parametrize(("deed", "kind"), [("hold", "wait"), ("request", "request"), ("visit", "visit")])
    def test_what_waits_stays_where_it_is_with_a_date(self, deed, kind, salma, chaima):
        [home] = waiting("direct_aid")
        batch = propose(deed, "direct_aid", salma, look_again_on=LATER)
        services.sign_batch(batch.pk, on=DAY, by=chaima)
        run(batch)
        assert home.enrollments.get().status == "proposed"
        assert Hold.objects.get().kind == kind
        assert not EnrollmentMove.objects.exclude(after="proposed").exists()

    def test_a_second_hold_takes_the_place_of_the_first_and_a_decision_ends_it(self, salma, chaima):
        waiting("direct_aid")
        for deed, more in (("hold", {"look_again_on": LATER}), ("visit", {"look_again_on": LATER}), ("accept", {})):
            batch = propose(deed, "direct_aid", salma, **more)
            services.sign_batch(batch.pk, on=DAY, by=chaima)
            run(batch)
        assert Hold.objects.filter(settled_at=None).count() == 0
        assert Hold.objects.count() == 2

    def test_an_enrollment_waits_once(self, amina):
        [home] = waiting("direct_aid")
        right = home.enrollments.get()
        fields = {
            "enrollment": right,
            "kind": "wait",
            "status": "proposed",
            "since": DAY,
            "look_again_on": LATER,
            "reason": "x",
            "by": amina,
        }
        Hold.objects.create(**fields)
        with pytest.raises(IntegrityError, match="held_once"), transaction.atomic():
            Hold.objects.create(**fields)
        with pytest.raises(IntegrityError, match="hold_forward"), transaction.atomic():
            Hold.objects.create(**fields | {"look_again_on": DAY})


@pytest.mark.django_db
class TestLedger:
    @pytest.fixture
    def three(self, salma, chaima, settings):
        settings.BATCH_CHUNK = 1
        waiting("direct_aid", 3)
        batch = propose("accept", "direct_aid", salma)
        services.sign_batch(batch.pk, on=DAY, by=chaima)
        return batch

    def test_whole_households_a_chunk(self, salma, settings):
        settings.BATCH_CHUNK = 1
        waiting("amo_tadamon", 2)
        assert list(propose("accept", "amo_tadamon", salma).chunks.values_list("size", flat=True)) == [2, 2]

    def test_a_chunk_delivered_twice_is_done_once(self, three):
        chunk = services.claim_decisions(worker="w", at=timezone.now())
        assert services.apply_decisions(chunk, on=DAY, at=timezone.now())
        assert not services.apply_decisions(chunk, on=DAY, at=timezone.now())
        assert EnrollmentMove.objects.filter(after="active").count() == 1
        assert AuditEvent.objects.filter(verb="batch.applied").count() == 1

    def test_a_chunk_whose_worker_was_killed_is_taken_again(self, three):
        dead = services.claim_decisions(worker="dead", at=timezone.now() - timedelta(hours=1))
        assert services.close_batches(at=timezone.now()) == []
        assert sweep_batches() == 3
        assert take_decisions() == 3
        dead.refresh_from_db()
        assert (dead.status, dead.attempts) == ("done", 2)
        three.refresh_from_db()
        assert three.status == "closed"

    def test_a_poisoned_chunk_fails_after_five_and_is_taken_up_again_by_hand(self, three, salma):
        for _attempt in range(5):
            chunk = services.claim_decisions(worker="w", at=timezone.now())
            services.give_back_decisions(chunk, error=RuntimeError("boom"))
        take_decisions()
        three.refresh_from_db()
        assert three.status == "failed"
        assert three.chunks.get(status="failed").error == "RuntimeError: boom"
        services.retry_batch(three.pk, on=DAY, by=salma)
        assert run(three).status == "closed"
        assert counted(three) == (3, 0, 0)

    def test_a_done_chunk_counts_every_row(self, three):
        with pytest.raises(IntegrityError, match="decision_chunk_counts_every_row"), transaction.atomic():
            three.chunks.update(status="done")

    def test_a_batch_looks_again_when_it_only_holds(self, three):
        with pytest.raises(IntegrityError, match="batch_looked_at_again"), transaction.atomic():
            DecisionBatch.objects.update(look_again_on=LATER)

    def test_applying_asks_as_much_for_two_households_as_for_twenty(self, salma, chaima):
        asked = []
        for count in (2, 20):
            waiting("direct_aid", count)
            batch = propose("accept", "direct_aid", salma)
            services.sign_batch(batch.pk, on=DAY, by=chaima)
            chunk = services.claim_decisions(worker="w", at=timezone.now())
            from django.db import connection
            from django.test.utils import CaptureQueriesContext

            with CaptureQueriesContext(connection) as captured:
                services.apply_decisions(chunk, on=DAY, at=timezone.now())
            asked.append(len(captured))
        assert asked[0] == asked[1]


@pytest.mark.django_db
class TestFilter:
    def chosen(self, user, program="direct_aid", deed="accept", **choices):
        rows = selected(user, deed=deed, program=program, chosen=Selection(**choices))
        return {row.household_id for row in rows}

    def test_it_narrows_by_place_cause_distance_and_what_is_open(self, salma, chaima, amina):
        near, far = waiting("direct_aid", 2)
        Determination.objects.filter(household=near).update(score=97_000_000, reason="threshold")
        Determination.objects.filter(household=far).update(score=90_000_000)
        both = {near.pk, far.pk}
        assert self.chosen(salma) == both
        assert self.chosen(salma, far=1_000_000) == {near.pk}  # 9.743001 − 9.7 = 0.043001
        assert self.chosen(salma, near=1_000_000) == {far.pk}
        assert self.chosen(salma, caused_by="threshold") == {near.pk}
        assert self.chosen(salma, milieu="rural") == set()
        assert self.chosen(chaima, region=near.commune.region_id) == both
        assert self.chosen(chaima, province=near.commune.province_id + 1) == set()
        assert self.chosen(salma, waiting_until="2026-11-22") == both
        assert self.chosen(salma, waiting_until="2026-11-21") == set()
        appealed(far, "direct_aid", on=DAY, by=amina)
        assert self.chosen(salma, appeal=True) == self.chosen(salma, request=True) == {far.pk}
        assert self.chosen(salma, appeal=False) == {near.pk}

    def test_a_commune_sees_its_own(self, brahim):
        waiting("direct_aid")
        assert self.chosen(brahim) == set()

    def test_the_filter_written_down_is_the_filter_read(self):
        chosen = Selection(region=6, far=0, children=False, spending_only=True)
        assert Selection.of(chosen.written()) == chosen
        assert chosen.written() == {"region": 6, "far": 0, "children": False, "spending_only": True}

    def test_flipped_by_bills_alone(self, salma, amina):
        from eligibility.services import assess_households

        by_bills, by_birth = couple(butane_month=0), couple()
        homes = [by_bills.pk, by_birth.pk]
        assess_households(homes, on=DAY, by=engine())
        Household.objects.filter(pk=by_bills.pk).update(butane_month=9_000)
        by_birth.members.filter(relation="spouse").delete()
        assess_households(homes, on=LATER, by=engine())
        for home in (by_bills, by_birth):
            facts = [home.past_facts.get().pk, home.facts.pk]
            Determination.objects.filter(household=home).delete()
            first = determine(home, "direct_aid", entitled=False)
            second = flip(first, on=LATER)
            Determination.objects.filter(pk=first.pk).update(facts_id=facts[0])
            Determination.objects.filter(pk=second.pk).update(facts_id=facts[1])
        services.propose_due(on=LATER, by=engine())
        assert self.chosen(salma, spending_only=True) == {by_bills.pk}
        assert self.chosen(salma) == {by_bills.pk, by_birth.pk}
        assert self.chosen(salma, size_from=2) == {by_bills.pk}
        assert self.chosen(salma, children=False) == {by_bills.pk, by_birth.pk}


@pytest.mark.django_db
class TestAsOneByOne:
    """What one household's page refuses or does, a batch refuses or does."""

    def covered(self, by):
        [home] = reviewed("amo_tadamon", 1, by)
        return home.enrollments.get(quality="insured"), home.enrollments.get(quality="dependant")

    def refusals(self, batch):
        return list(batch.refusals.values_list("why", flat=True))

    @pytest.mark.parametrize(("deed", "status"), [("end", "active"), ("end", "suspended"), ("suspend", "active")])
    def test_the_insured_does_not_go_before_his_dependants(self, deed, status, salma, chaima):
        insured, dependant = self.covered(salma)
        Enrollment.objects.filter(pk=dependant.pk).update(status=status)
        batch = propose(deed, "amo_tadamon", salma, on=LATER, look_again_on=LATER + timedelta(days=30) if deed == "suspend" else None)
        services.sign_batch(batch.pk, on=LATER, by=chaima)
        assert run(batch).status == "closed" and self.refusals(batch) == ["left_behind"]
        insured.refresh_from_db()
        assert insured.status == "in_review"

    def test_an_administrator_s_signature_ends_the_covers_that_this_one_takes_over(self, salma, chaima):
        """One family comes from AMO ACHAMIL, another was moved from RAMED: who signs may not move either by hand."""
        paying, moved = waiting("amo_tadamon", 2)
        head, wife = paying.members.order_by("position")
        unit = paying.enrollments.get(idcs=head.idcs).unit
        for one, quality in ((head, "insured"), (wife, "dependant")):
            Enrollment.objects.create(
                program="amo_achamil", household=paying, unit=unit, member=one, idcs=one.idcs, quality=quality, status="active",
                since=date(2026, 6, 1), commune=paying.commune, milieu=paying.milieu,
            )  # fmt: skip
        paying.members.update(cover="amo_achamil")
        for one in moved.members.all():
            cover(one.idcs, since=date(2026, 1, 1), until=date(2027, 1, 1))
        batch = propose("accept", "amo_tadamon", salma)
        services.sign_batch(batch.pk, on=DAY, by=chaima)
        assert run(batch).status == "closed" and counted(batch) == (4, 0, 0)
        assert set(Enrollment.objects.filter(program="amo_achamil").values_list("status", "until")) == {
            ("ended", timezone.localtime(batch.chunks.get().done_at).date())
        }
        assert set(MigratedCover.objects.values_list("status", flat=True)) == {"active"}
        assert set(paying.members.values_list("cover", "cover_quality")) == {("amo_tadamon", "principal"), ("amo_tadamon", "dependant")}
        assert set(Enrollment.objects.filter(program="amo_tadamon").values_list("status", "decided_by__username")) == {("active", "chaima")}

    def test_a_decision_by_hand_ends_what_was_held(self, salma, chaima):
        [home] = reviewed("direct_aid", 1, salma)
        batch = propose("visit", "direct_aid", salma, on=LATER, look_again_on=LATER + timedelta(days=30))
        services.sign_batch(batch.pk, on=LATER, by=chaima)
        run(batch)
        services.keep_enrollments([home.enrollments.get().pk], reason="visité", on=LATER, by=salma)
        assert set(Hold.objects.values_list("settled_by__username", flat=True)) == {"salma"}


def test_every_deed_says_what_it_is_about():
    assert set(BEFORE) == set(DecisionBatch.Deed.values)
    assert set(AFTER) | {"hold", "request", "visit"} == set(DecisionBatch.Deed.values)
