"""The pages of runs: what they say at each moment, who may command them, and that asking twice changes nothing more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from eligibility import queries, runs, services
from eligibility.models import Refusal, Run, RunChunk
from eligibility.views.runs import DOES
from households.models import Household
from rsu.models import AuditEvent, Commune, User
from rsu.templatetags.rsu import count
from tests.eligibility.formulas import formula_with, propose_formula, rehearse, sign
from tests.eligibility.legislating import AID, move_line, propose, score_of, spread
from tests.eligibility.test_policy_pages import text_of

pytestmark = pytest.mark.django_db
COMMANDS = ("pause", "resume", "cancel", "retry")


@pytest.fixture
def under_way(settings, today):
    """A run of several chunks, the first of them done."""
    settings.RUN_CHUNK = 4
    ranked = spread(on=today)
    move_line(score_of(ranked[2]), on=today)
    do_one(today)
    return Run.objects.get()


def do_one(today) -> None:
    runs.apply(runs.claim(worker="poste-1:42", at=timezone.now()), on=today, at=timezone.now())


def page_of(run: Run) -> str:
    return reverse("eligibility:run", args=[run.pk])


def command(client, run: Run, name: str, reason: str | None = "Une panne"):
    return client.post(reverse(f"eligibility:{name}", args=[run.pk]), {"reason": reason} if reason is not None else {}, follow=True)


def live(client, run: Run, **asked):
    return client.get(reverse("eligibility:run_progress", args=[run.pk]), asked, headers={"HX-Request": "true"})


def state(run: Run) -> str:
    run.refresh_from_db()
    return run.status


# What the page says


def test_every_kind_of_run_is_told_in_words():
    assert set(DOES) == set(Run.Kind)


def test_the_page_says_what_the_run_does_how_far_it_is_and_who_did_each_chunk(under_way, as_):
    page = text_of(as_("yassine").get(page_of(under_way)))
    for said in (str(DOES["threshold"]), "<progress", "poste-1:42", "en cours", 'hx-trigger="every 1s"', "Actualiser"):
        assert said in page


def test_the_part_that_lives_leaves_what_is_typed_alone_until_the_state_changes(under_way, as_, today, work):
    client = as_("chaima")
    part = text_of(live(client, under_way, was="running"))
    assert "<html" not in part and "textarea" not in part and 'hx-trigger="every 1s"' in part
    work(on=today)
    part = text_of(live(client, under_way, was="running"))
    assert 'id="commands" hx-swap-oob="true"' in part and "textarea" not in part and "hx-trigger" not in part
    assert "<html" in text_of(client.get(reverse("eligibility:run_progress", args=[under_way.pk])))


def test_a_canceled_run_counts_what_was_given_up_and_says_what_it_means(under_way, as_, today, work):
    client = as_("chaima")
    command(client, under_way, "cancel")
    work(on=today)
    answer = client.get(page_of(under_way))
    ledger, page = answer.context["ledger"], text_of(answer)
    assert state(under_way) == "canceled" and ledger.holds and ledger.finished
    assert ledger.run.given_up == under_way.planned - 4 > 0 and ledger.run.applied == 4
    for said in ("abandonnés", "le compte y est", "gardent leur décision d’avant", "Une panne", "annulé"):
        assert said in page


def test_a_run_over_everyone_says_that_everyone_was_planned(as_, today, work):
    spread(on=today, sizes=[2], phones=range(3))
    run = rehearse(propose_formula(formula_with(on=today, U30="0.09"), since=today, on=today), on=today)
    work(on=today)
    answer = as_("yassine").get(page_of(run))
    assert answer.context["everyone"] == 3 and "tout le registre y est" in text_of(answer)
    Run.objects.filter(pk=run.pk).update(planned=2)
    assert "tout le registre n’y est pas" in text_of(as_("yassine").get(page_of(run)))


def test_a_run_of_some_does_not_speak_of_everyone(under_way, as_, today, work):
    work(on=today)
    assert "tout le registre" not in text_of(as_("yassine").get(page_of(under_way)))


def test_a_run_estimates_its_pace_and_its_end_and_not_while_it_is_paused(under_way, as_):
    begun = timezone.now() - timedelta(seconds=2)
    Run.objects.filter(pk=under_way.pk).update(started_at=begun)
    ledger = queries.Ledger(queries.counted_runs().get(pk=under_way.pk), begun + timedelta(seconds=2))
    assert (ledger.processed, ledger.rate) == (4, 2)
    assert ledger.ends_at == ledger.at + timedelta(seconds=(ledger.run.planned - 4) / 2)
    Run.objects.filter(pk=under_way.pk).update(status="paused")
    assert queries.Ledger(queries.counted_runs().get(pk=under_way.pk), ledger.at).ends_at is None


def test_a_run_under_way_asks_for_itself_again_and_a_finished_one_does_not(under_way, as_, today, work):
    client = as_("yassine")
    page = text_of(client.get(reverse("eligibility:run", args=[under_way.pk])))
    assert 'hx-trigger="every 1s"' in page and "<progress" in page and "Actualiser" in page and "poste-1:42" in page
    assert "le compte y est" not in page
    work(on=today)
    live = client.get(reverse("eligibility:run_progress", args=[under_way.pk]), headers={"HX-Request": "true"})
    assert "hx-trigger" not in text_of(live) and "le compte y est" in text_of(live) and "<html" not in text_of(live)
    ledger = live.context["ledger"]
    assert ledger.holds and ledger.run.planned == ledger.run.applied


def test_a_run_whose_count_is_wrong_says_so(under_way, as_, today, work):
    work(on=today)
    under_way.chunks.filter(position=1).update(applied=3)
    page = text_of(as_("yassine").get(reverse("eligibility:run", args=[under_way.pk])))
    assert "le compte n’y est pas" in page and 'class="note no' in page


def test_a_failed_run_shows_the_error_and_is_taken_up_again_by_an_administrator(under_way, as_, today, work):
    for _attempt in range(5):
        runs.give_back(runs.claim(worker="poste-1:42", at=timezone.now()), error="DataError: poison")
    work(on=today)
    address = reverse("eligibility:run", args=[under_way.pk])
    retry = reverse("eligibility:retry", args=[under_way.pk])
    page = text_of(as_("yassine").get(address))
    assert "DataError: poison" in page and retry not in page
    assert as_("yassine").post(retry).status_code == 403
    assert retry in text_of(as_("driss").get(address))
    as_("driss").post(retry)
    work(on=today)
    assert Run.objects.get().status == "closed"


def test_the_runs_pages_take_as_many_queries_whatever_the_number_of_rows(under_way, as_, today, work):
    client = as_("yassine")
    work(on=today)
    pages = [reverse("eligibility:runs"), reverse("eligibility:run", args=[under_way.pk])]
    counts = []
    for _round in range(2):
        counts.append([_queries(client, page) for page in pages])
        for number in range(1, 4):
            move_line(80_000_000 + number, on=today)
        work(on=today)
    assert counts[0] == counts[1]


# Households refused


@pytest.fixture
def refusing(today, driss, work):
    """A first reading of fifteen families of which twelve left a question unanswered."""
    ranked = sorted(spread(on=today, sizes=range(1, 4), phones=range(5)))
    Household.objects.filter(pk__in=ranked[:12]).update(mobile_phones=None)
    run = runs.plan_households(ranked[0], ranked[-1], law=queries.law(today), by=driss)
    work(on=today)
    return run


def test_refused_households_are_listed_with_the_question_and_all_of_them_can_be_read(refusing, as_):
    client = as_("yassine")
    answer = client.get(page_of(refusing))
    assert len(answer.context["refusals"]) == 10 and answer.context["refusal_count"] == 12
    everyone = reverse("eligibility:run_refusals", args=[refusing.pk])
    assert everyone in text_of(answer) and "téléphones portables" in text_of(answer)
    listed = text_of(client.get(everyone))
    for code in Household.objects.filter(refusal__run=refusing).values_list("code", flat=True):
        assert reverse("desk:open", args=[Household.objects.get(code=code).pk]) in listed and code[:10] not in listed


def test_a_rehearsal_lists_those_who_were_never_read(as_, today, work):
    ranked = spread(on=today, sizes=[2], phones=range(3))
    fresh = Household.objects.get(pk=ranked[0])
    fresh.pk, fresh.code = None, "99999999999"
    fresh.save()
    Refusal.objects.create(household=fresh, missing=["size"], on=today)
    run = rehearse(propose_formula(formula_with(on=today, U30="0.09"), since=today, on=today), on=today)
    work(on=today)
    answer = as_("yassine").get(page_of(run))
    assert [refusal.household_id for refusal in answer.context["refusals"]] == [fresh.pk]
    assert answer.context["ledger"].run.refused == 1 and answer.context["ledger"].holds


# Commands


def test_a_run_is_paused_and_resumed_where_it_stopped(under_way, as_, today, work):
    client = as_("chaima")
    page = text_of(command(client, under_way, "pause"))
    assert state(under_way) == "paused" and under_way.reason == "Une panne" and "Une panne" in page
    assert work(on=today) == 0
    command(client, under_way, "resume", reason=None)
    assert state(under_way) == "running"
    work(on=today)
    assert state(under_way) == "closed"


def test_a_canceled_run_is_taken_up_again_and_ends_whole(under_way, as_, today, work):
    client = as_("chaima")
    command(client, under_way, "cancel")
    work(on=today)
    assert reverse("eligibility:retry", args=[under_way.pk]) in text_of(client.get(page_of(under_way)))
    command(client, under_way, "retry", reason=None)
    work(on=today)
    answer = client.get(page_of(under_way))
    assert state(under_way) == "closed" and answer.context["ledger"].holds and answer.context["ledger"].run.given_up == 0


@pytest.mark.parametrize("name", ["pause", "cancel"])
def test_stopping_a_run_asks_why(name, under_way, as_):
    answer = command(as_("chaima"), under_way, name, reason=" ")
    assert answer.status_code == 422 and answer.context["form"].errors["reason"]
    assert state(under_way) == "running"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_double_click_does_it_once_and_writes_it_once(name, under_way, as_, today, work):
    client = as_("chaima")
    for before in {"resume": ["pause"], "retry": ["cancel"]}.get(name, []):
        command(client, under_way, before)
        work(on=today)
    states = []
    for _click in range(2):
        assert command(client, under_way, name).status_code == 200
        states.append((state(under_way), sorted(under_way.chunks.values_list("position", "status", "attempts"))))
    assert states[0] == states[1]
    assert AuditEvent.objects.filter(verb=f"{name}_run").count() == 1


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("username", ["amina", "salma", "yassine"])
def test_only_administrators_command(name, username, under_way, as_):
    assert command(as_(username), under_way, name).status_code == 403
    assert state(under_way) == "running" and not RunChunk.objects.filter(status="canceled").exists()


def test_an_auditor_reads_why_the_buttons_rest(under_way, as_):
    page = text_of(as_("yassine").get(page_of(under_way)))
    assert 'id="why-not"' in page and "disabled" in page and "textarea" not in page


@pytest.mark.parametrize("name", COMMANDS)
def test_an_administrator_of_a_region_commands_no_run(name, under_way, as_, driss):
    User.objects.filter(pk=driss.pk).update(area_level="region", region=6)
    assert command(as_("driss"), under_way, name).status_code == 403 and state(under_way) == "running"


@pytest.mark.parametrize("username", ["driss", "yassine"])
def test_a_reader_of_a_smaller_area_reads_no_count_of_the_kingdom(username, under_way, as_):
    client, listed = as_(username), reverse("eligibility:runs")
    pages = [listed, *(reverse(f"eligibility:{name}", args=[under_way.pk]) for name in ("run", "run_progress", "run_refusals"))]
    assert {client.get(page).status_code for page in pages} == {200}
    User.objects.filter(username=username).update(area_level="region", region=6)
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 403 and "de tout le royaume" in text_of(answer)
    home = text_of(client.get(reverse("desk:home")))
    assert page_of(under_way) not in home and f'href="{listed}"' not in home


# What was left behind


def test_whoever_reads_runs_is_told_who_keeps_a_decision_of_before(under_way, as_, today, work):
    told = f"{count(under_way.planned - 4)} ménages gardent leur décision d’avant : exécution"
    pages = [reverse(name) for name in ("desk:home", "dashboards:kingdom", "eligibility:runs")]
    pages.append(reverse("eligibility:proposal", args=[under_way.provision.proposal_id]))

    def said(word: str) -> set[bool]:
        client = as_("chaima")
        return {f"{told} {word}." in page and page_of(under_way) in page for page in (text_of(client.get(page)) for page in pages)}

    assert said("suspendue") == {False}
    command(as_("chaima"), under_way, "pause")
    assert said("suspendue") == {True}
    command(as_("chaima"), under_way, "cancel")
    work(on=today)
    assert said("annulée") == {True}
    RunChunk.objects.filter(status="canceled").update(status="failed")
    Run.objects.update(status="failed")
    assert said("en échec") == {True}
    assert told not in text_of(as_("salma").get(reverse("desk:home")))
    command(as_("chaima"), under_way, "retry", reason=None)
    assert said("en échec") == {False}


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_are_posted(name, under_way, as_):
    assert as_("chaima").get(reverse(f"eligibility:{name}", args=[under_way.pk])).status_code == 405


def test_a_closed_run_has_nothing_to_command_and_says_so_when_asked(under_way, as_, today, work):
    work(on=today)
    client = as_("chaima")
    assert "<textarea" not in text_of(client.get(page_of(under_way)))
    for name in ("pause", "cancel"):
        assert "est terminée" in text_of(command(client, under_way, name))
    assert state(under_way) == "closed"


def test_a_canceled_rehearsal_is_not_taken_up_but_begun_again(as_, today, work):
    spread(on=today, sizes=[2], phones=range(3))
    proposal = propose_formula(formula_with(on=today, U30="0.09"), since=today, on=today)
    run, client = rehearse(proposal, on=today), as_("chaima")
    command(client, run, "cancel")
    work(on=today)
    page = text_of(client.get(page_of(run)))
    assert "Les indices d’essai sont effacés" in page and "recommence depuis la formule" in page
    assert "ont été effacés" in text_of(command(client, run, "retry"))


# The pages of a rehearsal


@pytest.fixture
def proposal(today):
    spread(on=today)
    return propose_formula(formula_with(on=today, constant="9.700", U30="0.3"), since=today, on=today)


@pytest.fixture
def report(proposal, today, work):
    run = rehearse(proposal, on=today)
    work(on=today)
    return run


def report_page(client, run: Run, **asked):
    return client.get(reverse("eligibility:rehearsal", args=[run.pk]), asked)


def test_a_formula_is_rehearsed_from_its_page_and_the_report_read_from_there(proposal, as_, today, work):
    client, address = as_("chaima"), reverse("eligibility:proposal", args=[proposal.pk])
    rehearse_it = reverse("eligibility:rehearse", args=[proposal.pk])
    assert rehearse_it in text_of(client.get(address))
    for _click in range(2):
        page = text_of(client.post(rehearse_it, follow=True))
        assert "<progress" in page and "every 1s" in page
    run = Run.objects.get()
    live_part = reverse("eligibility:rehearsal_progress", args=[proposal.pk])
    work(on=today)
    part = text_of(client.get(live_part, headers={"HX-Request": "true"}))
    assert "every 1s" not in part and "<html" not in part and reverse("eligibility:rehearsal", args=[run.pk]) in part
    assert client.get(live_part).status_code == 302
    assert client.get(rehearse_it).status_code == 405


def test_the_button_that_may_not_be_pressed_says_why(proposal, as_):
    page = text_of(as_("yassine").get(reverse("eligibility:proposal", args=[proposal.pk])))
    assert 'id="why-not-rehearse"' in page and reverse("eligibility:rehearse", args=[proposal.pk]) not in page
    assert as_("yassine").post(reverse("eligibility:rehearse", args=[proposal.pk])).status_code == 403


def test_a_threshold_is_not_rehearsed(as_, today):
    spread(on=today, sizes=[2], phones=range(3))
    line = propose(95_000_000, since=today, on=today)
    assert "Seule une formule" in text_of(as_("chaima").post(reverse("eligibility:rehearse", args=[line.pk]), follow=True))


@pytest.mark.parametrize("username", ["amina", "salma", "chaima", "yassine"])
def test_administrators_and_auditors_read_the_report(username, report, as_):
    family = report.losing_families.first()
    addresses = [
        reverse("eligibility:rehearsal", args=[report.pk]),
        reverse("eligibility:losing_family", args=[report.pk, family.pk]),
    ]
    expected = 200 if username in ("chaima", "yassine") else 403
    assert [as_(username).get(address).status_code for address in addresses] == [expected] * 2


@pytest.mark.parametrize("by", ["region", "milieu", "size", "head_sex", "anything"])
def test_the_report_shows_counts_money_a_picture_and_the_families(by, report, as_):
    answer = report_page(as_("yassine"), report, program=AID.value, by=by)
    page = text_of(answer)
    assert answer.context["program"] == AID and answer.context["whole"].goes_out.households > 0
    for said in ("Restent dehors", "MAD par mois", "<svg", "Téléphones portables", "fait sous la loi d’aujourd’hui"):
        assert said in page
    losers = Household.objects.filter(pk__in=[loser.row.household_id for loser in answer.context["losers"]])
    assert losers and all(reverse("desk:open", args=[one.pk]) in page and one.code[:10] not in page for one in losers)


def test_a_family_s_differences_add_up_on_its_page_and_reading_them_is_recorded(report, as_, yassine):
    row = report.losing_families.filter(program=AID).first()
    answer = as_("yassine").get(reverse("eligibility:losing_family", args=[report.pk, row.pk]))
    loser = answer.context["loser"]
    assert sum(line.rise for line in loser.differences) == row.after - row.before == loser.rise
    assert answer.status_code == 200 and "Téléphones portables" in text_of(answer)
    assert AuditEvent.objects.get(verb="read_losing_family").household_id == row.household_id


def test_an_administrator_of_another_region_reads_nobody_of_this_one(report, as_, driss):
    User.objects.filter(pk=driss.pk).update(area_level="region", region=7)
    client = as_("driss")
    answer = report_page(client, report, program=AID.value)
    assert answer.context["whole"].households == 0 and answer.context["losers"] == []
    row = report.losing_families.first()
    assert client.get(reverse("eligibility:losing_family", args=[report.pk, row.pk])).status_code == 404
    User.objects.filter(pk=driss.pk).update(area_level="commune", region=None, commune=Commune.objects.get(code="07.351.01.05"))
    assert "plus petit qu’une région" in text_of(report_page(client, report))


def test_the_report_says_why_it_may_no_longer_be_signed_on(report, as_, today):
    move_line(90_000_000, on=today)
    assert "La loi a changé depuis la répétition" in text_of(report_page(as_("yassine"), report))
    assert "La loi a changé depuis la répétition" in text_of(as_("yassine").get(reverse("eligibility:proposal", args=[report.proposal_id])))


def test_the_report_of_a_signed_formula_can_still_be_read(report, as_, today, work):
    sign(report.proposal, on=today)
    work(on=today)
    page = text_of(report_page(as_("yassine"), report, program=AID.value))
    assert "La proposition est décidée" in page and "Téléphones portables" in page


def test_the_approval_asks_why_there_is_no_report_and_keeps_the_answer(proposal, as_, today, work):
    client, approve = as_("driss"), reverse("eligibility:approve", args=[proposal.pk])
    assert 'name="without_report"' in text_of(client.get(reverse("eligibility:proposal", args=[proposal.pk])))
    assert client.post(approve, {"without_report": ""}).status_code == 422
    client.post(approve, {"without_report": "Décision de justice"})
    proposal.refresh_from_db()
    assert (proposal.status, proposal.without_report) == ("approved", "Décision de justice")


def test_a_fresh_report_is_enough_to_approve(report, as_):
    client = as_("driss")
    assert 'name="without_report"' not in text_of(client.get(reverse("eligibility:proposal", args=[report.proposal_id])))
    client.post(reverse("eligibility:approve", args=[report.proposal_id]))
    assert Run.objects.filter(kind=Run.Kind.FORMULA, provision=report.formula_id).exists()


def test_no_report_before_the_rehearsal_has_ended(proposal, as_, today):
    run = rehearse(proposal, on=today)
    assert report_page(as_("yassine"), run).status_code == 404
    assert report_page(as_("yassine"), Run(pk=10**9)).status_code == 404


def test_the_pages_take_as_many_queries_whatever_the_number_of_rows(report, as_, today):
    client = as_("yassine")
    addresses = [page_of(report), reverse("eligibility:rehearsal", args=[report.pk])]
    counts = [_queries(client, address) for address in addresses]
    first, *others = report.losing_families.filter(program="amo_tadamon")
    assert len(others) > 2
    report.losing_families.exclude(pk=first.pk).delete()
    assert [_queries(client, address) for address in addresses] == counts


def _queries(client, page: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


def test_a_file_can_be_read_between_the_signature_and_its_run(report, as_, today, work):
    """A family that declared after the rehearsal: the score kept for it is that of its older answers until somebody looks or the run does it."""
    household = Household.objects.order_by("pk").first()
    Household.objects.filter(pk=household.pk).update(mobile_phones=9)
    services.assess_households([household.pk], on=today, by=User.objects.get(username="chaima"))
    sign(report.proposal, on=today)
    for _stage in ("before the run", "after it"):
        assert as_("yassine").get(reverse("desk:household", args=[household.code])).status_code == 200
        work(on=today)
