"""One family, from the counter to a moved threshold, in real browsers: five people, two languages, one worker."""

import re
import uuid
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

import eligibility.queries
from eligibility.score import format_points
from enrollment.models import Allowance, Enrollment
from households.models import Household, Request
from households.services import submit_registration
from rsu.authentication import engine
from rsu.cases import assess_case
from tests.api.declarations import adult, couple_with_two_children, declaration
from tests.browser.conftest import Visitor
from tests.browser.typist import answer_all, typed

SCORE, LOWERED = "9.7392575", "9.7392574"
SHOWN = SCORE.replace(".", ",")
NEIGHBORS = 4
WORKER_PATIENCE = 60_000
"""Milliseconds for a worker to start and do its chunks, on a busy machine."""


def begin(page: Page) -> None:
    """From the first page to the first question."""
    page.get_by_role("link", name="Enregistrer un ménage").click()
    page.get_by_role("button", name="Commencer l’enregistrement").click()


def add_person(page: Page, member: dict) -> list[str]:
    page.get_by_role("button", name="Ajouter une personne").press("Enter")
    page.get_by_role("heading", name="Identité").wait_for()
    return answer_all(page, member)


def miscopied(idcs: str) -> str:
    """The last digit taken for the next one."""
    return idcs[:-1] + str((int(idcs[-1]) + 1) % 10)


def declare(page: Page, answers: dict) -> None:
    """Every section in turn, down to the summary; the head's number is miscopied first."""
    head, *others = answers["members"]
    begin(page)
    answer_all(page, {"commune": answers["commune"], "address": "Rue 12, numéro 7"})
    page.get_by_role("button", name="Ajouter une personne").wait_for()
    miscopy_then_mend(page, head)
    for member in others:
        add_person(page, member)
        page.get_by_role("link", name=member["first_name_fr"]).wait_for()
    page.get_by_role("link", name="Continuer").press("Enter")
    for section in ("dwelling", "bills", "equipment", "property"):
        page.wait_for_url(f"**/{section}")
        answer_all(page, answers)
    page.get_by_role("heading", name="Relire et envoyer").wait_for()


def miscopy_then_mend(page: Page, head: dict) -> None:
    """The refusal stands beside its field, read out with it, and everything typed is still there."""
    wrong = head | {"idcs": miscopied(head["idcs"])}
    met = add_person(page, wrong)
    field = page.locator("#idcs")
    sentence = page.locator("#idcs_field .errorlist")
    expect(sentence).to_have_count(1)
    assert sentence.inner_text().strip()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert sentence.get_attribute("id") in field.get_attribute("aria-describedby")
    kept = page.evaluate("() => Object.fromEntries(new FormData(document.querySelector('form[data-registration]')))")
    answered = {name: value for name, value in typed(wrong).items() if name in met}
    assert {name: kept[name] for name in answered} == answered
    assert {"schooling", "school_sector", "father_status", "permit_number"}.isdisjoint(met)
    field.fill(head["idcs"])
    field.press("Enter")
    page.get_by_role("link", name=head["first_name_fr"]).wait_for()


def units(shown: str) -> int:
    """A figure of the page, in units of its last digit."""
    return int(re.sub(r"[^\d−]", "", shown).replace("−", "-"))


def check_sum(page: Page, total: str) -> None:
    """The lines of the table add up to the score above it."""
    lines = page.locator("#sum tbody .n").all_inner_texts()
    assert len(lines) > 5
    assert page.locator("#score .figure").inner_text() == page.locator("#sum tfoot .n").inner_text() == total
    assert sum(map(units, lines)) == units(total)


def right(page: Page, program: str):
    return page.locator("#rights .rows > div", has=page.get_by_role("heading", name=program)).locator(".state")


def test_a_family_is_declared_scored_enrolled_and_reviewed_when_the_threshold_moves(visit, start_worker, settings):
    settings.RUN_CHUNK = 1
    amina = visit()
    amina.log_in("amina")
    code = register(amina)
    read_in_arabic(amina)
    accept_the_aid(amina)
    stay_outside(visit(), code)
    run = move_the_threshold(visit, start_worker)
    review(amina, code)
    assert run.complaints == amina.complaints == []


def register(amina: Visitor) -> str:
    page = amina.page
    answers = couple_with_two_children(water_in_electricity=None, electricity_bills=["300", "300", None], water_bills=["50"])
    declare(page, answers)
    page.get_by_role("button", name="Enregistrer le ménage").dblclick()
    page.wait_for_url("**/household/*")
    household = Household.objects.get()
    assert page.url.endswith(household.code)
    expect(right(page, "Aide sociale directe")).to_have_text(re.compile("Ouvert$"))
    expect(right(page, "AMO-TADAMON")).to_have_text(re.compile("Non ouvert$"))
    check_sum(page, SHOWN)

    page.go_back()
    again = page.get_by_role("button", name="Enregistrer le ménage")
    if again.count():
        again.click()
    page.wait_for_url(f"**/household/{household.code}")
    assert Household.objects.count() == Request.objects.count() == 1
    return household.code


def read_in_arabic(amina: Visitor) -> None:
    page = amina.page
    address = page.url
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    assert page.url == address
    check_sum(page, SHOWN)
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("dir", "ltr")


def accept_the_aid(amina: Visitor) -> None:
    page = amina.page
    page.get_by_role("link", name="Décider de l’inscription").click()
    assert page.locator("#month tbody .n").all_inner_texts() == ["300,00", "300,00"]
    expect(page.locator("#month tfoot .n")).to_have_text("600,00")
    page.get_by_role("button", name="Accepter").click()
    page.wait_for_url("**/household/*")
    expect(page.locator("#enrollment .state")).to_have_text(re.compile("en cours", re.IGNORECASE))
    expect(page.locator("#enrollment tfoot .n")).to_have_text("600,00")
    assert Allowance.objects.get().amount == 60000


def stay_outside(brahim: Visitor, code: str) -> None:
    """Another commune's caseworker learns that the person is registered, and nothing else."""
    brahim.log_in("brahim")
    brahim.speak("fr")
    assert brahim.open(f"/household/{code}") == 404
    page = brahim.page
    assert brahim.open("/") == 200
    page.locator("header [name=q]").fill(Household.objects.get(code=code).members.first().idcs)
    page.keyboard.press("Enter")
    expect(page.get_by_text("déjà enregistré hors de votre territoire")).to_be_visible()
    assert code not in page.content() and "Sidi Moumen" not in page.content()


def propose(chaima: Visitor) -> str:
    """A line one ten-millionth below the family's score, as of today; the address of the proposal."""
    chaima.log_in("chaima")
    page = chaima.page
    chaima.open("/policy/")
    page.get_by_role("link", name="Proposer un changement").click()
    page.get_by_role("link", name="Seuil de l’aide sociale directe").click()
    page.locator("[name=value]").fill(LOWERED.replace(".", ","))
    expect(page.locator("[name=since]")).to_have_value(timezone.localdate().isoformat())
    page.locator("[name=source]").fill("Décret n° 2-26-100")
    page.locator("[name=reason]").fill("Essai d’un seuil plus bas.")
    page.get_by_role("button", name="Enregistrer la proposition").click()
    expect(page.locator("#effect dd").first).to_have_text(str(NEIGHBORS + 1))
    expect(page.get_by_role("button", name="Approuver")).to_be_disabled()
    expect(page.locator("#why-not")).to_contain_text("un autre administrateur doit la décider")
    return page.url.removeprefix(chaima.site)


def move_the_threshold(visit: Callable[..., Visitor], start_worker) -> Visitor:
    """Driss signs what Chaïma proposed and follows the run, live, to its equation; nobody reloads the page."""
    register_neighbors()
    proposal = propose(visit())
    driss = visit()
    driss.log_in("driss")
    driss.open(proposal)
    page = driss.page
    page.get_by_role("button", name="Approuver").click()
    page.get_by_role("link", name="Suivre l’exécution").click()
    everyone = NEIGHBORS + 1
    done = page.locator("#progress progress")
    expect(done).to_have_attribute("max", str(everyone))
    page.evaluate("() => { window.sameDocument = true }")
    with transaction.atomic():
        # The worker stops at this household for as long as it is held here.
        Household.objects.select_for_update().get(pk=Household.objects.order_by("pk")[2].pk)
        start_worker()
        expect(done).to_have_attribute("value", re.compile(r"[12]"), timeout=WORKER_PATIENCE)
        expect(page.locator("#progress [role=status]")).to_have_text(re.compile("en cours", re.IGNORECASE))
    expect(page.get_by_text(f"{everyone} = {everyone} + 0 + 0")).to_be_visible(timeout=WORKER_PATIENCE)
    assert page.evaluate("() => window.sameDocument")
    return driss


def register_neighbors() -> None:
    """Families of other numbers and the same answers: the same score."""
    today, law = timezone.localdate(), eligibility.queries.law(timezone.localdate())
    for _neighbor in range(NEIGHBORS):
        sent = submit_registration(token=uuid.uuid4(), answers=couple_with_two_children(), on=today, by=engine(), law=law)
        eligibility.services.assess_due(sent.household_id, on=today, by=engine())


def review(amina: Visitor, code: str) -> None:
    page = amina.page
    amina.open(f"/household/{code}")
    expect(right(page, "Aide sociale directe")).to_have_text(re.compile("Non ouvert$"))
    expect(page.locator("#rights")).to_contain_text("0,0000001 au-dessus du seuil")
    expect(page.locator("#enrollment .state")).to_have_text(re.compile("revoir|révision", re.IGNORECASE))
    check_sum(page, SHOWN)
    assert Enrollment.objects.get(household__code=code).status == "in_review"


def test_the_counter_the_partners_api_and_a_jurists_case_give_the_same_digits(visit):
    """Three doors, one family: score, lines and decisions."""
    today = timezone.localdate()
    counter = visit()
    counter.enter_as("amina")
    counter.speak("fr")
    answers = couple_with_two_children()
    token = uuid.uuid4()
    law = eligibility.queries.law(today)
    counter_household = submit_registration(token=token, answers=answers, on=today, by=engine(), law=law).household
    counter.open(f"/household/{counter_household.code}")
    check_sum(counter.page, SHOWN)

    partner = ask_partner(counter, couple_with_two_children())
    case = assess_case({"on": today, "answers": couple_with_two_children()})
    standing = eligibility.queries.standing(counter_household, on=today)
    points = [format_points(term.points) for term in standing.terms]
    assert partner["score"] == case["score"] == format_points(standing.score) == SCORE
    assert [term["points"] for term in partner["terms"]] == [term["points"] for term in case["terms"]] == points
    decisions = {program: decision["entitled"] for program, decision in case["decisions"].items()}
    assert {one["program"]: one["entitled"] for one in partner["decisions"]} == decisions
    assert {str(one.program): one.entitled for one in standing.programs} == decisions == {"amo_tadamon": False, "direct_aid": True}


def ask_partner(visitor: Visitor, answers: dict) -> dict:
    """Register the family as the CNSS does, over HTTP; the body of the answer."""
    ask = visitor.context.request
    key = ask.post(
        f"{visitor.site}/api/v1/token", form={"grant_type": "client_credentials", "client_id": "cnss", "client_secret": "cnss-secret"}
    )
    assert key.status == 200, key.text()
    answer = ask.post(
        f"{visitor.site}/api/v1/households",
        data={"token": str(uuid.uuid4()), "answers": answers},
        headers={"Authorization": f"Bearer {key.json()['access_token']}"},
    )
    assert answer.status == 201, answer.text()
    return answer.json()


def test_a_household_is_registered_without_javascript(visit):
    visitor = visit(java_script_enabled=False)
    visitor.log_in("amina")
    page = visitor.page
    answers = declaration(adult())
    begin(page)
    fill_plainly(page, answers)
    page.get_by_role("button", name="Ajouter une personne").click()
    fill_plainly(page, answers["members"][0])
    page.get_by_role("link", name="Continuer").click()
    for _section in ("dwelling", "bills", "equipment", "property"):
        fill_plainly(page, answers)
    page.get_by_role("button", name="Enregistrer le ménage").click()
    household = Household.objects.get()
    assert page.url.endswith(f"/household/{household.code}")
    expect(page.locator("#score .figure")).to_have_text(re.compile(r"^\d+,\d{7}$"))
    standing = eligibility.queries.standing(household, on=timezone.localdate())
    check_sum(page, format_points(standing.score).replace(".", ","))


def fill_plainly(page: Page, answers: dict) -> None:
    """Set each control the page has, and press its button; what does not concern the person is left as it is."""
    for name, value in typed(answers).items():
        control = page.locator(f"form[data-registration] [name={name}]")
        if not control.count():
            continue
        match control.first.evaluate("control => control.type"):
            case "radio":
                page.locator(f"form[data-registration] [name={name}][value={value}]").check()
            case "checkbox":
                control.set_checked(value == "true")
            case "select-one":
                control.select_option(value)
            case _:
                control.fill(value)
    page.locator("form[data-registration] .actions button").first.click()
