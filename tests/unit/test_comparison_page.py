"""The page of a comparison: charts about 0, what is capped, families, and what is left out."""

import re

import pytest

from comparisons import made_comparison
from stancekit.reports.comparison import Change, around_zero, change_chart, comparison_page, said
from stancekit.reports.svg import Measure

NONE = float("nan")


@pytest.mark.parametrize(
    ("ends", "width"),
    [((0.0, 0.0), 0.02), ((-0.02, 0.01), 0.02), ((-0.021, 0.01), 0.04), ((0.05, 0.3), 0.4), ((-1.7, 0.2), 2.0), ((NONE, NONE), 0.02)],
)
def test_the_axis_has_zero_in_its_middle_and_holds_every_interval(ends: tuple[float, float], width: float) -> None:
    axis = around_zero([Measure(0.0, *ends)])
    assert axis == (-width, width)
    assert axis.place(0.0) == 50


def test_a_difference_stands_on_its_side_of_the_line() -> None:
    drawn = change_chart([Change("better", Measure(0.05, 0.01, 0.1)), Change("worse", Measure(-0.05, NONE, NONE))], "Differences")
    assert [float(place) for place in re.findall(r'<circle cx="([\d.]+)%', drawn)] == [75, 25]
    assert 'x1="50%" x2="50%" y1="0" y2="80" stroke="var(--muted)" stroke-width="1.5"' in drawn
    # The whisker of the one that has an interval.
    assert 'x1="55%" x2="100%"' in drawn
    assert "better 0.05 (0.01 to 0.10); worse \N{MINUS SIGN}0.05" in drawn
    assert "+0.050" in drawn


def test_answers_of_seeds_are_counted() -> None:
    assert said(["support"]) == [("support", 1)]
    assert said(["support", "oppose", "support"]) == [("support", 2), ("oppose", 1)]


def test_the_two_hundred_surest_are_shown_and_the_rest_is_told() -> None:
    result, changed = made_comparison(gain=1.0)
    many = [{**row, "id": f"row {number:03}"} for number, row in enumerate(changed * 5)][:240]
    page = comparison_page(result, many)
    assert "row 199<" in page
    assert "row 200<" not in page
    assert "40 more, further down that order, stand in changed.jsonl" in page
    assert "stand in changed.jsonl" not in comparison_page(result, many[:200])


@pytest.mark.parametrize(
    ("graded", "order", "shown"),
    [
        ((True, True), "the mean confidence of both sides in what they answered, surest first", 2),
        ((True, False), "the confidence of the first, surest first: the other does not tell how sure it is", 1),
        ((False, True), "the confidence of the second, surest first: the other does not tell how sure it is", 1),
        ((False, False), "the data: neither side tells how sure it is", 0),
    ],
)
def test_confidence_is_shown_where_it_is_known(graded: tuple[bool, bool], order: str, shown: int) -> None:
    result, changed = made_comparison(seeds=2, graded=graded)
    page = comparison_page(result, changed)
    assert f"They stand in the order of {order}." in page
    # made_comparison is always as sure as this.
    assert page.count('<small class="quiet">90%</small>') == shown * len(changed)
    assert page.count("<td>torch cpu fp32</td>") == 2 * graded.count(False)


def test_seeds_stand_aside_from_intervals() -> None:
    alone, family = comparison_page(*made_comparison()), comparison_page(*made_comparison(seeds=3))
    assert 'id="seeds"' not in alone
    assert "of 9 pairs of trainings" in family
    assert "McNemar's exact test gives p &lt; 0.001." in alone
    assert "is of two models and is left out" in family
    result, _ = made_comparison(seeds=3)
    assert all(f"{value:.3f}" in family for value in result["seeds"]["macro_f1"]["second"]["values"])


def test_the_numbers_of_both_and_of_the_difference_are_on_the_page() -> None:
    result, changed = made_comparison()
    page = comparison_page(result, changed)
    for row in [*result["overall"].values(), *result["per_class"].values()]:
        change = row["change"]
        assert f'<td class="number">{row["first"]:.3f}</td><td class="number">{row["second"]:.3f}</td>' in page
        assert f'<strong>{change["value"]:+.3f}</strong> <span class="quiet">({change["low"]:+.3f} to {change["high"]:+.3f})' in page
    assert f"{result['changed']['right']} became right, {result['changed']['wrong']} wrong" in page
    assert f"more right answers on {result['proposals_won']['second']} proposals" in page


def test_equal_models_make_a_page_that_says_not_shown() -> None:
    page = comparison_page(*made_comparison(gain=0.0))
    assert page.count("not shown") >= 7
    assert 'id="changed"' not in page
    assert "Most won" not in page
    result, changed = made_comparison()
    assert "gives p = 0.042." in comparison_page({**result, "mcnemar": {**result["mcnemar"], "p": 0.042}}, changed)


def test_a_comparison_of_one_unit_has_no_interval() -> None:
    result, changed = made_comparison()
    bare = {
        name: {**row, "change": {**row["change"], "low": None, "high": None}, "shown": False} for name, row in result["overall"].items()
    }
    page = comparison_page({**result, "overall": bare}, changed)
    assert page.count("no interval, so no word on luck") == 4
    assert not re.search(r"\bnan\b", page)
