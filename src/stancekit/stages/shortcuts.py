"""`stancekit check --shortcuts`: can the labels be guessed from one side of the pairs, and do texts repeat?"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stancekit.config import NewsroomSource
from stancekit.data.corpus import corpus_files, is_corpus
from stancekit.data.examples import read_examples
from stancekit.data.importers.newsroom import read as read_newsroom
from stancekit.data.promises import FILE, Promises, read_promises
from stancekit.data.texture import near_duplicates
from stancekit.errors import Refusal, StancekitError
from stancekit.evaluation.baselines import SIDES, Side
from stancekit.evaluation.shortcuts import FITS, blind_scores, telling_words
from stancekit.files import ending_of
from stancekit.progress import progress
from stancekit.records import Example, class_counts, normalized
from stancekit.tables import READABLE, read_rows

SHOWN_REPEATS = 20


def shortcuts(path: Path) -> dict[str, Any]:
    """Measure a corpus, or an examples file: `blind`, `telling_words`, `near_duplicates` and the counts they rest on.

    `broken` lists the promises of a `corpus.toml` that are not kept. Raises StancekitError for bad data.
    """
    examples = _examples(path)
    with progress("measuring shortcuts", FITS) as advance:
        blind = blind_scores(examples, advance)
    telling = {side: _telling(examples, side) for side in SIDES}
    result = {
        "n": len(examples),
        "classes": {stance.value: count for stance, count in class_counts(examples).items()},
        "blind": blind,
        "telling_words": telling,
        "near_duplicates": _repeats(examples),
    }
    # One file of a corpus is not held to what the whole promises.
    promised = path / FILE
    return {**result, "broken": list(_broken(read_promises(promised), result)) if promised.is_file() else []}


def refuse_broken(result: Mapping[str, Any], path: Path) -> None:
    """Raise Refusal (exit code 1) where a promise of the corpus is broken."""
    if result["broken"]:
        raise Refusal(f"{path} breaks its promises: {'; '.join(result['broken'])}", fix="rewrite what the figures point at")


def _examples(path: Path) -> list[Example]:
    files = corpus_files(path)
    others = [file.name for file in files if not _holds_articles(file)]
    if not others:
        return [row.example for row in read_newsroom(NewsroomSource(format="newsroom", name="corpus", path=path), path)]
    if len(others) < len(files):
        raise StancekitError(f"{path} holds articles, and beside them {', '.join(others)}", fix="measure either by itself")
    if path.is_dir() or ending_of(path) not in READABLE:
        raise StancekitError(
            f"{path} is neither a corpus nor an examples file",
            fix="--shortcuts measures a folder or file of labelled articles, or one examples file such as train.jsonl",
        )
    # What prepare made out of foreign proposals says nothing about how the data was labelled.
    return [example for example in read_examples(path) if not example.made]


def _holds_articles(file: Path) -> bool:
    return ending_of(file) in READABLE and is_corpus(next((row.values for row in read_rows(file)), {}))


def _telling(examples: Sequence[Example], side: Side) -> dict[str, list[dict[str, Any]]]:
    return {stance.value: [word._asdict() for word in words] for stance, words in telling_words(examples, side).items()}


def _repeats(examples: Sequence[Example]) -> dict[str, Any]:
    # A text stands once in each group; rows without one are told apart by their text alone, which stands beside many proposals.
    places = list(dict.fromkeys((example.statement, example.group or normalized(example.statement)) for example in examples))
    repeats = near_duplicates([text for text, _ in places], [home for _, home in places], most=SHOWN_REPEATS)
    shown = [
        {"first": places[repeat.first][0], "second": places[repeat.second][0], "similarity": round(repeat.similarity, 3)}
        for repeat in repeats.closest
    ]
    return {"count": repeats.pairs, "shown": shown}


def _broken(promises: Promises, result: Mapping[str, Any]) -> Iterator[str]:
    for view, most in (("statement_only", promises.statement_only), ("proposal_only", promises.proposal_only)):
        reached = result["blind"][view]["macro_f1"]["value"]
        if most is not None and reached > most:
            yield f"{view}: macro-F1 {reached:.3f}, and at most {most} is promised"
    count = result["near_duplicates"]["count"]
    if promises.near_duplicates is not None and count > promises.near_duplicates:
        yield f"near_duplicates: {count} pairs of sentences, and at most {promises.near_duplicates} are promised"
