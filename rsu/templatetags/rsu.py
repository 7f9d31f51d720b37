"""Filters every page writes figures and identifiers with, and the geometry of the ruler and of the sum.

A figure is isolated left to right (`<bdi dir="ltr">`): in an Arabic sentence "1234-5678" would be shown in the wrong order.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django import forms, template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rsu import numerals, wording

register = template.Library()

BASE_KINDS = ("constant", "region")


def isolated(text) -> SafeString:
    return format_html('<bdi dir="ltr">{}</bdi>', text)


@register.filter
def points(score: int | None) -> str:
    """A score in units of 10^-7, all seven decimals."""
    return "" if score is None else isolated(numerals.points(score))


@register.filter
def signed_points(amount: int | None) -> str:
    return "" if amount is None else isolated(numerals.points(amount, signed=True))


@register.filter
def threshold(score: int | None) -> str:
    """As the decree prints it: no closing zeros."""
    return "" if score is None else isolated(numerals.points(score, trim=True))


@register.filter
def cut_points(score: int) -> str:
    """Three decimals at most, as plain text for a drawing."""
    return numerals.short_points(score)


@register.filter
def distance(score: int | None) -> str:
    """How far a score is from a line, without its sign."""
    return "" if score is None else isolated(numerals.points(abs(score)))


@register.filter
def dirhams(centimes: int | None) -> str:
    return "" if centimes is None else isolated(numerals.dirhams(centimes))


@register.filter
def whole_dirhams(centimes: int | None) -> str:
    """Without ",00" when there are no centimes."""
    return "" if centimes is None else isolated(numerals.dirhams(centimes, trim=True))


@register.filter
def count(number: int | None) -> str:
    return "" if number is None else isolated(numerals.count(int(number)))


@register.filter
def signed_count(number: int | None) -> str:
    return "" if number is None else isolated(numerals.count(int(number), signed=True))


@register.filter
def percent(part: int | None, whole: int | None) -> str:
    return isolated(numerals.percent(part or 0, whole or 0))


@register.filter
def idcs(number: str) -> str:
    """Ten digits of a person, grouped 4-3-3 for the eye."""
    text = str(number or "")
    spaced = numerals.NARROW_SPACE.join((text[:4], text[4:7], text[7:])) if len(text) == 10 else text
    return isolated(spaced) if text else ""


@register.filter
def household_code(code: str) -> str:
    text = str(code or "")
    return isolated(f"{text[:10]}-{text[10:]}" if len(text) == 11 else text) if text else ""


@register.filter
def ltr(text) -> str:
    """Any other identifier: a telephone number, a dotted code."""
    return isolated(text) if text else ""


@register.filter
def term_label(labelled) -> str:
    """The label the law's data carries in the language of the page."""
    return labelled.ar if get_language() == "ar" else labelled.fr


@register.filter
def fact_label(name: str) -> str:
    return str(wording.FACTS.get(name, name))


@register.filter
def person_name(member) -> str:
    return member.name_ar if get_language() == "ar" else member.name_fr


@register.filter
def other_name(member) -> str:
    """The name in the other script; empty when it is not known."""
    name = member.name_fr if get_language() == "ar" else member.name_ar
    return "" if name == person_name(member) else name


@register.filter
def head(members):
    """The person the household is called after: its head, or else the first declared."""
    people = list(members)
    return next((member for member in people if member.relation == "head"), people[0] if people else None)


@register.filter
def age(born_on: date, on: date) -> int:
    """Completed years; who is born on the 29th of February grows older on the 1st of March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


@register.filter
def is_open(until: date) -> bool:
    """Whether a period has no end: 9999-12-31 stands for it."""
    return until is None or until.year == 9999


@register.filter
def state_class(status: str) -> str:
    return wording.STATES.get(status, ("off", ""))[0]


@register.filter
def state_sign(status: str) -> str:
    return wording.STATES.get(status, ("off", "–"))[1]


@register.filter
def questions(missing) -> list[str]:
    """The questions behind facts that could not be read, each once, in the order of the law."""
    from eligibility.facts import BY_NAME

    asks = [ask for name in missing for ask in (BY_NAME[name].asks.split() if name in BY_NAME else [name])]
    return [str(wording.QUESTIONS.get(ask, ask)) for ask in dict.fromkeys(asks)]


@register.filter
def lever_sentence(lever) -> SafeString:
    """What would have to change, in one line: a bill in dirhams a month, a possession in number, an answer in yes or no."""
    label = fact_label(lever.fact)
    if lever.kind == "money":
        more = lever.change > 0
        amount = isolated(numerals.count(abs(lever.dirhams)))
        sentence = _("{label} : {amount} MAD de plus par mois") if more else _("{label} : {amount} MAD de moins par mois")
        return format_html(sentence, label=label, amount=amount)
    if lever.kind == "answer":
        return format_html(_("{label} : oui au lieu de non") if lever.after else _("{label} : non au lieu de oui"), label=label)
    return format_html(_("{label} : {after} au lieu de {before}"), label=label, after=lever.after, before=lever.before)


@register.filter
def control(field) -> str:
    """The widget of a form field with the look of the house."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        name = "form-check-input"
    else:
        name = "form-select" if isinstance(widget, forms.Select) else "form-control"
    own = widget.attrs.get("class", "")
    invalid = " is-invalid" if field.errors else ""
    return field.as_widget(attrs={"class": f"{own} {name}{invalid}".strip()})


@register.filter
def is_checkbox(field) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@dataclass(frozen=True)
class Mark:
    """Something on a ruler: its place from the left edge of the screen (percent, as SVG writes it) and the side its label grows from."""

    x: str
    anchor: str
    label: str
    score: int


@dataclass(frozen=True)
class Zone:
    x: str
    width: str


@dataclass(frozen=True)
class Ruler:
    """`zones` are the scores that open one more program each, the poorest first."""

    lines: list[Mark]
    zones: list[Zone]
    score: Mark
    sentence: str


@register.simple_tag
def ruler(score: int, programs) -> Ruler:
    """Score and thresholds on one axis, mirrored in Arabic; the lines keep a third of the width clear for their labels."""
    ordered = sorted(programs, key=lambda standing: standing.threshold)
    low, high = _span(score, [standing.threshold for standing in ordered])
    mirrored = get_language() == "ar"

    def along(value: float) -> float:
        return (value - low) * 100 / (high - low)

    def mark(value: int, label: str, last: bool) -> Mark:
        x = 100 - along(value) if mirrored else along(value)
        return Mark(_svg(x), "start" if last != mirrored else "end", label, value)

    def zone(since: float, until: float) -> Zone:
        width = along(until) - along(since)
        return Zone(_svg(100 - along(until) if mirrored else along(since)), _svg(width))

    edges = [low, *(standing.threshold for standing in ordered)]
    lines = [mark(standing.threshold, _short_name(standing.program), standing is ordered[-1]) for standing in ordered]
    parts = ", ".join(f"{line.label} {numerals.points(line.score, trim=True)}" for line in lines)
    sentence = _("Indice {score} ; seuils : {lines}").format(score=numerals.points(score), lines=parts)
    zones = [zone(since, until) for since, until in pairwise(edges)]
    return Ruler(lines, zones, mark(score, "", False), sentence)


def _svg(number: float) -> str:
    """A point whatever the language: SVG knows no comma."""
    return f"{number:.2f}"


def _span(score: int, thresholds: list[int]) -> tuple[float, float]:
    first, last = min(thresholds), max(thresholds)
    margin = max(abs(last - first), 1_000_000) // 2
    low, high = min(score, first) - margin, max(score, last) + margin
    return min(low, first - 0.5 * (high - first)), max(high, last + 0.5 * (last - low))


def _short_name(program: str) -> str:
    return {"amo_tadamon": _("AMO"), "direct_aid": _("Aide")}.get(str(program), str(program))


@dataclass(frozen=True)
class Line:
    """One line of the sum a family sees: the terms of one fact together, as size and its square are one answer."""

    label: str
    answer: str
    detail: str
    points: int
    share: float
    """Of the heaviest line, 0 to 1."""

    @property
    def x(self) -> str:
        return _svg(50 if self.points > 0 else 50 - 50 * self.share)

    @property
    def width(self) -> str:
        return _svg(50 * self.share)


@dataclass(frozen=True)
class Sum:
    base: list[Line]
    shown: list[Line]
    silent: list[Line]
    total: int


@register.simple_tag
def sum_of_terms(terms, size: int, region: str = "") -> Sum:
    """The lines that make the score, heaviest first after the base; answers that weigh nothing stand apart."""
    by_fact: dict[str, list] = {}
    for term in terms:
        by_fact.setdefault(term.fact or term.code, []).append(term)
    groups = list(by_fact.values())
    widest = max((abs(_total(group)) for group in groups if group[0].kind not in BASE_KINDS), default=0) or 1
    lines = [(group[0].kind in BASE_KINDS, _line(group, size, region, widest)) for group in groups]
    shown = sorted((line for base, line in lines if not base and line.points), key=lambda line: -abs(line.points))
    silent = [line for base, line in lines if not base and not line.points]
    return Sum([line for base, line in lines if base], shown, silent, sum(term.points for term in terms))


def _total(terms) -> int:
    return sum(term.points for term in terms)


def _line(terms, size: int, region: str, widest: int) -> Line:
    first, total = terms[0], _total(terms)
    return Line(term_label(first), _answer(first, size, region), _detail(terms, size), total, abs(total) / widest)


def _answer(term, size: int, region: str) -> str:
    if term.kind == "constant":
        return ""
    if term.kind == "region":
        return region
    if term.kind == "bool":
        return _("oui") if term.value else _("non")
    if term.kind == "money":
        return _("{amount} MAD par mois").format(amount=numerals.dirhams(_month(term.value), trim=True))
    if term.kind == "share":
        return _("{part} sur {whole}").format(part=term.value, whole=size)
    return numerals.count(term.value)


def _month(centimes_a_year: int) -> int:
    return (centimes_a_year + 6) // 12


def _detail(terms, size: int) -> str:
    """How the amount is made, in figures alone."""
    if terms[0].kind in (*BASE_KINDS, "bool") or not _total(terms):
        return ""
    if len(terms) > 1:
        first, *others = (numerals.points(term.points, signed=True) for term in terms)
        return " ".join([first, *others])
    term = terms[0]
    value = {
        "money": lambda: numerals.decimal((term.value * 2 + size) // (2 * size), 2, trim=True),
        "share": lambda: f"{term.value}/{size}",
        "square": lambda: f"{term.value}²",
    }.get(term.kind, lambda: str(term.value))()
    return f"{value} × {numerals.coefficient(term.coefficient)}"
