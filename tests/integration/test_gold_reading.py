"""Whole articles read by the model that ships, against gold that was written before and apart from the rules."""

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from article_gold import compare, compare_folder, measure
from article_texts import read_gold
from stancekit import ArticleReader, StancekitError, load
from stancekit.inference.workers import loaded
from stancekit.reading import hands
from stancekit.stages.read import read

BASE = Path("base")
ROOT = Path(__file__).parents[2]
OWN = Path(__file__).parents[1] / "data" / "articles"
SHARED = Path(__file__).parents[3] / "shared" / "articles"


@pytest.fixture(autouse=True, scope="module")
def loaded_once() -> Iterator[None]:
    """One loading for all articles."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hands, "loaded", functools.cache(loaded))
        yield


def test_an_article_is_read_from_python(capsys: pytest.CaptureFixture[str]) -> None:
    block = re.search(r"```python reading\n(.*?)```", (ROOT / "docs" / "python.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert block is not None
    exec(compile(block[1], "python.md", "exec"), {})
    assert "Harbour Council oppose" in capsys.readouterr().out
    with pytest.raises(StancekitError, match="put it into a list"):
        ArticleReader(load("base"), "A toll should be paid.")


def test_our_own_articles_are_read_as_well_as_they_were() -> None:
    """The figures of docs/numbers.md with some room for other processors; no line that is no article text is ever evidence."""
    found = measure(compare_folder(BASE, OWN))
    assert (found["gold"], found["unread"], found["furniture_used"]) == (259, [], 0)
    assert found["position"]["f1"] > 0.42
    assert found["holder"]["f1"] > 0.57
    assert found["evidence_right"] > 0.88


@pytest.mark.skipif(not SHARED.is_dir(), reason="skipped: no shared data")
def test_every_opinion_of_the_expected_article_is_found_with_its_sentence(tmp_path: Path) -> None:
    gold = read_gold(SHARED / "foreign-troops-ukraine.expected.json")
    found = compare(BASE, gold)
    assert measure([found])["position"]["recall"] == 1.0
    assert found.furniture == ()
    proposals = tmp_path / "proposals.toml"
    proposals.write_text(
        "[proposals]\n" + "".join(f"{key} = {json.dumps(text)}\n" for key, text in gold.proposals.items()), encoding="utf-8"
    )
    text = gold.article.read_text(encoding="utf-8")
    opinions = read(BASE, [gold.article], proposals, tmp_path / "reading")
    assert opinions
    assert all(text[one.start : one.end] == one.sentence for one in opinions)
