import math
from xml.etree import ElementTree

import pytest

from stancekit.reports.curves import HEIGHT, Bin, Held, reliability_diagram, risk_coverage, thinned
from stancekit.reports.scatter import TOP, across
from stancekit.reports.svg import Measure

UNKNOWN = Measure(math.nan, math.nan, math.nan)
ACCENT, SECOND = "var(--accent)", "var(--oppose)"


def tags(chart: str, name: str, **attributes: str) -> list[ElementTree.Element]:
    return [one for one in ElementTree.fromstring(chart).iter(name) if attributes.items() <= one.attrib.items()]


def texts(chart: str) -> list[str]:
    return [element.text or "" for element in tags(chart, "text")]


def height_of(share: float) -> float:
    return HEIGHT - (HEIGHT - TOP) * share


def one_bin(accuracy: Measure, count: int = 40, confidence: float = 0.82) -> Bin:
    return Bin(0.8, 0.8667, count, confidence, accuracy)


def test_a_bin_is_read_as_metrics_json_has_it() -> None:
    empty = Bin.of({"low": 0, "high": 0.0667, "count": 0, "confidence": None, "accuracy": None})
    assert not empty.filled
    row = {"low": 0.8, "high": 0.8667, "count": 9, "confidence": 0.83, "accuracy": {"value": 0.7, "low": None, "high": None}}
    found = Bin.of(row)
    assert found.filled
    assert (found.n, found.confidence, found.accuracy.value, found.accuracy.has_interval) == (9, 0.83, 0.7, False)


def test_the_diagonal_runs_from_corner_to_corner() -> None:
    lines = tags(reliability_diagram([]), "line", stroke="var(--muted)")
    assert [(line.get("x1"), line.get("x2"), line.get("y1"), line.get("y2")) for line in lines] == [("13%", "97%", "240", "16")]


def test_a_bar_is_as_high_as_the_share_that_was_right_and_its_point_lies_at_its_confidence() -> None:
    chart = reliability_diagram([one_bin(Measure(0.5, 0.25, 0.75))])
    (bar,) = tags(chart, "rect", fill=ACCENT)
    assert float(bar.attrib["y"]) == height_of(0.5)
    assert float(bar.attrib["y"]) + float(bar.attrib["height"]) == HEIGHT
    (point,) = tags(chart, "circle")
    assert (point.get("cx"), float(point.attrib["cy"])) == (f"{across(0.82):g}%", height_of(0.5))
    ends = {(float(line.attrib["y1"]), float(line.attrib["y2"])) for line in tags(chart, "line", stroke=ACCENT)}
    assert (height_of(0.25), height_of(0.75)) in ends


def test_an_empty_bin_and_a_missing_interval_are_not_drawn() -> None:
    chart = reliability_diagram([one_bin(UNKNOWN, 0, math.nan), one_bin(Measure(0.5, math.nan, math.nan))])
    assert len(tags(chart, "circle")) == 1
    assert not tags(chart, "line", stroke=ACCENT)
    assert "nan" not in chart


def test_what_was_before_is_a_ring() -> None:
    bins = [one_bin(Measure(0.8, 0.7, 0.9))]
    assert not tags(reliability_diagram(bins), "circle", stroke=SECOND)
    (ring,) = tags(reliability_diagram(bins, [one_bin(Measure(0.5, 0.4, 0.6))]), "circle", stroke=SECOND)
    assert (ring.get("fill"), float(ring.attrib["cy"])) == ("var(--card)", height_of(0.5))


def test_the_strip_below_is_longest_where_most_pairs_are() -> None:
    few, many = one_bin(Measure(0.5, 0.4, 0.6), 20), Bin(0.9, 1.0, 1200, 0.95, Measure(0.9, 0.8, 1.0))
    bars = tags(chart := reliability_diagram([few, many]), "rect", fill="var(--muted)")
    assert [float(bar.attrib["height"]) for bar in bars] == [1.5, 36]
    assert "≤ 1,200" in texts(chart)


def test_the_curve_goes_through_its_points() -> None:
    chart = risk_coverage([(0.5, 0.0), (1.0, 0.4)])
    (line,) = tags(chart, "line", stroke=ACCENT)
    drawn = (line.get("x1"), line.get("x2"), line.get("y1"), line.get("y2"))
    assert drawn == (f"{across(0.5):g}%", f"{across(1):g}%", f"{HEIGHT:g}", f"{TOP:g}")
    assert not tags(chart, "circle")
    assert not tags(chart, "line", stroke=SECOND)


@pytest.mark.parametrize(("worst", "top"), [(0.17, "0.20"), (0.21, "0.40"), (0.55, "0.60"), (0.95, "1.00")])
def test_the_axis_of_risks_starts_at_zero_and_reaches_over_the_worst(worst: float, top: str) -> None:
    shown = texts(risk_coverage([(0.5, 0.1), (1.0, worst)]))
    assert "0.00" in shown
    assert top in shown


def test_a_promise_is_a_line_and_what_was_reached_a_point() -> None:
    held = Held(0.9, Measure(0.8, 0.7, 0.9), Measure(0.5, 0.4, 0.6))
    chart = risk_coverage([(0.5, 0.1), (1.0, 0.4)], held)
    (point,) = tags(chart, "circle")
    assert (point.get("cx"), float(point.attrib["cy"])) == (f"{across(0.5):g}%", height_of(0.2 / 0.4))
    lines = [(line.get("x1"), line.get("x2"), float(line.attrib["y1"])) for line in tags(chart, "line", stroke=SECOND)]
    assert ("13%", "97%", height_of(0.1 / 0.4)) in lines
    assert (f"{across(0.4):g}%", f"{across(0.6):g}%", height_of(0.2 / 0.4)) in lines
    assert "promised 90% right; reached 0.80 (0.70 to 0.90) on 50% of the pairs" in chart


def test_a_promise_without_any_answer_is_a_line_alone() -> None:
    chart = risk_coverage([(1.0, 0.4)], Held(0.9, UNKNOWN, UNKNOWN))
    assert not tags(chart, "circle")
    assert len(tags(chart, "line", stroke=SECOND)) == 1
    assert "nan" not in chart


@pytest.mark.parametrize("length", [0, 1, 20, 21, 200])
def test_a_thinned_curve_ends_where_the_curve_ends(length: int) -> None:
    curve = [(number / max(length, 1), 0.1) for number in range(length)]
    kept = thinned(curve, 20)
    assert len(kept) == min(length, 20)
    assert kept == sorted(set(kept))
    assert kept[-1:] == curve[-1:]
