"""The kingdom's dashboard: counts of the reader's own area, whoever the reader is, in a number of queries that does not grow."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eligibility.models import Provision, ScoreTally, Tally
from rsu.models import Commune, User

CASABLANCA, MARRAKECH = "06.141.01.53", "07.351.01.05"


def tally(measure: str, commune: str, households: int, people: int, **more) -> Tally:
    return Tally.objects.create(
        measure=measure, commune=Commune.objects.get(code=commune), milieu="urban", households=households, people=people, **more
    )


def scored(commune: str, households: int, people: int, *, bucket: int) -> ScoreTally:
    return ScoreTally.objects.create(
        formula_id=Provision.objects.get(key="score.formula").pk, province=Commune.objects.get(code=commune).province,
        milieu="urban", bucket=bucket, households=households, people=people, aid=0, insured=0,
    )  # fmt: skip


@pytest.fixture
def counted(db):
    tally("registered", CASABLANCA, 1500, 6000)
    tally("registered", MARRAKECH, 500, 2500)
    tally("entitled", CASABLANCA, 900, 4000, program="amo_tadamon")
    tally("entitled", CASABLANCA, 900, 4000, program="direct_aid")
    tally("entitled", MARRAKECH, 500, 2500, program="direct_aid")
    scored(CASABLANCA, 900, 4000, bucket=900)
    scored(CASABLANCA, 600, 2000, bucket=1100)
    scored(MARRAKECH, 500, 2500, bucket=960)
    tally("enrolled", CASABLANCA, 800, 3300, program="amo_tadamon")
    tally("enrolled", CASABLANCA, -1, -4, program="amo_tadamon")
    tally("enrolled", MARRAKECH, 450, 2200, program="direct_aid")


def page(client, user, **query):
    client.force_login(user)
    return client.get(reverse("dashboards:kingdom"), query)


def counts(line) -> tuple:
    of_programs = [(c.entitled.households, c.enrolled.households, c.enrolled.people) for c in line.coverage]
    return (line.registered.households, line.registered.people, *of_programs)


def test_the_administrator_sees_the_twelve_regions_and_their_sum(client, counted, chaima):
    answer = page(client, chaima)
    assert answer.status_code == 200
    lines = {line.place.pk: counts(line) for line in answer.context["lines"]}
    assert len(lines) == 12
    assert lines[6] == (1500, 6000, (900, 799, 3296), (900, 0, 0))
    assert lines[7] == (500, 2500, (0, 0, 0), (500, 450, 2200))
    assert lines[1] == (0, 0, (0, 0, 0), (0, 0, 0))
    assert counts(answer.context["total"]) == (2000, 8500, (900, 799, 3296), (1400, 450, 2200))
    assert "2\u202f000" in answer.content.decode()


def test_a_supervisor_sees_her_own_province_only(client, counted, salma):
    answer = page(client, salma)
    assert [counts(line)[:2] for line in answer.context["lines"]] == [(1500, 6000)]
    assert sum(int(row[1].replace("\u202f", "")) for row in answer.context["histogram"].rows) == 1500


def sums(lines) -> list[tuple]:
    """Registered, then each program's three counts, summed over the lines."""
    rows = [(*counts(line)[:2], *(n for program in counts(line)[2:] for n in program)) for line in lines]
    return [sum(column) for column in zip(*rows, strict=True)]


def test_the_rows_are_the_places_below_the_reader_s_own(client, counted, chaima, salma):
    second = Commune.objects.filter(province__code="06.141").exclude(code=CASABLANCA).first()
    elsewhere = Commune.objects.filter(region=6).exclude(province__code="06.141").first()
    tally("registered", second.code, 100, 400)
    tally("entitled", second.code, 100, 400, program="amo_tadamon")
    tally("entitled", second.code, 100, 400, program="direct_aid")
    scored(second.code, 100, 400, bucket=920)
    tally("registered", elsewhere.code, 7, 30)
    answer = page(client, salma)
    commune = Commune.objects.get(code=CASABLANCA)
    assert {line.place: line.registered.households for line in answer.context["lines"]} == {commune: 1500, second: 100}
    assert not answer.context["map"] and "Commune ou arrondissement" in answer.content.decode()
    assert sums(answer.context["lines"]) == [1600, 6400, 1000, 799, 3296, 1000, 0, 0]

    region = User.objects.create_user("malika_b", role="supervisor", area_level="region", region_id=6)
    lines = page(client, region).context["lines"]
    assert {line.place for line in lines} == {commune.province, elsewhere.province}
    own = next(line for line in lines if line.place == commune.province)
    assert sums([own]) == sums(answer.context["lines"])
    kingdom = page(client, chaima).context["lines"]
    assert sums(lines) == sums([line for line in kingdom if line.place.pk == 6])

    chief = User.objects.create_user("zineb_b", role="supervisor", area_level="commune", commune=commune)
    assert [(line.place, counts(line)[0]) for line in page(client, chief).context["lines"]] == [(commune, 1500)]


def test_the_auditor_reads_and_the_caseworker_does_not(client, counted, yassine, amina):
    assert page(client, yassine).status_code == 200
    assert page(client, amina).status_code == 403


def test_the_program_chosen_is_the_one_on_the_map(client, counted, chaima):
    shown = page(client, chaima, program="amo_tadamon").context["map"].rows
    assert next(row for row in shown if row[1] == "900")[3] == "60\u202f%"
    assert page(client, chaima, program="nothing").status_code == 200


def test_an_empty_registry_has_its_page(client, db, chaima, salma):
    assert page(client, chaima).status_code == 200
    assert page(client, salma).context["lines"] == []


def test_more_households_ask_no_more_queries(client, counted, chaima):
    page(client, chaima)
    with CaptureQueriesContext(connection) as few:
        page(client, chaima)
    for commune in Commune.objects.order_by("id")[:40]:
        tally("registered", commune.code, 10, 40)
        tally("entitled", commune.code, 10, 40, program="direct_aid")
        scored(commune.code, 10, 40, bucket=930)
    with CaptureQueriesContext(connection) as many:
        page(client, chaima)
    assert len(many) == len(few) < 25
