"""What is said of a search's trials, and how they are drawn."""

import math
from xml.etree import ElementTree

import pytest

from searches import RETRAINED, made_result, made_trials
from stancekit.reports.scatter import Point, Tick, around, scatter
from stancekit.reports.search import search_page
from stancekit.reports.svg import Axis
from stancekit.training.outcome import best_of, outcome


def test_the_best_is_the_first_complete_trial_of_the_highest_value() -> None:
    trials = made_trials("a")
    best = best_of(trials)
    assert best is not None
    assert best["number"] == 4
    # A trial that was given up is never the best, whatever it reached.
    tied = [{**trial, "macro_f1": 0.53} for trial in trials if trial["state"] == "complete"]
    assert (best_of(tied) or {})["number"] == 0
    assert best_of([trial for trial in trials if trial["state"] != "complete"]) is None


def test_the_curse_of_the_winner_is_the_best_trial_over_the_mean_of_its_config() -> None:
    result = made_result()
    assert result["winners_curse"] == pytest.approx(0.53 - 0.5)
    assert result["retrained"]["best"]["spread"] == pytest.approx(0.01)
    assert (result["retrained"]["best"]["low"], result["retrained"]["best"]["high"]) == (0.49, 0.51)
    gains = [0.02, 0.01, -0.01]
    assert result["difference"]["mean"] == pytest.approx(sum(gains) / 3)
    assert result["difference"]["spread"] == pytest.approx(math.sqrt(sum((gain - sum(gains) / 3) ** 2 for gain in gains) / 2))
    assert (result["difference"]["better"], result["difference"]["n"]) == (2, 3)
    assert result["counts"] == {"complete": 5, "pruned": 3, "failed": 1}
    assert result["seconds"] == pytest.approx(9 * 61.5)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ([0.47, 0.5, 0.51], "ahead by 0.7 points, with 2 of 3 seeds, so the gain may be luck."),
        ([0.47, 0.48, 0.49], "ahead by 2.0 points, with 3 of 3 seeds."),
        ([0.5, 0.52, 0.51], "51.0 on average (50.0 to 52.0): the search found nothing better."),
        ([0.49, 0.51, 0.5], "It is the starting config: the search found nothing better."),
    ],
)
def test_the_verdict_says_no_more_than_the_seeds_show(start: list[float], said: str) -> None:
    retrained = {"best": RETRAINED["best"], "start": dict(zip(RETRAINED["best"], start, strict=True))}
    verdict = outcome(made_trials("a"), retrained, {})["verdict"]
    assert verdict.startswith("Trial 4 was the best with a macro-F1 of 53.0; trained again with 3 other seeds its config reaches 50.0 on")
    assert "3.0 points below that" in verdict
    assert verdict.endswith(said)


def test_without_importances_the_page_says_so() -> None:
    assert "No importance can be told" in search_page(made_result(importances={}))
    assert "No importance can be told" not in search_page(made_result())


def places(chart: str, fill: str) -> list[tuple[float, float]]:
    circles = ElementTree.fromstring(chart).findall(".//circle")
    found = [circle for circle in circles if circle.get("fill") == fill]
    return [(float(str(circle.get("cx")).rstrip("%")), float(str(circle.get("cy")))) for circle in found]


def test_points_lie_where_their_values_say() -> None:
    points = [Point(0.0, 0.2, "low"), Point(0.5, 0.4, "middle", filled=False), Point(1.0, 0.6, "high", stands_out=True)]
    chart = scatter(points, "title", Axis(0.2, 0.6), [Tick(0.0, "left"), Tick(1.0, "right")], height=200)
    (left, bottom), (right, top) = places(chart, "var(--accent)")
    ((between, middle),) = places(chart, "var(--card)")
    assert left < right
    assert between == pytest.approx((left + right) / 2)
    assert bottom == 200 > middle > top
    assert middle == pytest.approx((bottom + top) / 2)
    assert "left" in chart
    assert "points: 2 filled, 1 open" in chart


def test_the_leading_line_never_falls() -> None:
    values = [0.3, 0.2, 0.5, 0.4]
    points = [Point(at / 3, value, "", filled=at != 1) for at, value in enumerate(values)]
    plain, led = (scatter(points, "title", Axis(0, 1), [], leading=leading) for leading in (False, True))
    lines = [line for line in ElementTree.fromstring(led).findall(".//line") if line.get("stroke") == "var(--accent)"]
    assert not [line for line in ElementTree.fromstring(plain).findall(".//line") if line.get("stroke") == "var(--accent)"]
    heights = [(float(str(line.get("y1"))), float(str(line.get("y2")))) for line in lines]
    # Pixels grow downwards.
    assert all(first >= second for first, second in heights)
    assert heights[-1][1] == min(y for pair in heights for y in pair)
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([0.31, 0.53], (0.3, 0.54)),
        ([0.31, 0.49], (0.3, 0.5)),
        ([0.5, 0.52], (0.5, 0.54)),
        ([0.97, 1.0], (0.96, 1.0)),
        ([0.3, 0.34], (0.3, 0.34)),
        ([0.1, 0.9], (0.0, 1.0)),
        ([], (0.0, 1.0)),
    ],
)
def test_an_axis_is_around_its_values(values: list[float], ends: tuple[float, float]) -> None:
    assert around(values) == pytest.approx(ends)
