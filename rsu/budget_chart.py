"""A year's money, cumulated month by month, against the envelope: what is spent is a solid line of full dots, what is foreseen dashes and
empty dots, the envelope a rule across the year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import altair as alt
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rsu import numerals
from rsu.charts import CHOSEN, INK, SPACED, ZONES, Chart, drawn, ltr

WIDTH, HEIGHT = 560, 260
MILLION = 10**8
"""Centimes in a million dirhams: above ten of them the axis counts in millions."""


@dataclass(frozen=True)
class Step:
    """A month: centimes spent in it, centimes foreseen beyond, and both cumulated."""

    month: date
    spent: int
    foreseen: int
    cumulated: int


def year_path(steps: Sequence[Step], *, envelope: int | None, partial: bool, exceeded_in: date | None, title: str) -> Chart:
    """`envelope` is the sum that the year may not exceed, for those who are counted; `partial`: it is a part of the kingdom's."""
    svg = _drawing(tuple(steps), envelope, partial, get_language() == "ar")
    header = [_("Mois"), _("Dépensé, MAD"), _("Prévu, MAD"), _("Cumul, MAD")]
    rows = [
        [month_words(step.month), *(numerals.dirhams(n, trim=True) for n in (step.spent, step.foreseen, step.cumulated))] for step in steps
    ]
    return Chart(title, _sentence(steps, envelope, partial, exceeded_in, title), svg, header, rows)


def month_words(month: date) -> str:
    return date_format(month, "F Y")


def _sentence(steps: Sequence[Step], envelope: int | None, partial: bool, exceeded_in: date | None, title: str) -> str:
    figures = {
        "title": title,
        "spent": ltr(numerals.dirhams(sum(step.spent for step in steps), trim=True)),
        "whole": ltr(numerals.dirhams(steps[-1].cumulated if steps else 0, trim=True)),
    }
    told = _("{title} : {spent} MAD dépensés (trait plein), {whole} MAD avec ce qui est prévu (tirets).").format(**figures)
    if envelope is None:
        return told + " " + _("L’enveloppe de l’année n’est pas connue.")
    line = ltr(numerals.dirhams(envelope, trim=True))
    if exceeded_in is None:
        kept = (
            _("La part de l’enveloppe, {line} MAD, n’est pas dépassée.") if partial else _("L’enveloppe de {line} MAD n’est pas dépassée.")
        )
        return told + " " + kept.format(line=line)
    over = (
        _("La part de l’enveloppe, {line} MAD, serait dépassée en {month}.")
        if partial
        else _("L’enveloppe de {line} MAD serait dépassée en {month}.")
    )
    return told + " " + over.format(line=line, month=month_words(exceeded_in))


@lru_cache(maxsize=32)
def _drawing(steps: tuple[Step, ...], envelope: int | None, partial: bool, mirrored: bool) -> SafeString:
    highest = max([step.cumulated for step in steps] + [envelope or 0])
    unit = MILLION if highest >= 10 * MILLION else 100
    last_spent = max((number for number, step in enumerate(steps) if step.spent and not step.foreseen), default=-1)
    rows = [
        {
            "order": number,
            "month": date_format(step.month, "F" if mirrored else "M"),
            "money": step.cumulated / unit,
            "foreseen": number > last_spent,
        }
        for number, step in enumerate(steps)
    ]
    months = [row["month"] for row in rows]
    title = _("Cumul, millions de MAD") if unit == MILLION else _("Cumul, MAD")
    axis = alt.Axis(labelExpr=SPACED, orient="right" if mirrored else "left", tickCount=5)
    x = alt.X("month:O", sort=months, title=None, axis=alt.Axis(labelAngle=0), scale=alt.Scale(domain=months, reverse=mirrored))
    y = alt.Y("money:Q", title=title, axis=axis, scale=alt.Scale(domainMin=0))
    # The dashes start at the last month spent, so that the two lines meet.
    spent, ahead = [row for row in rows if not row["foreseen"]], [row for row in rows if row["order"] >= last_spent]
    layers = [
        _line(spent, x, y, dash=[]), _line(ahead, x, y, dash=[6, 4]),
        _dots(spent, x, y, filled=True), _dots([row for row in rows if row["foreseen"]], x, y, filled=False),
    ]  # fmt: skip
    if envelope is not None:
        layers += _envelope(envelope / unit, _("part de l’enveloppe") if partial else _("enveloppe"), mirrored)
    return drawn(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT))


def _line(rows: list[dict], x: alt.X, y: alt.Y, *, dash: list[int]) -> alt.Chart:
    return alt.Chart(alt.Data(values=rows)).mark_line(color=ZONES[0], strokeWidth=2, strokeDash=dash).encode(x=x, y=y)


def _dots(rows: list[dict], x: alt.X, y: alt.Y, *, filled: bool) -> alt.Chart:
    fill = ZONES[0] if filled else "#ffffff"
    return alt.Chart(alt.Data(values=rows)).mark_point(shape="circle", size=50, stroke=ZONES[0], fill=fill, opacity=1).encode(x=x, y=y)


def _envelope(height: float, label: str, mirrored: bool) -> list[alt.Chart]:
    base = alt.Chart(alt.Data(values=[{"money": height, "label": label}])).encode(y="money:Q")
    rule = base.mark_rule(color=CHOSEN, strokeWidth=2)
    text = base.mark_text(align="right" if mirrored else "left", dx=-4 if mirrored else 4, dy=-7, color=INK, fontWeight=600, fontSize=12)
    return [rule, text.encode(x=alt.value(WIDTH if mirrored else 0), text="label:N")]
