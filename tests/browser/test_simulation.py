"""Simulating a line in a browser: by hand, by keyboard, in both directions of writing, and without any script."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from eligibility.score import format_points
from tests.browser.conftest import DESK, PHONE
from tests.eligibility.legislating import score_of, spread, under

ADDRESS = "/policy/simulate"
CHOSEN = '#picture line[stroke="#9c3d2a"]'


@pytest.fixture
def ranked(committed_db) -> list[int]:
    return spread(on=timezone.localdate())


def households(page) -> str:
    """The first figure of the page."""
    return page.locator("#figures .metric dd bdi").first.inner_text()


def across(page) -> float:
    return float(re.match(r"translate\(([^,]+),", page.locator(CHOSEN).first.get_attribute("transform"))[1])


def typed(points: int) -> str:
    return format_points(points).replace(".", ",")


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_slider_moves_the_line_the_field_and_the_figures(language, visit, ranked, axe):
    visitor = visit()
    visitor.speak(language)
    visitor.enter_as("yassine")
    visitor.open(ADDRESS)
    page, slider = visitor.page, visitor.page.locator("#slider")
    before = across(page)
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator("#figures .metric dd bdi").first).to_have_text(str(len(ranked)))
    assert (across(page) > before) == (language == "fr")
    assert "line=" in page.url and page.locator("[name=line]").first.input_value() == typed(round(float(slider.input_value()) * 10**7))
    expect(page.locator("#told")).to_contain_text(str(len(ranked)))
    page.keyboard.press("Home")
    expect(page.locator("#figures .metric dd bdi").first).to_have_text("0")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate("() => document.scrollingElement.scrollWidth <= innerWidth")
        assert axe(page, colors=size is DESK) == []
    assert visitor.complaints == []


def test_the_field_is_exact_to_the_ten_millionth(visit, ranked):
    visitor = visit()
    visitor.enter_as("yassine")
    visitor.open(ADDRESS)
    page, line = visitor.page, score_of(ranked[9])
    figure = page.locator("#figures .metric dd bdi").first
    page.locator("#id_line").fill(typed(line))
    expect(figure).to_have_text("10")
    page.locator("#id_line").fill(typed(line - 1))
    expect(figure).to_have_text("9")
    page.locator("[data-by='100000']").click()
    expect(figure).to_have_text(str(len(under(line - 1 + 100_000))))
    assert page.locator("#id_line").input_value() == typed(line - 1 + 100_000)
    assert visitor.complaints == []


def test_without_a_script_the_line_and_the_budget_are_forms(visit, ranked):
    visitor = visit(java_script_enabled=False)
    visitor.enter_as("chaima")
    visitor.open(ADDRESS)
    page, line = visitor.page, score_of(ranked[4])
    page.locator("#id_line").fill(typed(line))
    page.keyboard.press("Enter")
    page.wait_for_url("**line=**")
    assert households(page) == "5"
    page.locator("[data-by='-100000']").click()
    page.wait_for_url("**line=**line=**")
    assert page.locator("#id_line").input_value() == typed(line - 100_000)
    page.locator("#id_amount").fill("7")
    page.locator("#id_unit").select_option("households")
    page.locator("#budget button").click()
    page.wait_for_url("**amount=7**")
    assert households(page) == "7"
    assert typed(score_of(ranked[6])) in page.locator("#budget a").get_attribute("href").replace("%2C", ",")
