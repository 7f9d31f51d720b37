"""A score and a declaration laid out for the eye: the ruler with its lines, the sum with its bars, the answers of the dwelling."""

from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from rsu import numerals, wording

BASE_KINDS = ("constant", "region")


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
    lines = [mark(standing.threshold, short_name(standing.program), standing is ordered[-1]) for standing in ordered]
    parts = wording.listed(f"{line.label} {numerals.points(line.score)}" for line in lines)
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


def short_name(program: str) -> str:
    """What a drawing has room for."""
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


def told(term, size: int, region: str = "") -> tuple[str, str]:
    """What a term is called and what the family answered, in the reader's words."""
    return label(term), _answer(term, size, region)


def label(term) -> str:
    """The law's words, but for a bill: the law counts it a person and a year, the family pays it by the month."""
    return str(wording.FACTS[term.fact]) if term.kind == "money" and term.fact in wording.FACTS else term_label(term)


def _total(terms) -> int:
    return sum(term.points for term in terms)


def term_label(labelled) -> str:
    """The label the law's data carries in the language of the page."""
    return labelled.ar if get_language() == "ar" else labelled.fr


def _line(terms, size: int, region: str, widest: int) -> Line:
    first, total = terms[0], _total(terms)
    return Line(label(first), _answer(first, size, region), _detail(terms, size), total, abs(total) / widest)


def answered(kind: str, value: int, size: int) -> str:
    """A fact's value as the family answered it."""
    return _answer(SimpleNamespace(kind=kind, value=value), size, "")


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
        members = ngettext("{part} sur {whole} membre du ménage", "{part} sur {whole} membres du ménage", size)
        return members.format(part=term.value, whole=size)
    return numerals.count(term.value)


def _month(centimes_a_year: int) -> int:
    return (centimes_a_year + 6) // 12


def _detail(terms, size: int) -> str:
    """How the amount is made."""
    if terms[0].kind in (*BASE_KINDS, "bool") or not _total(terms):
        return ""
    return " + ".join(_product(term, size) for term in terms)


def _product(term, size: int) -> str:
    coefficient = numerals.coefficient(term.coefficient)
    if term.kind == "money":
        each = numerals.dirhams((term.value * 2 + size) // (2 * size), trim=True)
        return _("{amount} MAD par personne et par an × {coefficient}").format(amount=each, coefficient=coefficient)
    value = {"share": f"{term.value}/{size}", "square": f"{term.value}²"}.get(term.kind, str(term.value))
    return f"{value} × {coefficient}"


def dwelling(household) -> list[tuple[str, str]]:
    """(question, answer) of what the household's milieu was asked, in the order of the form."""
    answers = [(field, wording.QUESTIONS[code]) for field, code in wording.DWELLING.items() if getattr(household, field) is not None]
    return [(str(question), shown(household, field)) for field, question in answers]


def shown(household, field: str) -> str:
    """One of the household's own answers in words."""
    value = getattr(household, field)
    if hasattr(household, f"get_{field}_display"):
        return str(getattr(household, f"get_{field}_display")())
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, list):
        return _bills(value)
    if field == "butane_month":
        return _("{amount} MAD par mois").format(amount=numerals.dirhams(value, trim=True))
    return numerals.count(value)


def _bills(months: list) -> str:
    if not months:
        return _("pas de facture")
    written = [numerals.dirhams(month, trim=True) if month is not None else "–" for month in months]
    return _("{amounts} MAD").format(amounts=" · ".join(written))
