"""Charts as inline SVG without script or style, each with a sentence and a table that say the same."""

import json
import re
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
SPACED = r"replace(format(datum.value, ','), regexp(',', 'g'), '\u202f')"
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
    highest = max(_shares(areas), default=0) or 1
    values = [_feature(area, highest) for area in areas]
    base = alt.Chart(alt.Data(values=values))
    shape = base.mark_geoshape(stroke="#ffffff", strokeWidth=1).encode(
        color=alt.Color("properties.share:Q", scale=alt.Scale(range=GREENS, domain=[0, highest]), legend=None)
    )
    texts = alt.Chart(alt.Data(values=[value["properties"] for value in values])).mark_text(fontSize=10, fontWeight=600)
    label = texts.encode(longitude="label_lon:Q", latitude="label_lat:Q", text="percent:N", color=alt.Color("ink:N", scale=None))
    ground = alt.Chart(alt.Data(values=list(_outlines().values()))).mark_geoshape(fill=LINE, stroke="#ffffff", strokeWidth=1)
    drawing = (ground + shape + label).resolve_scale(color="independent").project(type="mercator").properties(width=420, height=420)
    rows = [[area.name, numerals.count(area.part), numerals.count(area.whole), area.percent] for area in areas]
    return Chart(title, _map_sentence(areas, title), _drawn(drawing), [_("Région"), part, whole, _("Part")], rows)


def _shares(areas: list[Area]) -> list[float]:
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
        return _("{title} : {name} {percent}.").format(title=title, name=high.name, percent=_ltr(high.percent))
    return _("{title} : de {low} ({low_name}) à {high} ({high_name}).").format(
        title=title, low=_ltr(low.percent), low_name=low.name, high=_ltr(high.percent), high_name=high.name
    )


@dataclass(frozen=True)
class ThresholdLine:
    label: str
    score: int


def score_histogram(buckets: list[dict], lines: list[ThresholdLine]) -> Chart:
    """Households by score, `buckets` being hundredths; each line stands where the law draws it."""
    bars = _bars(buckets, lines)
    title = _("Ménages selon l’indice")
    scale = alt.Scale(domain=_domain(bars, lines), nice=False, reverse=get_language() == "ar")
    x = alt.X("low:Q", bin="binned", scale=scale, title=_("Indice"), axis=alt.Axis(labelExpr=DECIMAL, grid=False, tickMinStep=0.1))
    y = alt.Y(
        "households:Q",
        title=_("Ménages"),
        axis=alt.Axis(labelExpr=SPACED, orient="right" if get_language() == "ar" else "left", **_ticks(bars)),
    )
    drawn = alt.Chart(alt.Data(values=bars)).mark_bar(stroke="#ffffff", strokeWidth=0.5)
    drawn = drawn.encode(x=x, x2="high:Q", y=y, color=alt.Color("color:N", scale=None))
    layers = alt.layer(drawn, *(layer for number, line in enumerate(lines) for layer in _rule(line, number)))
    rows = [[_span(bar), numerals.count(bar["households"])] for bar in bars]
    return Chart(
        title, _histogram_sentence(buckets, lines), _drawn(layers.properties(width=560, height=340)), [_("Indice"), _("Ménages")], rows
    )


def _bars(buckets: list[dict], lines: list[ThresholdLine]) -> list[dict]:
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


def _span(bar: dict) -> str:
    return _("{low} à {high}").format(low=_comma(bar["low"]), high=_comma(bar["high"]))


def _comma(number: float) -> str:
    return f"{number:.2f}".replace(".", ",")


def _histogram_sentence(buckets: list[dict], lines: list[ThresholdLine]) -> str:
    total = sum(bucket["households"] for bucket in buckets)
    if not total:
        return _("Aucun ménage n’a encore d’indice.")
    parts = listed(f"{line.label} {_ltr(numerals.points(line.score))}" for line in lines)
    return _("{total} ménages ont un indice ; les traits sont les seuils : {lines}.").format(total=_ltr(numerals.count(total)), lines=parts)


def _ltr(figure: str) -> str:
    """Isolated left to right in a sentence that is also read out: no tag may stand in an attribute."""
    return f"\u2066{figure}\u2069"


def _drawn(chart: alt.TopLevelMixin) -> SafeString:
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
