"""Charts carry no script and no style, say the same in a sentence and in a table, and stand the right way up."""

import re

import pytest
from django.utils.translation import override

from rsu import charts

LINES = [charts.ThresholdLine("AMO", 93_000_000), charts.ThresholdLine("Aide", 97_000_000)]
BUCKETS = [
    {"bucket": bucket, "households": households, "people": 0} for bucket, households in ((920, 3), (923, 4), (950, 10), (1010, 1200))
]
AREAS = [charts.Area("01", "Tanger", 1, 4), charts.Area("06", "Casablanca", 3, 4), charts.Area("12", "Dakhla", 0, 0)]


def region_map(areas=AREAS):
    return charts.region_map(areas, title="Part", part="Sous le seuil", whole="Enregistrés")


def ends(svg: str) -> list[tuple[float, float]]:
    """Where each bar begins and ends, in the drawing's own units."""
    marks = svg.partition("mark-rect role-mark")[2].partition("</g>")[0]
    bars = re.findall(r'd="M([0-9.]+),[0-9.]+h(-?[0-9.]+)', marks)
    return [(float(x), float(x) + float(width)) for x, width in bars]


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("draw", [region_map, lambda: charts.score_histogram(BUCKETS, LINES)], ids=["map", "histogram"])
def test_a_drawing_needs_neither_script_nor_style(draw, language):
    with override(language):
        svg = draw().svg
    assert svg.startswith("<svg") and 'viewBox="' in svg
    assert not re.search(r"<script|<style|style=|javascript:|<image|url\(|aria-", svg)


def test_the_histogram_groups_hundredths_by_five_and_loses_nobody():
    with override("fr"):
        chart = charts.score_histogram(BUCKETS, LINES)
    assert chart.rows == [["9,20 à 9,25", "7"], ["9,50 à 9,55", "10"], ["10,10 à 10,15", "1\u202f200"]]
    assert "1\u202f217" in chart.sentence
    assert "9,3" in chart.sentence and "9,7" in chart.sentence


def test_each_bar_has_the_shade_of_its_side_of_the_lines():
    svg = charts.score_histogram(BUCKETS, LINES).svg
    assert all(svg.count(f'fill="{shade}"') == 1 for shade in charts.ZONES)


def test_the_poorest_stand_on_the_side_where_reading_begins():
    with override("fr"):
        french = ends(charts.score_histogram(BUCKETS, LINES).svg)
    with override("ar"):
        arabic = ends(charts.score_histogram(BUCKETS, LINES).svg)
    assert len(french) == len(arabic) == 3
    assert french[0] < french[-1]
    assert arabic[0] > arabic[-1]


def test_a_histogram_of_nobody_says_so():
    with override("fr"):
        chart = charts.score_histogram([], LINES)
    assert chart.rows == [] and chart.sentence == "Aucun ménage n’a encore d’indice."


def test_the_map_writes_each_share_and_names_both_ends():
    with override("fr"):
        chart = region_map()
    assert chart.rows == [["Tanger", "1", "4", "25\u202f%"], ["Casablanca", "3", "4", "75\u202f%"], ["Dakhla", "0", "0", "–"]]
    assert "25\u202f%</text>" in chart.svg and "75\u202f%</text>" in chart.svg
    assert "Tanger" in chart.sentence and "Casablanca" in chart.sentence


def test_a_map_of_nobody_says_so():
    with override("fr"):
        assert region_map([charts.Area("12", "Dakhla", 0, 0)]).sentence == "Part : aucun ménage enregistré."


def test_a_region_is_drawn_and_not_the_rest_of_the_world():
    """A ring wound the other way would fill the whole frame around the region."""
    svg = region_map([charts.Area("06", "Casablanca", 1, 2)]).svg
    shape = re.search(r'd="([^"]+)" fill="rgb\(15, 92, 74\)"', svg)[1]
    places = [tuple(map(float, place.split(","))) for place in re.findall(r"[ML]([0-9.]+,[0-9.]+)", shape)]
    assert len(places) > 10
    assert max(x for x, _y in places) - min(x for x, _y in places) < 100


def test_an_axis_of_few_households_counts_them_one_by_one():
    with override("fr"):
        svg = charts.score_histogram([{"bucket": 920, "households": 2, "people": 2}], LINES).svg
    labels = re.findall(r">([0-9.,]+)</text>", svg)
    assert {"0", "1", "2"} <= set(labels)
    assert not any(label.endswith((".5", "0,5")) for label in labels)


def test_the_labels_of_the_lines_stand_above_the_frame():
    with override("fr"):
        svg = charts.score_histogram(BUCKETS, LINES).svg
    places = re.findall(r'translate\([0-9.]+,(-?[0-9.]+)\)"[^>]*>(?:AMO|Aide) 9,', svg)
    assert len(places) == 2 and all(float(place) < 0 for place in places)


def cumulated(households: int) -> list[charts.Cumulated]:
    return [charts.Cumulated(90_000_000 + n * 100_000, n, 4 * n, 50_000 * n) for n in range(1, households + 1)]


@pytest.mark.parametrize(("language", "place"), [("fr", 0.25), ("ar", 0.75)])
def test_the_chosen_line_stands_at_its_score_on_each_of_the_three_curves(language, place):
    """The axis goes from 9,0 to 9,4."""
    with override(language):
        svg = charts.cumulated_curves(cumulated(40), in_force=None, chosen=91_000_000).svg
    places = re.findall(rf'<line transform="translate\(([^,]+),0\)"[^>]*stroke="{charts.CHOSEN}"', svg)
    assert [float(x) for x in places] == [place * charts.CURVE_WIDTH] * 3


def test_a_line_beyond_the_axis_stands_at_its_end():
    with override("fr"):
        svg = charts.cumulated_curves(cumulated(40), in_force=97_430_010, chosen=-5).svg
    assert len(re.findall(rf'translate\(0,0\)"[^>]*stroke="{charts.CHOSEN}"', svg)) == 3


def outline(svg: str, color: str) -> list[tuple[float, float]]:
    """The corners of the first mark that has this color, none twice in a row."""
    drawn = re.search(rf'd="M([^"Z]+)Z?"[^>]*(?:fill|stroke)="{color}"', svg)[1]
    corners = [(float(x), float(y)) for x, y in (corner.split(",") for corner in drawn.split("L"))]
    return [corner for corner, before in zip(corners, [None, *corners], strict=False) if corner != before]


@pytest.mark.parametrize(
    ("last", "corners"),
    [
        (93_500_000, [(0, 90), (140, 90), (140, 60), (490, 60), (490, 0), (560, 0)]),
        (94_000_000, [(0, 90), (140, 90), (140, 60), (560, 60), (560, 0)]),
    ],
    ids=["before the end", "at the end of the axis"],
)
def test_each_count_holds_until_the_next_in_both_directions(last, corners):
    """A household at 9,1 and two more at the last score, on an axis from 9,0 to 9,4: nobody is counted before, nobody twice."""
    points = [charts.Cumulated(91_000_000, 1, 4, 50_000), charts.Cumulated(last, 3, 12, 150_000)]
    for language, shown in (("fr", corners), ("ar", [(charts.CURVE_WIDTH - x, y) for x, y in reversed(corners)])):
        with override(language):
            svg = charts.cumulated_curves(points, in_force=None, chosen=91_000_000).svg
        assert outline(svg, charts.ZONES[0]) == shown


def test_the_curve_has_a_row_for_each_tenth_that_changes():
    with override("fr"):
        chart = charts.cumulated_curves(cumulated(12), in_force=97_430_010, chosen=91_000_000)
        nobody = charts.cumulated_curves([], in_force=97_430_010, chosen=91_000_000)
    assert chart.rows == [["9,1", "10", "40", "5\u202f000"], ["9,2", "12", "48", "6\u202f000"]]
    assert "9,1000000" in chart.sentence and "9,7430010" in chart.sentence
    assert nobody.sentence == "Aucun ménage n’a encore d’indice." and nobody.rows == []


def test_moves_stand_on_both_sides_of_one_axis_and_say_the_same_in_a_table():
    rows = [charts.Moved("urbain", 1_200, 30), charts.Moved("rural", 0, 7)]
    drawn = charts.moves(rows, kind="milieu")
    assert drawn.header == ["Milieu", "Sortent", "Entrent"]
    assert drawn.rows == [["urbain", "1\u202f200", "30"], ["rural", "0", "7"]]
    assert "1\u202f200" in drawn.sentence and "37" in drawn.sentence
    assert "−" not in drawn.svg and "urbain" in drawn.svg and "<script" not in drawn.svg
