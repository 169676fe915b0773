"""The newsroom corpus: labelled articles, and every rule of data/README.md that a program can hold."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from stancekit.config import SplitName
from stancekit.data.labels import Label, Rung, Slug, Strict, Text
from stancekit.errors import Faults, StancekitError
from stancekit.records import normalized
from stancekit.stance import Stance
from stancekit.tables import read_rows

# Of these, most labels of the two proposals swap; of the others, most stay.
OPPOSED = ("negation", "rival")
ALIKE = ("rewording", "broader", "narrower")


class Relation(Strict):
    """How a proposal stands to an earlier one of its article."""

    kind: Literal["negation", "rival", "rewording", "broader", "narrower"]
    to: Slug


class CorpusProposal(Strict):
    """A proposal of an article."""

    id: Slug
    text: Text
    relation: Relation | None = None


class Reading(Strict):
    """What one reader saw in a sentence, working alone from the guide: kept as it was, whatever the label is now.

    holder: words for whose position it is, `author` for the writer's own, None for nobody's.
    """

    reader: Slug
    holder: Text | None
    stances: dict[Slug, Stance]
    rungs: dict[Slug, Rung] = Field(default={})


class Sentence(Strict):
    """A sentence with one label a proposal; `also` holds the labels of its further voices, `readings` the votes of readers."""

    text: Text
    labels: list[Label]
    also: list[Label] = Field(default=[])
    readings: list[Reading] = Field(default=[])

    def votes(self, proposal: str) -> dict[str, int]:
        """How many readers gave each stance toward a proposal; empty where the sentence was read once."""
        return dict(Counter(reading.stances[proposal].value for reading in self.readings))

    def faults(self) -> Iterator[str]:
        """What no single label can know: spans that miss, further voices without a side, and the tag that tells of them."""
        for label in [*self.labels, *self.also]:
            if label.span is not None:
                yield from _span_faults(self.text, label.span, label.holder)
        seconds = {label.proposal for label in self.also}
        for label in self.labels:
            if ("two-voices" in label.tags) != (label.proposal in seconds):
                yield f"the tag two-voices and a voice in also go together, not so for {label.proposal!r}"
        for label in self.also:
            if label.stance is Stance.NEUTRAL or "two-voices" in label.tags:
                yield "a voice in also has a side, and not the tag two-voices"
        yield from self._reading_faults()
        voices = Counter((label.proposal, label.holder_id) for label in [*self.labels, *self.also] if label.holder_id)
        for (proposal, holder), times in voices.items():
            if times > 1:
                yield f"{holder!r} is labelled {times} times for {proposal!r}"

    def _reading_faults(self) -> Iterator[str]:
        readers = [reading.reader for reading in self.readings]
        if len(set(readers)) != len(readers) or len(readers) == 1:
            yield f"readings {readers} instead of none, or two and more of different readers"
        labelled = {label.proposal for label in self.labels}
        for reading in self.readings:
            if set(reading.stances) != labelled:
                yield f"reader {reading.reader} has stances for {sorted(reading.stances)}, not for {sorted(labelled)}"
            sides = {proposal for proposal, stance in reading.stances.items() if stance is not Stance.NEUTRAL}
            if set(reading.rungs) != sides:
                yield f"reader {reading.reader} has rungs for {sorted(reading.rungs)}, but sides for {sorted(sides)}"


def _span_faults(text: str, span: tuple[int, int], holder: str | None) -> Iterator[str]:
    start, end = span
    if not 0 <= start < end <= len(text) or text[start:end] != holder:
        yield f"span {list(span)} holds {text[slice(*span)]!r}, not {holder!r}"
    elif re.match(r"\w", text[end:]) or re.search(r"\w$", text[:start]):
        yield f"span {list(span)} cuts a word"


class LabelledArticle(Strict):
    """An article of the corpus, as one line of its files holds it."""

    id: Slug
    genre: Text
    field: Text
    outlet: Text
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    title: Text
    split: SplitName | None = None
    proposals: list[CorpusProposal] = Field(min_length=1)
    sentences: list[Sentence] = Field(min_length=1)

    def faults(self) -> Iterator[tuple[str, str]]:
        """(place, what) of everything that no single label can know: ids, missing labels, spans that miss."""
        try:
            date.fromisoformat(self.date)
        except ValueError:
            yield "date", f"{self.date} is no day of the calendar"
        ids = [proposal.id for proposal in self.proposals]
        if len(set(ids)) != len(ids):
            yield "proposals", "an id stands twice"
        if len({normalized(proposal.text) for proposal in self.proposals}) != len(ids):
            yield "proposals", "a text stands twice"
        for number, proposal in enumerate(self.proposals):
            if proposal.relation is not None and proposal.relation.to not in ids[:number]:
                yield (
                    "proposals",
                    f"{proposal.id!r} is a {proposal.relation.kind} of {proposal.relation.to!r}, which does not stand before it",
                )
        for number, sentence in enumerate(self.sentences):
            for what in [*_labelling_faults(sentence, ids), *sentence.faults()]:
                yield f"sentences.{number}", what


def _labelling_faults(sentence: Sentence, ids: Sequence[str]) -> Iterator[str]:
    labelled = [label.proposal for label in sentence.labels]
    if sorted(labelled) != sorted(ids):
        yield f"labels {labelled} instead of one for each of {list(ids)}"
    for label in sentence.also:
        if label.proposal not in ids:
            yield f"proposal {label.proposal!r} is not one of the article's"


def corpus_files(path: Path) -> list[Path]:
    """The files of a corpus folder, or the one file. Raises StancekitError when there is none."""
    files = sorted([*path.glob("*.jsonl"), *path.glob("*.jsonl.gz")]) if path.is_dir() else [path]
    if not files:
        raise StancekitError(f"{path} holds no .jsonl file", fix="name a corpus file, or a folder of them")
    return files


def read_corpus(path: Path) -> list[tuple[str, LabelledArticle]]:
    """Every article of a corpus folder or file with its place (`path:line`). Raises one StancekitError with all faults."""
    return read_labelled(corpus_files(path), str(path))


def read_labelled(files: Iterable[Path], subject: str) -> list[tuple[str, LabelledArticle]]:
    """The articles of `files`, which are one corpus: an id stands once in all of them. subject: what messages call it."""
    faults = Faults(subject)
    articles: list[tuple[str, LabelledArticle]] = []
    places: dict[str, str] = {}
    for file in files:
        for row in read_rows(file):
            article = _article(row.where, row.values, faults)
            if article is None:
                continue
            if places.setdefault(article.id, row.where) != row.where:
                faults.add(row.where, f"article id {article.id!r} stands at {places[article.id]} too")
            articles.append((row.where, article))
    for where, what in _across(articles):
        faults.add(where, what)
    faults.raise_any(fix="see data/README.md for the format and the labelling guide")
    return articles


def _across(articles: Sequence[tuple[str, LabelledArticle]]) -> Iterator[tuple[str, str]]:
    """What no single article can know: splits given to some alone, and texts that stand in two splits."""
    without = [where for where, article in articles if article.split is None]
    if 0 < len(without) < len(articles):
        yield without[0], f"split is missing, and in {len(without)} of {len(articles)} articles; give it to all or to none"
    homes: dict[str, tuple[SplitName | None, str]] = {}
    for where, article in articles:
        for text in [*(proposal.text for proposal in article.proposals), *(sentence.text for sentence in article.sentences)]:
            split, place = homes.setdefault(normalized(text), (article.split, where))
            if split != article.split:
                yield where, f"{text!r} is in split {article.split} here, and in {split} at {place}"


def is_corpus(values: dict[str, Any]) -> bool:
    """Whether a row looks like an article of the corpus rather than an example."""
    return "sentences" in values and "proposals" in values


def _article(where: str, values: dict[str, Any], faults: Faults) -> LabelledArticle | None:
    try:
        article = LabelledArticle.model_validate(values)
    except ValidationError as fault:
        for error in fault.errors():
            message = re.sub(r"^Value error, ", "", error["msg"])
            faults.add(f"{where} {'.'.join(map(str, error['loc']))}", message)
        return None
    for place, what in article.faults():
        faults.add(f"{where} {place}", what)
    return article
