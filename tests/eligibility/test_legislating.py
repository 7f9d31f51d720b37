"""A change of the law: who may make it, what is refused, and what becomes of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from eligibility import law as legal
from eligibility import permissions, queries, services
from eligibility.models import Determination, Proposal, Provision, Run
from eligibility.score import format_points, threshold_points
from eligibility.services import ProposalRefused
from rsu.models import AuditEvent, User
from rsu.permissions import Forbidden
from tests.eligibility.families import child, family, person
from tests.eligibility.legislating import AID, DAY, entitled, move_line, propose, score_of, spread, under
from tests.eligibility.test_runs import check_chains

pytestmark = pytest.mark.django_db
TOMORROW = DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("username", "may"), [("amina", False), ("salma", False), ("yassine", False), ("chaima", True), ("driss", True), ("agency-cnss", False)]
)
def test_only_administrators_propose(username, may):
    user = User.objects.get(username=username)
    assert permissions.may_propose(user) is may
    if may:
        assert propose(95_000_000, by=username).proposed_by == user
    else:
        with pytest.raises(Forbidden):
            propose(95_000_000, by=username)
        assert not Proposal.objects.exists()


def test_an_administrator_of_one_province_does_not_change_the_law_of_the_kingdom(salma):
    salma.role = "administrator"
    salma.save()
    with pytest.raises(Forbidden, match="royaume"):
        propose(95_000_000, by="salma")


def test_a_retired_account_may_nothing(chaima):
    User.objects.filter(pk=chaima.pk).update(is_active=False)
    with pytest.raises(Forbidden):
        propose(95_000_000)


@pytest.mark.parametrize("deed", [services.approve_proposal, services.reject_proposal])
@pytest.mark.parametrize("username", ["amina", "salma", "yassine", "chaima"])
def test_the_proposer_and_whoever_is_no_administrator_do_not_decide(deed, username):
    proposal = propose(95_000_000)
    user = User.objects.get(username=username)
    reason = {"reason": "Non"} if deed is services.reject_proposal else {}
    with pytest.raises(Forbidden):
        deed(proposal.pk, on=DAY, by=user, **reason)
    assert not permissions.may_decide(user, proposal)
    assert permissions.why_not_decide(user, proposal)
    assert Proposal.objects.get().status == "open"


def test_the_database_itself_refuses_that_the_proposer_decides(chaima):
    proposal = propose(95_000_000)
    with pytest.raises(IntegrityError, match="proposal_decided_by_another"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(status="approved", decided_by=chaima, decided_at=timezone.now())


@pytest.mark.parametrize(
    "half", [{"status": "approved"}, {"decided_at": timezone.now()}, {"status": "rejected", "decided_at": timezone.now()}]
)
def test_the_database_refuses_half_a_decision(half):
    proposal = propose(95_000_000)
    with pytest.raises(IntegrityError, match="proposal_decision_is_complete"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(**half)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("value", {"value": "neuf"}),
        ("value", {"value": "-1"}),
        ("value", {"value": "0"}),
        ("value", {"value": "9.12345678"}),
        ("value", {"value": "9,743001"}),
        ("value", {"value": ""}),
        ("since", {"since": DAY - timedelta(days=1)}),
        ("source", {"source": " "}),
        ("reason", {"reason": "\n"}),
    ],
)
def test_a_proposal_that_cannot_stand_says_which_field_is_at_fault(field, changes):
    with pytest.raises(ProposalRefused) as refusal:
        propose(95_000_000, **changes)
    assert refusal.value.field == field
    assert not Proposal.objects.exists()


def test_a_key_the_law_does_not_know_is_not_proposed(chaima):
    with pytest.raises(ProposalRefused) as refusal:
        services.propose_provision(key="direct_aid.bonus", since=DAY, value="1", source="x", reason="x", on=DAY, by=chaima)
    assert refusal.value.field == "key"


def test_a_line_set_before_one_already_voted_stands_until_that_one_starts(work, driss):
    ranked = spread()
    middle, later = DAY + timedelta(days=10), DAY + timedelta(days=30)
    lines = {later: score_of(ranked[4]), middle: score_of(ranked[18])}
    for since, line in lines.items():
        move_line(line, since=since)
    assert not Run.objects.exists()
    for since in (middle, later):
        before = entitled()
        (run,) = [run for run in services.pass_time(on=since, by=driss) if run.kind == "threshold"]
        assert run.provision.since == since and run.planned == len(before ^ under(lines[since]))
        work(on=since)
        assert queries.law(since).value(AID.threshold_key) == format_points(lines[since])
        assert entitled() == under(lines[since])
    assert not [run for run in services.pass_time(on=later, by=driss) if run.kind == "threshold"]
    check_chains()


def test_two_lines_inserted_and_voted_that_start_while_nobody_works_end_at_the_later_one(work, driss):
    ranked = spread()
    middle, later = DAY + timedelta(days=10), DAY + timedelta(days=30)
    move_line(score_of(ranked[18]), since=later)
    move_line(score_of(ranked[4]), since=middle)
    began, inserted, voted = entitled(), under(score_of(ranked[4])), under(score_of(ranked[18]))
    twice = (began ^ inserted) & (inserted ^ voted)
    for _round in range(8):
        services.pass_time(on=later, by=driss)
        work(on=later)
    assert [run.on for run in Run.objects.filter(kind="threshold").order_by("id")] == [middle, later]
    assert entitled() == voted
    assert twice
    for household in twice:
        days = set(Determination.objects.filter(household=household, program=AID).values_list("since", flat=True))
        assert {middle, later} <= days
    check_chains()


def test_a_year_too_far_is_refused_and_the_last_day_within_the_horizon_is_not():
    years = queries.law(DAY).value("policy.horizon_years")
    last = DAY.replace(year=DAY.year + years)
    assert propose(95_000_000, since=last).since == last
    for day in (last + timedelta(days=1), DAY.replace(year=2206), date.max):
        with pytest.raises(ProposalRefused) as refusal:
            propose(95_000_000, since=day)
        assert refusal.value.field == "since" and "vérifiez l’année" in str(refusal.value) and "5 ans" in str(refusal.value)


def test_a_far_day_already_voted_may_be_voted_again_and_holds_no_key_back():
    far = date(2206, 1, 1)
    Provision.objects.create(key=AID.threshold_key, since=far, value="9.0000000", source="x", note="x", confidence="L")
    assert propose(95_000_000, since=far).since == far
    assert propose(95_000_000, since=TOMORROW).since == TOMORROW
    with pytest.raises(ProposalRefused):
        propose(95_000_000, since=far + timedelta(days=1))


def test_what_is_typed_with_a_comma_is_kept_with_seven_decimals():
    assert propose(0, value=" 9,5 ").value == "9.5000000"


def test_an_approved_value_is_law_with_its_citation_and_its_trace(driss):
    proposal = propose(95_000_000, gazette="BO n° 7500", url="https://example.org/decret")
    services.approve_proposal(proposal.pk, on=DAY, by=driss)
    cited = queries.law(DAY).cite(AID.threshold_key)
    assert (cited.value, cited.source, cited.gazette, cited.url) == (
        "9.5000000",
        "Décret n° 2-26-100",
        "BO n° 7500",
        "https://example.org/decret",
    )
    assert queries.law(DAY - timedelta(days=1)).value(AID.threshold_key) == "9.743001"
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("approved", driss)
    verbs = list(AuditEvent.objects.filter(subject=f"proposal:{proposal.pk}").order_by("id").values_list("verb", "by__username"))
    assert verbs == [("propose_provision", "chaima"), ("approve_provision", "driss")]


def test_a_rejected_value_changes_nothing_and_the_reason_is_kept(driss):
    proposal = propose(95_000_000)
    with pytest.raises(ProposalRefused) as refusal:
        services.reject_proposal(proposal.pk, reason=" ", on=DAY, by=driss)
    assert refusal.value.field == "reason"
    services.reject_proposal(proposal.pk, reason="Le texte n’est pas publié", on=DAY, by=driss)
    assert not Provision.objects.filter(proposal=proposal).exists() and not Run.objects.exists()
    assert AuditEvent.objects.get(verb="reject_provision").reason == "Le texte n’est pas publié"


@pytest.mark.parametrize("first", ["approve", "reject"])
def test_deciding_a_second_time_does_nothing(first, driss):
    proposal = propose(95_000_000)
    if first == "approve":
        services.approve_proposal(proposal.pk, on=DAY, by=driss)
    else:
        services.reject_proposal(proposal.pk, reason="Non", on=DAY, by=driss)
    before = (Provision.objects.count(), Run.objects.count(), AuditEvent.objects.count())
    with pytest.raises(ProposalRefused, match="déjà été décidée"):
        services.approve_proposal(proposal.pk, on=DAY, by=driss)
    with pytest.raises(ProposalRefused, match="déjà été décidée"):
        services.reject_proposal(proposal.pk, reason="Non", on=DAY, by=driss)
    assert (Provision.objects.count(), Run.objects.count(), AuditEvent.objects.count()) == before


def test_a_proposal_whose_day_went_by_is_no_longer_approved(driss):
    proposal = propose(95_000_000)
    with pytest.raises(ProposalRefused) as refusal:
        services.approve_proposal(proposal.pk, on=TOMORROW, by=driss)
    assert refusal.value.field == "since"
    assert Proposal.objects.get().status == "open"


def test_a_provision_is_never_edited_nor_lost():
    row = Provision.objects.filter(key=AID.threshold_key).first()
    for deed in (
        lambda: Provision.objects.filter(pk=row.pk).update(value="1"),
        lambda: Provision.objects.filter(pk=row.pk)._raw_delete("default"),
    ):
        with pytest.raises(Exception, match="provision_keeps_rows"), transaction.atomic():
            deed()


def test_the_database_plans_one_run_a_provision(driss):
    proposal = move_line(95_000_000)
    with pytest.raises(IntegrityError, match="run_once_for_a_provision"), transaction.atomic():
        Run.objects.create(kind="threshold", provision=proposal.provision, on=DAY, by=driss)


def test_a_line_of_another_day_waits_for_its_day_and_then_plans_itself_once(work, driss):
    ranked = spread()
    line = score_of(ranked[5])
    later = DAY + timedelta(days=9)
    move_line(line, since=later)
    before = entitled()
    assert not Run.objects.exists()
    assert services.pass_time(on=later - timedelta(days=1), by=driss) == []
    assert [run.kind for run in services.pass_time(on=later, by=driss)] == ["threshold"]
    assert services.pass_time(on=later, by=driss) == []
    work(on=later)
    assert entitled() == under(line) != before


def test_two_lines_that_start_on_missed_days_are_both_caught_up(work, driss):
    ranked = spread()
    low, high = score_of(ranked[3]), score_of(ranked[-1])
    move_line(high, since=DAY + timedelta(days=2))
    move_line(low, since=DAY + timedelta(days=4))
    services.pass_time(on=DAY + timedelta(days=8), by=driss)
    work(on=DAY + timedelta(days=8))
    assert entitled() == under(low)


def test_a_line_corrected_before_its_day_is_the_one_that_counts(work, driss):
    ranked = spread()
    high, low = score_of(ranked[-1]), score_of(ranked[3])
    later = DAY + timedelta(days=2)
    move_line(high, since=later)
    move_line(low, since=later)
    services.pass_time(on=later, by=driss)
    work(on=later)
    assert entitled() == under(low)


def test_the_effect_is_told_before_anyone_signs(chaima):
    ranked = spread()
    old = threshold_points("9.743001")
    new = score_of(ranked[2])
    effect = queries.effect_of_line(chaima, low=new, high=old, on=DAY)
    lost = under(old) - under(new)
    assert effect.households == len(lost) > 0
    assert effect.people == sum(queries.Facts.objects.filter(household__in=lost).values_list("size", flat=True))
    assert queries.effect_of_line(chaima, low=new, high=new, on=DAY).households == 0


def test_the_effect_takes_as_many_queries_for_any_number_of_households(chaima, django_assert_num_queries):
    spread(sizes=range(1, 3))
    with django_assert_num_queries(3):  # the law of the day, the range, the names of the regions
        queries.effect_of_line(chaima, low=90_000_000, high=100_000_000, on=DAY)


def test_founding_law_is_loaded_once(driss):
    assert services.load_founding_law(by=driss) == 0
    assert format_points(threshold_points(queries.law(date(2023, 12, 1)).value(AID.threshold_key))) == "9.7430010"


def test_what_may_be_repealed_is_never_needed_to_read_and_score_a_family(chaima):
    household = family(person(), child(date(2015, 1, 1)))
    kept = [row for row in legal.founding() if row.key in legal.ALWAYS_READ]
    numbers = {(row.key, row.since): row.pk for row in Provision.objects.all()}
    law = legal.Law([replace(row, id=numbers[row.key, row.since]) for row in kept], DAY)
    services.assess_households([household.pk], on=DAY, by=chaima, law=law)
    assert score_of(household.pk) and not entitled()
