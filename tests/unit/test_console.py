"""Terminal tables keep what matters on a narrow terminal."""

import io

import pytest
from rich.console import Console

from stancekit.console import opinions_table
from stancekit.records import Opinion
from stancekit.stance import Stance


@pytest.mark.parametrize("width", [70, 80, 160])
def test_an_opinion_is_one_line_with_its_answer(width: int) -> None:
    sentence = "A long sentence about the harbour toll, " * 8
    opinion = Opinion(
        "a", "Councillor Ida Brandvold", "ida-brandvold", "toll", "The toll.", Stance.OPPOSE, 0.47, sentence, 0, 9, "speech-verb", "cited"
    )
    page = io.StringIO()
    Console(file=page, width=width).print(opinions_table([opinion, opinion]))
    lines = page.getvalue().splitlines()
    assert len(lines) == 4
    for line in lines[2:]:
        assert "oppose" in line
        assert "0.47" in line
        assert "toll" in line
        assert "A long" in line
