"""Rights made again from what was stored: scores from the oracle's fractions, alarms raised and lifted, pages in both languages."""

import json
import logging
from datetime import date, timedelta
from random import Random

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eligibility import replays, services
from eligibility.models import Determination, HeldLoss, PastDetermination, Provision, ReplayedSample
from eligibility.tasks import replay_sample
from households.models import Household
from rsu.authentication import engine
from rsu.models import AuditEvent, User
from rsu.permissions import Forbidden
from tests.eligibility import oracle
from tests.eligibility.kept import DAY, altered, assess, history, random_families
from tests.eligibility.test_engine import worked_example

pytestmark = pytest.mark.django_db


def example() -> Determination:
    """The published example's right to direct aid: 9.7392575, opened by 37435 ten-millionths."""
    household = worked_example()
    assess([household.pk])
    return Determination.objects.get(household=household, program="direct_aid")


def everything() -> list:
    return [*Determination.objects.order_by("pk"), *PastDetermination.objects.order_by("pk")]


def kind_of(right) -> str:
    right.refresh_from_db()
    return replays.replay(right).mismatch.kind


def sample(size=1000) -> ReplayedSample:
    return services.replay_sample(size=size, on=DAY, by=engine())


def broken_sample() -> ReplayedSample:
    right = example()
    with altered() as cursor:
        cursor.execute("UPDATE eligibility_determination SET score = score + 1 WHERE id = %s", [right.pk])
    return sample()


# Replaying -----------------------------------------------------------------------------------------------------------


def test_the_worked_example_is_found_again_with_its_terms_and_its_reasons():
    replayed = replays.replay(example())
    assert replayed.mismatch is None
    assert (replayed.score, replayed.line) == (97392575, 97430010)
    assert sum(term.points for term in replayed.terms) == 97392575
    assert "9,7392575" in replayed.findings[0].sentence and "0,0037435" in replayed.findings[1].sentence


@pytest.mark.parametrize("seed", range(3))
def test_every_right_ever_read_is_found_again_and_is_the_oracles(seed):
    history(Random(seed))
    made = replays.replay_all(everything())
    assert any(replayed.is_past for replayed in made) and any(not replayed.is_past for replayed in made)
    assert [replayed.mismatch for replayed in made] == [None] * len(made)
    assert all(oracle.score(replayed.facts) == replayed.determination.score for replayed in made)


def test_nothing_is_read_from_the_answers_of_today():
    right = example()
    Household.objects.filter(pk=right.household_id).update(butane_month=99_999, mobile_phones=40, milieu="rural")
    right.household.members.all().delete()
    assert replays.replay(right).mismatch is None


def test_an_older_period_is_made_from_its_own_reading():
    right = example()
    Household.objects.filter(pk=right.household_id).update(telecom_bills=[12000] * 3)
    assess([right.household_id], on=DAY + timedelta(days=10))
    right.refresh_from_db()
    replayed = replays.replay(right)
    assert right.until == DAY + timedelta(days=10)
    assert (replayed.mismatch, replayed.score) == (None, 97392575)


def test_a_score_at_the_line_is_within_it_and_one_ten_millionth_above_is_not():
    right = example()
    at = Provision.objects.create(key="direct_aid.threshold", since=DAY, value="9.7392575", source="Décret", confidence="H")
    below = Provision.objects.create(key="direct_aid.threshold", since=DAY, value="9.7392574", source="Décret", confidence="H")
    for line, mismatch in ((at, None), (below, "answer_yes")):
        Determination.objects.filter(pk=right.pk).update(threshold=line)
        right.refresh_from_db()
        found = replays.replay(right).mismatch
        assert (found and found.kind) == mismatch
    Determination.objects.filter(pk=right.pk).update(threshold=at, entitled=False)
    assert kind_of(right) == "answer_no"


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("score", "UPDATE eligibility_determination SET score = score + 1 WHERE id = %(right)s"),
        ("score", "UPDATE eligibility_facts SET butane = butane + 1200 WHERE id = %(facts)s"),
        ("score", "UPDATE eligibility_facts SET size = size + 1 WHERE id = %(facts)s"),
        ("facts_unreadable", "UPDATE eligibility_facts SET head_age = NULL WHERE id = %(facts)s"),
        ("facts_unreadable", "UPDATE eligibility_facts SET region = 99 WHERE id = %(facts)s"),
        ("facts_unreadable", "UPDATE eligibility_facts SET size = 0 WHERE id = %(facts)s"),
        ("facts_gone", "DELETE FROM eligibility_facts WHERE id = %(facts)s"),
        ("facts_elsewhere", "UPDATE eligibility_facts SET household_id = 999999 WHERE id = %(facts)s"),
        ("formula_gone", "UPDATE eligibility_determination SET formula_id = 999999 WHERE id = %(right)s"),
        ("formula_gone", "UPDATE eligibility_determination SET formula_id = threshold_id WHERE id = %(right)s"),
        ("threshold_gone", "UPDATE eligibility_determination SET threshold_id = formula_id WHERE id = %(right)s"),
        ("threshold_gone", "UPDATE eligibility_determination SET program = 'amo_tadamon' WHERE id = %(right)s"),
        ("answer_no", "UPDATE eligibility_determination SET entitled = false WHERE id = %(right)s"),
        ("answer_yes", """UPDATE eligibility_provision SET value = '"9.0000000"' WHERE key = 'direct_aid.threshold'"""),
        ("household_gone", "DELETE FROM households_household WHERE id = %(household)s"),
    ],
)
def test_whatever_was_altered_is_named_in_both_languages(kind, statement):
    right = example()
    keys = {"right": right.pk, "facts": right.facts_id, "household": right.household_id}
    with altered() as cursor:
        cursor.execute("DELETE FROM eligibility_determination WHERE id <> %(right)s", keys)
        cursor.execute(statement, keys)
    right.refresh_from_db()
    mismatch = replays.replay(right).mismatch
    assert mismatch.kind == kind
    assert mismatch.sentence.endswith(".") and "%" not in mismatch.sentence


def test_a_line_that_was_not_in_force_that_day_is_named():
    right = example()
    later = Provision.objects.create(
        key="direct_aid.threshold", since=DAY + timedelta(days=30), value="9.743001", source="Décret", confidence="H"
    )
    Determination.objects.filter(pk=right.pk).update(threshold=later)
    assert kind_of(right) == "threshold_of_another_day"


def test_a_line_superseded_before_the_right_was_read_is_named_and_one_superseded_after_is_not():
    right = example()
    newer = Provision.objects.create(key="direct_aid.threshold", since=DAY, value="9.75", source="Décret", confidence="H")
    assert newer.recorded_at > right.determined_at
    assert replays.replay(right).mismatch is None
    Determination.objects.filter(pk=right.pk).update(determined_at=newer.recorded_at + timedelta(seconds=1))
    assert kind_of(right) == "threshold_of_another_day"


def test_grace_and_a_loss_that_waits_are_told():
    right = example()
    right.grace_until = date(2027, 2, 22)
    HeldLoss.objects.create(
        household=right.household, program="direct_aid", on=DAY, score=97430011, facts_id=right.facts_id, formula_id=right.formula_id,
        threshold_id=right.threshold_id, held_at=right.determined_at,
    )  # fmt: skip
    grace, held = replays.remarks(right)
    assert "22 février 2027" in grace
    assert "9,7430011" in held


# The command ---------------------------------------------------------------------------------------------------------


def test_the_command_prints_the_whole_sum(capsys):
    right = example()
    call_command("replay", str(right.pk))
    said = capsys.readouterr().out
    lines = [line.replace("\u202f", "") for line in said.splitlines()]
    figures = [line[:16].strip() for line in lines if line[:16].strip()[-8:-7] == "," and line[16:18] == "  "]
    points = [int(figure.replace(",", "").replace("−", "-")) for figure in figures]
    *terms, again, stored, line = points
    assert (again, stored, line) == (97392575, 97392575, 97430010) and sum(terms) == again
    assert len(terms) == 37, "the base, the region and the 35 variables of an urban household"
    assert "L’indice et la réponse gardés sont retrouvés, au chiffre près." in said


def test_the_command_speaks_arabic(capsys):
    call_command("replay", str(example().pk), "--language", "ar")
    said = capsys.readouterr().out
    assert "عدد أفراد الأسرة" in said and "9,7392575" in said


def test_the_command_fails_with_the_sentence_on_a_mismatch(capsys):
    right = example()
    Determination.objects.filter(pk=right.pk).update(score=right.score - 1)
    with pytest.raises(CommandError, match="L’indice gardé est 9,7392574 ; le calcul refait donne 9,7392575") as refusal:
        call_command("replay", str(right.pk), "--json")
    assert refusal.value.returncode == 1
    [told] = json.loads(capsys.readouterr().out)
    assert (told["stored"]["score"], told["replayed"]["score"], told["mismatch"]["kind"]) == ("9.7392574", "9.7392575", "score")


def test_the_command_tells_every_period_of_a_household_and_any_replaced_one(capsys):
    households = history(Random(4))
    past = PastDetermination.objects.first()
    call_command("replay", "--past", str(past.pk), "--json")
    [told] = json.loads(capsys.readouterr().out)
    assert (told["determination"], told["past"]) == (past.pk, True)
    code = Household.objects.get(pk=past.household_id).code
    call_command("replay", "--household", f"{code[:10]}-{code[10:]}", "--json")
    rows = json.loads(capsys.readouterr().out)
    wanted = [*Determination.objects.filter(household=past.household_id), *PastDetermination.objects.filter(household=past.household_id)]
    assert len(rows) == len(wanted) and {row["household"] for row in rows} == {code}
    assert households


@pytest.mark.parametrize("wrong", [[], ["1", "--past", "1"], ["999999"], ["--past", "999999"], ["--household", "12"]])
def test_the_command_refuses_what_does_not_exist(wrong):
    with pytest.raises(CommandError):
        call_command("replay", *wrong)


def test_the_command_says_that_a_household_has_no_right_yet():
    [household] = random_families(Random(1), 1)
    with pytest.raises(CommandError, match="aucun droit"):
        call_command("replay", "--household", household.code)


# The nightly sample --------------------------------------------------------------------------------------------------


def test_a_clean_night_raises_no_alarm():
    history(Random(5))
    made = sample()
    assert made.mismatches == [] and made.checked == Determination.objects.count()
    assert not replays.alarms().exists()


def test_an_empty_registry_has_an_empty_sample():
    assert sample().checked == 0


def test_the_newest_half_is_always_drawn_and_the_rest_at_random():
    history(Random(6))
    newest = list(Determination.objects.order_by("-pk").values_list("pk", flat=True)[:5])
    drawn = {right.pk for _turn in range(40) for right in replays.drawn(10)}
    assert all(set(newest) <= {right.pk for right in replays.drawn(10)} for _turn in range(5))
    assert len(drawn) > 10, "the older half is not always the same"
    assert len(replays.drawn(10)) <= 10


def test_a_mismatch_is_logged_and_stands_until_an_administrator_acknowledges_it(caplog, chaima):
    with caplog.at_level(logging.ERROR, logger="eligibility.services.replaying"):
        made = broken_sample()
    [found] = made.mismatches
    assert found["kind"] == "score" and found["sentence"] in caplog.text
    assert list(replays.alarms()) == [made]
    services.acknowledge_sample(made.pk, reason="Une main dans la base, corrigée", on=DAY, by=chaima)
    assert not replays.alarms().exists()
    event = AuditEvent.objects.get(verb="acknowledge_replay")
    assert (event.by, event.reason, event.subject) == (chaima, "Une main dans la base, corrigée", f"sample:{made.pk}")
    with pytest.raises(services.AcknowledgmentRefused, match="déjà"):
        services.acknowledge_sample(made.pk, reason="Encore", on=DAY, by=chaima)


def test_an_alarm_needs_a_reason_and_a_sample_without_mismatch_is_none(chaima):
    made = broken_sample()
    with pytest.raises(services.AcknowledgmentRefused, match="Dites"):
        services.acknowledge_sample(made.pk, reason="  ", on=DAY, by=chaima)
    clean = ReplayedSample.objects.create(on=DAY, checked=3)
    with pytest.raises(services.AcknowledgmentRefused, match="aucun écart"):
        services.acknowledge_sample(clean.pk, reason="Rien", on=DAY, by=chaima)


@pytest.mark.parametrize("username", ["amina", "salma", "yassine"])
def test_only_an_administrator_lifts_an_alarm(username):
    made = broken_sample()
    with pytest.raises(Forbidden):
        services.acknowledge_sample(made.pk, reason="Vu", on=DAY, by=User.objects.get(username=username))


def test_an_administrator_of_a_region_neither_reads_samples_nor_lifts_alarms(as_, chaima):
    made = broken_sample()
    User.objects.filter(pk=chaima.pk).update(area_level="region", region=6)
    chaima.refresh_from_db()
    with pytest.raises(Forbidden):
        services.acknowledge_sample(made.pk, reason="Vu", on=DAY, by=chaima)
    assert as_("chaima").get(reverse("eligibility:replays")).status_code == 403
    assert as_("chaima").get(reverse("dashboards:kingdom")).context["alarms"] == []


def test_the_task_draws_the_size_of_the_settings_every_night():
    example()
    assert replay_sample() == 0
    assert ReplayedSample.objects.get().checked == Determination.objects.count()
    entry = settings.CELERY_BEAT_SCHEDULE["replay sample"]
    assert entry["task"] == replay_sample.name
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({3}, {20})


def test_a_sample_takes_the_same_queries_whatever_its_size():
    def asked(size: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            sample(size)
        return len(captured)

    history(Random(7))
    assert asked(4) == asked(80)


# The pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("username", "status"), [("chaima", 200), ("yassine", 200), ("amina", 403), ("salma", 403)])
def test_samples_are_read_by_administrators_and_auditors_of_the_kingdom(username, status, as_):
    assert as_(username).get(reverse("eligibility:replays")).status_code == status


@pytest.mark.parametrize("page", ["policy", "runs"])
def test_the_pages_of_the_law_lead_to_the_samples_those_who_may_read_them(page, as_, yassine):
    def leads() -> bool:
        return f'href="{reverse("eligibility:replays")}"' in as_("yassine").get(reverse(f"eligibility:{page}")).content.decode()

    assert leads()
    User.objects.filter(pk=yassine.pk).update(area_level="region", region=7)
    assert not leads()


@pytest.mark.parametrize(("username", "status"), [("yassine", 200), ("chaima", 403), ("amina", 403)])
def test_the_sum_of_a_family_is_read_by_an_auditor_and_the_reading_is_traced(username, status, as_):
    right = example()
    answer = as_(username).get(reverse("eligibility:replay", args=[right.pk]))
    assert answer.status_code == status
    assert AuditEvent.objects.filter(verb="replay", household_id=right.household_id).exists() is (status == 200)
    if status == 200:
        said = answer.content.decode()
        assert "9,7392575" in said and "Gaz butane" in said and "au chiffre près" in said


def test_an_auditor_of_another_province_does_not_find_the_right(as_, yassine):
    right = example()
    User.objects.filter(pk=yassine.pk).update(area_level="region", region=7)
    assert as_("yassine").get(reverse("eligibility:replay", args=[right.pk])).status_code == 404


def test_the_sum_says_what_is_gone(as_):
    right = example()
    with altered() as cursor:
        cursor.execute("DELETE FROM eligibility_facts WHERE id = %s", [right.facts_id])
    answer = as_("yassine").get(reverse("eligibility:replay", args=[right.pk]))
    assert answer.status_code == 200 and f"n° {right.facts_id}" in answer.content.decode()


def test_the_alarm_stands_on_the_dashboard_until_it_is_lifted(as_):
    made = broken_sample()
    link = f"{reverse('eligibility:replays')}#sample-{made.pk}"
    for username in ("chaima", "yassine"):
        said = as_(username).get(reverse("dashboards:kingdom")).content.decode()
        assert link in said and "n’a pas été retrouvé" in said and "22 novembre 2026" in said
    assert link not in as_("salma").get(reverse("dashboards:kingdom")).content.decode()
    address = reverse("eligibility:acknowledge", args=[made.pk])
    refused = as_("chaima").post(address, {"reason": ""})
    assert refused.status_code == 422 and replays.alarms().exists()
    assert as_("yassine").post(address, {"reason": "Vu"}).status_code == 403
    answer = as_("chaima").post(address, {"reason": "Corrigé à la main"}, follow=True)
    assert "Corrigé à la main" in answer.content.decode()
    assert link not in as_("chaima").get(reverse("dashboards:kingdom")).content.decode()


def test_a_night_found_sentences_in_the_readers_language(as_):
    made = broken_sample()
    client = as_("yassine")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    right = made.mismatches[0]["determination"]
    for address in (reverse("eligibility:replays"), reverse("eligibility:replay", args=[right]), reverse("dashboards:kingdom")):
        answer = client.get(address)
        assert answer.status_code == 200 and 'dir="rtl"' in answer.content.decode()


def test_the_pages_take_the_same_queries_whatever_the_number_of_samples(as_):
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("eligibility:replays")).status_code == 200
        return len(captured)

    client = as_("chaima")
    first = broken_sample()
    before = asked()
    for number in range(5):
        ReplayedSample.objects.create(on=DAY - timedelta(days=number), checked=1000, mismatches=first.mismatches * number)
    assert asked() == before
