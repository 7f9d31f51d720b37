"""What a notice and a receipt say, before any typesetting: the published family by hand, then every sum of random families."""

import re
import tomllib
import uuid
from datetime import date, timedelta
from random import Random

import pytest
from django.conf import settings
from django.utils.translation import get_language, override

import enrollment.services
import households.services
from eligibility import queries, services
from eligibility.models import Provision
from eligibility.services import NothingToTell
from eligibility.typesetting import render
from households.models import Request
from rsu.authentication import engine
from rsu.desk import notices, receipts
from rsu.desk.bilingual import Fixed, both
from rsu.models import Commune
from tests.eligibility.families import family, person
from tests.eligibility.kept import random_families
from tests.enrollment.builders import child, couple
from tests.households.families import DAY, town

pytestmark = pytest.mark.django_db
PUBLISHED = settings.BASE_DIR / "tests/eligibility/cases/casablanca_published_example.toml"


def registered(answers: dict, by=None) -> Request:
    by = by or engine()
    law = queries.law(DAY)
    request = households.services.submit_registration(token=uuid.uuid4(), answers=answers, on=DAY, by=by, law=law)
    services.assess_due(request.household_id, on=DAY, by=engine())
    enrollment.services.propose_for_household(request.household_id, on=DAY, by=engine())
    return request


def told(household, on=DAY):
    return notices.telling(household, on=on, law=queries.law(on))


def texts(value, language: str) -> list[str]:
    """Every text of a content in one language."""
    if isinstance(value, dict) and value.keys() == {"fr", "ar"}:
        return [value[language]]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in inside for text in texts(one, language)]


def bare(text: str) -> str:
    return re.sub("[\u2066-\u2069]", "", text)


@pytest.fixture
def published():
    return registered(tomllib.loads(PUBLISHED.read_text())["answers"]).household


def test_the_published_family_is_told_its_score_its_lines_and_its_decisions(published):
    content = told(published).told
    assert content["decision"]["score"] == 97_392_575
    amo, aid = content["programs"]
    assert (amo["answer"], aid["answer"]) == ({"fr": "Non ouvert", "ar": "غير مفتوح"}, {"fr": "Ouvert", "ar": "مفتوح"})
    assert "0,4128291" in amo["sentences"][0]["fr"] and "9,3264284" in amo["sentences"][0]["ar"]
    assert "9,7430010" in aid["sentences"][0]["fr"] and "0,0037435" in aid["sentences"][0]["ar"]
    assert "Décret n° 2-23-1067" in aid["sentences"][0]["fr"] and "المرسوم رقم 2.23.1067" in aid["sentences"][0]["ar"]
    by_label = {line["label"]["fr"].partition("\u00a0:")[0]: line["points"]["fr"] for line in content["sum"]["lines"]}
    assert content["sum"]["total"]["fr"] == "9,7392575"
    assert {"9,8250000", "+0,2200000", "−0,6227200", "+0,1548000", "−0,0638000"} <= set(by_label.values())
    assert [bare(row[1]["fr"]) for row in content["rows"]][-1] == "9,7392575"


def test_the_published_family_is_warned_before_it_takes_amo_achamil(published):
    """9.7392575 + 0.151 = 9.8902575."""
    [warning] = told(published).told["warnings"]
    for said in ("176 MAD", "9,7392575", "9,8902575", "aide sociale directe", "Décret n° 2-23-690"):
        assert said in warning["fr"]
    for said in ("176 درهم", "9,7392575", "9,8902575", "الدعم الاجتماعي المباشر", "المرسوم رقم 2.23.690", "أمو الشامل"):
        assert said in warning["ar"]


def test_the_levers_told_are_those_of_the_page(published):
    aid = told(published).told["programs"][1]
    shown = queries.standing(published, on=DAY).by_program["direct_aid"].levers
    assert len(aid["levers"]) == len(shown) > 0
    assert all(f"{lever.score // 10**7}," in bare(line["fr"]) for lever, line in zip(shown, aid["levers"], strict=True))


def test_until_when_to_appeal_is_told_with_its_text(published):
    """Fifteen days from the 22nd of November: the 7th of December included."""
    telling = told(published)
    appeal, answer = telling.dated(counts_from=DAY, on=DAY)["next"]
    assert "jusqu’au 7 décembre 2026 inclus (15 jours" in appeal["fr"] and "Sidi Moumen" in appeal["fr"] and "Loi n° 58-23" in appeal["fr"]
    assert "7 دجنبر 2026" in appeal["ar"] and "القانون رقم 58.23" in appeal["ar"]
    assert "30 jours" in answer["fr"]


def test_a_decision_told_before_keeps_its_limit_and_one_that_is_over_says_so(published):
    telling = told(published)
    before, appeal, _answer = telling.dated(counts_from=DAY, on=DAY + timedelta(days=15))["next"]
    assert "22 novembre 2026" in before["fr"] and "7 décembre 2026 inclus" in appeal["fr"]
    _before, over = telling.dated(counts_from=DAY, on=DAY + timedelta(days=16))["next"]
    assert "a pris fin le 7 décembre 2026" in over["fr"]


def test_no_limit_is_told_where_the_law_gives_none(published):
    Provision.objects.create(key="appeal.filing_days", since=DAY, value=None, source="abrogé")
    assert told(published).dated(counts_from=DAY, on=DAY)["next"] == []


def test_a_source_that_is_not_confirmed_says_so_in_both_languages(published):
    Provision.objects.create(
        key="direct_aid.threshold", since=DAY, value="9.743001", source="source non confirmée / مصدر غير مؤكد", confidence="L"
    )
    sentence = told(published).told["programs"][1]["sentences"][0]
    assert "source non confirmée" in sentence["fr"] and "مصدر غير مؤكد" in sentence["ar"] and "non confirmée" not in sentence["ar"]


def test_a_doubtful_text_is_marked_beside_its_name(published):
    Provision.objects.create(
        key="direct_aid.threshold", since=DAY, value="9.743001", source="Arrêté / قرار", gazette="BO 1 / ج.ر 1", confidence="L"
    )
    sentences = told(published).told["programs"][1]["sentences"]
    assert "(source non confirmée)" in texts(sentences, "fr") and "(مصدر غير مؤكد)" in texts(sentences, "ar")
    assert "Publié : BO 1." in texts(sentences, "fr") and "نشر في: ج.ر 1." in texts(sentences, "ar")


def test_who_is_insured_with_whom_and_the_month_s_aid_are_told_once_they_stand(amina):
    pupils = [child(date(2012 + n, 5, 1), schooling="primary", school_sector="public") for n in range(3)]
    household = couple(*pupils, rooms=1)
    services.assess_households([household.pk], on=DAY, by=engine())
    enrollment.services.propose_for_household(household.pk, on=DAY, by=engine())
    proposed = told(household).told
    assert len(proposed["next"]) == 3 and "l’inscription s’y décide" in proposed["next"][0]["fr"]
    assert proposed["aid"]["lines"] == []
    for program in ("amo_tadamon", "direct_aid"):
        enrollment.services.accept_household(household, program, on=DAY, by=amina)
    content = told(household).told
    [unit] = content["cover"]
    head, *others = household.members.order_by("position")
    assert bare(unit["fr"]) == f"{head.name_fr} : assuré de l’AMO-TADAMON ; ayants droit : {', '.join(one.name_fr for one in others)}."
    assert content["aid"]["title"]["fr"] == "Aide de novembre 2026" and content["aid"]["title"]["ar"] == "دعم شهر نونبر 2026"
    assert [line["amount"]["fr"] for line in content["aid"]["lines"]] == ["300,00"] * 3 and content["aid"]["total"]["fr"] == "900,00"
    assert len(content["next"]) == 1


def test_members_without_cover_are_named(published):
    [line] = told(published).told["cover"]
    assert line["fr"].startswith("Sans couverture maladie :") and all(one.name_fr in bare(line["fr"]) for one in published.members.all())


def test_nothing_is_told_while_there_is_no_score(amina):
    with pytest.raises(NothingToTell, match="pas calculé"):
        told(family(person()))


def test_every_sum_of_random_families_adds_up_to_the_digit_in_both_languages():
    families = random_families(Random(11), 25)
    services.assess_households([one.pk for one in families], on=DAY, by=engine())
    for household in families:
        content = told(household).told
        for language in ("fr", "ar"):
            printed = [units(line["points"][language]) for line in content["sum"]["lines"]]
            assert sum(printed) == units(content["sum"]["total"][language]) == content["decision"]["score"]
            assert printed == [line["units"] for line in content["sum"]["lines"]]


def units(points: str) -> int:
    """What is printed, read as a number of ten-millionths."""
    return int(points.replace("\u2212", "-").replace("+", "").replace("\u202f", "").replace(",", ""))


def test_arabic_texts_hold_no_french_and_french_ones_no_arabic(published):
    content = told(published).told
    named = {one for member in published.members.all() for one in (*member.name_fr.split(), *member.name_ar.split())}
    arabic = [word for text in texts(content, "ar") for word in re.findall("[A-Za-zÀ-ÖØ-öø-ÿ]+", text) if word not in named]
    french = [text for text in texts(content, "fr") if re.search("[\u0621-\u064a]", text)]
    assert not set(arabic) and not french


@pytest.mark.parametrize("size", [1, 12])
def test_the_paper_of_small_and_large_families_fits_three_pages(size, amina):
    people = [person(), *(child(date(2014 + n, 1, 5), father=1) for n in range(size - 1))]
    household = family(*people, telecom_bills=[100_00], butane_month=75_00, dish=True)
    long = {"first_name_fr": "Abdelouahed Mohammed Taha Amine", "last_name_fr": "El Idrissi El Ouazzani Benabdeljalil"}
    household.members.update(first_name_ar="عبد الواحد محمد طه أمين", last_name_ar="الإدريسي الوزاني بنعبد الجليل", **long)
    services.assess_households([household.pk], on=DAY, by=engine())
    notice = services.issue_notice(household=household, tell=lambda: told(household), on=DAY, by=amina).notice
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", bytes(notice.pdf))) <= 3


def test_what_is_told_does_not_depend_on_the_language_of_whoever_presses(published):
    with override("ar"):
        arabic = told(published)
    with override("fr"):
        assert told(published).digest == arabic.digest


def test_another_day_tells_the_same(published):
    later = DAY + timedelta(days=3)
    assert told(published).digest == told(published, on=later).digest


# Receipts


def test_the_receipt_of_a_registration_names_its_members_and_hides_their_numbers(amina):
    request = registered(town(), by=amina)
    content = receipts.telling(request, on=DAY).told
    rows = {label["fr"]: bare(value["fr"]) for label, value in content["rows"]}
    assert (rows["Déclarée pour le ménage de"], rows["Agent qui l’a reçue"]) == ("Said Alaoui", "Amina")
    assert rows["Déposée le"] == "22 novembre 2026"
    assert rows["Code du ménage"] == request.household.shown_code and rows["Numéro"] == str(request.pk)
    assert [bare(one["name"]["ar"]) for one in content["people"]] == ["سعيد العلوي", "Fatima Idrissi", "Adam Alaoui"]
    numbers = " ".join(texts(content["people"], "fr"))
    assert not any(number in re.sub(r"\D", "", numbers) for number in ("2000000006", "2000000010", "2000000023"))
    assert bare(content["people"][0]["idcs"]["fr"]) == "••••\u202f•••\u202f006"
    assert "délai de recours" in content["next"][1]["fr"]


def test_a_receipt_names_the_head_and_the_agent_who_sent_the_request_not_the_one_who_began_it(amina, salma):
    request = registered(town(), by=amina)
    request.submitted_by = salma
    told = receipts.telling(request, on=DAY).told["rows"]
    rows = {label["fr"]: {language: bare(value[language]) for language in ("fr", "ar")} for label, value in told}
    assert rows["Déclarée pour le ménage de"] == {"fr": "Said Alaoui", "ar": "سعيد العلوي"}
    assert rows["Agent qui l’a reçue"]["fr"] == "Salma"


@pytest.mark.parametrize("kind", Request.Kind.values)
@pytest.mark.parametrize("status", ["in_progress", "processed", "partially_accepted", "rejected"])
def test_every_kind_and_status_of_request_has_a_receipt_that_prints(kind, status, amina, salma):
    household = family(person())
    request = Request.objects.create(
        token=uuid.uuid4(), kind=kind, status=status, household=household, commune=Commune.objects.get(code="06.141.01.53"), created_by=amina,
        submitted_on=DAY, processed_by=salma, processed_at="2026-11-22T10:00Z", answers={"about": "la décision", "members": None},
        reason="Nous attendons.", answer="Doublon",
    )  # fmt: skip
    telling = receipts.telling(request, on=DAY)
    assert telling.told["next"] and len(telling.told["people"]) == 1
    answered = status in ("partially_accepted", "rejected") or (status, kind) == ("processed", "complaint")
    for language in ("fr", "ar"):
        next_steps = " ".join(bare(text) for text in texts(telling.told["next"], language))
        assert ("Doublon" in next_steps) == answered and "Nous attendons." not in next_steps
    receipt = services.issue_receipt(request=request, tell=lambda locked: receipts.telling(locked, on=DAY), on=DAY, by=amina).notice
    assert bytes(receipt.pdf) == render(receipt.content)


@pytest.mark.parametrize(
    ("status", "answer", "who", "said"),
    [
        ("processed", "Le versement part lundi.", "salma", ["La réclamation est acceptée.", "Réponse : Le versement part lundi."]),
        ("partially_accepted", "Un mois sur deux.", "salma", ["La demande est acceptée en partie.", "Réponse : Un mois sur deux."]),
        ("rejected", "Le délai est passé.", "salma", ["La demande est rejetée. Motif : Le délai est passé."]),
        ("rejected", "", "salma", ["La demande est rejetée, sans motif écrit."]),
        ("rejected", "", None, ["La demande a été abandonnée : aucune réponse n’a été donnée."]),
    ],
)
def test_a_receipt_gives_the_answer_and_not_the_familys_own_words(status, answer, who, said, amina, salma):
    request = Request.objects.create(
        token=uuid.uuid4(), kind="complaint", status=status, household=family(person()), created_by=amina, submitted_on=DAY, answer=answer,
        processed_by=salma if who else None, processed_at="2026-11-22T10:00Z" if who else None, reason="Ma voisine reçoit plus que moi.",
    )  # fmt: skip
    content = receipts.telling(request, on=DAY).told
    assert [bare(text["fr"]) for text in content["next"]][: len(said)] == said
    assert "voisine" not in " ".join(texts(content, "fr") + texts(content, "ar"))


# Both languages at once


def test_two_languages_that_do_not_say_the_same_things_are_an_error():
    with pytest.raises(ValueError):
        both(lambda: ["a"] * (1 if get_language() == "fr" else 2))
    with pytest.raises(ValueError):
        both(lambda: {get_language(): "a"})
    with pytest.raises(ValueError):
        both(lambda: Fixed(get_language()))
