"""The questions that a reader has before any number, answered in plain words from metrics.json."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from stancekit.reports.svg import Measure, decimal
from stancekit.reports.trust import worst_first
from stancekit.stance import Stance

# Who takes a confidence at its word is off by no more than one in twenty.
CLOSE = 0.05
FAR = 0.1
# A capability that fails more rarely is not called a weakness.
RARELY = 0.05
WEAKNESSES = 2
SIDES = (Stance.OPPOSE.value, Stance.SUPPORT.value)
# Without a promised precision: what answering the surer half alone would bring.
HALF = 0.5


class Tone(StrEnum):
    """What an answer means for trust. The values are class names of the page."""

    GOOD = "good"
    MIXED = "doubtful"
    BAD = "bad"


class Answer(NamedTuple):
    """One question with its answer. anchor: the section with the numbers behind it."""

    question: str
    word: str
    tone: Tone
    text: str
    anchor: str


def answers(metrics: Mapping[str, Any]) -> list[Answer]:
    """All that the keys of `metrics` can answer. A key that is absent or null leaves its question out."""
    return list(_answers(metrics))


def _answers(metrics: Mapping[str, Any]) -> Iterator[Answer]:
    if (probes := metrics.get("probes")) is not None:
        yield _reads(probes)
    if (calibration := metrics.get("calibration")) is not None:
        yield _means(calibration)
    if (abstention := metrics.get("abstention")) is not None and abstention["curve"]:
        yield _silent(abstention)
    if behaviours := metrics.get("behaviours"):
        yield _fails(behaviours["behaviours"])


def _reads(probes: Mapping[str, Any]) -> Answer:
    lead = Measure.of(probes["sensitivity"])
    question = "Does it read the proposal?"
    points = f"{decimal(lead.value * 100, 1)} points{_range(lead)}"
    if probes["sensitivity"]["warning"]:
        text = f"Without the right proposal the best guess loses only {points} of macro-F1."
        return Answer(question, "Not shown", Tone.BAD, text, "probes")
    return Answer(question, "Yes", Tone.GOOD, f"Without the right proposal the best guess loses {points} of macro-F1.", "probes")


def _range(measure: Measure) -> str:
    return f" ({decimal(measure.low * 100, 1)} to {decimal(measure.high * 100, 1)})" if measure.has_interval else ""


def _means(calibration: Mapping[str, Any]) -> Answer:
    gap = Measure.of(calibration["measures"]["ece"])
    upper = gap.high if gap.has_interval else gap.value
    word, tone = ("No", Tone.BAD)
    if upper <= CLOSE:
        word, tone = ("Yes", Tone.GOOD)
    elif gap.value <= FAR:
        word, tone = ("Roughly", Tone.MIXED)
    text = f"It lies {decimal(gap.value * 100, 1)} points{_range(gap)} from the share that is right{_leaning(calibration['bins'])}."
    return Answer("Does its confidence mean what it says?", word, tone, text, "calibration")


def _leaning(bins: Sequence[Mapping[str, Any]]) -> str:
    filled = [one for one in bins if one["count"] and one["confidence"] is not None and one["accuracy"] is not None]
    pairs = sum(one["count"] for one in filled)
    lead = sum(one["count"] * (one["confidence"] - one["accuracy"]["value"]) for one in filled) / pairs if pairs else 0.0
    # Half a percent is nothing that a reader could see in the diagram.
    if abs(lead) < 0.005:
        return ""
    return ", mostly too sure" if lead > 0 else ", mostly too modest"


def _silent(abstention: Mapping[str, Any]) -> Answer:
    question = "May its surest answers be taken as they are?"
    if (target := abstention.get("target")) is not None:
        return _promise(question, target["reached"])
    curve = abstention["curve"]
    half, whole = min(curve, key=lambda point: abs(point["coverage"] - HALF)), curve[-1]
    text = f"Of the surer {half['coverage']:.0%} of its answers {half['risk']:.0%} are wrong, of all {whole['risk']:.0%}."
    helps = half["risk"] <= whole["risk"] / 2
    return Answer(question, "Surer is better" if helps else "Only a little", Tone.GOOD if helps else Tone.MIXED, text, "abstention")


def _promise(question: str, by_answer: Mapping[str, Any]) -> Answer:
    reached = by_answer["all"]
    precision, coverage, promised = Measure.of(reached["precision"]), Measure.of(reached["coverage"]), reached["promised"]
    if not precision.known:
        return Answer(
            question, "There are none", Tone.BAD, f"No answer is sure enough for the promise of {promised:.0%} right.", "abstention"
        )
    text = f"Promised {promised:.0%} right, reached {precision.value:.0%}{_shares(precision)}, on {coverage.value:.0%} of the pairs."
    if not any(by_answer[side]["given"] for side in SIDES):
        # Whoever asks for stances gets none: a kept promise is no reason for trust.
        return Answer(question, "Neutral alone", Tone.MIXED, f"{text} None of them says oppose or support.", "abstention")
    word, tone = _kept(precision, promised)
    return Answer(question, word, tone, text, "abstention")


def _kept(precision: Measure, promised: float) -> tuple[str, Tone]:
    """Whether a promise was kept. An interval on both sides of it shows neither that it was nor that it was broken."""
    if not precision.has_interval:
        return "Not shown", Tone.MIXED
    if precision.low >= promised:
        return "Yes", Tone.GOOD
    if precision.high < promised:
        return "No", Tone.BAD
    return "It seems so" if precision.value >= promised else "Almost", Tone.MIXED


def _shares(measure: Measure) -> str:
    return f" ({measure.low:.0%} to {measure.high:.0%})" if measure.has_interval else ""


def _fails(behaviours: Sequence[Mapping[str, Any]]) -> Answer:
    question = "What does it still fail at?"
    weak = [row for row in worst_first(behaviours) if row["n"] and row["failures"] / row["n"] > RARELY]
    if not weak:
        text = f"None of {len(behaviours)} skills fails in more than {RARELY:.0%} of its cases."
        return Answer(question, "Little that was tested", Tone.GOOD, text, "behaviours")
    named = "; ".join(f"“{row['title']}” ({row['failures'] / row['n']:.0%} failed)" for row in weak[:WEAKNESSES])
    many = len(weak) > len(behaviours) / 3
    word = f"{len(weak)} of {len(behaviours)} skills"
    return Answer(question, word, Tone.BAD if many else Tone.MIXED, f"Most often: {named}.", "behaviours")
