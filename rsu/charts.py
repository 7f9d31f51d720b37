"""Charts as inline SVG without script or style, each with a sentence and a table that say the same."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import altair as alt
import vl_convert
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rsu import numerals
from rsu.wording import listed

OUTLINES = Path(__file__).parent / "data" / "geography" / "regions.geojson"
FONT = "PlexArabic, Plex, system-ui, sans-serif"
INK, MUTED, LINE = "#1f2a2c", "#566364", "#e6dfd3"
ZONES = ("#0f5c4a", "#7fb8a4", "#d8c7a8")
"""Under every line, under one of them, above all."""
GREENS = ["#e3efe9", "#0f5c4a"]
DARK = 0.65
"""From this part of the darkest shade on, white reads better than ink."""
WHOLE_TICKS = 10
"""Up to this height the axis counts one by one."""
BINS = 5
"""A bar is 5 buckets of a hundredth wide."""
CHOSEN = "#9c3d2a"
"""The line that moves under the hand: static/simulate.js finds it in a drawing by this color."""
CURVE_WIDTH = 560
CURVE_POINTS = 280
"""A point every two pixels: more would not be seen."""
CHOSEN_LINE = re.compile(rf'(<line transform="translate\()[^,]*(,[^>]*stroke="{CHOSEN}")')
MILLION = 10**6
SPACED = r"replace(format(datum.value, ','), regexp(',', 'g'), '\u202f')"
UNSIGNED = r"replace(format(abs(datum.value), ','), regexp(',', 'g'), '\u202f')"
DECIMAL = "replace(format(datum.value, '.1f'), '.', ',')"


@dataclass(frozen=True)
class Chart:
    title: str
    sentence: str
    svg: SafeString
    header: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Area:
    """A region on the map and how many of its `whole` are the `part` shown."""

    code: str
    name: str
    part: int
    whole: int

    @property
    def percent(self) -> str:
        return numerals.percent(self.part, self.whole)


def region_map(areas: list[Area], *, title: str, part: str, whole: str) -> Chart:
    """Shares by region: a shade, and the figure written on it; other regions are only ground.

    `part` and `whole` head the table's columns.
    """
    rows = [[area.name, numerals.count(area.part), numerals.count(area.whole), area.percent] for area in areas]
    return Chart(title, _map_sentence(areas, title), _map(tuple(areas)), [_("Région"), part, whole, _("Part")], rows)


@lru_cache(maxsize=32)
def _map(areas: tuple[Area, ...]) -> SafeString:
    """Describing a map costs more than drawing it: the outlines are long."""
    highest = max(_shares(areas), default=0) or 1
    values = [_feature(area, highest) for area in areas]
    base = alt.Chart(alt.Data(values=values))
    shape = base.mark_geoshape(stroke="#ffffff", strokeWidth=1).encode(
        color=alt.Color("properties.share:Q", scale=alt.Scale(range=GREENS, domain=[0, highest]), legend=None)
    )
    texts = alt.Chart(alt.Data(values=[value["properties"] for value in values])).mark_text(fontSize=10, fontWeight=600)
    label = texts.encode(longitude="label_lon:Q", latitude="label_lat:Q", text="percent:N", color=alt.Color("ink:N", scale=None))
    ground = alt.Chart(alt.Data(values=list(_outlines().values()))).mark_geoshape(fill=LINE, stroke="#ffffff", strokeWidth=1)
    return drawn((ground + shape + label).resolve_scale(color="independent").project(type="mercator").properties(width=420, height=420))


def _shares(areas: Iterable[Area]) -> list[float]:
    return [area.part / area.whole for area in areas if area.whole]


def _feature(area: Area, highest: float) -> dict:
    outline = _outlines()[area.code]
    share = area.part / area.whole if area.whole else 0
    ink = "#ffffff" if share > DARK * highest else INK
    properties = outline["properties"] | {"share": share, "percent": area.percent, "ink": ink}
    return outline | {"properties": properties}


@cache
def _outlines() -> dict[str, dict]:
    """Region code → feature, its rings turned: d3 draws the other side of a ring wound as RFC 7946 wants."""
    features = json.loads(OUTLINES.read_text())["features"]
    for feature in features:
        geometry = feature["geometry"]
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        geometry |= {"type": "MultiPolygon", "coordinates": [[ring[::-1] for ring in rings] for rings in polygons]}
    return {feature["properties"]["code"]: feature for feature in features}


def _map_sentence(areas: list[Area], title: str) -> str:
    ranked = sorted((area for area in areas if area.whole), key=lambda area: area.part / area.whole)
    if not ranked:
        return _("{title} : aucun ménage enregistré.").format(title=title)
    low, high = ranked[0], ranked[-1]
    if low is high:
        return _("{title} : {name} {percent}.").format(title=title, name=high.name, percent=ltr(high.percent))
    return _("{title} : de {low} ({low_name}) à {high} ({high_name}).").format(
        title=title, low=ltr(low.percent), low_name=low.name, high=ltr(high.percent), high_name=high.name
    )


@dataclass(frozen=True)
class ThresholdLine:
    label: str
    score: int


def score_histogram(buckets: list[dict], lines: list[ThresholdLine]) -> Chart:
    """Households by score, `buckets` being hundredths; each line stands where the law draws it."""
    bars = _bars(buckets, lines)
    rows = [[_span(bar), numerals.count(bar["households"])] for bar in bars]
    svg = _histogram(tuple((bucket["bucket"], bucket["households"]) for bucket in buckets), tuple(lines), get_language() == "ar")
    return Chart(_("Ménages selon l’indice"), _histogram_sentence(buckets, lines), svg, [_("Indice"), _("Ménages")], rows)


@lru_cache(maxsize=32)
def _histogram(buckets: tuple[tuple[int, int], ...], lines: tuple[ThresholdLine, ...], mirrored: bool) -> SafeString:
    bars = _bars([{"bucket": bucket, "households": households} for bucket, households in buckets], lines)
    scale = alt.Scale(domain=_domain(bars, lines), nice=False, reverse=mirrored)
    x = alt.X("low:Q", bin="binned", scale=scale, title=_("Indice"), axis=alt.Axis(labelExpr=DECIMAL, grid=False, tickMinStep=0.1))
    y = alt.Y(
        "households:Q",
        title=_("Ménages"),
        axis=alt.Axis(labelExpr=SPACED, orient="right" if mirrored else "left", **_ticks(bars)),
    )
    shapes = alt.Chart(alt.Data(values=bars)).mark_bar(stroke="#ffffff", strokeWidth=0.5)
    shapes = shapes.encode(x=x, x2="high:Q", y=y, color=alt.Color("color:N", scale=None))
    layers = alt.layer(shapes, *(layer for number, line in enumerate(lines) for layer in _rule(line, number)))
    return drawn(layers.properties(width=560, height=340))


def _bars(buckets: list[dict], lines: Sequence[ThresholdLine]) -> list[dict]:
    sums: dict[int, int] = {}
    for bucket in buckets:
        sums[bucket["bucket"] // BINS] = sums.get(bucket["bucket"] // BINS, 0) + bucket["households"]
    return [
        {"low": key * BINS / 100, "high": (key + 1) * BINS / 100, "households": households, "color": _zone(key, lines)}
        for key, households in sorted(sums.items())
    ]


def _zone(key: int, lines: list[ThresholdLine]) -> str:
    """The zone of the bar's middle."""
    middle = (2 * key + 1) * BINS * 100_000 // 2
    above = sum(middle > line.score for line in lines)
    return ZONES[0] if not above else ZONES[2] if above == len(lines) else ZONES[1]


def _ticks(bars: list[dict]) -> dict[str, list[int]]:
    """Few households are counted one by one: no tick stands at a half."""
    highest = max((bar["households"] for bar in bars), default=0)
    return {"values": list(range(highest + 1))} if highest <= WHOLE_TICKS else {}


def _domain(bars: list[dict], lines: list[ThresholdLine]) -> list[float]:
    ends = [bar["low"] for bar in bars] + [bar["high"] for bar in bars] + [line.score / 10**7 for line in lines]
    return [min(ends) - 0.1, max(ends) + 0.1] if ends else [0, 1]


def _rule(line: ThresholdLine, number: int) -> list[alt.Chart]:
    mirrored = get_language() == "ar"
    value = [{"score": line.score / 10**7, "label": f"{line.label} {numerals.short_points(line.score)}"}]
    base = alt.Chart(alt.Data(values=value)).encode(x="score:Q")
    rule = base.mark_rule(color=INK, strokeWidth=1.5, strokeDash=[] if number == 0 else [5, 3])
    before = (number == 0) != mirrored
    text = base.mark_text(
        align="right" if before else "left", dx=-5 if before else 5, baseline="bottom", fontWeight=600, color=INK, fontSize=12
    )
    # Above the frame: inside it, the label would cover the ticks of the axis or the bars.
    return [rule, text.encode(y=alt.value(-10), text="label:N")]


@dataclass(frozen=True)
class Cumulated:
    """What stands under a score, in units of 10^-7; money in centimes a month."""

    under: int
    households: int
    people: int
    centimes: int


def cumulated_curves(points: list[Cumulated], *, in_force: int | None, chosen: int) -> Chart:
    """Households, people and dirhams a month under every cut-off, one under the other; dashes stand where the law draws its line."""
    low, high = ends_of(points)
    drawing = _curves(tuple(points), in_force, get_language() == "ar")
    svg = mark_safe(CHOSEN_LINE.sub(rf"\g<1>{_across(chosen, low, high):g}\g<2>", drawing))  # a number of ours in our own drawing
    header = [_("Indice inférieur à"), _("Ménages"), _("Personnes"), _("MAD par mois")]
    return Chart(_("Ce qu’un seuil couvre et coûte"), _curve_sentence(points, in_force, chosen), svg, header, _tenths(points))


@lru_cache(maxsize=32)
def _curves(points: tuple[Cumulated, ...], in_force: int | None, mirrored: bool) -> SafeString:
    """The chosen line is drawn at the low end, to be moved: one drawing, a tenth of a second, serves them all."""
    low, high = ends_of(points)
    lines = [_upright(low, low, high, CHOSEN, [])] + ([] if in_force is None else [_upright(in_force, low, high, INK, [5, 3])])
    millions = bool(points) and points[-1].centimes >= 10 * MILLION * 100
    titles = {
        "households": _("Ménages"),
        "people": _("Personnes"),
        "money": _("Millions de MAD par mois") if millions else _("MAD par mois"),
    }
    scale = alt.Scale(domain=[low / 10**7, high / 10**7], nice=False, reverse=mirrored)
    heading = {"anchor": "end" if mirrored else "start", "frame": "group", "color": INK, "fontSize": 12, "fontWeight": 600}
    parts = [
        alt.layer(_area(name, scale, last=name == "money"), *lines).properties(
            width=CURVE_WIDTH, height=90, title=alt.TitleParams(title, **heading)
        )
        for name, title in titles.items()
    ]
    return drawn(alt.vconcat(*parts, data=alt.Data(values=_steps(points, low, MILLION * 100 if millions else 100)), spacing=14))


def _upright(score: int, low: int, high: int, color: str, dash: list[int]) -> alt.Chart:
    base = alt.Chart(alt.Data(values=[{"score": min(max(score, low), high) / 10**7}]))
    return base.mark_rule(color=color, strokeWidth=2, strokeDash=dash).encode(x="score:Q")


def _across(score: int, low: int, high: int) -> float:
    """Where a score stands, from the left."""
    share = (min(max(score, low), high) - low) / (high - low)
    return CURVE_WIDTH * (1 - share if get_language() == "ar" else share)


def ends_of(points: Sequence[Cumulated]) -> tuple[int, int]:
    """The lowest and the highest cut-off drawn: the tenths around everybody."""
    if not points:
        return 0, 10**7
    first, last = points[0].under - 10**5, points[-1].under
    return first // 10**6 * 10**6, -(-last // 10**6) * 10**6


def _steps(points: Sequence[Cumulated], low: int, unit: int) -> list[dict]:
    """From nobody on, each count until the next."""
    apart = len(points) // CURVE_POINTS + 1
    kept = [*points[:-1:apart], *points[-1:]]
    counts = [(low, 0, 0, 0), *((point.under, point.households, point.people, point.centimes) for point in kept)]
    counts.append((ends_of(points)[1], *counts[-1][1:]))
    return [
        {"under": under / 10**7, "households": households, "people": people, "money": centimes / unit}
        for under, households, people, centimes in counts
    ]


def _area(name: str, scale: alt.Scale, *, last: bool) -> alt.Chart:
    mirrored = get_language() == "ar"
    x = alt.X("under:Q", scale=scale, title=_("Seuil") if last else None, axis=alt.Axis(labelExpr=DECIMAL, grid=False, labels=last))
    axis = alt.Axis(labelExpr=SPACED, orient="right" if mirrored else "left", tickCount=4, tickMinStep=1)
    # Points are joined from left to right: on a mirrored axis a count ends where its own point stands.
    steps = "step-before" if mirrored else "step-after"
    shape = alt.Chart().mark_area(interpolate=steps, color=ZONES[1], line={"color": ZONES[0], "strokeWidth": 1.5})
    # Two points may share the top end: stacked, they would count everybody twice.
    return shape.encode(x=x, y=alt.Y(f"{name}:Q", title=None, axis=axis, stack=None))


def _tenths(points: list[Cumulated]) -> list[list[str]]:
    """The last count under each tenth that changes something."""
    last = {-(-point.under // 10**6): point for point in points}
    return [
        [
            numerals.decimal(tenth, 1),
            numerals.count(point.households),
            numerals.count(point.people),
            numerals.dirhams(point.centimes, trim=True),
        ]
        for tenth, point in sorted(last.items())
    ]


def _curve_sentence(points: list[Cumulated], in_force: int | None, chosen: int) -> str:
    if not points:
        return _("Aucun ménage n’a encore d’indice.")
    total, line = ltr(numerals.count(points[-1].households)), ltr(numerals.points(chosen))
    if in_force is None:
        return _("{total} ménages par indice croissant ; le trait plein est le seuil simulé, {line}.").format(total=total, line=line)
    told = _("{total} ménages par indice croissant ; le trait plein est le seuil simulé, {line}, les tirets le seuil en vigueur, {law}.")
    return told.format(total=total, line=line, law=ltr(numerals.points(in_force)))


@dataclass(frozen=True)
class Moved:
    """Households of one kind that a change puts out of a program and lets in."""

    label: str
    out: int
    into: int


def moves(rows: list[Moved], *, kind: str) -> Chart:
    """For each kind of household, those who go out on one side of the axis and those who come in on the other."""
    title = _("Ménages qui sortent et qui entrent, par {kind}").format(kind=kind)
    mirrored = get_language() == "ar"
    values = [
        {"label": row.label, "households": number, "color": color}
        for row in rows
        for number, color in ((-row.out, CHOSEN), (row.into, ZONES[0]))
    ]
    most = max((max(row.out, row.into) for row in rows), default=0) or 1
    ticks = {"values": list(range(-most, most + 1))} if most <= WHOLE_TICKS else {}
    # A minus sign would count people below zero: the side and the color say which way they go, the table says it in words.
    axis = alt.Axis(labelExpr=UNSIGNED, tickCount=6, tickMinStep=1, **ticks)
    scale = alt.Scale(domain=[-most, most], reverse=mirrored)
    x = alt.X("households:Q", scale=scale, title=_("Ménages qui sortent | qui entrent"), axis=axis)
    y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(orient="right" if mirrored else "left", labelLimit=200))
    bars = alt.Chart(alt.Data(values=values)).mark_bar().encode(x=x, y=y, color=alt.Color("color:N", scale=None))
    table = [[row.label, numerals.count(row.out), numerals.count(row.into)] for row in rows]
    header = [kind[:1].upper() + kind[1:], _("Sortent"), _("Entrent")]
    return Chart(title, _moves_sentence(rows), drawn(bars.properties(width=420, height=alt.Step(22))), header, table)


def _moves_sentence(rows: list[Moved]) -> str:
    out, into = sum(row.out for row in rows), sum(row.into for row in rows)
    told = _("Ménages qui sortiraient : {out} ; qui entreraient : {into}.")
    return told.format(out=ltr(numerals.count(out)), into=ltr(numerals.count(into)))


def _span(bar: dict) -> str:
    return _("{low} à {high}").format(low=_comma(bar["low"]), high=_comma(bar["high"]))


def _comma(number: float) -> str:
    return f"{number:.2f}".replace(".", ",")


def _histogram_sentence(buckets: list[dict], lines: list[ThresholdLine]) -> str:
    total = sum(bucket["households"] for bucket in buckets)
    if not total:
        return _("Aucun ménage n’a encore d’indice.")
    parts = listed(f"{line.label} {ltr(numerals.points(line.score))}" for line in lines)
    return _("{total} ménages ont un indice ; les traits sont les seuils : {lines}.").format(total=ltr(numerals.count(total)), lines=parts)


def ltr(figure: str) -> str:
    """Isolated left to right in a sentence that is also read out: no tag may stand in an attribute."""
    return f"\u2066{figure}\u2069"


def drawn(chart: alt.TopLevelMixin) -> SafeString:
    """In the colors of the house, without script or style."""
    themed = chart.configure(font=FONT, background="transparent").configure_view(stroke=None)
    themed = themed.configure_axis(
        labelColor=MUTED, titleColor=MUTED, gridColor=LINE, domainColor=LINE, tickColor=LINE, titleFontWeight=400
    )
    return mark_safe(_svg(json.dumps(themed.to_dict(), sort_keys=True, ensure_ascii=False)))  # drawn here from our own figures and names


@lru_cache(maxsize=128)
def _svg(spec: str) -> str:
    drawn = vl_convert.vegalite_to_svg(json.loads(spec), allowed_base_urls=[])
    # The figure around it is one image with a sentence; the drawing's own labels are English and said nowhere.
    return re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", drawn)
