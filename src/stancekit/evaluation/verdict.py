"""What the numbers say, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from stancekit.evaluation.intervals import FEWEST_CLUSTERS
from stancekit.evaluation.seeds import seeds_sentence
from stancekit.stance import Stance

# Below this many, intervals hold the truth a little less often than they say (benchmarks/interval_coverage.py).
FEW_CLUSTERS = 20
# Rows that depend on others in spite of clusters: fewer hardly move an interval.
MANY = 0.1
NAMES = {
    "majority": "always answering the commonest stance",
    "tfidf_lr": "a bag of words (TF-IDF with logistic regression)",
    "tfidf_statement": "a bag of words that sees the statement alone",
    "tfidf_proposal": "a bag of words that sees the proposal alone",
    "hidden": "the model with the proposal hidden",
    "replaced": "the model with another proposal",
}
# What sees one side alone is held against the model by the sensitivity, not by a sentence each.
ONE_SIDED = ("tfidf_statement", "tfidf_proposal")


def verdict(metrics: Mapping[str, Any]) -> str:
    """Two or three sentences over the content of metrics.json. A difference whose interval holds 0 is "not shown"."""
    score = metrics["macro_f1"]
    parts = [] if metrics["seeds"] is None else [seeds_sentence(metrics["seeds"])]
    parts += [
        f"Macro-F1 {_percent(score['value'])} ({_interval(score, metrics['interval']['level'])}) "
        f"on {metrics['n']} pairs over {metrics['proposals']} proposal{'s' if metrics['proposals'] > 1 else ''}."
    ]
    parts.extend(_against(name, baseline["difference"]) for name, baseline in metrics["baselines"].items() if name not in ONE_SIDED)
    if metrics["probes"] is not None:
        parts.append(metrics["probes"]["sensitivity"]["sentence"])
    if (readers := metrics["agreement"]) is not None:
        parts.append(_ceiling(readers, metrics))
    parts.extend(_cautions(metrics))
    return " ".join(parts)


def _ceiling(readers: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    score, where = readers["macro_f1"], "" if readers["n"] == metrics["n"] else f" on the {readers['n']} pairs read twice"
    return f"One reader held against another reaches {_percent(score['value'])} ({_interval(score, metrics['interval']['level'])}){where}."


def _cautions(metrics: Mapping[str, Any]) -> Iterator[str]:
    seen = metrics["seen_in_training"]
    if seen is not None and any(seen.values()):
        yield (
            f"Careful: {seen['proposal']} of the {metrics['n']} pairs have a proposal, and {seen['statement']} a statement, "
            "that the model was trained on; this is no test on unseen proposals."
        )
    if metrics["is_validation"]:
        yield "Careful: the model was chosen and its confidence calibrated on these rows; on others expect less."
    yield from cautions_of_data(metrics)


def cautions_of_data(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What the data itself makes doubtful: a stance that it has not, units that are few or depend on each other.

    metrics: with `n`, `classes`, `clusters` and `interval`.
    """
    absent = [stance for stance, count in metrics["classes"].items() if count == 0]
    if absent:
        instead = ": compare F_avg instead" if absent == [Stance.NEUTRAL.value] else ""
        yield f"The data has no {' and no '.join(absent)}, which counts as F1 0{instead}."
    if (apart := metrics["interval"]["apart"]) > MANY * metrics["n"]:
        yield f"{apart} of the pairs share a statement with pairs of other units, so that the intervals may be too narrow."
    if FEWEST_CLUSTERS <= metrics["clusters"] < FEW_CLUSTERS:
        yield f"Only {metrics['clusters']} independent units: read the intervals as rough."


def _against(name: str, difference: Mapping[str, Any]) -> str:
    other = NAMES.get(name, name)
    if difference["low"] is None or difference["high"] is None:
        return f"A lead over {other} cannot be shown ({difference['value'] * 100:+.1f} points)."
    gap = f"{abs(difference['value']) * 100:.1f} points"
    if difference["low"] > 0:
        return f"Better than {other} by {gap}."
    if difference["high"] < 0:
        return f"Worse than {other} by {gap}: do not use it."
    between = (
        f"difference {difference['value'] * 100:+.1f} points, interval {difference['low'] * 100:+.1f} to {difference['high'] * 100:+.1f}"
    )
    return f"Not shown to be better than {other} ({between})."


def sensitivity_sentence(found: Mapping[str, Any], level: float) -> str:
    """One sentence over the `sensitivity` of a probe: whether the model reads the proposal. level: of its interval."""
    other, lead = NAMES.get(found["best"], found["best"]), found["value"] * 100
    if found["low"] is None or found["high"] is None:
        return f"Not shown that it reads the proposal ({lead:+.1f} points against {other}): too few units for an interval."
    interval = f"{level:.0%} interval {found['low'] * 100:+.1f} to {found['high'] * 100:+.1f}"
    if not found["warning"]:
        return f"It reads the proposal: {lead:.1f} points of macro-F1 above {other}, the best that does not see it ({interval})."
    return (
        f"Not shown that it reads the proposal: {lead:+.1f} points of macro-F1 against {other}, the best that does not see it "
        f"({interval}; its lower end would have to be above {found['least'] * 100:.0f})."
    )


def _interval(score: Mapping[str, float | None], level: float) -> str:
    low, high = score["low"], score["high"]
    if low is None or high is None:
        return "too few units for an interval"
    return f"{level:.0%} interval {_percent(low)} to {_percent(high)}"


def _percent(value: float) -> str:
    return f"{value * 100:.1f}"
