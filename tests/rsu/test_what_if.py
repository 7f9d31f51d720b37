"""A simulation says what an update would do, to the digit, and leaves nothing behind it."""

import uuid

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

import households.services
from eligibility import queries, services
from eligibility.models import Assessment, Facts, PastAssessment
from households.declared import answers_of
from households.models import Household, Member, Request
from rsu.authentication import engine
from rsu.desk import casework, what_if
from rsu.models import AuditEvent, Commune
from tests.households.families import BOY, COUNTRY, DAUGHTER, town

pytestmark = pytest.mark.django_db
GIRL = BOY | {"idcs": DAUGHTER, "first_name_fr": "Lina", "first_name_ar": "لينا", "sex": "female", "birth_year": 2018}


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def home(amina, today):
    """Said, Fatima, Adam and Lina of Sidi Moumen, assessed and proposed."""
    law = queries.law(today)
    declared = town(members=[*town()["members"], GIRL], telecom_bills=["100"])
    request = households.services.submit_registration(token=uuid.uuid4(), answers=declared, on=today, by=amina, law=law)
    services.assess_households([request.household_id], on=today, by=engine())
    return Household.objects.select_related("commune").get(pk=request.household_id)


def page(home):
    return reverse("desk:simulate_household", args=[home.code])


def field(home, position: int, name: str) -> str:
    return f"m{home.members.get(position=position).pk}_{name}"


def counts() -> dict[str, int]:
    """Rows of every table of ours, but for the journal, and sessions that a login writes."""
    tables = [t for t in connection.introspection.table_names() if t.split("_")[0] in ("rsu", "households", "eligibility", "enrollment")]
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{table}\" t")
            found[table] = cursor.fetchone()
    return found


def simulated(client, home, amina, **fields):
    client.force_login(amina)
    answer = client.post(page(home), fields or {"births": "0"})
    assert answer.status_code == 200, answer.context["form"].errors
    return answer.context


def test_nothing_stays_but_that_it_was_asked(client, home, amina, django_capture_on_commit_callbacks):
    client.force_login(amina)
    client.get(page(home))
    before = counts()
    with django_capture_on_commit_callbacks() as sent:
        answer = client.post(
            page(home), {field(home, 3, "leaves"): "on", "quick": "half:telecom_bills", "births": "1", "commune": "07.351.01.05"}
        )
    assert answer.status_code == 200
    assert sent == []
    after = counts()
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"rsu_auditevent"} and after["rsu_auditevent"][0] == before["rsu_auditevent"][0] + 1
    assert list(AuditEvent.objects.filter(verb="simulate_household").values_list("by__username", "household_id")) == [("amina", home.pk)]


def test_unchanged_answers_change_nothing(client, home, amina):
    found = simulated(client, home, amina)
    assert found["why"].groups == [] and found["why"].points == 0


def test_a_simulated_update_and_a_real_one_give_the_same_digits(client, home, amina, salma, today):
    """Lina leaves, the telephone bill is halved, a telephone more: imagined, then declared and approved."""
    found = simulated(
        client, home, amina, **{field(home, 4, "leaves"): "on", "quick": "half:telecom_bills", "mobile_phones": "3", "births": "0"}
    )
    imagined = found["after"].picture.standing.score
    assert {(g.cause.value) for g in found["why"].groups} == {"answers", "people"}
    assert sum(group.points for group in found["why"].groups) == imagined - found["before"].picture.standing.score == found["why"].points

    law = queries.law(today)
    gone = home.members.get(position=4)
    request = households.services.open_request(
        household_id=home.pk, kind="update", token=uuid.uuid4(), on=today, by=amina, law=law, occasion="departure", people=(f"m{gone.pk}",)
    )
    change = {"telecom_bills": ["50"], "mobile_phones": "3"}
    households.services.amend_draft(token=request.token, change=lambda kept: kept | change, by=amina, on=today)
    sent = households.services.submit_request(token=request.token, on=today, by=amina, law=law)
    try:
        _done, effect = casework.process(sent.pk, on=today, by=amina)
    except casework.SecondNeeded:
        _done, effect = casework.process(sent.pk, on=today, by=salma)
    ((_before, real),) = effect.pairs
    assert real.standing.score == imagined and real.entitled == {
        one.program.value for one in found["after"].picture.standing.programs if one.entitled
    }
    assert (real.month and [line.amount for line in real.month.lines]) == (
        found["after"].picture.month and [line.amount for line in found["after"].picture.month.lines]
    )


def test_a_telephone_more_and_one_less_are_buttons(client, home, amina):
    more = simulated(client, home, amina, quick="more:mobile_phones", mobile_phones="2", births="0")
    assert more["why"].points == 516_000 and more["form"]["mobile_phones"].value() == "3"
    less = simulated(client, home, amina, quick="less:mobile_phones", mobile_phones="2", births="0")
    assert less["why"].points == -516_000


def test_a_birth_takes_a_share_and_a_rank(client, home, amina):
    found = simulated(client, home, amina, quick="birth", births="0")
    assert found["form"]["births"].value() == "1"
    assert found["after"].picture.standing.facts["size"] == 5
    assert [member.first_name_fr for member in found["why"].came] == ["Naissance"]
    assert not Member.objects.filter(first_name_fr="Naissance").exists()


def test_a_declared_job_covers_and_stops_family_aid(client, home, amina):
    found = simulated(client, home, amina, **{field(home, 2, "job"): "3", "births": "0"})
    assert found["after"].picture.standing.facts["other_cover"] == 1
    labels = {row.label for group in found["why"].groups for row in group.rows}
    assert len(labels) >= 2
    if month := found["after"].picture.month:
        assert month.findings and not month.lines


def test_the_head_who_leaves_is_followed_by_the_spouse_and_what_he_alone_answered_is_asked(client, home, amina):
    client.force_login(amina)
    first = client.post(page(home), {field(home, 1, "leaves"): "on", "births": "0"})
    asked = field(home, 2, "education_level")
    assert first.status_code == 422 and asked in first.context["form"].errors
    assert first.context["form"][asked].label.startswith("Fatima Idrissi : ")
    assert f'{asked}_field">' in first.content.decode() and "(facultatif)" not in first.content.decode()
    needed = {name: "mother" for name in first.context["form"].errors if name.endswith("_charge")}
    needed |= {name: "alive" for name in first.context["form"].errors if name.endswith("_father_status")}
    answer = client.post(page(home), {field(home, 1, "leaves"): "on", asked: "none", "births": "0"} | needed)
    assert answer.status_code == 200, answer.context["form"].errors
    assert answer.context["after"].picture.standing.facts["size"] == 3
    assert home.members.get(position=2).relation == "spouse"


def test_a_move_to_the_country_asks_the_questions_of_the_country(client, home, amina):
    rural = Commune.objects.get(code=COUNTRY["commune"])
    client.force_login(amina)
    first = client.post(page(home), {"commune": rural.code, "inside_center": "false", "births": "0"})
    assert first.status_code == 422
    missing = set(first.context["form"].errors)
    assert {"dwelling_type", "land", "irrigated_land", "cows"} <= missing
    answers = {"dwelling_type": "rural_earth", "land": "false", "irrigated_land": "true", "cows": "2"}
    answers |= {name: "true" for name in missing if name.endswith("_literate")}
    answer = client.post(page(home), {"commune": rural.code, "inside_center": "false", "births": "0"} | answers)
    assert answer.status_code == 200, answer.context["form"].errors
    assert "move" in {group.cause.value for group in answer.context["why"].groups}
    home.refresh_from_db()
    assert home.milieu == "urban"


def test_what_is_typed_wrong_is_said_beside_its_field_and_kept(client, home, amina):
    client.force_login(amina)
    answer = client.post(page(home), {"butane_month": "beaucoup", "births": "0"})
    assert answer.status_code == 422
    assert "butane_month" in answer.context["form"].errors and answer.context["form"]["butane_month"].value() == "beaucoup"


def test_a_simulation_is_marked_in_both_languages(client, home, amina):
    client.force_login(amina)
    assert "Simulation : rien n’est enregistré ni déclaré." in client.post(page(home), {"births": "0"}).content.decode()
    client.cookies["django_language"] = "ar"
    arabic = client.post(page(home), {"births": "0"}).content.decode()
    assert 'dir="rtl"' in arabic and "محاكاة" in arabic


def test_another_commune_does_not_see_it(client, home, brahim):
    client.force_login(brahim)
    assert client.get(page(home)).status_code == 404 and client.post(page(home), {}).status_code == 404


def test_twelve_people_cost_no_query_more_than_eight(client, amina, today):
    from django.test.utils import CaptureQueriesContext
    from stdnum import verhoeff

    client.force_login(amina)
    asked = []
    for size, seed in ((8, 100), (12, 200)):
        people = [*town()["members"][:2]]
        numbers = [f"4{seed + n:08d}" for n in range(size)]
        children = [GIRL | {"birth_year": 2012 + n, "first_name_fr": f"Enfant{n}"} for n in range(size - 2)]
        members = [
            person | {"idcs": number + verhoeff.calc_check_digit(number)}
            for person, number in zip([*people, *children], numbers, strict=True)
        ]
        for child in members[2:]:
            child |= {"schooling": "no", "school_sector": None, "diploma": "none", "situation": "other_inactive"}
        law = queries.law(today)
        request = households.services.submit_registration(token=uuid.uuid4(), answers=town(members=members), on=today, by=amina, law=law)
        client.get(page(request.household))
        with CaptureQueriesContext(connection) as context:
            assert client.post(page(request.household), {"mobile_phones": "7", "births": "0"}).status_code == 200
        asked.append([query["sql"] for query in context])
    assert len(asked[1]) <= len(asked[0]), "\n".join((sql[:30] + sql[-160:]) for sql in asked[1])


def test_a_household_never_read_may_be_imagined_once_it_is(home, today, amina):
    assert Facts.objects.filter(household=home).exists() and Assessment.objects.filter(household=home).exists()
    found = what_if.imagine(home, answers_of(home) | {"mobile_phones": "5"}, on=today, by=amina, law=queries.law(today))
    assert found.comparison.points == 3 * 516_000
    assert not PastAssessment.objects.filter(household=home).exists() and Request.objects.count() == 1
