"""Figures as people read them, the ruler and the sum of a score, and a word for every state and deed."""

import re
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.utils.translation import override
from django_cotton import render_component

from eligibility.facts import FACTS
from eligibility.law import Law, founding
from eligibility.levers import ANSWERS, YES_NO_OF, Lever
from eligibility.models import Program, Proposal, Run, RunChunk
from eligibility.score import Formula, Term
from enrollment.models import Enrollment
from households.models import Household, Request
from rsu import numerals, statement, wording
from rsu.templatetags import rsu as tags

LAW = Law(list(founding()), date(2026, 11, 22))


def isolated(text: str) -> str:
    return f'<bdi dir="ltr">{text}</bdi>'


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (tags.points(97392575), "9,7392575"),
        (tags.points(100000000), "10,0000000"),
        (tags.points(-5), "−0,0000005"),
        (tags.signed_points(1548000), "+0,1548000"),
        (tags.signed_points(-6227200), "−0,6227200"),
        (tags.signed_points(0), "0,0000000"),
        (tags.distance(-4128291), "0,4128291"),
        (tags.dirhams(125000), "1\u202f250,00"),
        (tags.dirhams(-5), "−0,05"),
        (tags.whole_dirhams(125000), "1\u202f250"),
        (tags.whole_dirhams(125050), "1\u202f250,50"),
        (tags.count(1234567), "1\u202f234\u202f567"),
        (tags.count(-1000), "−1\u202f000"),
        (tags.signed_count(12), "+12"),
        (tags.percent(1, 3), "33,3\u202f%"),
        (tags.percent(1, 2), "50\u202f%"),
        (tags.percent(0, 0), "–"),
        (tags.idcs("2345678901"), "2345\u202f678\u202f901"),
        (tags.household_code("48219376501"), "4821937650-1"),
        (tags.ltr("<06.141>"), "&lt;06.141&gt;"),
    ],
)
def test_figures_are_isolated_with_a_comma_and_narrow_spaces(written, expected):
    assert written == isolated(expected)


def test_figures_are_the_same_in_arabic():
    with override("ar"):
        assert tags.points(97392575) == isolated("9,7392575")


@pytest.mark.parametrize("write", [tags.points, tags.dirhams, tags.count, tags.idcs, tags.household_code])
def test_nothing_is_written_for_a_value_that_is_not_known(write):
    assert write(None) == ""


def test_a_threshold_shortened_never_seems_higher_than_it_is():
    assert numerals.short_points(97439999) == "9,743"


def test_who_is_born_on_29_february_grows_older_on_1_march():
    assert tags.age(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert tags.age(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_a_source_in_both_scripts_is_shown_in_the_one_of_the_page():
    both = "Décret n° 2-22 / المرسوم رقم 2.22"
    with override("fr"):
        assert tags.in_language(both) == "Décret n° 2-22"
    with override("ar"):
        assert tags.in_language(both) == "المرسوم رقم 2.22"
        assert tags.in_language("Loi 72.18 / 2020") == "Loi 72.18 / 2020"


@pytest.mark.parametrize(
    ("language", "listed", "apart", "comma", "colon"), [("fr", "a, b, c", "a ; b", ", ", "\u00a0:"), ("ar", "a، b، c", "a؛ b", "، ", ":")]
)
def test_words_follow_one_another_as_the_language_writes(language, listed, apart, comma, colon):
    with override(language):
        assert wording.listed("abc") == listed
        assert wording.listed("ab", apart=True) == apart
        assert wording.comma() == comma
        assert wording.colon() == colon
        assert wording.listed([]) == ""


def test_names_in_a_list_are_escaped_and_keep_their_direction():
    people = [SimpleNamespace(name_fr="Salma <b>", name_ar="سلمى"), SimpleNamespace(name_fr="Driss", name_ar="إدريس")]
    with override("fr"):
        assert tags.people(people) == "<bdi>Salma &lt;b&gt;</bdi>, <bdi>Driss</bdi>"
    with override("ar"):
        assert tags.people(people) == "<bdi>سلمى</bdi>، <bdi>إدريس</bdi>"


@pytest.mark.parametrize(
    ("name", "called"),
    [("Amine", "d’Amine"), ("Omar", "d’Omar"), ("Élise", "d’Élise"), ("Yves", "d’Yves"), ("Hassan", "de Hassan"), ("Youssef", "de Youssef"),
     ("Ouafae", "de Ouafae")],
)  # fmt: skip
def test_a_family_is_called_after_its_head_with_the_elision_of_french(name, called):
    with override("fr"):
        assert wording.household_of(name) == f"Ménage {called}"
    with override("ar"):
        assert name in wording.household_of(name) and "’" not in wording.household_of(name)


@pytest.mark.parametrize(
    ("when", "pattern", "written"),
    [
        (date(2026, 11, 1), "DATE_FORMAT", "1er novembre 2026"),
        (date(2026, 11, 11), "DATE_FORMAT", "11 novembre 2026"),
        (date(2026, 11, 1), "l j F Y", "dimanche 1er novembre 2026"),
        (date(2026, 9, 1), "MONTH_DAY_FORMAT", "1er septembre"),
        (datetime(2026, 11, 1, 1, 5), "DATETIME_FORMAT", "1er novembre 2026 01:05"),
        (None, "DATE_FORMAT", ""),
    ],
)
def test_the_first_of_a_month_is_written_1er_in_french(when, pattern, written):
    with override("fr"):
        assert wording.day(when, pattern) == written
    with override("ar"):
        assert "1er" not in wording.day(when, pattern)


@pytest.mark.parametrize(
    ("language", "month", "written"),
    [
        ("fr", 1, "de janvier 2026"), ("fr", 4, "d’avril 2026"), ("fr", 8, "d’août 2026"), ("fr", 10, "d’octobre 2026"),
        ("fr", 12, "de décembre 2026"), ("ar", 10, "أكتوبر 2026"),
    ],
)  # fmt: skip
def test_a_month_after_of_is_elided_in_french(language, month, written):
    with override(language):
        assert wording.of_month(date(2026, month, 1)) == written


def test_a_source_that_says_it_is_not_confirmed_is_not_said_so_twice():
    def cited(source: str, confidence: str) -> SimpleNamespace:
        return SimpleNamespace(source=source, confidence=confidence)

    assert tags.is_doubtful(cited("Circulaire", "L"))
    assert not tags.is_doubtful(cited("source non confirmée / مصدر غير مؤكد", "L"))
    assert not tags.is_doubtful(cited("Décret", "H"))


def test_lines_from_one_source_cite_it_once():
    provisions = [SimpleNamespace(pk=n, source=source) for n, source in enumerate(("Décret", "Arrêté", "Décret"))]
    cited = tags.sources([SimpleNamespace(provision=provision) for provision in provisions])
    assert [provision.source for provision in cited] == ["Décret", "Arrêté"]


def test_missing_facts_name_each_question_once():
    with override("fr"):
        assert tags.questions(["two_per_room", "three_per_room", "bath"]) == ["nombre de pièces", "bain ou douche"]


def test_a_lever_says_the_change_in_the_family_s_words():
    with override("fr"):
        assert "5</bdi> MAD de plus par mois" in tags.lever_sentence(Lever("telecom", "money", 120000, 126000, 1))
        assert "non au lieu de oui" in tags.lever_sentence(Lever("dish", "answer", 1, 0, 1))
        assert tags.lever_sentence(Lever("cars", "number", 2, 1, 1)).endswith("1 au lieu de 2")


def test_every_lever_and_every_question_has_its_words():
    assert {*ANSWERS, *YES_NO_OF.values(), "private_pupils"} <= set(wording.FACTS)
    assert {ask for fact in FACTS for ask in fact.asks.split()} <= set(wording.QUESTIONS)
    assert {field for field in wording.DWELLING if Household._meta.get_field(field)} == set(wording.DWELLING)


def test_every_status_has_its_sign():
    kinds = (Request, Enrollment, Proposal, Run, RunChunk)
    assert {status for kind in kinds for status in kind.Status.values} <= set(wording.STATES)


def test_every_deed_the_journal_records_has_its_words():
    recorded = re.compile(r'(?:\bverb=|\bverb = |_record\(by, )"([a-z_.]+)"')
    root = Path(settings.BASE_DIR)
    sources = [path for app in ("rsu", "households", "eligibility", "enrollment") for path in (root / app).rglob("*.py")]
    verbs = {verb for path in sources for verb in recorded.findall(path.read_text())}
    assert len(verbs) > 5
    assert verbs <= set(wording.DEEDS)


def programs(*pairs) -> list[SimpleNamespace]:
    return [SimpleNamespace(program=program, threshold=threshold) for program, threshold in pairs]


BOTH = programs((Program.DIRECT_AID, 97_000_000), (Program.AMO_TADAMON, 93_000_000))


@pytest.mark.parametrize("score", [60_000_000, 93_000_000, 95_000_000, 97_000_000, 150_000_000])
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_lines_and_score_stand_in_order_on_the_ruler_with_room_for_the_labels(score, language):
    with override(language):
        ruler = statement.ruler(score, BOTH)
    places = [float(line.x) for line in ruler.lines]
    forward = places if language == "fr" else [100 - place for place in places]
    assert forward == sorted(forward)
    assert forward[0] >= 30 and forward[-1] <= 70
    assert 0 <= float(ruler.score.x) <= 100
    assert [line.anchor for line in ruler.lines] == (["end", "start"] if language == "fr" else ["start", "end"])
    assert sum(float(zone.width) for zone in ruler.zones) == pytest.approx(forward[-1], abs=0.02)


def test_the_ruler_draws_any_number_of_lines():
    assert len(statement.ruler(95_000_000, BOTH[:1]).lines) == 1


def term(fact, kind, value, points, coefficient="0.1") -> Term:
    return Term(fact or kind, fact, kind, value, coefficient, 0, points, f"fr {fact}", f"ar {fact}")


TERMS = [
    term("", "constant", 1, 98_000_000),
    term("region", "region", 6, 2_000_000),
    term("size", "count", 4, -7_000_000, "-0.177"),
    term("size", "square", 4, 800_000, "0.00533"),
    term("dish", "bool", 1, 873_000),
    term("no_diploma", "share", 2, -278_500, "-0.0557"),
    term("telecom", "money", 120_000, 906_000, "0.000302"),
    term("cars", "count", 0, 0),
]


def test_the_sum_groups_what_is_one_answer_and_makes_the_score_to_the_digit():
    with override("fr"):
        total = statement.sum_of_terms(TERMS, 4, "Casablanca-Settat")
    assert [line.points for line in total.base] == [98_000_000, 2_000_000]
    assert [line.points for line in total.shown] == [-6_200_000, 906_000, 873_000, -278_500]
    assert total.total == sum(line.points for line in total.base + total.shown) == sum(item.points for item in TERMS)
    assert [line.label for line in total.silent] == ["fr cars"]


def test_each_line_says_what_was_answered_and_how_it_counts():
    with override("fr"):
        lines = statement.sum_of_terms(TERMS, 4, "Casablanca-Settat")
    said = {line.label: (line.answer, line.detail) for line in lines.base + lines.shown}
    assert said["fr region"] == ("Casablanca-Settat", "")
    assert said["fr size"] == ("4", "4 × −0,177 + 4² × 0,00533")
    assert said["fr dish"] == ("oui", "")
    assert said["fr no_diploma"] == ("2 sur 4 membres du ménage", "2/4 × −0,0557")
    assert said["Téléphone et internet"] == ("100 MAD par mois", "300 MAD par personne et par an × 0,000302")


def test_the_widest_bar_reaches_the_edge_and_goes_its_own_way():
    with override("fr"):
        first, second, *_rest = statement.sum_of_terms(TERMS, 4).shown
    assert (first.x, first.width) == ("0.00", "50.00")
    assert second.x == "50.00"


def test_the_law_s_own_formula_has_words_in_both_languages():
    formula = Formula.from_value(LAW.value("score.formula"))
    zero = {variable.fact: 0 for milieu in formula.variables for variable in formula.variables[milieu]}
    for milieu in formula.variables:
        terms = formula.terms(zero | {"milieu": milieu, "region": 6, "size": 4})
        for language in ("fr", "ar"):
            with override(language):
                lines = statement.sum_of_terms(terms, 4)
            assert all(line.label for line in lines.base + lines.shown + lines.silent)


def test_dwelling_shows_only_what_was_asked():
    household = Household(rooms=2, bath=True, electricity_bills=[35_000, None, 34_050], water_bills=[], butane_month=7_500)
    with override("fr"):
        answers = dict(statement.dwelling(household))
    assert answers == {
        "nombre de pièces": "2",
        "bain ou douche": "oui",
        "factures d’électricité": "350 · – · 340,50 MAD",
        "factures d’eau": "pas de facture",
        "dépense de gaz butane": "75 MAD par mois",
    }


class Family(forms.Form):
    name = forms.CharField(label="Prénom", help_text="Comme sur la carte")
    bath = forms.ChoiceField(label="Douche", choices=[("1", "oui"), ("0", "non")], widget=forms.RadioSelect)


def test_a_field_ties_its_hint_and_its_errors_to_its_control(rf):
    form = Family({})
    html = "".join(render_component(rf.get("/"), "field", {"field": field}) for field in form)
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html and 'id="id_name_error"' in html
    assert html.count("<fieldset") == 1 and html.count("<legend>") == 1
    assert 'class="form-control is-invalid"' in html


def test_a_name_in_a_sentence_is_isolated_and_escaped():
    assert tags.named("Nadia <b>") == "<bdi>Nadia &lt;b&gt;</bdi>" and tags.named(None) == ""
