"""The cases of benchmarks/cues.py: every label of a voice, with the cue and the words that the parse gives that voice."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stancekit.data.corpus import LabelledArticle, Sentence
from stancekit.data.labels import Label
from stancekit.inference.model import StanceModel
from stancekit.news.combining import FloatArray, Voice, voices_of
from stancekit.news.contents import clause_of
from stancekit.news.holders import Attribution, Holder
from stancekit.news.parser import parse
from stancekit.news.quotes import find_quotes
from stancekit.news.stances import read_cue
from stancekit.news.voices import find_voices
from stancekit.records import Example
from stancekit.stance import Stance

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A voice of a sentence and its stance. clause: whether its own words are a clause rather than a cue's content.

    silent: the voice has no label toward this proposal, but one toward another of the article, which makes it neutral here.
    """

    article: str
    number: int
    sentence: str
    proposal: str
    gold: Stance
    holder: str | None
    voice: Voice
    clause: bool
    silent: bool = False

    @property
    def own(self) -> str | None:
        """The voice's own words, None where it has none beside the sentence."""
        return None if self.voice.own is None else self.sentence[slice(*self.voice.own)]


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of the cases, row by row. sentence, own: shape (n, 3). near: cosine of sentence and proposal, shape (n,)."""

    cases: Sequence[Case]
    sentence: FloatArray
    own: FloatArray
    near: FloatArray

    @classmethod
    def of(cls, cases: Sequence[Case], model: StanceModel) -> "Answers":
        """Ask the model about all sentences and all own words."""
        asked = {(case.sentence, case.proposal) for case in cases} | {(case.own, case.proposal) for case in cases if case.own is not None}
        pairs = sorted(asked)
        answers = dict(zip(pairs, model.probabilities(pairs), strict=True))
        unknown = np.full(3, 1 / 3)
        own = [unknown if case.own is None else answers[case.own, case.proposal] for case in cases]
        sentences = np.array([answers[case.sentence, case.proposal] for case in cases])
        return cls(cases, sentences, np.array(own), _cosines([(case.sentence, case.proposal) for case in cases]))

    def labelled(self) -> "Answers":
        """The cases that have a label."""
        rows = [row for row, case in enumerate(self.cases) if not case.silent]
        return Answers([self.cases[row] for row in rows], self.sentence[rows], self.own[rows], self.near[rows])

    def without_own(self, which: str = "all") -> "Answers":
        """The same without the voices' own words; which: all, or the clauses alone."""
        kept = [case if which == "clauses" and not case.clause else _silent(case) for case in self.cases]
        return replace(self, cases=kept)

    def without_demands(self) -> "Answers":
        """The same with demands taken for any other cue."""
        return replace(self, cases=[_undemanding(case) for case in self.cases])


def newsroom_cases(articles: Iterable[LabelledArticle]) -> list[Case]:
    """All labels, those of further voices too. Whose they are is taken from the labels, so that the stance alone is judged."""
    found = [(article, number, sentence) for article in articles for number, sentence in enumerate(article.sentences)]
    docs = parse(sentence.text for _, _, sentence in found)
    sentences = zip(found, docs, strict=True)
    return [case for (article, number, sentence), doc in sentences for case in _of_sentence(article, number, sentence, doc)]


def _of_sentence(article: LabelledArticle, number: int, sentence: Sentence, doc: "Doc") -> Iterator[Case]:
    labels = [*sentence.labels, *sentence.also]
    texts = {proposal.id: proposal.text for proposal in article.proposals}
    counts = Counter(label.span for label in sentence.labels if label.span is not None)
    spans = list(dict.fromkeys([*(span for span, _ in counts.most_common()), *(one.span for one in sentence.also if one.span is not None)]))
    heads = {span: cue_head(doc, span) for span in spans}
    named = {label.span: label for label in labels if label.span is not None}
    cited = [_attribution(named[span], sentence.text, heads) for span in spans]
    read = dict(zip(spans, zip(cited, voices_of(cited, sentence.text), strict=True), strict=True))
    for proposal, text in texts.items():
        given = {label.span: label for label in labels if label.proposal == proposal}
        for span, (one, voice) in read.items():
            label = given.get(span)
            stance = Stance.NEUTRAL if label is None else label.stance
            clause = voice.own == (one.start, one.end)
            yield Case(article.id, number, sentence.text, text, stance, named[span].holder_id, voice, clause, silent=label is None)
        if None in given:
            yield Case(article.id, number, sentence.text, text, given[None].stance, given[None].holder_id, Voice(cited=False), clause=False)


def _attribution(label: Label, sentence: str, heads: "dict[Span, Token | None]") -> Attribution:
    head = heads.get(label.span) if label.span is not None else None
    start, end = label.span if label.span is not None else (None, None)
    holder = Holder(label.holder, label.holder_id, start, end, "author" if label.voice == "author" else "cited", "gold")
    if head is None:
        return Attribution(holder, 0, len(sentence))
    others = [other for other in heads.values() if other is not None and other is not head]
    clause = clause_of(head, others) if others else (0, len(sentence))
    return Attribution(holder, *clause, read_cue(head))


def seesaw_cases(examples: Iterable[Example]) -> list[Case]:
    """Sentences with a side toward a Topic of their article; the subject is the holder, found in the sentence by its last name.

    Neutral ones are left out: nobody is marked as their holder, which would tell them.
    """
    kept = [example for example in examples if example.stance is not Stance.NEUTRAL]
    docs = parse(example.statement for example in kept)
    cases = []
    for example, doc in zip(kept, docs, strict=True):
        name = None if example.holder is None else example.holder.split()[-1]
        place = None if name is None else re.search(rf"\b{re.escape(name)}", example.statement)
        head = None if place is None else cue_head(doc, place.span())
        cue = None if head is None else read_cue(head)
        holder = Holder(example.holder, example.holder, None, None, "author" if example.holder in (None, "Author") else "cited", "gold")
        (voice,) = voices_of([Attribution(holder, 0, len(example.statement), cue)], example.statement)
        cases.append(Case(str(example.group), 0, example.statement, example.proposal, example.stance, example.holder, voice, clause=False))
    return cases


def cue_head(doc: "Doc", span: Span) -> "Token | None":
    """The head word of the cue that reports what the holder at `span` thinks: by the rules, else what the holder is subject or owner of."""
    for voice in find_voices(doc, find_quotes(doc.text)):
        if span[0] <= voice.head.idx < span[1]:
            return voice.cue
    inside = [token for token in doc if span[0] <= token.idx < span[1]]
    numbers = {token.i for token in inside}
    head = next((token for token in inside if token.head.i not in numbers), None)
    if head is None:
        return None
    if head.dep_ in ("nsubj", "nsubjpass", "csubj", "poss", "conj"):
        return head.head
    return head.head.head if head.dep_ == "pobj" and head.head.lower_ == "by" else None


def _silent(case: Case) -> Case:
    return replace(case, voice=replace(case.voice, own=None, sign=1), clause=False)


def _undemanding(case: Case) -> Case:
    cue = case.voice.cue
    return case if cue is None or not cue.asks else replace(case, voice=replace(case.voice, cue=replace(cue, asks=False)))


def _cosines(pairs: Sequence[tuple[str, str]]) -> FloatArray:
    import torch
    from transformers import AutoModel, AutoTokenizer

    from stancekit.modeling.encoders import locate_encoder

    folder = locate_encoder("minilm")
    tokenizer, encoder = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    texts = sorted({text for pair in pairs for text in pair}, key=len)
    vectors: dict[str, FloatArray] = {}
    for start in range(0, len(texts), 64):
        batch = tokenizer(texts[start : start + 64], padding=True, truncation=True, max_length=128, return_tensors="pt")
        with torch.inference_mode():
            hidden = encoder(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        mean = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1))
        vectors.update(zip(texts[start : start + 64], mean.double().numpy(), strict=True))
    return np.array([float(vectors[sentence] @ vectors[proposal]) for sentence, proposal in pairs])
