"""Who is lost at the relevance gate of `stancekit read`: sides that do not pass, by what the corpus knows of them.

    python benchmarks/relevance_losses.py data/newsroom --json FILE

A side is lost where its article is not asked about its proposal. All sides of an article and a proposal are lost together, so intervals
are by bootstrap over articles, and the losses are counted in pairs of article and proposal too. Of the test part no text is told.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import typer

from stancekit.config import SplitName
from stancekit.data.corpus import LabelledArticle, read_corpus
from stancekit.evaluation.intervals import Bootstrap, share
from stancekit.files import write_json
from stancekit.inference.embedding import Embedder
from stancekit.news.relevance import LEAST, Gate, asked_about
from stancekit.records import Proposal
from stancekit.stance import Stance

PARTS: tuple[SplitName, ...] = ("train", "validation", "test")
# Slices of fewer sides say nothing.
FEWEST = 20


class Side(NamedTuple):
    """A label with a side. slices: what the corpus knows of it. article: how near its article is to the proposal, sentence: itself.

    asked: whether the article is asked about the proposal.
    """

    place: str
    proposal: str
    slices: tuple[str, ...]
    article: float
    sentence: float
    asked: bool


def sides_of(articles: Sequence[LabelledArticle], embedder: Embedder) -> Iterator[Side]:
    """Every side of the articles, each article asked about its own proposals."""
    for one in articles:
        gate = Gate([Proposal(proposal.id, proposal.text) for proposal in one.proposals], embedder)
        (near,) = gate.relevance([[sentence.text for sentence in one.sentences]])
        asked = asked_about(near.article, LEAST)
        columns = {proposal.id: number for number, proposal in enumerate(one.proposals)}
        for number, sentence in enumerate(one.sentences):
            for label in (*sentence.labels, *sentence.also):
                if label.stance is not Stance.NEUTRAL:
                    column = columns[label.proposal]
                    relation = one.proposals[column].relation
                    kinds = [
                        *label.tags,
                        f"voice {label.voice}",
                        f"proposal {relation.kind if relation else 'first'}",
                        f"genre {one.genre}",
                    ]
                    text = one.proposals[column].text
                    score, own = float(near.article[column]), float(near.sentences[number, column])
                    yield Side(one.id, text, tuple(kinds), score, own, column in asked)


def measured(sides: Sequence[Side], told: bool) -> dict[str, Any]:
    """What passes of all sides and of each slice, and the pairs of article and proposal that are lost. told: with their texts."""
    passing = np.array([side.asked for side in sides])
    resampling = Bootstrap().over([side.place for side in sides])

    def row(chosen: npt.NDArray[np.bool_]) -> dict[str, Any]:
        passed = share(passing, chosen, resampling)
        assert passed is not None
        alone = np.array([side.sentence >= LEAST for side in sides])[chosen]
        return {"sides": int(chosen.sum()), "pass": passed.to_row(), "near_by_themselves": round(float(alone.mean()), 4)}

    slices = {name: np.array([name in side.slices for side in sides]) for name in sorted({name for side in sides for name in side.slices})}
    lost = sorted({(side.place, side.proposal, round(side.article, 4)) for side in sides if not side.asked})
    counts = {
        "pairs_of_article_and_proposal": len({(side.place, side.proposal) for side in sides}),
        "articles": len({side.place for side in sides}),
        "lost_pairs": len(lost),
        "articles_with_a_loss": len({place for place, *_ in lost}),
    }
    found = {name: row(chosen) for name, chosen in slices.items() if chosen.sum() >= FEWEST}
    return {"all": row(np.ones(len(sides), dtype=bool)), **counts, "slices": found, **({"lost": lost} if told else {})}


def main(
    corpus: Annotated[Path, typer.Argument(help="The newsroom corpus.")],
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
) -> None:
    """Measure each part."""
    embedder = Embedder()
    results: dict[str, dict[str, Any]] = {}
    for part in PARTS:
        articles = [article for _, article in read_corpus(corpus) if article.split == part]
        results[part] = measured(list(sides_of(articles, embedder)), told=part != "test")
        print(part, {key: value for key, value in results[part].items() if key not in ("slices", "lost")})
        for name, one in results[part]["slices"].items():
            print(f"  {name:32} {one['sides']:5} sides, {one['pass']['value']:6.1%} pass, {one['near_by_themselves']:6.1%} by themselves")
    if file is not None:
        write_json(file, {"least": LEAST, **results})


if __name__ == "__main__":
    typer.run(main)
