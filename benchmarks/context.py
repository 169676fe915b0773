"""Whether the sentence before helps the pair model with a sentence that leans on it ("It would be a disaster").

    python benchmarks/context.py data/newsroom --bundle base --json FILE

Each labelled pair is asked alone, with the sentence before in front (the title before the first one), and as the geometric mean of both
answers. A sentence leans where it begins with a pronoun or a demonstrative. Chosen on the validation part, told on the test part;
intervals by bootstrap over articles.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from stancekit import load
from stancekit.data.corpus import read_corpus
from stancekit.evaluation.intervals import Bootstrap
from stancekit.evaluation.metrics import confusion, macro_f1
from stancekit.files import write_json
from stancekit.inference.scorers import FloatArray

LEANS = re.compile(
    r"[\"“‘'(]*(?:(?:but|and|yet|so) )?(?:it|this|that|these|those|he|she|they|his|her|their|its|such|both|neither)\b", re.IGNORECASE
)
SHORT = 20


class Row(NamedTuple):
    """A labelled pair and the sentence before it."""

    article: str
    before: str
    statement: str
    proposal: str
    gold: int


def rows_of(corpus: Path, part: str) -> Iterator[Row]:
    """All labelled pairs of a part."""
    for _, article in read_corpus(corpus):
        if article.split != part:
            continue
        proposals = {proposal.id: proposal.text for proposal in article.proposals}
        texts = [article.title, *(sentence.text for sentence in article.sentences)]
        for before, sentence in zip(texts, article.sentences, strict=False):
            for label in sentence.labels:
                yield Row(article.id, before, sentence.text, proposals[label.proposal], label.stance.label_id)


def measured(rows: list[Row], arms: dict[str, FloatArray]) -> dict[str, Any]:
    """Macro-F1 of each arm on all rows and on those that lean, and its lead on the sentence alone."""
    leans = np.array([LEANS.match(row.statement) is not None for row in rows])
    short = np.array([len(row.statement.split()) <= SHORT for row in rows])
    slices = {"all": leans | True, "lean": leans, f"lean, {SHORT} words or less": leans & short}
    results: dict[str, Any] = {}
    for name, chosen in slices.items():
        kept = [row for row, one in zip(rows, chosen, strict=True) if one]
        gold = np.array([row.gold for row in kept])
        resampling = Bootstrap().over([row.article for row in kept])
        counts = {arm: resampling.counted(gold, answers[chosen].argmax(axis=1)) for arm, answers in arms.items()}
        results[name] = {
            "rows": len(kept),
            **{
                arm: {
                    "macro_f1": float(macro_f1(confusion(gold, arms[arm][chosen].argmax(axis=1)))),
                    **({} if arm == "alone" else {"lead": one.lead(counts["alone"], macro_f1)._asdict()}),
                }
                for arm, one in counts.items()
            },
        }
    return results


def main(
    corpus: Annotated[Path, typer.Argument(help="The newsroom corpus.")],
    bundle: Annotated[Path, typer.Option(help="The model.")] = Path("base"),
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
) -> None:
    """Measure both parts."""
    model = load(bundle)
    results = {}
    for part in ("validation", "test"):
        rows = list(rows_of(corpus, part))
        alone = model.probabilities([(row.statement, row.proposal) for row in rows])
        with_it = model.probabilities([(f"{row.before} {row.statement}", row.proposal) for row in rows])
        results[part] = measured(rows, {"alone": alone, "with the sentence before": with_it, "both": np.sqrt(alone * with_it)})
        for name, result in results[part].items():
            print(part, name, result)
    if file is not None:
        write_json(file, {"model": str(bundle), **results})


if __name__ == "__main__":
    typer.run(main)
