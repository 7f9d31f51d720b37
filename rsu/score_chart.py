"""The scores a household had, drawn against the lines of their days: each point leads to what changed since the one before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import altair as alt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rsu import numerals
from rsu.charts import INK, ZONES, Chart, drawn, ltr
from rsu.wording import day as in_words
from rsu.wording import listed

DAY = "utcFormat(datum.value, '%d/%m/%Y')"
WIDTH, HEIGHT = 340, 190
SHORTEST = timedelta(days=60)
"""A history of a day or two is drawn on as long an axis, or its dates would stand on one another."""
MARGIN = 0.1
LINK = re.compile(r'<a xlink:href="[^"]*#spot-(\d+)"')


@dataclass(frozen=True)
class Spot:
    """One score, in units of 10⁻⁷; `url` compares it with the one before, empty for the first."""

    day: date
    score: int
    url: str
    since_last: int | None


@dataclass(frozen=True)
class Stretch:
    """A program's line from one day until another, which is excluded: what follows it begins there."""

    label: str
    since: date
    until: date
    threshold: int


def score_history(spots: Sequence[Spot], lines: Sequence[Stretch], *, today: date) -> Chart:
    """`spots` oldest first, one at least; the last score runs on until today, a line as long as it stood."""
    svg = _linked(_drawing(tuple(spots), tuple(lines), today, get_language() == "ar"), spots)
    header = [_("Depuis le"), _("Indice"), _("Changement")]
    return Chart(_("Indices du ménage, jour après jour"), _sentence(spots, lines), svg, header, [_row(spot) for spot in reversed(spots)])


@lru_cache(maxsize=128)
def _drawing(spots: tuple[Spot, ...], lines: tuple[Stretch, ...], today: date, mirrored: bool) -> SafeString:
    first = min(spots[0].day, today - SHORTEST)
    scale = alt.Scale(type="utc", domain=[_stamp(first), _stamp(today)], nice=False, reverse=mirrored)
    x = alt.X("day:T", scale=scale, title=None, axis=alt.Axis(labelExpr=DAY, grid=False, tickCount=4, labelOverlap=True))
    axis = alt.Axis(labelExpr="replace(format(datum.value, '.2f'), '.', ',')", orient="right" if mirrored else "left", tickCount=5)
    y = alt.Y("score:Q", title=_("Indice"), scale=alt.Scale(domain=_domain(spots, lines), nice=False, zero=False), axis=axis)
    levels = [layer for number, program in enumerate(_programs(lines)) for layer in _levels(program, number, x, y, first)]
    line = alt.Chart(alt.Data(values=_corners(spots, today))).mark_line(color=ZONES[0], strokeWidth=2).encode(x=x, y=y, order="order:Q")
    values = [{"day": _stamp(s.day), "score": s.score / 10**7, "url": f"#spot-{n}"} for n, s in enumerate(spots) if s.url]
    marks = alt.Chart(alt.Data(values=values)).mark_point(size=90, filled=True, color=ZONES[0], opacity=1).encode(x=x, y=y, href="url:N")
    start = alt.Chart(alt.Data(values=_corners(spots, today)[:1])).mark_point(
        size=70, filled=True, fill="#ffffff", stroke=ZONES[0], opacity=1
    )
    layers = alt.layer(*levels, line, start.encode(x=x, y=y), *([marks] if values else []))
    return drawn(layers.properties(width=WIDTH, height=HEIGHT))


def _corners(spots: Sequence[Spot], today: date) -> list[dict]:
    """Each score from its day to the next one's, the last to today; corner by corner, so that a mirrored axis draws the same line."""
    ends = [*(spot.day for spot in spots[1:]), today]
    places = [(day, spot.score) for spot, end in zip(spots, ends, strict=True) for day in (spot.day, end)]
    return [{"day": _stamp(day), "score": score / 10**7, "order": order} for order, (day, score) in enumerate(places)]


def _stamp(day: date) -> str:
    return day.isoformat()


def _domain(spots: Sequence[Spot], lines: Sequence[Stretch]) -> list[float]:
    ends = [spot.score / 10**7 for spot in spots] + [line.threshold / 10**7 for line in lines]
    return [min(ends) - MARGIN, max(ends) + MARGIN]


def _programs(lines: Sequence[Stretch]) -> list[list[Stretch]]:
    by_label: dict[str, list[Stretch]] = {}
    for line in lines:
        by_label.setdefault(line.label, []).append(line)
    return list(by_label.values())


def _levels(stretches: list[Stretch], number: int, x, y, first: date) -> list[alt.Chart]:
    """One program's line, stepped where the law moved it, and its name with its last height above its end."""
    mirrored = get_language() == "ar"
    values = [
        {"day": _stamp(max(day, first)), "score": stretch.threshold / 10**7, "order": 2 * place + end}
        for place, stretch in enumerate(stretches)
        for end, day in enumerate((stretch.since, stretch.until))
    ]
    rule = alt.Chart(alt.Data(values=values)).mark_line(color=INK, strokeWidth=1.2, strokeDash=[] if number == 0 else [5, 3])
    last = stretches[-1]
    named = [{"day": _stamp(last.until), "score": last.threshold / 10**7, "label": f"{last.label} {numerals.short_points(last.threshold)}"}]
    name = alt.Chart(alt.Data(values=named)).mark_text(
        align="left" if mirrored else "right", baseline="bottom", dy=-3, fontSize=11, fontWeight=600, color=INK
    )
    return [rule.encode(x=x, y=y, order="order:Q"), name.encode(x=x, y=y, text="label:N")]


def _linked(svg: SafeString, spots: Sequence[Spot]) -> SafeString:
    """The drawing's marks lead where ours do, each with its name."""

    def link(found: re.Match) -> str:
        spot = spots[int(found[1])]
        return format_html('<a href="{}" aria-label="{}"', spot.url, _spoken(spot))

    return mark_safe(LINK.sub(link, svg))  # addresses and names are escaped one by one


def _spoken(spot: Spot) -> str:
    return _("{day} : {score}, ce qui a changé").format(day=in_words(spot.day), score=numerals.points(spot.score))


def _row(spot: Spot) -> list:
    if not spot.url:
        return [in_words(spot.day), ltr(numerals.points(spot.score)), _("premier indice")]
    change = format_html('<a href="{}">{}</a>', spot.url, ltr(numerals.points(spot.since_last, signed=True)))
    return [in_words(spot.day), ltr(numerals.points(spot.score)), change]


def _sentence(spots: Sequence[Spot], lines: Sequence[Stretch]) -> str:
    last = {line.label: line for line in lines}
    stands = listed(f"{line.label} {ltr(numerals.points(line.threshold))}" for line in last.values())
    told = {
        "first": ltr(numerals.points(spots[0].score)), "since": in_words(spots[0].day),
        "last": ltr(numerals.points(spots[-1].score)), "until": in_words(spots[-1].day), "lines": stands,
    }  # fmt: skip
    return _("De {first} ({since}) à {last} ({until}) ; les traits fins sont les seuils, chacun depuis son jour : {lines}.").format(**told)
