"""How varied the words of the corpus are, beside real news: the article bodies of FNC-1.

    python benchmarks/corpus_texture.py data/newsroom RAW_FOLDER --json FILE

Shares of what does not repeat, in samples of whole articles up to 10,000 words: they fall with length, so samples are of one size.
RAW_FOLDER holds `fnc1/` in its published format.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from stancekit.data.corpus import read_corpus
from stancekit.data.texture import variety, words
from stancekit.news.sentences import cut_sentences

SEED, DRAWS, SAMPLE = 13, 20, 10_000


def corpus_texts(path: Path) -> dict[str, list[str]]:
    """The articles of the corpus: all, and by file."""
    texts: dict[str, list[str]] = {"newsroom, all": []}
    for where, article in read_corpus(path):
        text = "\n\n".join(sentence.text for sentence in article.sentences)
        texts["newsroom, all"].append(text)
        texts.setdefault(f"newsroom, {Path(where.rsplit(':', 1)[0]).name}", []).append(text)
    return texts


def news_texts(path: Path) -> list[str]:
    """The FNC-1 article bodies."""
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8", newline="") as lines:
        return [row["articleBody"] for row in csv.DictReader(lines)]


def measured(texts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Variety of each collection in samples of whole articles, and the words of a sentence in it."""
    rows = {}
    for name, articles in texts.items():
        sentences = [article[start:end] for article in articles for start, end in cut_sentences(article)]
        lengths = [len(words(sentence)) for sentence in sentences]
        sample = min(SAMPLE, sum(lengths))
        found = variety(articles, sample, DRAWS, np.random.default_rng(SEED))
        low, middle, high = np.quantile(lengths, [0.1, 0.5, 0.9])
        rows[name] = {
            "articles": len(articles),
            "words": sum(lengths),
            "sample": sample,
            "words_a_sentence": {"p10": float(low), "median": float(middle), "p90": float(high)},
            **{key: round(value, 4) for key, value in found._asdict().items()},
        }
    return rows


def main(
    corpus: Annotated[Path, typer.Argument(help="Folder of the corpus.")],
    raw: Annotated[Path, typer.Argument(help="Folder with fnc1/.")],
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
) -> None:
    """Compare the corpus, whole and by file, with real articles."""
    bodies = raw / "fnc1/test_bodies.csv"
    texts: dict[str, list[str]] = corpus_texts(corpus)
    if bodies.is_file():
        texts["FNC-1 article bodies"] = news_texts(bodies)
    else:
        print("skipped: no shared data")
    results = measured(texts)
    print(json.dumps(results, indent=2))
    if file is not None:
        file.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
