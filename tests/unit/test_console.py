"""Terminal tables keep what matters on a narrow terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from comparisons import made_comparison
from stancekit.console import comparison_table, opinions_table
from stancekit.records import Opinion
from stancekit.stance import Stance


@pytest.mark.parametrize("width", [70, 80, 160])
def test_an_opinion_is_one_line_with_its_answer(width: int) -> None:
    sentence = "A long sentence about the harbour toll, " * 8
    opinion = Opinion(
        "a", "Councillor Ida Brandvold", "ida-brandvold", "toll", "The toll.", Stance.OPPOSE, 0.47, sentence, 0, 9, "speech-verb", "cited"
    )
    page = io.StringIO()
    Console(file=page, width=width).print(opinions_table([opinion, replace(opinion, proposal_id="toll-too")]))
    lines = page.getvalue().splitlines()
    assert len(lines) == 4
    for line in lines[2:]:
        assert "oppose" in line
        assert "0.47" in line
        assert "toll" in line
        assert "A long" in line


def test_the_surest_sentence_of_each_holder_stands_under_its_proposal_and_stance() -> None:
    first = Opinion("a", "Ida", "ida", "toll", "The toll.", Stance.OPPOSE, 0.5, "Weak.", 0, 5, "speech-verb", "cited")
    said = [
        first,
        replace(first, proposal_id="pier", sentence="Another.", stance=Stance.NEUTRAL),
        replace(first, confidence=0.9, sentence="Strong."),
        replace(first, holder="Tom", holder_id="tom", stance=Stance.SUPPORT, sentence="For it."),
    ]
    page = io.StringIO()
    Console(file=page, width=100).print(opinions_table(said))
    assert [line.split()[:4] for line in page.getvalue().splitlines()[2:]] == [
        ["toll", "support", "Tom", "0.50"],
        ["toll", "oppose", "Ida", "0.90"],
        ["pier", "neutral", "Ida", "0.50"],
    ]
    assert "Strong." in page.getvalue()


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_comparison_has_the_spread_of_its_seeds_where_there_are_several(seeds: int) -> None:
    result, _ = made_comparison(seeds=seeds)
    page = io.StringIO()
    Console(file=page, width=140).print(comparison_table(result))
    line = next(line for line in page.getvalue().splitlines() if "macro-F1" in line and "\N{BOX DRAWINGS LIGHT VERTICAL}" in line)
    change = result["overall"]["macro_f1"]["change"]
    assert f"{change['value']:+.3f} {change['low']:+.3f} to {change['high']:+.3f}" in line
    assert ("sd over seeds" in page.getvalue()) == (seeds == 3)
    if seeds == 3:
        assert ", ".join(f"{result['seeds']['macro_f1'][side]['sd']:.3f}" for side in ("first", "second")) in line
    assert ("McNemar p < 0.001" in " ".join(page.getvalue().split())) == (seeds == 1)
