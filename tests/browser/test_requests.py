"""A family's answers change at the counter and a supervisor approves, by keyboard alone, in both languages."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from households.models import Request
from tests.api.declarations import poor_family
from tests.browser.test_pages import registered
from tests.sizes import LONG

MOST_STOPS = 120


def reach(page: Page, selector: str) -> None:
    """Tab until the keyboard stands there."""
    page.locator(selector).first.wait_for()
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{MOST_STOPS} stops and no {selector}")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    reach(page, selector)
    page.keyboard.press(key)


@pytest.mark.parametrize("language", [pytest.param("fr", marks=LONG), "ar"])
def test_an_update_is_prepared_sent_and_approved_by_keyboard(language, visit, committed_db):
    family = registered(poor_family(), timezone.localdate())
    clerk, chief = visit(), visit()
    for visitor, username in ((clerk, "amina"), (chief, "salma")):
        visitor.speak(language)
        visitor.enter_as(username)
    page = clerk.page
    clerk.open("/")
    clerk.open(f"/household/{family.code}")
    press(page, "a[href$='/requests/new']")
    page.wait_for_url("**/requests/new")
    press(page, "a[href='?what=update']")
    page.wait_for_url("**/requests/new?what=update")
    press(page, "main form .btn-primary")
    page.wait_for_url("**/households/register/*/")
    for section, answers in (
        ("equipment", {"mobile_phones": "6", "cars": "3"}),
        ("bills", {"butane_month": "500", "electricity_bills_0": "3000"}),
    ):
        press(page, f"a[href$='/{section}']")
        page.wait_for_url(f"**/{section}")
        for name, value in answers.items():
            reach(page, f"[name={name}]")
            page.keyboard.press("ControlOrMeta+a")
            page.keyboard.insert_text(value)
        if section == "bills":
            press(page, "[name=electricity_bills_none]", "Space")
        press(page, "main form[data-registration] .btn-primary")
        page.wait_for_url(lambda url, here=section: not url.endswith(here))
    press(page, ".steps a[href$='/equipment']")
    expect(page.locator(".was")).to_have_count(2)
    press(page, ".steps li:last-child a")
    expect(page.locator("main ins")).to_have_count(4)
    press(page, "main form.card .btn-primary")
    page.wait_for_url("**/requests/*")
    press(page, "#next form[action$='/apply'] .btn-primary")
    expect(page.locator("#next button[disabled]")).to_be_visible()
    request = Request.objects.get(kind="update")
    assert (request.status, request.second) == ("in_progress", ["loses_right"])

    chief.open("/requests/")
    press(chief.page, f"a[href='/requests/{request.pk}']")
    chief.page.wait_for_url("**/requests/*")
    expect(chief.page.locator("#effect td:has-text('radié')")).to_have_count(0)
    press(chief.page, "#next form[action$='/apply'] .btn-primary")
    expect(chief.page.locator(".messages .note.yes")).to_be_visible()
    request.refresh_from_db()
    assert (request.status, request.processed_by.username) == ("processed", "salma")
    chief.page.go_back()
    assert chief.complaints == clerk.complaints == []
