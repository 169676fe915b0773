import math
from xml.etree import ElementTree

import pytest

from stancekit.reports.charts import Bar, ForestRow, class_shares, confusion_matrix, forest_plot, interval_bars
from stancekit.reports.scatter import Point, Tick, scatter
from stancekit.reports.svg import Axis, Measure, broken, decimal

UNKNOWN = Measure(math.nan, math.nan, math.nan)
HOSTILE = '<script>alert("1")</script> & Co'


def tags(chart: str, name: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(chart).findall(f".//{name}")


def texts(chart: str) -> list[str]:
    return [element.text or "" for element in tags(chart, "text")]


CHARTS = {
    "confusion": confusion_matrix([[3, 1, 0], [0, 4, 0], [2, 2, 2]], HOSTILE),
    "bars": interval_bars([Bar(HOSTILE, Measure(0.5, 0.4, 0.6))], HOSTILE),
    "forest": forest_plot([ForestRow(HOSTILE, Measure(0.5, 0.4, 0.6), 7)], HOSTILE, reference=0.3),
    "scatter": scatter([Point(0.2, 0.4, HOSTILE), Point(0.4, 0.3, HOSTILE, filled=False)], HOSTILE, Axis(0, 1), [Tick(0.5, HOSTILE)]),
    "shares": class_shares({HOSTILE: {"oppose": 1, "neutral": 2, "support": 1}}, HOSTILE),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_an_image_with_a_name_and_holds_no_foreign_element(name: str) -> None:
    root = ElementTree.fromstring(CHARTS[name])
    assert root.get("role") == "img"
    assert root.get("aria-label", "").startswith(HOSTILE)
    assert root.findtext("title") == HOSTILE
    assert not root.findall(".//script")


@pytest.mark.parametrize("name", CHARTS)
def test_colours_come_from_the_page(name: str) -> None:
    painted = [element.get(key) for element in ElementTree.fromstring(CHARTS[name]).iter() for key in ("fill", "stroke")]
    assert any(painted)
    assert all(colour is None or colour.startswith("var(--") for colour in painted)


def test_confusion_matrix_shows_counts_and_shares_of_the_row() -> None:
    shown = texts(confusion_matrix([[6, 3, 1], [0, 0, 0], [1, 1, 1234]]))
    assert {"6", "60% of row", "30% of row", "1,234", "n = 10", "n = 0"} <= set(shown)


def test_confusion_matrix_without_rows_has_shares_of_zero() -> None:
    assert texts(confusion_matrix([[0] * 3] * 3)).count("0% of row") == 9


def test_an_interval_is_drawn_between_its_ends() -> None:
    lines = tags(interval_bars([Bar("model", Measure(0.5, 0.2, 0.6))], "F1"), "line")
    assert ("20%", "60%") in [(line.get("x1"), line.get("x2")) for line in lines]


def test_a_bar_starts_at_zero_also_below_it() -> None:
    (bar,) = tags(interval_bars([Bar("model", Measure(-0.5, -0.6, -0.4))], "MCC", Axis(-1, 1)), "rect")
    assert (bar.get("x"), bar.get("width")) == ("25%", "25%")


def test_what_lies_outside_of_the_axis_is_put_on_its_edge() -> None:
    assert Axis(0, 1).place(1.7) == 100
    assert Axis(0, 1).place(-3) == 0


@pytest.mark.parametrize("chart", [interval_bars([Bar("a", UNKNOWN)], "t"), forest_plot([ForestRow("a", UNKNOWN, 1)], "t")])
def test_a_value_that_is_not_known_is_a_dash(chart: str) -> None:
    assert "nan" not in chart
    assert not tags(chart, "circle")
    assert any("\N{EN DASH}" in text for text in texts(chart))


@pytest.mark.parametrize("chart", [interval_bars([], "t"), forest_plot([], "t"), class_shares({}, "t")])
def test_no_rows_is_an_empty_drawing(chart: str) -> None:
    assert ElementTree.fromstring(chart).get("role") == "img"


def test_more_rows_make_a_larger_point_and_the_full_label_is_kept() -> None:
    long = "The old tannery should become a school " * 6
    chart = forest_plot([ForestRow("few", Measure(0.5, 0.4, 0.6), 2), ForestRow(long, Measure(0.5, 0.4, 0.6), 200)], "t")
    few, many = (float(point.get("r", "0")) for point in tags(chart, "circle"))
    assert few < many
    assert any(text.endswith("…") for text in texts(chart))
    assert any((title.text or "").startswith(long) for title in tags(chart, "title"))


def test_shares_fill_the_whole_bar_and_small_ones_bear_no_number() -> None:
    chart = class_shares({"train": {"oppose": 5, "neutral": 45, "support": 50}})
    assert sum(float((part.get("width") or "").rstrip("%")) for part in tags(chart, "rect")) == pytest.approx(100)
    assert "● 45%" in texts(chart)
    assert not any("5%" in text and "▼" in text for text in texts(chart))


def test_labels_break_by_the_room_their_letters_take() -> None:
    assert broken("") == [""]
    assert broken("a b") == ["a b"]
    assert max(map(len, broken("学校は九時に始まるべきだという提案についての長い文章", columns=20))) <= 10


def test_decimals_have_a_real_minus_and_no_negative_zero() -> None:
    assert decimal(-0.126) == "\N{MINUS SIGN}0.13"
    assert decimal(-0.001) == "0.00"
