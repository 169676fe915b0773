"""The newsroom corpus: its models and every rule of data/README.md that a program can hold."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stancekit.errors import Faults, StancekitError
from stancekit.stance import Stance
from stancekit.tables import read_rows

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
Tag = Literal[
    "explicit", "implicit", "negation", "reported", "rebuttal", "conditional", "partial", "hedge",
    "irony", "pronoun", "two-voices", "question", "fact", "balanced", "off-topic",
]  # fmt: skip
RUNGS = {"explicit", "implicit"}
NEUTRAL_ONLY = {"fact", "balanced", "off-topic"}
NEUTRAL_KINDS = NEUTRAL_ONLY | {"hedge", "question"}
SIDE_ONLY = RUNGS | {"rebuttal", "conditional", "partial"}
PRONOUNS = {
    "i", "me", "my", "we", "us", "our", "you", "your", "he", "him", "his", "she", "her", "it", "its", "they", "them", "their",
    "one", "this", "that", "these", "those", "the other", "the others", "the former", "the latter",
}  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(_Strict):
    """A stance toward one proposal and whose it is; span: characters of the holder's name in the sentence."""

    proposal: Slug
    stance: Stance
    holder: Text | None
    holder_id: Slug | None
    span: tuple[int, int] | None = None
    voice: Literal["author", "cited", "denied"]
    tags: list[Tag]

    @model_validator(mode="after")
    def _holds_together(self) -> "Label":
        faults = [*_voice_faults(self), *_tag_faults(self)]
        if faults:
            raise ValueError("; ".join(faults))
        return self


def _voice_faults(label: Label) -> Iterator[str]:
    if (label.holder is None) != (label.span is None):
        yield "holder and span go together"
    if label.voice == "author" and (label.holder is not None or label.holder_id not in (None, "author")):
        yield "the author's voice has no holder, and holder_id author or null"
    if label.voice != "author" and (label.holder is None or label.holder_id is None):
        yield f"a {label.voice} voice needs holder, holder_id and span"
    if label.stance is not Stance.NEUTRAL and label.holder_id is None:
        yield f"{label.stance} needs a holder_id"
    if label.stance is not Stance.NEUTRAL and label.voice == "denied":
        yield "a denied voice is neutral"
    if label.voice != "author" and label.holder_id == "author":
        yield f"holder_id author in a {label.voice} voice"


def _tag_faults(label: Label) -> Iterator[str]:
    tags: set[str] = set(label.tags)
    if len(tags) != len(label.tags):
        yield "a tag stands twice"
    if label.holder is not None and label.holder.lower() in PRONOUNS and "pronoun" not in tags:
        yield f"the holder {label.holder!r} is a pronoun and needs the tag pronoun"
    if label.voice == "author" and tags & {"pronoun", "reported"}:
        yield "the author's voice is neither pronoun nor reported"
    yield from _neutral_faults(label, tags) if label.stance is Stance.NEUTRAL else _side_faults(label, tags)


def _neutral_faults(label: Label, tags: set[str]) -> Iterator[str]:
    if tags & SIDE_ONLY:
        yield f"neutral cannot be {', '.join(sorted(tags & SIDE_ONLY))}"
    if "negation" in tags and label.voice != "denied":
        yield "a neutral hangs on a negation only where the voice is denied"
    if not tags & NEUTRAL_KINDS:
        yield f"neutral needs one of the tags {', '.join(sorted(NEUTRAL_KINDS))}"
    if "off-topic" in tags and tags & NEUTRAL_KINDS != {"off-topic"}:
        yield f"off-topic leaves no room for {', '.join(sorted(tags & NEUTRAL_KINDS - {'off-topic'}))}"


def _side_faults(label: Label, tags: set[str]) -> Iterator[str]:
    if len(tags & RUNGS) != 1:
        yield f"{label.stance} needs exactly one of the tags explicit, implicit"
    if tags & NEUTRAL_ONLY:
        yield f"{label.stance} cannot be {', '.join(sorted(tags & NEUTRAL_ONLY))}"


class Sentence(_Strict):
    """A sentence with one label a proposal; `also` holds the labels of its further voices."""

    text: Text
    labels: list[Label]
    also: list[Label] = []

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
        voices = Counter((label.proposal, label.holder_id) for label in [*self.labels, *self.also] if label.holder_id)
        for (proposal, holder), times in voices.items():
            if times > 1:
                yield f"{holder!r} is labelled {times} times for {proposal!r}"


def _span_faults(text: str, span: tuple[int, int], holder: str | None) -> Iterator[str]:
    start, end = span
    if not 0 <= start < end <= len(text) or text[start:end] != holder:
        yield f"span {list(span)} holds {text[slice(*span)]!r}, not {holder!r}"
    elif re.match(r"\w", text[end:]) or re.search(r"\w$", text[:start]):
        yield f"span {list(span)} cuts a word"


class CorpusProposal(_Strict):
    """A proposal of an article."""

    id: Slug
    text: Text


class LabelledArticle(_Strict):
    """An article of the corpus, as one line of its files holds it."""

    id: Slug
    genre: Text
    field: Text
    outlet: Text
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    title: Text
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
        if len({proposal.text for proposal in self.proposals}) != len(ids):
            yield "proposals", "a text stands twice"
        for number, sentence in enumerate(self.sentences):
            place = f"sentences.{number}"
            labelled = [label.proposal for label in sentence.labels]
            if sorted(labelled) != sorted(ids):
                yield place, f"labels {labelled} instead of one for each of {ids}"
            for label in sentence.also:
                if label.proposal not in ids:
                    yield place, f"proposal {label.proposal!r} is not one of the article's"
            for what in sentence.faults():
                yield place, what


def corpus_files(path: Path) -> list[Path]:
    """The files of a corpus folder, or the one file. Raises StancekitError when there is none."""
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
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
    faults.raise_any(fix="see data/README.md for the format and the labelling guide")
    return articles


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
