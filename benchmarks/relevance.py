"""How many proposals of an article, and of other articles, pass the word overlap that `stancekit read` asks for.

python benchmarks/relevance.py data/newsroom --json FILE
"""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from stancekit.data.corpus import read_corpus
from stancekit.news.relevance import word_overlap
from stancekit.records import Article, Proposal

THRESHOLDS = (0.1, 0.2, 0.25, 0.34, 0.5)


def main(
    corpus: Annotated[Path, typer.Argument(help="Corpus files.")],
    seed: Annotated[int, typer.Option(help="Of the choice of foreign proposals.")] = 13,
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
) -> None:
    """Every proposal against its own article and against one other article drawn at random."""
    gold = [article for _, article in read_corpus(corpus)]
    articles = [Article(one.id, "\n".join([one.title, *(sentence.text for sentence in one.sentences)])) for one in gold]
    rng = np.random.default_rng(seed)
    own, foreign = [], []
    for number, one in enumerate(gold):
        for proposal in one.proposals:
            asked = Proposal(proposal.id, proposal.text)
            own.append(word_overlap(articles[number], asked))
            other = (number + int(rng.integers(1, len(gold)))) % len(gold)
            foreign.append(word_overlap(articles[other], asked))
    results = {
        str(limit): {"own": float(np.mean(np.array(own) >= limit)), "foreign": float(np.mean(np.array(foreign) >= limit))}
        for limit in THRESHOLDS
    }
    for limit, shares in results.items():
        print(f"overlap {limit:>4}: {shares['own']:6.1%} of an article's own proposals pass, {shares['foreign']:6.1%} of foreign ones")
    if file is not None:
        file.write_text(json.dumps({"proposals": len(own), "passing": results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
