"""A stranger at the counter: whole families by the keyboard alone, two browsers on one draft, a session that ends in the middle."""

import time
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from households.models import Household, Member, Request
from households.services import resume_draft
from rsu.models import Commune, User
from tests.browser import strangers
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.test_pages import OVERFLOW
from tests.browser.typist import answer_all
from tests.sizes import LONG

SECONDS_EACH = 600
ZOOMED = {"width": 640, "height": 450}
"""What 200 % leaves of a desk's screen."""


def rural() -> Commune:
    return Commune.objects.filter(milieu="rural", has_urban_center=False).order_by("id").first()


def whose(shape: str) -> tuple[str, dict]:
    """(who registers the family, its answers): the widow lives in the country, where only Nadia's eyes reach."""
    if shape == "lone_widow":
        return "nadia", strangers.lone_widow(rural().code)
    return "amina", {"two_wives": strangers.two_wives, "three_generations": strangers.three_generations}[shape]()


def register_by_keyboard(page: Page, answers: dict) -> None:
    """No mouse: the button that starts, each section, one person after the other by the shortcut, and the last button."""
    page.locator("main form[method=post] .btn-primary").press("Enter")
    page.wait_for_url("**/address")
    answer_all(page, {name: answers[name] for name in ("commune", "address")})
    page.wait_for_url("**/members")
    page.locator(".actions form button").press("Enter")
    *others, last = answers["members"]
    page.wait_for_url("**/people/*")
    for member in others:
        person = page.url
        answer_all(page, member, press="Alt+n")
        page.wait_for_url(lambda url, before=person: "/people/" in url and url != before)
    answer_all(page, last, press="Alt+s")
    page.wait_for_url("**/members")
    page.keyboard.press("Alt+s")
    for section in ("dwelling", "bills", "equipment", "property"):
        page.wait_for_url(f"**/{section}")
        answer_all(page, answers)
    page.locator(".portrait").wait_for()
    page.locator("form.card .btn-primary").press("Enter")
    page.wait_for_url("**/household/*")


def check_kept(answers: dict) -> None:
    """Every answer of the paper stands in the registry, and each pointer points to whom it should."""
    members = list(Member.objects.filter(household=Household.objects.get()).order_by("position"))
    assert len(members) == len(answers["members"])
    for member, said in zip(members, answers["members"], strict=True):
        for name in ("idcs", "first_name_fr", "last_name_fr", "relation", "sex", "marital_status", "disability", "schooling", "situation"):
            assert getattr(member, name) == said.get(name, getattr(member, name) if name in ("schooling", "situation") else None), name
        assert (member.born_on.year, member.birth_precision) == (said["birth_year"], "day" if "birth_day" in said else "year")
        for role in ("mother", "father"):
            assert getattr(member, role) == (members[said[role] - 1] if role in said else None), (member, role)
        assert member.spouse == (members[said["spouse"] - 1] if "spouse" in said else None)
    household = Household.objects.get()
    assert (household.rooms, household.address) == (answers["rooms"], answers["address"])


@pytest.mark.parametrize("language", [pytest.param("fr", marks=LONG), "ar"])
@pytest.mark.parametrize("shape", ["lone_widow", pytest.param("two_wives", marks=LONG), pytest.param("three_generations", marks=LONG)])
def test_a_family_is_registered_by_the_keyboard_alone(shape, language, visit):
    visitor = visit()
    visitor.speak(language)
    who, answers = whose(shape)
    visitor.enter_as(who)
    visitor.open("/households/register")
    begun = time.monotonic()
    register_by_keyboard(visitor.page, answers)
    assert time.monotonic() - begun < SECONDS_EACH
    check_kept(answers)
    assert visitor.complaints == []


def draft_begun(page: Page, site: str) -> str:
    page.goto(f"{site}/households/register")
    page.locator("main form[method=post] .btn-primary").click()
    page.wait_for_url("**/address")
    return page.url.rsplit("/", 1)[0]


def kept(page: Page) -> None:
    """Wait until the draft says that it was kept."""
    expect(page.locator("[data-autosave-state]")).to_contain_text("Gardé à")


def test_two_browsers_on_one_draft_each_see_the_other_and_neither_loses_an_answer(visit):
    amina, salma = visit(), visit()
    for visitor, name in ((amina, "amina"), (salma, "salma")):
        visitor.speak("fr")
        visitor.enter_as(name)
    draft = draft_begun(amina.page, amina.site)
    token = draft.rsplit("/", 1)[1]
    resume_draft(token=token, at=timezone.now(), on=timezone.localdate(), by=User.objects.get(username="salma"))
    for visitor in (amina, salma):
        visitor.page.goto(f"{draft}/dwelling")
    expect(salma.page.locator("#presence")).to_contain_text("Amina a aussi ce brouillon ouvert")
    salma.page.locator("[name=rooms]").fill("7")
    kept(salma.page)
    amina.page.locator("[name=rooms]").fill("3")
    amina.page.locator("[name=bath][value=true]").check()
    choice = amina.page.locator("#rooms_clash")
    expect(choice).to_contain_text("Salma a écrit une autre réponse")
    answers = Request.objects.get(token=token).answers
    assert (answers["rooms"], answers["bath"]) == ("7", True)
    choice.get_by_label("La vôtre").check()
    kept(amina.page)
    expect(choice).to_have_count(0)
    assert Request.objects.get(token=token).answers["rooms"] == "3"
    assert amina.complaints == salma.complaints == []


def test_a_name_typed_is_suggested_in_the_other_script_and_never_put_into_an_address(visit):
    visitor = visit()
    visitor.speak("fr")
    visitor.enter_as("amina")
    draft, page = draft_begun(visitor.page, visitor.site), visitor.page
    page.goto(f"{draft}/members")
    page.locator(".actions form button").press("Enter")
    page.wait_for_url("**/people/*")
    asked = []
    page.on("request", lambda request: asked.append((request.method, request.url)) if "/households/names" in request.url else None)
    page.locator("[name=first_name_fr]").fill("Rachid")
    page.locator("[name=first_name_fr]").press("Tab")
    expect(page.locator("[data-suggests=first_name_ar] [data-name]")).to_have_text("رشيد")
    assert set(asked) == {("POST", f"{visitor.site}/households/names")}
    assert visitor.complaints == []


def end_session(visitor: Visitor) -> None:
    visitor.context.clear_cookies(name="sessionid")


def test_a_session_that_ends_in_the_middle_of_a_page_loses_nothing(visit):
    amina = visit()
    amina.speak("fr")
    amina.enter_as("amina")
    page = amina.page
    draft = draft_begun(page, amina.site)
    page.goto(f"{draft}/dwelling")
    end_session(amina)
    page.locator("[name=rooms]").fill("4")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Votre session a pris fin")
    page.get_by_role("link", name="Se reconnecter").click()
    page.locator("[name=username]").fill("amina")
    page.locator("[name=password]").fill("demo-rsu-2026")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dwelling")
    expect(page.locator("[name=rooms]")).to_have_value("4")
    kept(page)
    assert Request.objects.get().answers["rooms"] == "4"


def test_without_scripts_what_was_typed_after_the_session_ended_comes_back_too(visit):
    amina = visit(java_script_enabled=False)
    amina.speak("fr")
    amina.enter_as("amina")
    page = amina.page
    draft = draft_begun(page, amina.site)
    page.goto(f"{draft}/dwelling")
    end_session(amina)
    page.locator("[name=rooms]").fill("4")
    page.locator("form[data-registration] .actions button").first.click()
    page.locator("[name=username]").fill("amina")
    page.locator("[name=password]").fill("demo-rsu-2026")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dwelling")
    expect(page.locator("[name=rooms]")).to_have_value("4")
    page.locator("form[data-registration] button[name=later]").click()
    page.wait_for_url(f"{draft}/")
    assert Request.objects.get().answers["rooms"] == "4"


@pytest.mark.parametrize("language", [pytest.param("fr", marks=LONG), "ar"])
def test_the_pages_two_people_meet_on_are_accessible_at_every_size(language, visit, axe: Callable):
    amina, salma = visit(), visit()
    for visitor, name in ((amina, "amina"), (salma, "salma")):
        visitor.speak(language)
        visitor.enter_as(name)
    draft = draft_begun(amina.page, amina.site)
    token = draft.rsplit("/", 1)[1]
    found = faults(salma.page, draft, "/", axe)  # a colleague's draft, to take up
    resume_draft(token=token, at=timezone.now(), on=timezone.localdate(), by=User.objects.get(username="salma"))
    salma.page.goto(f"{draft}/dwelling")
    amina.page.goto(f"{draft}/dwelling")
    salma.page.locator("[name=rooms]").fill("40")
    salma.page.locator("form[data-registration] button[name=later]").click()
    amina.page.locator("[name=rooms]").fill("3")
    amina.page.locator("form[data-registration] .actions button").first.click()
    amina.page.locator("#rooms_clash").wait_for()
    found += faults(amina.page, draft, None, axe)
    found += (
        faults(amina.page, draft, "/dwelling?check", axe)
        + faults(amina.page, draft, "/evidence", axe)
        + faults(amina.page, draft, "/", axe)
    )
    assert not found, "\n".join(found)


def faults(page: Page, draft: str, path: str | None, axe: Callable) -> list[str]:
    if path is not None:
        page.set_viewport_size(DESK)
        page.goto(draft + path)
    found = []
    for size in (DESK, ZOOMED, PHONE):
        page.set_viewport_size(size)
        found += [f"{path} at {size['width']}, too wide: {part}" for part in page.evaluate(OVERFLOW)]
        found += [f"{path} at {size['width']}: {fault}" for fault in axe(page, colors=size is DESK)]
    return found


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_card_says_that_its_questions_wait_for_the_year_of_birth(visit, axe, language):
    visitor = visit(viewport=PHONE)
    visitor.speak(language)
    visitor.enter_as("amina")
    draft, page = draft_begun(visitor.page, visitor.site), visitor.page
    page.goto(f"{draft}/members")
    page.locator(".actions form button").press("Enter")
    page.wait_for_url("**/people/*")
    work = page.locator("section.card", has=page.locator("[name=situation]"))
    expect(work.locator("[data-birth-unknown]")).to_be_visible()
    assert axe(page) == [] and not page.evaluate(OVERFLOW)
    page.locator("[name=birth_year]").fill("1980")
    expect(work.locator("[data-birth-unknown]")).to_be_hidden()
    expect(work.locator("#situation_row")).to_be_visible()
    page.locator("[name=birth_year]").fill("2024")
    expect(work.locator("[data-birth-unknown]")).to_be_hidden()
    assert visitor.complaints == []
