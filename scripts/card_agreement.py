"""How far two readers of the corpus agree, counted and as Markdown: on stances, on rungs and on holders."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from card_counts import percent, table
from card_figure import IntervalRow
from stancekit.data.corpus import LabelledArticle, Sentence
from stancekit.data.importers.newsroom import examples_of
from stancekit.data.labels import Label
from stancekit.evaluation.agreement import agreement
from stancekit.evaluation.intervals import Resampling
from stancekit.records import Example
from stancekit.stance import STANCES, Stance

FIGURE_TITLE = "Pairs that two readers labelled alike, in percent, with 95 % intervals"
KINDS = (
    "explicit", "implicit", "fact", "balanced", "hedge", "question", "off-topic", "negation", "reported", "rebuttal", "conditional",
    "partial", "irony", "pronoun", "two-voices",
)  # fmt: skip
RESAMPLES, LEVEL, SEED = 1000, 0.95, 13
# Words of a holder that name nobody.
EMPTY = {"the", "a", "an", "of", "and", "s", "mr", "mrs", "ms", "dr"}


class TwiceRead(NamedTuple):
    """One label that two readers voted on. article: its id."""

    article: str
    sentence: Sentence
    label: Label

    @property
    def votes(self) -> list[Stance]:
        """The stances that the readers gave, in their order."""
        return [reading.stances[self.label.proposal] for reading in self.sentence.readings]

    @property
    def alike(self) -> bool:
        """Whether all of them are one."""
        return len(set(self.votes)) == 1


def twice_read(articles: Iterable[LabelledArticle]) -> list[TwiceRead]:
    """Every label whose sentence has readings."""
    read = ((article.id, sentence) for article in articles for sentence in article.sentences if sentence.readings)
    return [TwiceRead(article, sentence, label) for article, sentence in read for label in sentence.labels]


def figure_rows(read: Sequence[TwiceRead]) -> list[IntervalRow]:
    """The share of equal votes over all, by the stance of the label and by its tags; intervals from resampling articles."""
    groups: dict[str, list[TwiceRead]] = {"all": list(read)}
    groups.update({stance.value: [one for one in read if one.label.stance is stance] for stance in STANCES})
    groups.update({kind: [one for one in read if kind in one.label.tags] for kind in KINDS})
    return [_row(name, members) for name, members in groups.items() if members]


def _row(name: str, members: Sequence[TwiceRead]) -> IntervalRow:
    resampling = Resampling.over([one.article for one in members], RESAMPLES, LEVEL, np.random.default_rng(SEED))
    draws = resampling.sums(np.array([[one.alike, 1] for one in members], dtype=np.float64))
    share = sum(one.alike for one in members) / len(members)
    return IntervalRow(name, *resampling.interval(share, draws[:, 0] / draws[:, 1]), len(members))


def agreement_markdown(articles: Sequence[LabelledArticle], figure: str) -> str:
    """The section of the card. figure: the path of the drawing, as seen from the README."""
    read = twice_read(articles)
    if not read:
        return "\nNothing has been read twice.\n"
    pairs = sum(len(sentence.labels) for article in articles for sentence in article.sentences)
    homes = {one.article for one in read}
    head = (
        f"**{len(read):,} pairs ({percent(len(read), pairs)}) in {len(homes)} articles were read a second time**, by a reader who saw the "
        "article, its proposals and the guide, and no label."
    )
    parts = [head, _alphas(articles), _mixups(read), _beside(read), _changed(read), f"![{FIGURE_TITLE}]({figure})"]
    return "\n" + "\n\n".join([*parts, ""])


def _alphas(articles: Sequence[LabelledArticle]) -> str:
    rows = []
    for name, members in [("all read twice", list(articles))] + [
        (split, [article for article in articles if article.split == split]) for split in ("validation", "test")
    ]:
        examples: list[Example] = [example for article in members for example in examples_of(article, "newsroom")]
        found = agreement(examples)
        if found is not None:
            measures = [found["alpha"], *found["per_class_alpha"].values(), found["agreement"], found["macro_f1"]]
            rows.append([name, f"{found['n']:,}", *map(_interval, measures)])
    head = ["", "pairs", "alpha", *(f"alpha of {stance}" for stance in STANCES), "equal votes", "macro-F1, reader against reader"]
    return table(head, rows)


def _interval(measure: dict[str, Any]) -> str:
    return f"{measure['value']:.3f} [{measure['low']:.3f}, {measure['high']:.3f}]"


def _mixups(read: Sequence[TwiceRead]) -> str:
    cells = [[sum(one.votes[:2] == [first, second] for one in read) for second in STANCES] for first in STANCES]
    rows = [[f"first reader: {stance}", *(f"{cell:,}" for cell in row)] for stance, row in zip(STANCES, cells, strict=True)]
    return table(["", *(f"second: {stance}" for stance in STANCES)], rows)


def _beside(read: Sequence[TwiceRead]) -> str:
    rungs = [
        (first.rungs[one.label.proposal], second.rungs[one.label.proposal])
        for one in read
        for first, second in [one.sentence.readings[:2]]
        if one.alike and one.votes[0] is not Stance.NEUTRAL
    ]
    sentences = {id(one.sentence): one.sentence for one in read}.values()
    holders = list(_holders(sentences))
    same = percent(sum(first == second for first, second in rungs), len(rungs))
    return (
        f"Where both saw the same side, they gave the same rung (explicit or implicit) in {same} of {len(rungs):,} pairs. "
        f"In {percent(sum(holders), len(holders))} of {len(holders):,} sentences they named the same holder: nobody, the writer, "
        "or names with a word in common."
    )


def _holders(sentences: Iterable[Sentence]) -> Iterator[bool]:
    for sentence in sentences:
        first, second = (reading.holder for reading in sentence.readings[:2])
        yield first == second or bool(_words(first) & _words(second))


def _words(holder: str | None) -> set[str]:
    return set() if holder is None else set(re.findall(r"\w+", holder.lower())) - EMPTY


def _changed(read: Sequence[TwiceRead]) -> str:
    apart = [one for one in read if not one.alike]
    first, second = (sum(one.label.stance is one.votes[place] for one in apart) for place in (0, 1))
    return (
        f"Of the {len(apart):,} pairs with two stances, {first:,} have the first reader's as their label, {second:,} the second's, "
        f"{len(apart) - first - second:,} the third one, as an editor decided who saw both votes. Both votes stay in the data (`readings`)."
    )
