"""Every key of the law proposed, signed and looked back on from the browser."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from eligibility import formulas, queries, services, wording
from eligibility.forms import ProposalForm
from eligibility.models import Proposal, Provision, Run
from rsu.models import AuditEvent, User
from rsu.wording import day
from tests.eligibility.legislating import AID, move_line, propose, spread
from tests.eligibility.test_values import posted

pytestmark = pytest.mark.django_db
FORMULA = "score.formula"
PROPOSE = reverse("eligibility:propose")


def text_of(answer) -> str:
    return answer.content.decode()


def sent(key, day, value=None, **changes) -> QueryDict:
    """The form of a key as its page gives it, with what an administrator changes in it."""
    return posted(ProposalForm(key=key, value=value), since=day.isoformat(), **changes)


def first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def in_force(key):
    return queries.law(timezone.localdate()).value(key)


def signed(key, value, day, *, on, **changes) -> Proposal:
    chaima, driss = (User.objects.get(username=name) for name in ("chaima", "driss"))
    made = services.propose_provision(key=key, since=day, value=value, source="Décret n° 2-26-100", reason="Essai", on=on, by=chaima)
    return services.approve_proposal(made.pk, on=on, by=driss, **changes)


# Choosing and filling in


def test_the_key_is_chosen_from_the_whole_law_in_its_words(as_):
    page = text_of(as_("chaima").get(PROPOSE))
    assert all(f"?key={key}" in page for key in wording.KEYS)
    assert "Marge autour du seuil" in page and "Recours" in page


@pytest.mark.parametrize(("words", "keys"), [("seuil aide directe", {AID.threshold_key, "direct_aid.borderline_band"}), ("zzz", set())])
def test_the_key_is_searched_by_words(as_, words, keys):
    answer = as_("chaima").get(PROPOSE, {"q": words})
    assert {key for _name, _group, found in answer.context["groups"] for key, _label in found} == keys
    assert (not keys) is ("Aucune disposition n’a ces mots" in text_of(answer))


@pytest.mark.parametrize("key", sorted(wording.KEYS))
def test_every_key_has_its_form_beside_what_is_in_force(as_, key):
    answer = as_("chaima").get(PROPOSE, {"key": key})
    assert answer.status_code == 200 and not answer.context["form"].is_bound
    assert ('id="now"' in text_of(answer)) is (key != FORMULA)


@pytest.mark.parametrize("key", ["direct_aid.bonus", "../", "value"])
def test_a_key_the_law_does_not_know_has_no_page(as_, key):
    client = as_("chaima")
    assert client.get(PROPOSE, {"key": key}).status_code == 404
    assert client.get(reverse("eligibility:history", args=[key.replace("/", "")])).status_code == 404


def test_amounts_are_typed_in_dirhams_and_rows_come_and_go_without_javascript(as_, today):
    client, key = as_("chaima"), "direct_aid.amounts"
    data = sent(key, first_of_next_month(today), in_force(key), **{"value-bands-0-orphan": "450,50", "add": "row"})
    longer = client.post(PROPOSE, data)
    assert longer.status_code == 200 and len(longer.context["form"].row_fields()) == 3 and "450,50" in text_of(longer)
    assert not Proposal.objects.exists() and "errorlist" not in text_of(longer)
    del data["add"]
    refused = client.post(PROPOSE, data | {"rows": "3"})
    assert refused.status_code == 422 and "value-bands-2-first" in refused.context["form"].errors
    assert client.post(PROPOSE, data).status_code == 302
    made = Proposal.objects.get()
    assert made.value == in_force(key) | {"bands": [in_force(key)["bands"][0] | {"orphan": 45_050}, in_force(key)["bands"][1]]}
    page = text_of(client.get(reverse("eligibility:proposal", args=[made.pk])))
    assert "400,00" in page and "450,50" in page and "Un mois" not in page


def test_amounts_start_on_a_first_and_the_page_says_so_beside_the_day(as_, today):
    key = "direct_aid.amounts"
    client = as_("chaima")
    asked = client.get(PROPOSE, {"key": key})
    assert asked.context["form"]["since"].value().day == 1 and "premier du mois" in text_of(asked).lower()
    answer = client.post(PROPOSE, sent(key, first_of_next_month(today) + timedelta(days=1), in_force(key), **{"value-floor": "600"}))
    assert answer.status_code == 422 and list(answer.context["form"].errors) == ["since"]


@pytest.mark.parametrize("sent_with", [{}, {"add": "row"}, {"remove": "0"}])
def test_a_number_of_rows_of_thousands_of_digits_is_no_error(as_, today, sent_with):
    data = {"key": "direct_aid.amounts", "rows": "9" * 5_000} | sent_with
    assert as_("chaima").post(PROPOSE, data).status_code == (200 if sent_with else 422)


def test_bands_of_contributions_close_one_another(as_, today):
    key = "amo_achamil.bands"
    client = as_("chaima")
    wrong = client.post(PROPOSE, sent(key, today, in_force(key), **{"value-1-above": "9,2"}))
    assert list(wrong.context["form"].errors) == ["value-1-above"] and "monter" in text_of(wrong)
    assert 'aria-describedby="id_value-1-above_error"' in text_of(wrong) and 'id="id_value-1-above_error"' in text_of(wrong)
    client.post(PROPOSE, sent(key, today, in_force(key), **{"value-1-above": "9,6"}))
    assert [band.get("up_to") for band in Proposal.objects.get().value][:2] == ["9.6", "9.743001"]


def test_a_key_that_was_never_in_force_is_proposed_signed_and_read(as_, today):
    client = as_("chaima")
    assert client.post(PROPOSE, sent("amo.grace_months", today) | {"value": "3"}).status_code == 302
    made = Proposal.objects.get()
    answer = as_("driss").post(reverse("eligibility:approve", args=[made.pk]), follow=True)
    assert "en vigueur" in text_of(answer) and in_force("amo.grace_months") == 3


def test_a_value_is_repealed_and_the_law_has_it_no_more(as_, today):
    key = "direct_aid.nationality"
    client = as_("chaima")
    assert client.post(PROPOSE, sent(key, today, "ma", repeals="on")).status_code == 302
    made = Proposal.objects.get()
    assert made.value is None
    assert "abrogée" in text_of(client.get(reverse("eligibility:proposal", args=[made.pk])))
    assert "abrogation" in text_of(client.get(reverse("eligibility:policy")))
    as_("driss").post(reverse("eligibility:approve", args=[made.pk]))
    assert not queries.law(today).has(key) and queries.law(today - timedelta(days=1)).has(key)
    again = as_("chaima").post(PROPOSE, sent(key, today, "ma", repeals="on"))
    assert again.status_code == 422 and "rien à abroger" in text_of(again)


def test_what_is_in_force_already_is_refused_whatever_its_kind(as_, today):
    for key in ("direct_aid.disabilities", "amo.end_of_month", "registration.plausible"):
        answer = as_("chaima").post(PROPOSE, sent(key, today, in_force(key)))
        assert answer.status_code == 422 and "rien ne changerait" in text_of(answer)


EVERYBODY = "registration.adult_age"


@pytest.mark.parametrize(
    ("key", "shown", "work"),
    [
        (AID.threshold_key, "les ménages et les sommes", "entre les deux seuils seront relus"),
        ("direct_aid.borderline_band", "elle ne compte pas les ménages", "pertes à vérifier de ce programme"),
        ("direct_aid.amounts", "elle ne compte pas les ménages", "recomptées (2 ménages)"),
        (EVERYBODY, "elle ne compte pas les ménages", "tout le monde sera relu (2 ménages)"),
        ("appeal.filing_days", "elle ne compte pas les ménages", "ne fait relire aucun ménage"),
    ],
)
def test_what_the_next_page_shows_and_what_approving_starts_are_told_as_they_are(as_, key, shown, work):
    spread(sizes=[2], phones=range(2))
    page = text_of(as_("chaima").get(PROPOSE, {"key": key}))
    assert shown in page and work in page


@pytest.mark.parametrize(
    ("key", "value", "said", "kind"),
    [
        (EVERYBODY, 20, "tout le monde sera relu (2 ménages)", "reading"),
        ("direct_aid.amounts", {"floor": 60_000}, "recomptées (2 ménages)", "amounts"),
        ("direct_aid.amounts", {"child_under": 20}, "tout le monde sera relu (2 ménages)", "reading"),
        ("direct_aid.borderline_band", "0.0100000", "pertes à vérifier de ce programme", "threshold"),
        (FORMULA, None, "l’indice de tout le monde sera recalculé (2 ménages)", "formula"),
        ("appeal.filing_days", 45, "ne fait relire aucun ménage", None),
    ],
)
def test_what_is_said_to_who_signs_is_what_the_signature_starts(as_, today, driss, key, value, said, kind):
    spread(on=today, sizes=[2], phones=range(2))
    since = first_of_next_month(today) if key == "direct_aid.amounts" else today
    wanted = changed_formula() if key == FORMULA else in_force(key) | value if isinstance(value, dict) else value
    chaima = User.objects.get(username="chaima")
    made = services.propose_provision(key=key, since=since, value=wanted, source="x", reason="x", on=today, by=chaima)
    client, address = as_("driss"), reverse("eligibility:approve", args=[made.pk])
    assert said in text_of(client.get(reverse("eligibility:proposal", args=[made.pk])))
    told = text_of(client.post(address, {"without_report": "Essai"}, follow=True))
    assert ("Elle ne fait relire aucun ménage" in told) is (kind is None)
    services.pass_time(on=since, by=driss)
    assert [run.kind for run in Run.objects.filter(provision__proposal=made)] == ([kind] if kind else [])


# Signing


def test_a_proposal_that_starts_before_one_already_voted_says_until_when_it_holds_and_is_signed(as_, today):
    proposal = propose(95_000_000, since=today + timedelta(days=5), on=today)
    later = today + timedelta(days=9)
    move_line(96_000_000, since=later, on=today)
    address = reverse("eligibility:proposal", args=[proposal.pk])
    assert f"Jusqu’au {day(later)}" in text_of(as_("driss").get(address)) and "9,6000000" in text_of(as_("driss").get(address))
    as_("driss").post(reverse("eligibility:approve", args=[proposal.pk]))
    lines = [queries.law(on).value(AID.threshold_key) for on in (later - timedelta(days=1), later)]
    assert lines == ["9.5000000", "9.6000000"]


def test_a_mistyped_year_is_told_beside_the_day(as_, today):
    key = AID.threshold_key
    answer = as_("chaima").post(PROPOSE, sent(key, today.replace(year=2206, day=1)) | {"value": "9,5"})
    assert answer.status_code == 422 and "vérifiez l’année" in answer.context["form"].errors["since"][0]


def test_a_proposal_that_another_one_made_pointless_is_no_longer_signed(as_, today):
    proposal = propose(95_000_000, since=today, on=today)
    move_line(95_000_000, on=today)
    answer = as_("driss").post(reverse("eligibility:approve", args=[proposal.pk]), follow=True)
    assert "rien ne changerait" in text_of(answer)


# Formulas


def changed_formula(figure="0.06") -> dict:
    value = in_force(FORMULA)
    value["variables"]["urban"][29]["coefficient"] = figure
    return value


def file_of(content: bytes):
    return SimpleUploadedFile("formule.toml", content, content_type="application/toml")


def by_file(day, **changes) -> dict:
    return {"key": FORMULA, "since": day.isoformat(), "source": "Décret n° 2-26-100", "reason": "Nouvelle enquête"} | changes


BY_FILE = f"{PROPOSE}?key={FORMULA}&way=file"


def test_a_formula_is_edited_beside_the_old_one_and_its_page_shows_the_difference(as_, today):
    client = as_("chaima")
    shown = client.get(PROPOSE, {"key": FORMULA})
    data = posted(shown.context["form"], since=today.isoformat(), **{"value-variables-urban-29-coefficient": "0,06", "key": FORMULA})
    answer = client.post(PROPOSE, data, follow=True)
    assert Proposal.objects.get().value == changed_formula()
    assert [(row.code, row.before, row.after) for row in answer.context["coefficients"]] == [("U30", "0,0516", "0,06")]
    assert len(answer.context["untouched"]) == 88 and "0,0516" in text_of(answer)


def test_a_coefficient_that_cannot_be_is_told_beside_it(as_, today):
    client = as_("chaima")
    data = posted(client.get(PROPOSE, {"key": FORMULA}).context["form"], since=today.isoformat(), key=FORMULA)
    names = ["value-variables-urban-29-coefficient", "value-region-rural-07", "value-constant-urban"]
    for name, figure in zip(names, ("250", "", "beaucoup"), strict=True):
        data[name] = figure
    answer = client.post(PROPOSE, data)
    assert answer.status_code == 422 and set(names[1:]) <= set(answer.context["form"].errors)
    assert 'value="beaucoup"' in text_of(answer)
    data[names[1]], data[names[2]] = "0", "9,8"
    assert list(client.post(PROPOSE, data).context["form"].errors) == [names[0]]


def test_the_formula_in_force_is_downloaded_and_comes_back_as_a_proposal(as_, today):
    client = as_("chaima")
    file = client.get(reverse("eligibility:formula_file"))
    assert file["Content-Type"].startswith("application/toml") and "attachment" in file["Content-Disposition"]
    unchanged = client.post(BY_FILE, by_file(today, file=file_of(file.content)))
    assert unchanged.status_code == 422 and "rien ne changerait" in text_of(unchanged)
    assert client.post(BY_FILE, by_file(today, file=file_of(file.content.replace(b'"0.0516"', b'"0.06"')))).status_code == 302
    assert Proposal.objects.get().value == changed_formula()
    assert client.get(reverse("eligibility:formula_file"), {"on": "2020-01-01"}).status_code == 404


def test_a_refused_file_says_which_line_and_stays_to_be_corrected(as_, today):
    text = formulas.to_toml(in_force(FORMULA)).replace('"0.0516"', '"beaucoup"').replace('"-0.0104"', '"500"')
    answer = as_("chaima").post(BY_FILE, by_file(today, file=file_of(text.encode()), source=""))
    form = answer.context["form"]
    assert answer.status_code == 422 and set(form.errors) == {"value", "source"}
    assert len(form.errors["value"]) == 2 and all(sentence.startswith("Ligne ") for sentence in form.errors["value"])
    assert form["value"].value() == text
    corrected = as_("chaima").post(BY_FILE, by_file(today, value=text.replace("beaucoup", "0.06").replace('"500"', '"-0.0104"')))
    assert corrected.status_code == 302


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"x" * (formulas.LARGEST + 1), "trop grand"), (b"\xff\xfe", "UTF-8"), (b"[a]\0", "octets nuls"), (b"", "Choisissez un fichier")],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(as_, today, content, said):
    answer = as_("chaima").post(BY_FILE, by_file(today, file=file_of(content)))
    assert answer.status_code == 422 and said in answer.context["form"].errors["file"][0]


@pytest.mark.parametrize("content", [b"a = " + b"[" * 20_000, b"a = " + b"9" * 5_000])
def test_a_file_no_reader_can_hold_is_refused_beside_it(as_, today, content):
    answer = as_("chaima").post(BY_FILE, by_file(today, file=file_of(content)))
    assert answer.status_code == 422 and "trop profondes" in answer.context["form"].errors["value"][0]


def test_a_text_too_long_to_be_a_formula_is_not_read(as_, today):
    answer = as_("chaima").post(BY_FILE, by_file(today, value="# " + "x" * formulas.LARGEST))
    assert "trop grand" in answer.context["form"].errors["value"][0]


def test_what_a_formula_reads_is_shown_before_and_after_and_downloaded_whole_by_who_signs(as_, today):
    value, chaima = in_force(FORMULA), User.objects.get(username="chaima")
    value["variables"]["urban"][6] |= {"fact": "own_meter"}
    value["variables"]["urban"][4] |= {"fact": "head_senior", "ar": "تسمية أخرى"}
    made = services.propose_provision(key=FORMULA, since=today, value=value, source="x", reason="x", on=today, by=chaima)
    answer = as_("driss").get(reverse("eligibility:proposal", args=[made.pk]))
    shown = text_of(answer)
    asked = "activité de chaque personne de 15 ans et plus, métier (head_senior)"
    meter = "compteur d’électricité (own_meter)"
    assert f'<td><bdi>{asked}</bdi></td><td class="fw-semibold"><bdi>{meter}</bdi></td>' in shown
    assert f'<td><bdi>{meter}</bdi></td><td class="fw-semibold"><bdi>{asked}</bdi></td>' in shown and "تسمية أخرى" in shown
    assert [row.code for row in answer.context["coefficients"]] == ["U05", "U07"]
    file = as_("yassine").get(reverse("eligibility:proposal_file", args=[made.pk]))
    assert reverse("eligibility:proposal_file", args=[made.pk]) in shown and "attachment" in file["Content-Disposition"]
    assert formulas.from_toml(file.content.decode()) == value
    assert as_("amina").get(reverse("eligibility:proposal_file", args=[made.pk])).status_code == 403
    assert as_("driss").get(reverse("eligibility:proposal_file", args=[propose(95_000_000, since=today, on=today).pk])).status_code == 404


def test_whoever_signs_finds_proposals_by_their_words_at_home(as_, today):
    propose(95_000_000, since=today, on=today)
    home = text_of(as_("driss").get(reverse("desk:home")))
    assert "Seuil de l’aide sociale directe</a>" in home and AID.threshold_key not in home


def test_a_formula_is_signed_without_rehearsal_only_for_a_reason_that_is_kept(as_, today):
    chaima = User.objects.get(username="chaima")
    made = services.propose_provision(key=FORMULA, since=today, value=changed_formula(), source="x", reason="x", on=today, by=chaima)
    client, address = as_("driss"), reverse("eligibility:approve", args=[made.pk])
    refused = client.post(address, {"without_report": " "})
    assert refused.status_code == 422 and "without_report" in refused.context["approval"].errors
    assert Provision.objects.filter(key=FORMULA).count() == 1
    assert client.post(address, {"without_report": "Le registre est vide"}).status_code == 302
    made.refresh_from_db()
    assert (made.status, made.without_report) == ("approved", "Le registre est vide")
    assert AuditEvent.objects.get(verb="approve_provision").reason == "Le registre est vide"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"eligibility_assessment_{made.provision.pk}"])
        assert cursor.fetchone() == (True,)
    assert in_force(FORMULA) == changed_formula()
    assert "Le registre est vide" in text_of(client.get(reverse("eligibility:proposal", args=[made.pk])))
    assert "Le registre est vide" in text_of(client.get(reverse("eligibility:history", args=[FORMULA])))


# Looking back


def test_the_history_of_a_key_keeps_what_was_superseded_with_its_people_and_reasons(as_, today):
    move_line(95_000_000, on=today)
    move_line(96_000_000, on=today)
    rejected = propose(97_000_000, since=today, on=today)
    services.reject_proposal(rejected.pk, reason="Non", on=today, by=User.objects.get(username="driss"))
    answer = as_("yassine").get(reverse("eligibility:history", args=[AID.threshold_key]))
    episodes = answer.context["episodes"]
    assert [episode.row.value for episode in episodes] == ["9.6000000", "9.5000000", "9.743001"]
    assert [episode.standing for episode in episodes] == [True, False, False]
    assert [episode.superseded_by for episode in episodes] == [None, episodes[0].row, None]
    page = text_of(answer)
    assert "proposée par Chaïma, approuvée par Driss" in page and "Hausse des prix" in page and "9,7000000" in page
    assert PROPOSE not in page.split("<main")[1]


def test_two_days_are_shown_side_by_side_whichever_is_typed_first(as_):
    client = as_("yassine")
    pages = [
        text_of(client.get(reverse("eligibility:changes"), {"since": since, "on": on}))
        for since, on in (("2025-12-31", "2026-01-01"), ("2026-01-01", "2025-12-31"))
    ]
    assert pages[0].split("<main")[1] == pages[1].split("<main")[1]
    assert "250,00 MAD" in pages[0] and "300,00 MAD" in pages[0] and "31 décembre 2025" in pages[0]
    assert "Rien ne diffère" in text_of(client.get(reverse("eligibility:changes")))
    assert client.get(reverse("eligibility:changes"), {"since": "hier"}).status_code == 200


def test_two_days_around_a_new_formula_differ_by_its_coefficients(as_, today):
    signed(FORMULA, changed_formula(), today, on=today, without_report="Essai")
    page = text_of(as_("yassine").get(reverse("eligibility:changes"), {"since": "2026-01-02", "on": today.isoformat()}))
    assert "U30" in page and "0,06" in page and "U31" not in page


@pytest.mark.parametrize("page", ["formula", "formula_file", "changes"])
@pytest.mark.parametrize(("username", "status"), [("amina", 403), ("salma", 403), ("chaima", 200), ("yassine", 200)])
def test_the_law_s_other_pages_are_read_by_the_same_people(as_, page, username, status):
    assert as_(username).get(reverse(f"eligibility:{page}")).status_code == status
    assert as_(username).get(reverse("eligibility:history", args=[AID.threshold_key])).status_code == status


def test_pages_of_the_law_take_as_many_queries_whatever_its_history(as_, today, django_assert_max_num_queries):
    for number in range(1, 6):
        move_line(90_000_000 + number, on=today)
    client = as_("yassine")
    for page in (reverse("eligibility:history", args=[AID.threshold_key]), reverse("eligibility:changes"), reverse("eligibility:formula")):
        with django_assert_max_num_queries(8):
            assert client.get(page).status_code == 200
