"""How well the rules find whose position a sentence reports, against the newsroom corpus and the training stories of SEESAW.

python benchmarks/holders.py data/newsroom --raw RAW --json holders.json
python benchmarks/holders.py data/newsroom --confidence src/stancekit/news/confidence.json

A case is a sentence with the holders its labels name (those in `also` too) and the cited voices that the rules found in it, each
once. A found holder is RIGHT when it is the voice of a label ("same"): its id is the label's; or its name, after short names and
pronouns were followed up, is one of the forms by which the labels of this article name that holder (every `holder` wording of the
id but pronouns, and the words of the id), compared in lower case, without articles and titles. A part of a form counts as people use
parts (the surname; "ministry" for "finance ministry"; "opponents" for "opponents of the toll"), and a longer name of a form, but only
where no other holder of the article could be meant by it.
Precision: right of all found; a voice found in a sentence that the labels give to its writer is wrong. Recall: labelled holders that
were found, of all. F1 of the two. Intervals: 95 %, articles drawn again 1,000 times.
Beside it: "id", only the same id counts; and "words", the words of the sentence that name the holder overlap those of the label.

SEESAW: a case is a sentence with a stance toward a Topic whose subject stands in the list of entities; its holders are the
subjects. Right: found and subject are one entity of the table of states and institutions, or their names are the same but
for titles, or one is the last part of the other (surnames). "any object" takes the subjects of all stances of the sentence instead,
toward people too. Only stories of the train split; stories with an even number were read while the rules were made, odd ones not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from holder_matching import Names, labels_of
from holder_stories import read_stories
from stancekit.data.corpus import LabelledArticle, Sentence, corpus_files, read_corpus
from stancekit.errors import StancekitError
from stancekit.files import write_json
from stancekit.news.holders import Attribution, Holder, HolderFinder
from stancekit.records import Statement
from stancekit.stance import Stance

HOW = ("same", "id", "words")
SETS = {"headlines": "headlines*", "debates": "debates*", "desks": "desk-*", "first articles": "*"}
TUNED = ("train", "validation")
FEWEST = 12


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence. found: each voice, and by every measure whether it is a label's. hits: how many labels were found, by measure."""

    article: str
    text: str
    found: tuple[tuple[Attribution, dict[str, bool]], ...]
    gold: tuple[str, ...]
    hits: dict[str, int]


Matches = Mapping[str, Callable[[Holder, str], bool]]


def main(
    corpus: Annotated[Path, typer.Argument(help="The corpus: a folder of JSONL files, or one file.")],
    raw: Annotated[Path | None, typer.Option(help="Also measure on SEESAW: the folder that has seesaw/.")] = None,
    json: Annotated[Path | None, typer.Option(help="Also write the numbers to this file.")] = None,
    confidence: Annotated[Path | None, typer.Option(help="Write each rule's precision on train and validation to this file.")] = None,
) -> None:
    """Compare the holders that the rules find with those of the labels."""
    try:
        finder = HolderFinder()
        parts = newsroom_parts(finder, corpus)
        if raw is not None:
            parts |= read_stories(finder, raw / "seesaw", case_of)
    except StancekitError as fault:
        typer.echo(f"error: {fault}", err=True)
        raise typer.Exit(2) from fault
    results = {name: measure(cases) for name, cases in parts.items()}
    for name, result in results.items():
        _show(name, result)
    if json is not None:
        write_json(json, results)
    if confidence is not None:
        write_json(confidence, rule_precision([*parts["newsroom train"], *parts["newsroom validation"]]))


def newsroom_parts(finder: HolderFinder, corpus: Path) -> dict[str, list[Case]]:
    """The cases by split, and those of the test split by set of files too."""
    parts: dict[str, list[Case]] = defaultdict(list)
    for file in corpus_files(corpus):
        kind = next(name for name, pattern in SETS.items() if fnmatch(file.stem, pattern))
        for _, article in read_corpus(file):
            cases = [*newsroom_cases(finder, article)]
            parts[f"newsroom {article.split}"] += cases
            if article.split == "test":
                parts[f"newsroom test, {kind}"] += cases
    return dict(parts)


def newsroom_cases(finder: HolderFinder, article: LabelledArticle) -> Iterator[Case]:
    """One case a sentence of the article."""
    names = Names.of(labels_of(article))
    statements = [Statement(f"{article.id}:{number}", sentence.text) for number, sentence in enumerate(article.sentences, 1)]
    for sentence, attributions in zip(article.sentences, finder.find(statements), strict=True):
        spans = _spans(sentence)
        matches: Matches = {
            "same": names.same,
            "id": lambda found, gold: found.id == gold,
            "words": lambda found, gold, spans=spans: _overlap(found, gold, spans),  # type: ignore[misc]
        }
        yield case_of(article.id, sentence.text, attributions, sorted(spans), matches)


def case_of(article: str, text: str, attributions: Iterable[Attribution], gold: Sequence[str], matches: Matches) -> Case:
    """Judge the voices found in a sentence, each holder once. Measures that `matches` does not have are left out."""
    cited: dict[Any, Attribution] = {}
    for one in attributions:
        if one.holder.voice == "cited":
            cited.setdefault(one.holder.id or (one.holder.name, one.holder.start), one)
    found = tuple((one, {how: any(same(one.holder, label) for label in gold) for how, same in matches.items()}) for one in cited.values())
    hits = {how: sum(any(same(one.holder, label) for one in cited.values()) for label in gold) for how, same in matches.items()}
    return Case(article, text, found, tuple(gold), hits)


def _spans(sentence: Sentence) -> dict[str, list[tuple[int, int]]]:
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for label in (*sentence.labels, *sentence.also):
        if label.holder_id is not None and label.span is not None:
            spans[label.holder_id].append(label.span)
    return spans


def _overlap(found: Holder, gold: str, spans: dict[str, list[tuple[int, int]]]) -> bool:
    start, end = found.start, found.end
    return found.id == gold or (start is not None and end is not None and any(first < end and start < last for first, last in spans[gold]))


def measure(cases: Sequence[Case]) -> dict[str, Any]:
    """Voice accuracy (author or cited), precision, recall and F1 with intervals by every measure, and each rule's precision."""
    how = [name for name in HOW if name in cases[0].hits]
    return {
        "articles": len({case.article for case in cases}),
        "sentences": len(cases),
        "holders": sum(len(case.gold) for case in cases),
        "voice_accuracy": round(sum(bool(case.gold) == bool(case.found) for case in cases) / len(cases), 4),
        **{name: scores(cases, name) for name in how},
        "rules": _rules(cases, how),
    }


def scores(cases: Iterable[Case], how: str) -> dict[str, Any]:
    """Found, right, precision, recall and F1, each of the last three with the ends of its interval."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for case in cases:
        row = counts[case.article]
        for place, value in enumerate((len(case.found), sum(right[how] for _, right in case.found), len(case.gold), case.hits[how])):
            row[place] += value
    table = np.array(list(counts.values()))
    drawn = np.random.default_rng(0).integers(len(table), size=(1_000, len(table)))
    values, spread = _prf(table.sum(0)[None])[0], _prf(table[drawn].sum(1))
    low, high = np.quantile(spread, [0.025, 0.975], axis=0)
    found, right, gold, hit = map(int, table.sum(0))
    ranges = {
        name: {"value": round(float(values[place]), 4), "low": round(float(low[place]), 4), "high": round(float(high[place]), 4)}
        for place, name in enumerate(("precision", "recall", "f1"))
    }
    return {"found": found, "right": right, "gold": gold, "hit": hit, **ranges}


def _prf(counts: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    found, right, gold, hit = counts.T
    precision, recall = right / np.maximum(found, 1), hit / np.maximum(gold, 1)
    return np.stack([precision, recall, 2 * precision * recall / np.maximum(precision + recall, 1e-9)], axis=1)


def _rules(cases: Iterable[Case], how: Sequence[str]) -> dict[str, dict[str, float]]:
    voices = defaultdict(list)
    for case in cases:
        for one, right in case.found:
            voices[one.holder.rule].append((bool(case.gold), right))
    return {
        rule: {
            "found": len(found),
            "authors": sum(not cited for cited, _ in found),
            **{name: sum(right[name] for _, right in found) for name in how},
        }
        for rule, found in sorted(voices.items())
    }


def rule_precision(cases: Sequence[Case]) -> dict[str, float]:
    """How often a voice found by a rule is right; rules seen fewer than FEWEST times share one figure, under "other"."""
    rules = _rules(cases, ["same"])
    rare = [row for row in rules.values() if row["found"] < FEWEST]
    authors = [case for case in cases if not case.found]
    table = {rule: row["same"] / row["found"] for rule, row in rules.items() if row["found"] >= FEWEST}
    table["author"] = sum(not case.gold for case in authors) / len(authors)
    table["other"] = sum(row["same"] for row in rare) / max(sum(row["found"] for row in rare), 1)
    return {rule: round(value, 2) for rule, value in table.items()}


def opinion_pairs(article: LabelledArticle, found: Iterable[tuple[Holder, str, Stance]]) -> tuple[int, int, int, int]:
    """(found, right of these, labelled, found of these) of the article's (holder, proposal, side), each once; neutral is no side.

    The holder is compared as in "same"; the writer's own positions count as those of the holder `author`.
    """
    names = Names.of(labels_of(article))
    gold = {
        (label.holder_id, label.proposal, label.stance)
        for label in labels_of(article)
        if label.holder_id is not None and label.stance is not Stance.NEUTRAL
    }
    tried = {(one.id or one.name, proposal, stance): one for one, proposal, stance in found if stance is not Stance.NEUTRAL}
    pairs = {key: [label for label in gold if label[1:] == key[1:] and _same(names, one, label[0])] for key, one in tried.items()}
    return len(tried), sum(map(bool, pairs.values())), len(gold), len({label for labels in pairs.values() for label in labels})


def _same(names: Names, found: Holder, gold: str) -> bool:
    return found.id == gold if "author" in (gold, found.id) else names.same(found, gold)


def _show(name: str, result: dict[str, Any]) -> None:
    typer.echo(f"\n{name}: {result['sentences']} sentences, {result['holders']} holders; voice right {result['voice_accuracy']:.3f}")
    for how in HOW:
        if how in result:
            cells = (
                f"{key} {of['value']:.3f} ({of['low']:.3f}-{of['high']:.3f})" for key, of in result[how].items() if isinstance(of, dict)
            )
            typer.echo(f"  {how:<6} " + "  ".join(cells))
    for rule, row in result["rules"].items():
        cells = (f"{how} {row[how] / row['found']:.2f}" for how in HOW if how in row)
        typer.echo(f"    {rule:<20}{row['found']:>5} found, {row['authors']:>4} in the writer's sentences; " + "  ".join(cells))


if __name__ == "__main__":
    typer.run(main)
