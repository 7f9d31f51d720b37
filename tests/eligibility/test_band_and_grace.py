"""Decisions that do not yo-yo: inside the band a loss waits for somebody, after a loss the right runs on for the months of grace."""

from datetime import date
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from eligibility import losses, queries, services
from eligibility.models import OPEN, Assessment, Determination, HeldLoss, Program, Run
from eligibility.permissions import may_confirm_loss
from eligibility.score import format_points
from households.models import Household
from rsu.models import AuditEvent
from rsu.permissions import Forbidden
from tests.eligibility.families import GUELIZ
from tests.eligibility.legislating import AID, move_line, score_of
from tests.eligibility.softening import (
    BAND,
    FIRST,
    LINE,
    banded,
    chain,
    check_tally,
    enacted,
    held,
    households,
    in_force,
    is_open,
    read,
    scored,
)
from tests.eligibility.test_runs import check_chains

pytestmark = pytest.mark.django_db
AMO = Program.AMO_TADAMON

# Worked cases: the line is 9.7430010, the band 0.0100000, grace one month. Days and scores, then the periods and the losses that waited.

WORKED = {
    "under the line, the right goes on and nothing waits": (
        [("2026-11-10", "9.7430010")],
        [("2026-11-02", True, None)],
        [],
    ),
    "one ten-millionth above the line, the loss waits and the right goes on": (
        [("2026-11-10", "9.7430011")],
        [("2026-11-02", True, None)],
        [("2026-11-10", "9.7430011", "")],
    ),
    "at the very end of the band, the loss still waits": (
        [("2026-11-10", "9.7530010")],
        [("2026-11-02", True, None)],
        [("2026-11-10", "9.7530010", "")],
    ),
    "one ten-millionth beyond the band, the right is lost that day and runs on a month": (
        [("2026-11-10", "9.7530011")],
        [("2026-11-02", True, None), ("2026-11-10", False, "2026-12-10")],
        [],
    ),
    "moving inside the band, the loss that waits keeps its first day and shows the last score": (
        [("2026-11-10", "9.7450000"), ("2026-11-15", "9.7510000")],
        [("2026-11-02", True, None)],
        [("2026-11-10", "9.7510000", "")],
    ),
    "back under the line, the loss is lifted and nothing was interrupted": (
        [("2026-11-10", "9.7450000"), ("2026-11-15", "9.7000000")],
        [("2026-11-02", True, None)],
        [("2026-11-10", "9.7450000", "lifted")],
    ),
    "out of the band upwards, the wait is over and the right is lost that day": (
        [("2026-11-10", "9.7450000"), ("2026-11-15", "9.8000000")],
        [("2026-11-02", True, None), ("2026-11-15", False, "2026-12-15")],
        [("2026-11-10", "9.7450000", "lifted")],
    ),
    "lost, then back in the band and not under the line: the right does not come back": (
        [("2026-11-10", "9.8000000"), ("2026-11-15", "9.7450000")],
        [("2026-11-02", True, None), ("2026-11-10", False, "2026-12-10")],
        [],
    ),
    "lost and back in the band the same day: the answer of a day does not depend on the order of its hours": (
        [("2026-11-10", "9.8000000"), ("2026-11-10", "9.7450000")],
        [("2026-11-02", True, None)],
        [("2026-11-10", "9.7450000", "")],
    ),
    "in the band on the day of the first yes, nothing is lost that was had the day before": (
        [("2026-11-02", "9.7450000")],
        [("2026-11-02", False, None)],
        [],
    ),
    "entitled again in grace, then in the band: a right of the day before, so the loss waits": (
        [("2026-11-10", "9.8000000"), ("2026-11-20", "9.7000000"), ("2026-11-25", "9.7450000")],
        [("2026-11-02", True, None), ("2026-11-10", False, "2026-12-10"), ("2026-11-20", True, None)],
        [("2026-11-25", "9.7450000", "")],
    ),
    "lost on 31 January, a month of grace ends with February": (
        [("2027-01-31", "9.8000000")],
        [("2026-11-02", True, None), ("2027-01-31", False, "2027-02-28")],
        [],
    ),
    "lost on 31 January of a leap year, it ends on the 29th": (
        [("2028-01-31", "9.8000000")],
        [("2026-11-02", True, None), ("2028-01-31", False, "2028-02-29")],
        [],
    ),
}


@pytest.mark.parametrize(("days", "periods", "waited"), WORKED.values(), ids=WORKED)
def test_a_worked_case(days, periods, waited):
    banded()
    in_force("direct_aid.grace_months", 1)
    [household] = households()
    for on, score in days:
        scored(household, points(score), on=date.fromisoformat(on))
    told = [(str(since), entitled, grace and str(grace)) for since, entitled, grace in chain(household)]
    assert told == periods
    assert [(str(on), format_points(score), outcome) for on, score, outcome in held(household)] == waited
    check_chains()
    check_tally()


def points(text: str) -> int:
    return int(text.replace(".", ""))


def test_without_a_band_nothing_waits_and_without_grace_nothing_runs_on():
    [household] = households()
    scored(household, LINE + 1, on=date(2026, 11, 10))
    assert chain(household) == [(FIRST, True, None), (date(2026, 11, 10), False, None)]
    assert held(household) == []


def test_no_month_of_grace_is_no_grace():
    in_force("direct_aid.grace_months", 0)
    [household] = households()
    scored(household, LINE + 1, on=date(2026, 11, 10))
    assert chain(household)[-1] == (date(2026, 11, 10), False, None)


def test_a_first_no_inside_the_band_is_not_a_loss():
    banded()
    in_force("direct_aid.grace_months", 1)
    [household] = households(cars=3, loan=True, computer=True, second_home=True, garage=True, premises=True)
    assert chain(household) == [(FIRST, False, None)]
    scored(household, LINE + 1, on=date(2026, 11, 10))
    assert (chain(household), held(household)) == ([(FIRST, False, None)], [])


def test_each_program_has_its_own_band():
    banded(program=AMO)
    [household] = households()
    aid, amo = LINE + 1, 93_264_284 + 1
    scored(household, amo - 1, on=date(2026, 11, 3), program=AMO)
    scored(household, aid, on=date(2026, 11, 10))
    scored(household, amo, on=date(2026, 11, 11), program=AMO)
    assert (is_open(household), held(household)) == (False, [])
    assert is_open(household, AMO) and held(household, AMO) == [(date(2026, 11, 11), amo, "")]


def test_the_order_of_a_new_line_and_a_declaration_on_one_day_changes_nothing():
    banded()
    first, second = households(2)
    day, line = date(2026, 11, 10), LINE - 200_000
    for household in (first, second):
        Assessment.objects.filter(household_id=household).update(score=LINE)
    in_force("direct_aid.threshold", format_points(line), day)
    scored(first, line + BAND, on=day)
    read([first], on=day)
    read([second], on=day)
    scored(second, line + BAND, on=day)
    assert chain(first) == chain(second) == [(FIRST, True, None)]
    assert held(first) == held(second) == [(day, line + BAND, "")]


# From the browser: a band or a line that changes starts a run over the losses that wait


@pytest.fixture
def waiting_family():
    """In the band of 0.01 since the 10th, one ten-millionth from its end."""
    banded()
    [household] = households()
    scored(household, LINE + BAND - 1, on=date(2026, 11, 10))
    return household


KEY = "direct_aid.borderline_band"
LATER = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("value", "kept"),
    [("0.0200000", True), ("0.0099999", True), ("0.0099998", False), (None, False)],
    ids=["widened", "narrowed to the score", "narrowed under the score", "repealed"],
)
def test_a_band_that_changes_reaches_the_losses_that_wait(value, kept, waiting_family, work):
    enacted(KEY, value, on=LATER)
    run = Run.objects.get()
    assert (run.planned, run.program) == (1, "direct_aid")
    work(on=LATER)
    run.refresh_from_db()
    assert run.status == "closed"
    assert is_open(waiting_family) is kept
    assert [outcome for _on, _score, outcome in held(waiting_family)] == ["" if kept else "lifted"]
    check_chains()
    check_tally()


def test_a_band_that_starts_holds_back_the_losses_of_its_day_and_not_those_of_the_eve(work):
    today, eve, beyond = households(3)
    scored(eve, LINE + 1, on=date(2026, 11, 21))
    scored(today, LINE + 1, on=LATER)
    scored(beyond, LINE + BAND + 1, on=LATER)
    enacted(KEY, format_points(BAND), on=LATER)
    assert Run.objects.get().planned == 1
    work(on=LATER)
    assert [is_open(household) for household in (today, eve, beyond)] == [True, False, False]
    check_tally()


@pytest.mark.parametrize(
    ("by", "answer"),
    [(-2, "lost"), (-1, "waits"), (BAND - 2, "waits"), (BAND - 1, "right")],
    ids=["one ten-millionth too low", "its band ends at the score", "one ten-millionth under the score", "on the score"],
)
def test_a_line_that_moves_reaches_the_losses_that_wait(by, answer, waiting_family, work):
    move_line(LINE + by, on=LATER)
    work(on=LATER)
    expected = {"lost": (False, "lifted"), "waits": (True, ""), "right": (True, "lifted")}[answer]
    assert (is_open(waiting_family), held(waiting_family)[0][2]) == expected
    check_chains()
    check_tally()


@pytest.mark.parametrize(("above", "kept"), [(0, True), (1, True), (BAND, True), (BAND + 1, False)])
def test_a_line_lowered_under_a_score_is_exact_to_the_ten_millionth(above, kept, work):
    banded()
    [household] = households()
    move_line(score_of(household) - above, on=LATER)
    work(on=LATER)
    assert is_open(household) is kept
    assert len(held(household)) == (above in (1, BAND))


def test_a_chunk_done_late_sees_the_day_a_band_was_repealed(waiting_family, work):
    move_line(LINE - 1, on=LATER)
    in_force(KEY, None, date(2026, 11, 24))
    work(on=date(2026, 11, 30))
    assert chain(waiting_family)[-1][:2] == (date(2026, 11, 24), False)


# Property: whatever scores, lines and bands do, day after day


@pytest.mark.parametrize("seed", range(4))
def test_nobody_in_the_band_loses_unverified_and_nobody_beyond_keeps(seed, salma):
    random, ids = Random(seed), households(8)
    law = {"line": LINE, "band": 0}
    answers, confirmed_today = dict.fromkeys(ids, True), set()
    for number in range(3, 28):
        on, eve, confirmed_today = date(2026, 11, number), dict(answers), set()
        if random.random() < 0.4:
            law["band"] = random.choice([1, 10, 30])
            banded(law["band"], since=on)
        if random.random() < 0.4:
            law["line"] = LINE + random.randint(-9, 9)
            in_force("direct_aid.threshold", format_points(law["line"]), on)
        for household in random.choices(ids, k=6):
            scored(household, law["line"] + random.randint(-40, 35), on=on)
        read(ids, on=on)
        for loss in HeldLoss.objects.filter(outcome=""):
            if random.random() < 0.3:
                services.confirm_loss(loss.pk, reason="visite", on=on, by=salma)
                confirmed_today.add(loss.household_id)
        read(ids, on=on)
        answers = {household: expected(household, law, eve[household], household in confirmed_today) for household in ids}
        assert {household: is_open(household) for household in ids} == answers
        waiting = {household for household in ids if answers[household] and score_of(household) > law["line"]}
        assert set(HeldLoss.objects.filter(outcome="").values_list("household", flat=True)) == waiting
        assert not [household for household in waiting if score_of(household) > law["line"] + law["band"]]
    check_chains()
    check_tally()
    assert HeldLoss.objects.filter(outcome="confirmed").exists() and HeldLoss.objects.filter(outcome="lifted").exists()


def expected(household: int, law: dict, was: bool, confirmed: bool) -> bool:
    above = score_of(household) - law["line"]
    return above <= 0 or (was and above <= law["band"] and not confirmed)


# Verification


def test_a_confirmed_loss_closes_the_right_that_day_and_its_grace_begins(waiting_family, salma):
    in_force("direct_aid.grace_months", 3)
    loss = services.confirm_loss(HeldLoss.objects.get().pk, reason="Factures relues", on=LATER, by=salma).loss
    assert (loss.outcome, loss.settled_by, loss.reason) == ("confirmed", salma, "Factures relues")
    assert chain(waiting_family) == [(FIRST, True, None), (LATER, False, date(2027, 2, 22))]
    row = Determination.objects.get(household=waiting_family, program=AID, until=OPEN)
    assert (row.reason, row.handled) == ("verified", False)
    event = AuditEvent.objects.get(verb="confirm_loss")
    assert (event.by, event.household_id, event.reason) == (salma, waiting_family, "Factures relues")
    check_chains()
    check_tally()


def test_confirmed_twice_it_is_confirmed_once(waiting_family, salma, request):
    pk = HeldLoss.objects.get().pk
    told = [services.confirm_loss(pk, reason=reason, on=LATER, by=salma) for reason in ("Factures relues", "encore")]
    assert [confirmation.already for confirmation in told] == [False, True]
    assert HeldLoss.objects.get().reason == "Factures relues"
    assert AuditEvent.objects.filter(verb="confirm_loss").count() == 1


def test_a_confirmed_loss_is_not_undone_by_another_reading_in_the_band(waiting_family, salma):
    services.confirm_loss(HeldLoss.objects.get().pk, reason="Factures relues", on=LATER, by=salma)
    for on in (LATER, date(2026, 11, 20), date(2026, 11, 23)):
        read([waiting_family], on=on)
    assert chain(waiting_family) == [(FIRST, True, None), (LATER, False, None)]
    assert [outcome for _on, _score, outcome in held(waiting_family)] == ["confirmed"]
    scored(waiting_family, LINE, on=date(2026, 11, 24))
    assert is_open(waiting_family)


def test_a_reason_is_asked(waiting_family, salma):
    with pytest.raises(services.LossNotHeld, match="vérifié"):
        services.confirm_loss(HeldLoss.objects.get().pk, reason=" ", on=LATER, by=salma)
    assert is_open(waiting_family)


def test_a_loss_that_a_declaration_has_lifted_is_not_confirmed(waiting_family, salma):
    Household.objects.filter(pk=waiting_family).update(mobile_phones=1, due_since=timezone.now())
    with pytest.raises(services.LossNotHeld, match="n’attend plus"):
        services.confirm_loss(HeldLoss.objects.get().pk, reason="Factures relues", on=LATER, by=salma)
    assert is_open(waiting_family)
    assert [outcome for _on, _score, outcome in held(waiting_family)] == ["lifted"]
    assert not AuditEvent.objects.filter(verb="confirm_loss").exists()


def test_a_loss_whose_line_was_repealed_is_not_confirmed(waiting_family, salma):
    in_force("direct_aid.threshold", None, LATER)
    with pytest.raises(services.LossNotHeld):
        services.confirm_loss(HeldLoss.objects.get().pk, reason="Factures relues", on=LATER, by=salma)
    assert is_open(waiting_family)


@pytest.mark.parametrize(
    ("who", "may"), [("amina", False), ("salma", True), ("brahim", False), ("chaima", False), ("driss", False), ("yassine", False)]
)
def test_a_supervisor_confirms_in_her_area(who, may, waiting_family, request):
    user, household = request.getfixturevalue(who), Household.objects.get()
    assert may_confirm_loss(user, household) is may
    if not may:
        with pytest.raises(Forbidden):
            services.confirm_loss(HeldLoss.objects.get().pk, reason="Factures relues", on=LATER, by=user)


def test_a_household_elsewhere_is_out_of_reach(salma):
    banded()
    [household] = households()
    Household.objects.filter(pk=household).update(commune=Household._meta.get_field("commune").related_model.objects.get(code=GUELIZ))
    scored(household, LINE + 1, on=LATER)
    with pytest.raises(Forbidden, match="territoire"):
        services.confirm_loss(HeldLoss.objects.get().pk, reason="Factures relues", on=LATER, by=salma)
    assert not losses.waiting_losses(salma)


# What stands, and the pages


def test_the_standing_says_that_the_right_is_kept_and_since_when():
    banded()
    [household] = households()
    in_force("direct_aid.threshold", format_points(score_of(household) - 1), date(2026, 11, 10))
    read([household], on=date(2026, 11, 10))
    right = queries.standing(Household.objects.get(), on=LATER).by_program["direct_aid"]
    assert (right.entitled, right.under_line, right.kept_since, right.runs_until) == (True, False, date(2026, 11, 10), None)
    assert (
        right.kept
        == "L’indice a passé le seuil de peu : le droit est maintenu depuis le 10 novembre 2026, le temps de vérifier les réponses."
    )


@pytest.fixture
def today_family(db):
    """In the band today, by the score its own answers give."""
    banded()
    in_force("direct_aid.grace_months", 2)
    [household] = households()
    today = timezone.localdate()
    in_force("direct_aid.threshold", format_points(score_of(household) - 1), today)
    read([household], on=today)
    return household


@pytest.fixture
def as_(client, request):
    def log_in(username: str):
        client.force_login(request.getfixturevalue(username))
        return client

    return log_in


def page_of(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_the_family_the_distance_and_what_to_verify(today_family, as_):
    page = page_of(as_("salma").get(reverse("eligibility:losses")))
    household = Household.objects.get()
    for said in (" perte à vérifier", "F.", household.code[6:10], "0,0000001", "Aide sociale directe"):
        assert said in page
    assert reverse("eligibility:loss", args=[HeldLoss.objects.get().pk]) in page


def test_the_work_list_leads_to_the_losses_of_the_area_when_some_wait(today_family, as_):
    link = f'href="{reverse("eligibility:losses")}"'
    assert link in page_of(as_("salma").get(reverse("enrollment:work")))
    assert link not in page_of(as_("brahim").get(reverse("enrollment:work")))


def test_the_list_takes_as_many_queries_for_any_number_of_losses(as_, salma):
    banded()
    first, *others = households(9)
    scored(first, LINE + 1, on=LATER)
    client = as_("salma")
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("eligibility:losses"))
    for household in others:
        scored(household, LINE + 2, on=LATER)
    with CaptureQueriesContext(connection) as nine:
        page = client.get(reverse("eligibility:losses"))
    assert len(one) == len(nine)
    assert len(page.context["rows"]) == 9


@pytest.mark.parametrize(("who", "status"), [("amina", 200), ("salma", 200), ("yassine", 200), ("chaima", 403)])
def test_who_reads_the_list(who, status, as_):
    assert as_(who).get(reverse("eligibility:losses")).status_code == status


def test_a_supervisor_confirms_from_the_page_and_a_caseworker_cannot(today_family, as_):
    address = reverse("eligibility:loss", args=[HeldLoss.objects.get().pk])
    assert "Confirmer la perte</button>" not in page_of(as_("amina").get(address))
    assert as_("amina").post(address, {"reason": "non"}).status_code == 403
    assert "Confirmer la perte</button>" in page_of(as_("salma").get(address))
    assert as_("salma").post(address, {"reason": ""}).status_code == 422
    assert as_("salma").post(address, {"reason": "Factures relues"}).status_code == 302
    assert not is_open(today_family)
    assert as_("brahim").get(address).status_code == 404


def test_a_second_confirmation_is_told_who_made_the_first(today_family, as_, salma):
    address, client = reverse("eligibility:loss", args=[HeldLoss.objects.get().pk]), as_("salma")
    client.post(address, {"reason": "Factures relues"})
    page = page_of(client.post(address, {"reason": "encore"}, follow=True))
    assert f"déjà été confirmée par {salma} le" in page and "n’est pas gardé" in page
    assert HeldLoss.objects.get().reason == "Factures relues"


def test_the_household_file_tells_the_wait_then_the_grace(today_family, as_, salma):
    file = reverse("desk:household", args=[Household.objects.get().code])
    assert "le temps de vérifier les réponses" in page_of(as_("salma").get(file))
    assert " perte à vérifier" in page_of(as_("salma").get(reverse("desk:home")))
    services.confirm_loss(HeldLoss.objects.get().pk, reason="Factures relues", on=timezone.localdate(), by=salma)
    page = page_of(as_("salma").get(file))
    assert "Le droit est perdu et court encore jusqu’au" in page and "Perdu, court encore" in page
    assert "a confirmé une perte de droit" in page.lower() or "A confirmé une perte de droit" in page
