"""How well near-copies among articles are found: held against the exact share of common runs, and on copies made from our own articles.

    python benchmarks/duplicates.py data/newsroom --table bodies.csv --text articleBody --json FILE

Made copies are what happens to agency text: another headline, a local opening, the end cut off, words exchanged. Each article is read
first and its copies after all articles, so that a copy may also fall to a wrong article. With --table, the rows of a table are grouped in
reading order by the estimate and by the exact share (Jaccard over runs of five words, all pairs), and the groups are compared.
"""

import csv
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from stancekit.data.corpus import corpus_files, read_corpus
from stancekit.files import write_json
from stancekit.news.duplicates import Copies, runs_of
from stancekit.records import Article

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
SHORTEST = 8
LARGEST_FIELD = 2**30
Words = list[str]
OPENING = "The following was sent to our newsroom late in the evening and is printed here with a note from the desk in the harbour town ."


def cut(share: float) -> Callable[[list[Words], np.random.Generator], list[Words]]:
    """The first sentences, about a share of them."""
    return lambda sentences, rng: sentences[: max(1, round(share * len(sentences)))]


def opened(sentences: list[Words], rng: np.random.Generator) -> list[Words]:
    """An opening of the desk's own in front, in place of the first sentence."""
    return [OPENING.split(), *sentences[1:]]


def edited(sentences: list[Words], rng: np.random.Generator) -> list[Words]:
    """One word in thirty exchanged."""
    return [[word if rng.random() > 1 / 30 else "amended" for word in words] for words in sentences]


def printed(sentences: list[Words], rng: np.random.Generator) -> list[Words]:
    """All of the above: an opening, some words exchanged, the last quarter cut."""
    return edited(opened(cut(0.75)(sentences, rng), rng), rng)


EDITS: dict[str, Callable[[list[Words], np.random.Generator], list[Words]]] = {
    "another opening": opened, "a word in thirty": edited, "cut to 90 %": cut(0.9), "cut to 75 %": cut(0.75), "cut to 60 %": cut(0.6),
    "cut to 50 %": cut(0.5), "cut to 40 %": cut(0.4), "opening, words, cut to 75 %": printed,
}  # fmt: skip


def own_articles(corpus: Path) -> list[list[Words]]:
    """The sentences of our articles of at least 8 sentences, as words, but for the test part."""
    # A threshold is chosen here, and nothing is chosen on the test part.
    articles = [article for file in corpus_files(corpus) for _, article in read_corpus(file) if article.split != "test"]
    return [[one.text.split() for one in article.sentences] for article in articles if len(article.sentences) >= SHORTEST]


def as_article(name: str, sentences: Sequence[Words]) -> Article:
    """An article of these sentences."""
    return Article(name, " ".join(word for words in sentences for word in words))


def made_copies(articles: Sequence[list[Words]], threshold: float, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """By edit: the share of copies that is grouped with its own article, and with another."""
    copies = Copies(threshold)
    own = [copies.group(as_article(str(number), sentences)) for number, sentences in enumerate(articles)]
    found: dict[str, dict[str, float]] = {"articles themselves": {"right": 0.0, "wrong": float(np.mean([one is not None for one in own]))}}
    for name, edit in EDITS.items():
        of = [copies.find(as_article(name, edit(sentences, rng))) for number, sentences in enumerate(articles)]
        right = np.mean([one == (own[number] or str(number)) for number, one in enumerate(of)])
        wrong = np.mean([one not in (None, own[number] or str(number)) for number, one in enumerate(of)])
        found[name] = {"right": float(right), "wrong": float(wrong)}
    return found


def exact_groups(articles: Sequence[Article], threshold: float, shares: dict[tuple[int, int], float]) -> list[int]:
    """For each article the first it copies, or itself, by the exact share."""
    near: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for (one, other), share in shares.items():
        near[other].append((share, -one))
    groups: list[int] = []
    for number in range(len(articles)):
        share, first = max(((share, one) for share, one in near[number] if groups[-one] == -one), default=(0.0, 0))
        groups.append(-first if share >= threshold else number)
    return groups


def exact_shares(articles: Sequence[Article]) -> dict[tuple[int, int], float]:
    """The share of common runs of all pairs that have one in common."""
    runs = [runs_of(article) for article in articles]
    having: dict[str, list[int]] = defaultdict(list)
    for number, mine in enumerate(runs):
        for run in mine:
            having[run].append(number)
    common = Counter(pair for numbers in having.values() for pair in combinations(numbers, 2))
    return {(one, other): count / (len(runs[one]) + len(runs[other]) - count) for (one, other), count in common.items()}


def against_exact(articles: Sequence[Article], threshold: float, shares: dict[tuple[int, int], float]) -> dict[str, float]:
    """Precision and recall of the pairs that are in one group, against the exact groups and against all pairs that are near enough."""
    copies = Copies(threshold)
    found = [copies.group(article) or article.id for article in articles]
    exact = exact_groups(articles, threshold, shares)
    pairs, wanted = _together(found), _together(exact)
    near = {pair for pair, share in shares.items() if share >= threshold}
    return {
        "copies": float(sum(one != article.id for one, article in zip(found, articles, strict=True))),
        "exact_copies": float(sum(one != number for number, one in enumerate(exact))),
        "precision": len(pairs & wanted) / max(len(pairs), 1),
        "recall": len(pairs & wanted) / max(len(wanted), 1),
        "near_pairs": float(len(near)),
        "near_pairs_together": len(near & pairs) / max(len(near), 1),
    }


def _together(groups: Sequence[Any]) -> set[tuple[int, int]]:
    members: dict[Any, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        members[group].append(number)
    return {pair for numbers in members.values() for pair in combinations(numbers, 2)}


def read_table(path: Path, column: str) -> list[Article]:
    """The texts of a column."""
    csv.field_size_limit(min(LARGEST_FIELD, sys.maxsize))
    with path.open(encoding="utf-8", newline="") as file:
        return [Article(str(number), row[column]) for number, row in enumerate(csv.DictReader(file))]


def main(
    corpus: Annotated[Path, typer.Argument(help="Our articles: a folder of JSONL files, or one file.")],
    table: Annotated[Path | None, typer.Option(help="A CSV file of texts.")] = None,
    text: Annotated[str, typer.Option(help="Its column.")] = "text",
    seed: int = 13,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Print which made copies are found at which threshold, and how the groups of a table compare with exact ones."""
    own = own_articles(corpus)
    made = {str(threshold): made_copies(own, threshold, np.random.default_rng(seed)) for threshold in THRESHOLDS}
    print(f"{len(own)} articles\n\n| copy | " + " | ".join(f"found at {threshold} | wrong" for threshold in THRESHOLDS) + " |")
    for name in next(iter(made.values())):
        print(f"| {name} | " + " | ".join(f"{found[name]['right']:.3f} | {found[name]['wrong']:.3f}" for found in made.values()) + " |")
    result: dict[str, Any] = {"articles": len(own), "seed": seed, "made": made}
    if table is not None:
        articles = read_table(table, text)
        start = time.perf_counter()
        copies = Copies()
        for article in articles:
            copies.group(article)
        result["seconds"], result["rows"] = round(time.perf_counter() - start, 2), len(articles)
        shares = exact_shares(articles)
        result["table"] = {str(threshold): against_exact(articles, threshold, shares) for threshold in THRESHOLDS}
        print(f"\n{len(articles)} rows in {result['seconds']} s")
        for threshold_, found in result["table"].items():
            print(threshold_, {name: round(number, 3) for name, number in found.items()})
    if file is not None:
        write_json(file, result)


if __name__ == "__main__":
    typer.run(main)
