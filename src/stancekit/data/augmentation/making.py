"""All kinds of made rows for a training part, none of which a later part could leak through."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stancekit.config import AugmentationConfig
from stancekit.data.augmentation.neutrals import MASKS, foreign_neutrals, hard_neutrals, neutral
from stancekit.data.augmentation.voicing import voiced
from stancekit.data.augmentation.wordings import Wordings, bare, small_words, wordings_of
from stancekit.records import Example, normalized
from stancekit.stance import STANCES, Stance

if TYPE_CHECKING:
    from stancekit.data.augmentation.claims import Parse

OTHER_SIDE = {Stance.SUPPORT: Stance.OPPOSE, Stance.OPPOSE: Stance.SUPPORT, Stance.NEUTRAL: Stance.NEUTRAL}


class Made(NamedTuple):
    """The made rows, kind after kind, and of each kind that was asked for how many were wanted and made.

    no_rule: how many training rows have a proposal that no rule fits; of the kinds that go by rules.
    """

    examples: list[Example]
    counts: dict[str, dict[str, int]]


class _Gate:
    """Lets a row in once, and only where its pair is new and its proposal is none that is held out."""

    def __init__(self, training: Sequence[Example], held_out: Sequence[Example]) -> None:
        self.pairs = {self.key(example) for example in training}
        self.held = {bare(example.proposal) for example in held_out}

    @staticmethod
    def key(example: Example) -> tuple[str, str]:
        return normalized(example.statement), bare(example.proposal)

    def admits(self, example: Example) -> bool:
        key = self.key(example)
        if key in self.pairs or key[1] in self.held:
            return False
        self.pairs.add(key)
        return True

    def let_in(self, candidates: Iterable[Example], wanted: int) -> list[Example]:
        """The first `wanted` candidates that are admitted, numbered in their ids: `kind:ID` becomes `kind:1:ID`."""
        rows: list[Example] = []
        for candidate in candidates:
            if len(rows) == wanted:
                break
            if self.admits(candidate):
                kind, rest = candidate.id.split(":", 1)
                rows.append(replace(candidate, id=f"{kind}:{len(rows) + 1}:{rest}"))
        return rows


def augmented(training: Sequence[Example], held_out: Sequence[Example], config: AugmentationConfig, seed: int, parse: "Parse") -> Made:
    """Rows made out of the training part, as many as the config's shares of its rows where rules and texts allow.

    held_out: the rows of all later parts. Each kind has randomness of its own, so that a kind more changes no other.
    parse: the dependency parser; it is not called unless rules need it. Raises StancekitError where nothing is foreign.
    """
    wordings = _wordings(training, parse) if config.negated or config.reworded or config.voiced else {}
    gate = _Gate(training, held_out)
    kinds: dict[str, tuple[float, Callable[[int, np.random.Generator], list[Example]]]] = {
        "foreign": (config.foreign, lambda wanted, rng: foreign_neutrals(training, wanted, rng)),
        "hard": (config.hard, lambda wanted, rng: hard_neutrals(training, wanted, rng)),
        "negated": (config.negated, lambda wanted, rng: gate.let_in(_negated(training, wordings, rng), wanted)),
        "reworded": (config.reworded, lambda wanted, rng: gate.let_in(_reworded(training, wordings, rng), wanted)),
        "masked": (config.masked, lambda wanted, rng: gate.let_in(_masked(training, rng), wanted)),
        "voiced": (config.voiced, lambda wanted, rng: gate.let_in(_voiced(training, wordings, rng), wanted)),
    }
    made: list[Example] = []
    counts: dict[str, dict[str, int]] = {}
    for number, (kind, (share, maker)) in enumerate(kinds.items()):
        if not share:
            continue
        wanted = round(share * len(training))
        rows = maker(wanted, np.random.default_rng([seed, number] if number else seed))
        counts[kind] = {"wanted": wanted, "made": len(rows)}
        if kind in Wordings._fields:
            counts[kind]["no_rule"] = sum(not getattr(wordings[example.proposal], kind) for example in training)
        made.extend(rows)
    return Made(made, counts)


def _wordings(training: Sequence[Example], parse: "Parse") -> dict[str, Wordings]:
    small = small_words(text for example in training for text in (example.statement, example.proposal))
    return wordings_of([example.proposal for example in training], small, parse)


def _negated(training: Sequence[Example], wordings: Mapping[str, Wordings], rng: np.random.Generator) -> Iterator[Example]:
    for example, text in _drawn(training, wordings, "negated", rng):
        votes = None if example.votes is None else {OTHER_SIDE[Stance(name)].value: count for name, count in example.votes.items()}
        stance = OTHER_SIDE[example.stance]
        yield replace(example, id=f"negated:{example.id}", proposal=text, stance=stance, votes=votes, made=True)


def _reworded(training: Sequence[Example], wordings: Mapping[str, Wordings], rng: np.random.Generator) -> Iterator[Example]:
    for example, text in _drawn(training, wordings, "reworded", rng):
        yield replace(example, id=f"reworded:{example.id}", proposal=text, made=True)


def _voiced(training: Sequence[Example], wordings: Mapping[str, Wordings], rng: np.random.Generator) -> Iterator[Example]:
    # Of every proposal alike, however many rows it has. No share asks for more rounds than there are rows.
    of = list({example.proposal: example for example in training if wordings[example.proposal].voiced}.values())
    for row in (row for _ in training for row in rng.permutation(len(of))):
        example = of[int(row)]
        stance = STANCES[int(rng.integers(len(STANCES)))]
        text = voiced(wordings[example.proposal].voiced[0], stance, rng)
        yield replace(neutral(example, example.proposal, "voiced"), statement=text, stance=stance)


def _drawn(
    training: Sequence[Example], wordings: Mapping[str, Wordings], kind: str, rng: np.random.Generator
) -> Iterator[tuple[Example, str]]:
    for row in rng.permutation(len(training)):
        example = training[int(row)]
        texts: list[str] = getattr(wordings[example.proposal], kind)
        if texts:
            yield example, texts[int(rng.integers(len(texts)))]


def _masked(training: Sequence[Example], rng: np.random.Generator) -> Iterator[Example]:
    # A neutral row would stay neutral whatever stands beside it, and teach nothing.
    for row in rng.permutation(len(training)):
        example = training[int(row)]
        if example.stance is not Stance.NEUTRAL:
            yield neutral(example, MASKS[int(rng.integers(len(MASKS)))], "masked")
