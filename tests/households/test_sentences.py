"""The declaration as one would say it to the family; every sentence expected is written by hand."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.utils.html import strip_tags
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from households import declaration, drafts
from households.met import Resembling
from households.models import Member
from households.sentences import portrait
from rsu.numerals import NARROW_SPACE

from .families import DAY, country, law, town, with_person


class Place(SimpleNamespace):
    def __str__(self):
        return self.name


SIDI_MOUMEN = Place(milieu="urban", has_urban_center=False, name="Sidi Moumen")
ISSAGUEN = Place(milieu="rural", has_urban_center=True, name="Issaguen")


def said(answers, place=SIDI_MOUMEN, language="fr") -> str:
    with override(language):
        found = declaration.read(answers, place=place, on=DAY, law=law())
        return strip_tags(portrait(answers, found, place=place, on=DAY))


def test_a_family_in_town_is_told_in_french():
    assert said(town()) == (
        "Ménage de Said Alaoui, à Sidi Moumen, en milieu urbain : 3 personnes, dont 1 enfant ou jeune scolarisé, 1 personne qui travaille. "
        "Il occupe 2 pièces, avec bain ou douche, avec son propre compteur d’électricité. "
        "Il dépense en moyenne par mois 150 MAD d’électricité, 40 MAD d’eau, 75,50 MAD de gaz. "
        "Il a 2 téléphones portables, 1 motocycle, une antenne parabolique."
    )


def test_the_same_family_in_arabic():
    place = Place(milieu="urban", has_urban_center=False, name="سيدي مومن")
    assert said(town(), place, "ar") == (
        "أسرة سعيد العلوي، في سيدي مومن، بالوسط الحضري: 3 أفراد، منهم متمدرس واحد، شخص واحد يشتغل. "
        "تسكن غرفتين، فيه حمام أو دش، بعداد كهرباء خاص بها. "
        "تنفق في المتوسط كل شهر 150 درهم للكهرباء، 40 درهم للماء، 75,50 درهم للغاز. "
        "لديها هاتفان محمولان، دراجة نارية واحدة، هوائي مقعر."
    )


def test_a_family_in_the_country():
    assert said(country(), ISSAGUEN) == (
        "Ménage de Said Alaoui, à Issaguen, en milieu rural : 3 personnes, dont 1 enfant ou jeune scolarisé, 1 personne qui travaille. "
        "Il occupe 3 pièces, dans une maison rurale en pisé. "
        "Il dépense en moyenne par mois 50 MAD de gaz, 30 MAD de téléphone et d’internet. "
        "Il a 2 vaches, une terre irriguée."
    )


def test_who_has_nothing_is_told_so_and_who_has_not_answered_is_not():
    bare = dict.fromkeys(("dish", "computer", "landline", "loan", "second_home", "garage", "premises"), False)
    poor = town(
        **bare, rooms=1, electricity_bills=[], water_bills=[], butane_month=0, mobile_phones=0, cars=0, motorcycles=0, bath=False,
        electricity_meter="none",
    )  # fmt: skip
    text = said(poor)
    assert "Il occupe 1 pièce, sans bain ni douche, sans compteur d’électricité." in text
    assert "Il ne dépense rien en électricité, en eau, en gaz ni en téléphone." in text
    assert "Il n’a aucun des équipements ni des biens demandés." in text
    unanswered = said({**poor, "computer": None, "butane_month": None})
    assert "ne dépense rien" not in unanswered and "aucun des équipements" not in unanswered
    assert unanswered.endswith("Des réponses manquent encore.")


def test_water_within_power_and_no_dwelling_and_a_large_bill():
    text = said(town(water_bills=None, water_in_electricity=True, dwelling_type="none", rooms=None, electricity_bills=["1250", None, None]))
    assert "Il n’a pas de logement fixe." in text
    assert f"1{NARROW_SPACE}250 MAD d’électricité, eau comprise" in text


def test_nobody_yet():
    assert said({"commune": "x"}, None) == "Ménage sans nom : aucune personne encore."


def test_a_name_is_escaped():
    with override("fr"):
        answers = with_person(town(), 1, first_name_fr="<b>Said</b>")
        found = declaration.read(answers, place=SIDI_MOUMEN, on=DAY, law=law())
        assert "<b>" not in portrait(answers, found, place=SIDI_MOUMEN, on=DAY)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(town())), st.sampled_from([None, "", "x", -1, 3, [], ["5"], True, {}]), max_size=8))
def test_it_never_fails_whatever_was_typed(spoiled):
    for language in ("fr", "ar"):
        assert said(town(**spoiled), language=language)


def test_a_family_name_alone_in_arabic_is_nobodys_name():
    alone = {"first_name_fr": "Adam", "last_name_fr": "Alaoui", "first_name_ar": "", "last_name_ar": "العلوي"}
    assert Member(**alone).name_ar == "Adam Alaoui"
    assert drafts.name_ar(alone) == ""
    assert Member(**alone | {"first_name_ar": "آدم"}).name_ar == drafts.name_ar(alone | {"first_name_ar": "آدم"}) == "آدم العلوي"


@pytest.mark.parametrize(("precision", "words"), [("year", "1970"), ("month", "janvier 1970"), ("day", "1er janvier 1970")])
def test_a_birth_is_said_as_far_as_it_is_known(precision, words):
    assert Resembling(Member(born_on=date(1970, 1, 1), birth_precision=precision), [], [], "").born == words
