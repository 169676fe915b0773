"""The stance of a voice: what the pair model says of its sentence and of its own words, and the cue that reports it.

A logistic regression that treats both sides alike. With s for the side and n for neutrality its logits are -s, n and s:

    s = sum of side weights x side features      n = sum of neutral weights x neutral features

The features are in `features`, the weights in combination.json, with the command that fitted them. docs/stance-of-a-voice.md
tells what each brings.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stancekit.errors import StancekitError
from stancekit.files import read_text
from stancekit.news.holders import Attribution
from stancekit.news.stances import Cue, keeps_out

FloatArray = npt.NDArray[np.float64]
WEIGHTS = Path(__file__).with_name("combination.json")
# A side feature changes its sign when the sides are swapped, a neutral one does not.
SIDE = ("sentence", "own", "asked", "shared")
NEUTRAL = ("sentence", "cited", "keeps_out", "behind", "bias")
# Answers below this are all alike: sure.
FLOOR = 1e-3
# Cosines differ by tenths; in these units all features are about as large as each other, as one penalty for all weights asks for.
TENTHS = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """What tells of one voice of a sentence, and what the pair model is to be asked about besides the whole sentence.

    own: the characters of the voice's own words, None where the sentence says it all. sign: -1 where they are what it turns down.
    shared: how its cue stands to that of the sentence's first voice, 1 alike, -1 opposed, 0 unknown; None for the first voice itself.
    """

    cited: bool
    cue: Cue | None = None
    own: tuple[int, int] | None = None
    sign: int = 1
    shared: int | None = None

    @property
    def asks(self) -> bool:
        """Whether the own words are what it wants done, which then count instead of the sentence."""
        return self.own is not None and self.cue is not None and self.cue.asks


def voices_of(attributions: Sequence[Attribution], sentence: str) -> list[Evidence]:
    """The voices of one sentence, in the order of its attributions, the main one first.

    A second answer of the pair model costs as much as the first, so it is asked for only where it tells something: about what is
    demanded, backed or turned down, and about each voice's own clause where there are several.
    """
    several = len(attributions) > 1
    voices: list[Evidence] = []
    for number, one in enumerate(attributions):
        cue = one.cue
        own, sign = _own_words(one, attributions, several, len(sentence))
        shared = None if number == 0 else _polarity(cue) * _polarity(attributions[0].cue)
        voices.append(Evidence(one.holder.voice == "cited", cue, own, sign, shared))
    return voices


def _own_words(one: Attribution, all_of_them: Sequence[Attribution], several: bool, length: int) -> tuple[tuple[int, int] | None, int]:
    sign = _polarity(one.cue)
    if one.cue is not None and sign:
        if one.cue.content is not None:
            return one.cue.content, sign
        # "A backs the plan, while B is against it": what B speaks of stands with A.
        others = (other.cue for other in all_of_them if other is not one and other.cue is not None and _polarity(other.cue))
        borrowed = next((other.content for other in others if other.content is not None), None)
        if borrowed is not None:
            return borrowed, sign
    if several and not keeps_out(one.cue):
        if one.cue is not None and one.cue.content is not None:
            return one.cue.content, 1
        if one.end - one.start < length:
            return (one.start, one.end), 1
    return None, 1


def features(voices: Sequence[Evidence], sentence: FloatArray, own: FloatArray, behind: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Side features, shape (n, 4), and neutral ones, shape (n, 5), in the order of SIDE and NEUTRAL.

    sentence, own: shape (n, 3), calibrated probabilities of the whole sentence, and of the voice's own words (anything where it has none).
    behind: shape (n,), how much nearer the sentence is to another proposal, see news/relevance.py.
    """
    side, neutral = _side(sentence), _neutral(sentence)
    has = np.array([voice.own is not None for voice in voices], dtype=np.float64)
    said = np.where(has > 0, _side(own), 0.0) * np.array([voice.sign for voice in voices], dtype=np.float64)
    asks = np.array([voice.asks for voice in voices], dtype=np.float64)
    first = np.array([voice.shared is None for voice in voices], dtype=np.float64)
    shared = np.array([voice.shared or 0 for voice in voices], dtype=np.float64)
    cited = np.array([voice.cited for voice in voices], dtype=np.float64)
    out = np.array([keeps_out(voice.cue) for voice in voices], dtype=np.float64)
    sides = np.stack([side * first * (1 - asks), said * (1 - asks), said * asks, side * shared], axis=1)
    # Who speaks of a rival is most often silent on this one; a writer's own sentences are neutral anyway.
    return sides, np.stack([neutral, cited, out, TENTHS * behind * cited, np.ones(len(voices))], axis=1)


def combine(voices: Sequence[Evidence], sentence: FloatArray, own: FloatArray, behind: FloatArray) -> FloatArray:
    """Probabilities of oppose, neutral and support for each voice, shape (n, 3). Arguments as in `features`."""
    weights = _weights()
    sides, neutrals = features(voices, sentence, own, behind)
    return probabilities(sides @ weights["side"], neutrals @ weights["neutral"])


def probabilities(side: FloatArray, neutral: FloatArray) -> FloatArray:
    """From s and n, each of shape (n,), to shape (n, 3)."""
    logits = np.stack([-side, neutral, side], axis=1)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _polarity(cue: Cue | None) -> int:
    return 0 if cue is None or cue.polarity is None else cue.polarity


def _side(answers: FloatArray) -> FloatArray:
    logs = np.log(np.clip(answers, FLOOR, 1))
    return np.asarray((logs[:, 2] - logs[:, 0]) / 2)


def _neutral(answers: FloatArray) -> FloatArray:
    logs = np.log(np.clip(answers, FLOOR, 1))
    return np.asarray(logs[:, 1] - (logs[:, 2] + logs[:, 0]) / 2)


@cache
def _weights() -> Mapping[str, FloatArray]:
    values: dict[str, Any] = json.loads(read_text(WEIGHTS))
    try:
        named = {"side": SIDE, "neutral": NEUTRAL}
        return {part: np.array([values[part][name] for name in names], dtype=np.float64) for part, names in named.items()}
    except KeyError as fault:
        raise StancekitError(f"{WEIGHTS.name} has no weight for {fault}", fix="fit it again with benchmarks/cues.py --fit") from fault
