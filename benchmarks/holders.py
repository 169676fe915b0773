"""How well the rules find whose position a sentence reports, against corpus files.

python benchmarks/holders.py data/newsroom --json holders.json

Measured by file and by part: headlines, debates (pages of argument, mostly the writers' own) and articles, the articles in
two parts. The rules were tuned on some of the first articles; the desks' were written later, so they are the honest measure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Any

import typer

from stancekit.data.corpus import LabelledArticle, Sentence, corpus_files, read_corpus
from stancekit.errors import StancekitError
from stancekit.files import write_json
from stancekit.news.holders import Holder, HolderFinder
from stancekit.records import Statement

PARTS = {"headlines": "headlines*", "debates": "debates*", "desks": "desk-*", "gold of the demo": "articles-gold*", "first articles": "*"}
HOW = {
    "id": "the id is the same",
    "id_in_place": "all words of the id stand in the gold id (finance-ministry for vastrel-finance-ministry)",
    "mention": "the words named in the sentence overlap, or the id is the same",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One sentence: what the rules found and what its labels say. A sentence whose labels name nobody is the author's."""

    found: Holder
    gold: Sentence

    @property
    def cited(self) -> bool:
        """Whether the labels name a holder."""
        return any(label.holder is not None for label in self.gold.labels)

    def right(self, how: str) -> bool:
        """Whether the holder found is one of the labels', by one of HOW."""
        named = [label for label in self.gold.labels if label.span is not None and label.holder_id is not None]
        if self.found.voice != "cited":
            return False
        if any(label.holder_id == self.found.id for label in named):
            return True
        if how == "id_in_place":
            parts = set((self.found.id or "-").split("-"))
            return any(parts <= set((label.holder_id or "").split("-")) for label in named)
        start, end = self.found.start, self.found.end
        spans = [label.span for label in named if label.span is not None]
        return how == "mention" and start is not None and end is not None and any(first < end and start < last for first, last in spans)


def main(
    corpus: Annotated[Path, typer.Argument(help="The corpus: a folder of JSONL files, or one file.")],
    json: Annotated[Path | None, typer.Option(help="Also write the numbers to this file.")] = None,
) -> None:
    """Compare the holders that the rules find with those of the labels."""
    try:
        finder = HolderFinder()
        compared = {file.stem: [*_compared(finder, file)] for file in corpus_files(corpus)}
    except StancekitError as fault:
        typer.echo(f"error: {fault}", err=True)
        raise typer.Exit(2) from fault
    parts = parts_of(compared)
    results = {name: {one: measure(pairs) for one, pairs in of.items()} for name, of in (("files", compared), ("parts", parts))}
    for name, result in results["parts"].items():
        _show(name, result)
    if json is not None:
        write_json(json, {"how": HOW, **results})


def parts_of(compared: Mapping[str, list[Compared]]) -> dict[str, list[Compared]]:
    """The sentences of the files that belong together, by the first pattern of PARTS that a file's name fits."""
    parts: dict[str, list[Compared]] = {}
    for stem, pairs in compared.items():
        part = next(name for name, pattern in PARTS.items() if fnmatch(stem, pattern))
        parts.setdefault(part, []).extend(pairs)
    return parts


def measure(pairs: list[Compared]) -> dict[str, Any]:
    """Voice accuracy, and precision, recall and F1 of the holder over all rules and by rule; recall is of all sentences with a holder."""
    gold = sum(pair.cited for pair in pairs)
    cited = [pair for pair in pairs if pair.found.voice == "cited"]
    by_rule = defaultdict(list)
    for pair in cited:
        by_rule[pair.found.rule].append(pair)
    return {
        "sentences": len(pairs),
        "with_holder": gold,
        "voice_accuracy": round(sum(pair.cited == (pair.found.voice == "cited") for pair in pairs) / len(pairs), 4),
        "voices": {f"{real} read as {read}": count for (real, read), count in sorted(_voices(pairs).items())},
        **{how: _scores(cited, gold, how) for how in HOW},
        "rules": {rule: {how: _scores(by_rule[rule], gold, how) for how in HOW} for rule in sorted(by_rule)},
    }


def _compared(finder: HolderFinder, file: Path) -> Iterator[Compared]:
    for _, article in read_corpus(file):
        found = (attributions[0].holder for attributions in finder.find(_statements(article)))
        yield from map(Compared, found, article.sentences)


def _statements(article: LabelledArticle) -> list[Statement]:
    return [Statement(f"{article.id}:{number}", sentence.text) for number, sentence in enumerate(article.sentences, 1)]


def _voices(pairs: list[Compared]) -> Counter[tuple[str, str]]:
    return Counter(("cited" if pair.cited else "author", pair.found.voice) for pair in pairs)


def _scores(found: list[Compared], gold: int, how: str) -> dict[str, float | int]:
    right = sum(pair.right(how) for pair in found)
    precision, recall = right / len(found) if found else 0.0, right / gold if gold else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"found": len(found), "right": right, "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def _show(name: str, result: dict[str, Any]) -> None:
    typer.echo(
        f"\n{name}: {result['sentences']} sentences, {result['with_holder']} with a holder; voice right {result['voice_accuracy']:.3f}"
    )
    typer.echo(f"  {'rule':<20}{'found':>6}" + "".join(f"{how + ' P':>15}{'R':>7}{'F1':>7}" for how in HOW))
    for rule, scores in [*result["rules"].items(), ("all", {how: result[how] for how in HOW})]:
        cells = "".join(f"{scores[how]['precision']:>15.3f}{scores[how]['recall']:>7.3f}{scores[how]['f1']:>7.3f}" for how in HOW)
        typer.echo(f"  {rule:<20}{scores['id']['found']:>6}{cells}")


if __name__ == "__main__":
    typer.run(main)
