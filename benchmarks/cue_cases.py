"""The cases of benchmarks/cues.py: every label of a voice, with the cue and the words that reading the article gives that voice."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from holder_matching import Names, labels_of
from holder_stories import same
from stancekit.data.corpus import LabelledArticle
from stancekit.data.importers.seesaw import ANNOTATIONS, ARTICLE, ARTICLES, META, examples_of, listed_as_topic
from stancekit.data.labels import Label
from stancekit.files import read_json
from stancekit.inference.embedding import Embedder
from stancekit.inference.model import StanceModel
from stancekit.news.combining import Evidence, FloatArray, voices_of
from stancekit.news.holders import Attribution, Holder, HolderFinder
from stancekit.news.relevance import Floats, Gate, behind
from stancekit.records import Proposal, Statement
from stancekit.stance import Stance

Voices = Sequence[tuple[Attribution, Evidence]]


@dataclass(frozen=True, slots=True)
class Case:
    """A voice of a sentence and its stance. near, behind: of sentence and proposal, see news/relevance.py.

    silent: the voice has no label toward this proposal, but one toward another of the article, which makes it neutral here.
    """

    article: str
    number: int
    sentence: str
    proposal: str
    gold: Stance
    holder: str | None
    voice: Evidence
    near: float = 0.0
    behind: float = 0.0
    silent: bool = False

    @property
    def own(self) -> str | None:
        """The voice's own words, None where it has none beside the sentence."""
        return None if self.voice.own is None else self.sentence[slice(*self.voice.own)]


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of the cases, row by row. sentence, own: shape (n, 3)."""

    cases: Sequence[Case]
    sentence: FloatArray
    own: FloatArray

    @classmethod
    def of(cls, cases: Sequence[Case], model: StanceModel) -> "Answers":
        """Ask the model about all sentences and all own words."""
        asked = {(case.sentence, case.proposal) for case in cases} | {(case.own, case.proposal) for case in cases if case.own is not None}
        pairs = sorted(asked)
        answers = dict(zip(pairs, model.probabilities(pairs), strict=True))
        unknown = np.full(3, 1 / 3)
        own = [unknown if case.own is None else answers[case.own, case.proposal] for case in cases]
        return cls(cases, np.array([answers[case.sentence, case.proposal] for case in cases]), np.array(own))

    def labelled(self) -> "Answers":
        """The cases that have a label."""
        rows = [row for row, case in enumerate(self.cases) if not case.silent]
        return Answers([self.cases[row] for row in rows], self.sentence[rows], self.own[rows])

    def without_own(self) -> "Answers":
        """The same without the voices' own words."""
        return replace(self, cases=[replace(case, voice=replace(case.voice, own=None, sign=1)) for case in self.cases])

    def without_demands(self) -> "Answers":
        """The same with demands taken for any other cue."""
        return replace(self, cases=[_undemanding(case) for case in self.cases])


def newsroom_cases(articles: Iterable[LabelledArticle]) -> list[Case]:
    """All labels, those of further voices too. Whose they are is taken from the labels, so that the stance alone is judged."""
    finder, embedder, cases = HolderFinder(), Embedder(), list[Case]()
    for article in articles:
        names, texts = Names.of(labels_of(article)), [article.title, *(sentence.text for sentence in article.sentences)]
        relevance = _relevance(embedder, [proposal.text for proposal in article.proposals], texts)
        for number, voices in enumerate(read_voices(finder, article.id, texts)):
            if number:
                cases += _of_sentence(article, number, voices, names, relevance)
    return cases


def read_voices(finder: HolderFinder, article: str, texts: Sequence[str]) -> list[Voices]:
    """The voices of each sentence of an article, as `stancekit read` has them."""
    found = finder.find([Statement(f"{article}:{number}", text) for number, text in enumerate(texts, 1)])
    return [list(zip(voices, voices_of(voices, text), strict=True)) for voices, text in zip(found, texts, strict=True)]


def _relevance(embedder: Embedder, proposals: Sequence[str], texts: Sequence[str]) -> tuple[Floats, Floats]:
    (found,) = Gate([Proposal(text, text) for text in proposals], embedder).relevance([texts])
    return found.sentences, behind(found.sentences)


def _of_sentence(article: LabelledArticle, number: int, voices: Voices, names: Names, relevance: tuple[Floats, Floats]) -> Iterator[Case]:
    sentence = article.sentences[number - 1]
    labels = [*sentence.labels, *sentence.also]
    named = {label.span: label for label in labels}
    read = {span: _voice_of(label, voices, names) for span, label in named.items()}
    for place, proposal in enumerate(article.proposals):
        near, gap = (float(table[number, place]) for table in relevance)
        given = {label.span: label for label in labels if label.proposal == proposal.id}
        for span, voice in read.items():
            label = given.get(span)
            # Where a voice is cited for one proposal, a writer who says nothing of another is no voice.
            if label is not None or span is not None:
                stance = Stance.NEUTRAL if label is None else label.stance
                holder = named[span].holder_id
                yield Case(article.id, number, sentence.text, proposal.text, stance, holder, voice, near, gap, silent=label is None)


def _voice_of(label: Label, voices: Voices, names: Names) -> Evidence:
    """What was read of the voice that a label means: by its words, else by its name.

    A voice that was not found has no cue.
    """
    if label.span is None:
        return _first(voices, lambda holder: holder.voice == "author", cited=False)
    first, last = label.span
    met = _first(voices, lambda holder: holder.start is not None and holder.end is not None and holder.start < last and first < holder.end)
    gold = label.holder_id or ""
    return met if met.cue is not None else _first(voices, lambda holder: holder.voice == "cited" and names.same(holder, gold))


def _first(voices: Voices, means: Callable[[Holder], bool], cited: bool = True) -> Evidence:
    return next((voice for one, voice in voices if means(one.holder)), Evidence(cited))


def seesaw_cases(folder: Path) -> list[Case]:
    """Sentences of the train stories with a side toward a Topic of their article; the subject is the holder.

    Neutral ones are left out: nobody is marked as their holder, which would tell them.
    """
    finder, embedder, cases = HolderFinder(), Embedder(), list[Case]()
    for file in sorted((folder / ANNOTATIONS).glob("*.json")):
        name = ARTICLE.fullmatch(file.stem)
        if name is None or _read(folder / META / f"TRIPLET_{name['story']}.json")["Split"] != "train":
            continue
        annotation, article = _read(file), _read(folder / ARTICLES / file.name)
        places = {sentence["id"]: number for number, sentence in enumerate(article["text"])}
        sided = [(places[number], one) for number, one in examples_of(annotation, article) if one["stance"] is not Stance.NEUTRAL]
        if not sided:
            continue
        texts = [" ".join(sentence["text"].split()) for sentence in article["text"]]
        listed = [entity[0] for entity in annotation["entity lists"]]
        topics = [topic for topic, types, *_ in annotation["entity lists"] if listed_as_topic(types)]
        read, relevance = read_voices(finder, file.stem, texts), _relevance(embedder, topics, texts)
        for place, one in sided:
            near, gap = (float(table[place, topics.index(one["proposal"])]) for table in relevance)
            voice = _subject(one["holder"], read[place], listed)
            cases.append(Case(name["story"], place, one["statement"], one["proposal"], one["stance"], one["holder"], voice, near, gap))
    return cases


def _subject(holder: str | None, voices: Voices, listed: Sequence[str]) -> Evidence:
    if holder in (None, "Author"):
        return _first(voices, lambda found: found.voice == "author", cited=False)
    return _first(voices, lambda found: same(found, str(holder), listed))


def _read(path: Path) -> Any:
    return read_json(path, absent="take all three folders from one release", damaged="download the file again")


def _undemanding(case: Case) -> Case:
    cue = case.voice.cue
    return case if cue is None or not cue.asks else replace(case, voice=replace(case.voice, cue=replace(cue, asks=False)))
