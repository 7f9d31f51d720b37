"""The kingdom's places, against figures published by the census office."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

import rsu
from rsu.models import Commune, Province, Region

DATA = Path(rsu.__file__).parent / "data" / "geography"


@pytest.fixture
def geography(db):
    call_command("load_geography", verbosity=0)


@pytest.mark.usefixtures("geography")
class TestLoadedGeography:
    def test_has_the_published_number_of_places(self):
        assert Region.objects.count() == 12
        assert Province.objects.count() == 75
        assert Province.objects.filter(kind="prefecture").count() == 13
        assert Commune.objects.count() == 1538
        assert Commune.objects.filter(milieu="urban").count() == 256
        assert Commune.objects.filter(has_urban_center=True).count() == 160

    @pytest.mark.parametrize(
        ("code", "name_fr", "name_ar", "milieu", "province", "region"),
        [
            ("06.141.01.53", "Sidi Moumen", "سيدي مومن", "urban", "Casablanca", 6),
            ("09.581.01.07", "Tiznit", "تيزنيت", "urban", "Tiznit", 9),
            ("01.051.09.13", "Issaguen", "اساكن", "rural", "Al Hoceima", 1),
        ],
    )
    def test_a_commune_stands_in_its_province_and_region(self, code, name_fr, name_ar, milieu, province, region):
        commune = Commune.objects.select_related("province").get(code=code)
        assert (commune.name_fr, commune.name_ar, commune.milieu) == (name_fr, name_ar, milieu)
        assert commune.id == int(code.replace(".", ""))
        assert (commune.province.name_fr, commune.region_id, commune.province.region_id) == (province, region, region)

    def test_region_ids_are_those_of_the_formula(self):
        names = dict(Region.objects.values_list("id", "name_fr"))
        assert sorted(names) == list(range(1, 13))
        assert names[4] == "Rabat-Salé-Kénitra"
        assert names[12] == "Dakhla-Oued Ed-Dahab"

    def test_loading_again_restores_names_and_adds_nothing(self):
        Commune.objects.filter(code="06.141.01.53").update(name_fr="Ailleurs")
        call_command("load_geography", verbosity=0)
        assert Commune.objects.get(code="06.141.01.53").name_fr == "Sidi Moumen"
        assert Commune.objects.count() == 1538

    def test_loading_takes_one_statement_a_level(self, django_assert_max_num_queries):
        with django_assert_max_num_queries(5):
            call_command("load_geography", verbosity=0)


def test_the_map_draws_every_region_once():
    features = json.loads((DATA / "regions.geojson").read_text(encoding="utf-8"))["features"]
    assert sorted(int(feature["properties"]["region_code"]) for feature in features) == list(range(1, 13))
