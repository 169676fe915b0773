"""The one thing that a reader takes along from a page: whether to rely on a model, or whether one is better, in plain words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stancekit.reports.answers import Answer, Tone
from stancekit.reports.svg import Measure
from stancekit.stance import STANCES

# Below this share of right answers nobody would take one unread.
RELIABLE = 0.8
# What sees one side alone is held against the model by the probes.
PLAIN = {"majority": "always giving one stance", "tfidf_lr": "counting words"}


class Summary(NamedTuple):
    """A word and what it rests on, sentence by sentence."""

    tone: Tone
    word: str
    reasons: Sequence[str]


def summary(metrics: Mapping[str, Any], answers: Sequence[Answer]) -> Summary:
    """Whether to rely on the model of metrics.json. answers: to the questions below it, of which none may be bad where the word is good.

    What was not asked is never taken for good: without baselines or without probes a model is at most to be checked.
    """
    against, unknown, share = list(_against(metrics)), list(_unknown(metrics)), Measure.of(metrics["accuracy"])
    reasons = [_share(metrics, share), *_for(metrics), *against, *unknown]
    if against:
        return Summary(Tone.BAD, "Do not rely on it", reasons)
    sure = share.has_interval and share.low >= RELIABLE
    if unknown or not sure or any(answer.tone is Tone.BAD for answer in answers):
        return Summary(Tone.MIXED, "Check every answer before you use it", reasons)
    return Summary(Tone.GOOD, "Its answers can be used on texts like these", reasons)


def _share(metrics: Mapping[str, Any], share: Measure) -> str:
    # Of this data: what is commonest in the training data, as the baseline has it, may be rare here.
    commonest = max(STANCES, key=lambda stance: metrics["classes"][stance])
    beside = [f"always saying {commonest} would get {_of_hundred(metrics['classes'][commonest] / metrics['n'])}"]
    if (readers := metrics.get("agreement")) is not None:
        beside.append(f"two readers agree on {_of_hundred(readers['agreement']['value'])}")
    return f"Of 100 answers {_of_hundred(share.value)} are right; {' and '.join(beside)}."


def _of_hundred(share: float) -> str:
    return f"{100 * share:.0f}"


def _leads(metrics: Mapping[str, Any]) -> dict[str, Measure]:
    """By how much macro-F1 the model is ahead of each baseline that was computed, under its plain name."""
    return {words: Measure.of(metrics["baselines"][name]["difference"]) for name, words in PLAIN.items() if name in metrics["baselines"]}


def _for(metrics: Mapping[str, Any]) -> Iterator[str]:
    beaten = [words for words, lead in _leads(metrics).items() if lead.has_interval and lead.low > 0]
    if beaten:
        # The last is the hardest to beat.
        yield f"It is better than {beaten[-1]}."


def _against(metrics: Mapping[str, Any]) -> Iterator[str]:
    if any((metrics.get("seen_in_training") or {}).values()):
        yield "It was trained on texts or proposals that stand here, so this tells nothing about new ones."
    if metrics.get("is_validation"):
        yield "It was chosen and its confidence calibrated on these rows, so that others will come out worse."
    for words, lead in _leads(metrics).items():
        if lead.has_interval and lead.high < 0:
            yield f"It is worse than {words}."
        elif not lead.has_interval or lead.low <= 0:
            yield f"It is not shown to be better than {words}."
    if (probes := metrics.get("probes")) is not None and probes["sensitivity"]["warning"]:
        yield "It is not shown to read the proposal: it may go by the words of the statement alone."


def _unknown(metrics: Mapping[str, Any]) -> Iterator[str]:
    if not metrics["baselines"]:
        yield "Nothing was there to compare it with."
    if metrics.get("probes") is None:
        yield "Whether it reads the proposal was not asked."


def better(difference: Mapping[str, Any], verdict: str) -> Summary:
    """Whether the second of two models is better. difference: in macro-F1, of comparison.json. verdict: its sentences."""
    change = Measure.of(difference["change"])
    if not change.has_interval:
        return Summary(Tone.MIXED, "It cannot be told", [verdict])
    if not difference["shown"]:
        return Summary(Tone.MIXED, "Not shown", [verdict])
    return Summary(Tone.GOOD, "Yes", [verdict]) if change.low > 0 else Summary(Tone.BAD, "No, it is worse", [verdict])
