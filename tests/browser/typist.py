"""A declaration typed with the keyboard alone, as fast hands do at a counter: Tab from question to question, Enter at the button."""

from collections.abc import Iterator, Mapping

from playwright.sync_api import Page

from households.questions import BY_FIELD

QUESTIONS = "form[data-registration]"
ASKED = """() => {
  const at = document.activeElement;
  return {
    end: at.tagName === "BUTTON" && Boolean(at.closest(".actions")), type: at.type, name: at.name, value: at.value, checked: at.checked,
    place: at.selectedIndex, values: at.options ? [...at.options].map(option => option.value) : [],
  };
}"""
MOST_STOPS = 150


def typed(answers: Mapping) -> dict[str, str]:
    """The canonical declaration, or one of its members, by the names of the page's controls."""
    controls = {}
    for field, value in answers.items():
        if value is None or field == "members":
            continue
        if BY_FIELD[field].kind == "bills":
            controls |= {f"{field}_{month}": str(amount) for month, amount in enumerate(value) if amount is not None}
            controls |= {} if value else {f"{field}_none": "true"}
        else:
            controls[field] = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return controls


def answer_all(page: Page, answers: Mapping, press: str = "Enter") -> list[str]:
    """Answer what the page asks, in its own order, and press its button, or the keys that stand for another; the questions met."""
    wanted, met = typed(answers), []
    page.locator(f"{QUESTIONS} :is(input:not([type=hidden]), select)").first.focus()
    for at in _stops(page):
        if at["name"] in wanted:
            _answer(page, at, wanted[at["name"]])
        met.append(at["name"])
    page.keyboard.press(press)
    return met


def _stops(page: Page) -> Iterator[dict]:
    for _stop in range(MOST_STOPS):
        at = page.evaluate(ASKED)
        if at["end"]:
            return
        yield at
        page.keyboard.press("Tab")
    raise AssertionError(f"{MOST_STOPS} stops and no button")


def _answer(page: Page, at: dict, wanted: str) -> None:
    if at["values"]:
        away = at["values"].index(wanted) - at["place"]
        for _step in range(abs(away)):
            page.keyboard.press("ArrowDown" if away > 0 else "ArrowUp")
    elif at["type"] == "radio":
        _choose(page, wanted)
    elif at["type"] == "checkbox":
        if at["checked"] != (wanted == "true"):
            page.keyboard.press("Space")
    else:
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text(wanted)


def _choose(page: Page, wanted: str) -> None:
    """Space takes the choice the keyboard is on, an arrow the next one."""
    page.keyboard.press("Space")
    for _choice in range(10):
        if page.evaluate(ASKED)["value"] == wanted:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no choice {wanted}")
