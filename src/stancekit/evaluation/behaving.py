"""Running behaviour tests: how often a model fails each capability, and where."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stancekit.evaluation.behaviours import SWAPPED, Capability, Case, Kind, Pair
from stancekit.evaluation.intervals import Resampling, average
from stancekit.evaluation.metrics import FloatArray
from stancekit.shares import Interval, wilson
from stancekit.stance import STANCES, Stance

Answer = Callable[[Sequence[Pair]], FloatArray]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a model did on one capability.

    failed: share of cases that break what their kind asks. wrong: share of cases with a wrong label among those whose stance
    is given, None where none is; the same as failed for the kind minimum. examples: failing cases, the surest first.
    """

    capability: str
    title: str
    kind: Kind
    n: int
    failures: int
    failed: Interval
    wrong: Interval | None
    examples: tuple[dict[str, Any], ...]

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "capability": self.capability,
            "title": self.title,
            "kind": self.kind.value,
            "n": self.n,
            "failures": self.failures,
            "failed": self.failed.to_row(),
            "wrong": None if self.wrong is None else self.wrong.to_row(),
            "examples": list(self.examples),
        }


def behave(capabilities: Sequence[Capability], answer: Answer, shown: int = 5, level: float = 0.95) -> list[Behaviour]:
    """Run all cases. Each distinct pair is asked once, all in one call.

    answer: (statement, proposal) pairs -> probabilities, shape (n, 3), in the order of STANCES. shown: most examples a capability.
    Raises ValueError when the probabilities have another shape or hold what is no number.
    """
    answers = asked((pair for one in capabilities for case in one.cases for pair in case.pairs), answer)
    return [_behaviour(one, [[answers[pair] for pair in case.pairs] for case in one.cases], shown, level) for one in capabilities]


def behaviours_summary(found: Sequence[Behaviour], resamples: int = 1000, level: float = 0.95, seed: int = 13) -> dict[str, Any]:
    """All capabilities in one, as JSON values: `failed` and `wrong` are means over them, each counting the same, however many cases it has.

    Intervals are over capabilities (drawn with replacement), so that they speak of abilities such as these; none for one alone.
    more_than_half: how many fail in more than half of their cases. behaviours: all of them, the worst first.
    Raises ValueError when there is none.
    """
    if not found:
        raise ValueError("there are no behaviours to sum up")
    wrong = [one.wrong.value for one in found if one.wrong is not None]
    worst = sorted(found, key=lambda one: -one.failed.value)
    mean, wrong_mean = (_mean(rates, resamples, level, seed) for rates in ([one.failed.value for one in found], wrong))
    return {
        "capabilities": len(found),
        "cases": sum(one.n for one in found),
        "failed": mean,
        "wrong": wrong_mean,
        "more_than_half": sum(2 * one.failures > one.n for one in found),
        "interval": {"level": level, "resamples": resamples, "seed": seed, "unit": "capabilities"},
        "behaviours": [one.to_row() for one in worst],
    }


def _mean(rates: Sequence[float], resamples: int, level: float, seed: int) -> dict[str, float | None] | None:
    if not rates:
        return None
    resampling = Resampling.over(range(len(rates)), resamples, level, np.random.default_rng(seed))
    return average(rates).interval(resampling).to_row()


def asked(pairs: Iterable[Pair], answer: Answer) -> dict[Pair, FloatArray]:
    """The probabilities of each distinct pair, shape (3,), all asked in one call. Raises ValueError like `behave`."""
    distinct = list(dict.fromkeys(pairs))
    probabilities = np.asarray(answer(distinct), dtype=np.float64)
    if probabilities.shape != (len(distinct), len(STANCES)) or not np.isfinite(probabilities).all():
        raise ValueError(f"answers have the shape {probabilities.shape} or are no numbers; ({len(distinct)}, {len(STANCES)}) was asked for")
    return dict(zip(distinct, probabilities, strict=True))


def _behaviour(one: Capability, rows: Sequence[Sequence[FloatArray]], shown: int, level: float) -> Behaviour:
    labels = [[STANCES[int(np.argmax(row))] for row in case] for case in rows]
    failing = [number for number, case in enumerate(one.cases) if not keeps(case, labels[number])]
    known = [number for number, case in enumerate(one.cases) if case.expected is not None]
    wrong = sum(tuple(labels[number]) != one.cases[number].expected for number in known)
    # A case fails as surely as its least sure answer.
    surest = sorted(failing, key=lambda number: -min(float(row.max()) for row in rows[number]))
    return Behaviour(
        capability=one.name,
        title=one.title,
        kind=one.kind,
        n=len(one.cases),
        failures=len(failing),
        failed=wilson(len(failing), len(one.cases), level),
        wrong=wilson(wrong, len(known), level) if known else None,
        examples=tuple(_example(one.cases[number], rows[number], labels[number]) for number in surest[:shown]),
    )


def keeps(case: Case, labels: Sequence[Stance]) -> bool:
    """Whether the labels of a case's pairs are as its kind asks."""
    if case.kind is Kind.MINIMUM:
        return labels[0] is case.stance
    return labels[1] is (SWAPPED[labels[0]] if case.kind is Kind.DIRECTIONAL else labels[0])


def _example(case: Case, rows: Sequence[FloatArray], labels: Sequence[Stance]) -> dict[str, Any]:
    expected: Sequence[Stance | None] = case.expected or [None] * len(case.pairs)
    return {
        "made": case.made,
        "pairs": [
            {
                "statement": statement,
                "proposal": proposal,
                "expected": None if right is None else right.value,
                "stance": label.value,
                "confidence": round(float(row.max()), 6),
            }
            for (statement, proposal), row, label, right in zip(case.pairs, rows, labels, expected, strict=True)
        ],
    }
