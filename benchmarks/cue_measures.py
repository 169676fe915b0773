"""What benchmarks/cues.py measures of each arm: answers by group of cases, positions of whole articles, sides."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cue_cases import Answers, Case
from stancekit.evaluation.intervals import Bootstrap, Resampling, average
from stancekit.evaluation.metrics import f1 as f1_of_each
from stancekit.evaluation.metrics import indices, macro_f1
from stancekit.evaluation.reliability import expected_calibration_error, log_loss
from stancekit.news.combining import FloatArray
from stancekit.news.stances import keeps_out
from stancekit.stance import STANCES, Stance

SHIPS = "all (ships)"
BARE = "pair model as it is"


def measure(answers: Answers, given: Mapping[str, FloatArray]) -> dict[str, Any]:
    """Each arm over all cases, its lead over the bare pair model, and the arms that matter on the cases with a cue or several voices."""
    cases = [case for case in answers.cases if not case.silent]
    rows_of = np.array([not case.silent for case in answers.cases])
    silent = {arm: round(float((one[~rows_of].argmax(axis=1) != Stance.NEUTRAL.label_id).mean()), 4) for arm, one in given.items()}
    given = {arm: one[rows_of] for arm, one in given.items()}
    several = np.array([case.voice.shared is not None or _second(cases, case) for case in cases])
    groups = {
        "all": np.ones(len(cases), dtype=bool),
        "cited": np.array([case.voice.cited for case in cases]),
        "cue with a side": np.array([case.voice.cue is not None and case.voice.cue.polarity in (1, -1) for case in cases]),
        "demand": np.array([case.voice.asks for case in cases]),
        "several voices": several,
        "later voices": np.array([case.voice.shared is not None for case in cases]),
    }
    told = {}
    for name, rows in groups.items():
        chosen_cases = [cases[row] for row in np.flatnonzero(rows)]
        told[name] = _scores(chosen_cases, {arm: one[rows] for arm, one in given.items()})
    asked = {(case.sentence, case.proposal) for case in cases}
    more = {(case.own, case.proposal) for case in cases if case.own is not None} - asked
    return {
        "groups": told,
        "pairs": {"sentences": len(asked), "own words beside them": len(more)},
        "silent voices": {"cases": int((~rows_of).sum()), "given a side": silent},
        "keeping out": _keeping_out(cases),
        "positions": {arm: positions(cases, given[arm]) for arm in (BARE, "recalibrated", SHIPS)},
    }


def _second(cases: Sequence[Case], case: Case) -> bool:
    return any(other.voice.shared is not None and (other.sentence, other.proposal) == (case.sentence, case.proposal) for other in cases)


def _scores(cases: Sequence[Case], given: Mapping[str, FloatArray]) -> dict[str, Any]:
    gold = indices([case.gold for case in cases])
    resampling = Bootstrap().over([case.article for case in cases])
    counted = {arm: resampling.counted(gold, one.argmax(axis=1)) for arm, one in given.items()}
    rows = {}
    for arm, one in given.items():
        rows[arm] = {
            "macro_f1": counted[arm].interval(macro_f1).to_row(),
            "lead": counted[arm].lead(counted[BARE], macro_f1).to_row(),
            "f1": {stance: round(float(value), 4) for stance, value in zip(STANCES, f1_of_each(counted[arm].counts), strict=True)},
            "log_loss": log_loss(one, gold).interval(resampling).to_row(),
            "ece": expected_calibration_error(one, gold).interval(resampling).to_row(),
        }
    return {"cases": len(cases), "arms": rows}


def _keeping_out(cases: Sequence[Case]) -> dict[str, int]:
    """Of the cues that tell of keeping out, how many labels are neutral; neutral voices of a cue are what such opinions are made of."""
    out = [case for case in cases if keeps_out(case.voice.cue)]
    return {"cues": len(out), "neutral": sum(case.gold is Stance.NEUTRAL for case in out)}


def positions(cases: Sequence[Case], given: FloatArray, least: float = 0.4) -> dict[str, Any]:
    """Precision and recall of (article, holder, proposal, side): the side on which a holder's sentences weigh most. least: of an answer."""
    gold: dict[tuple[str, str | None, str], FloatArray] = defaultdict(lambda: np.zeros(3))
    found: dict[tuple[str, str | None, str], FloatArray] = defaultdict(lambda: np.zeros(3))
    for case, row in zip(cases, given, strict=True):
        key = (case.article, case.holder or "author", case.proposal)
        if case.gold is not Stance.NEUTRAL:
            gold[key][case.gold.label_id] += 1
        best = int(row.argmax())
        if best != Stance.NEUTRAL.label_id and row[best] >= least:
            found[key][best] += row[best]
    resampling = Bootstrap().over(sorted({case.article for case in cases}))
    articles = sorted({case.article for case in cases})
    right, wanted, named = (np.zeros(len(articles)) for _ in range(3))
    for position in set(gold) | set(found):
        place = articles.index(position[0])
        wanted[place] += position in gold
        named[place] += position in found
        right[place] += position in gold and position in found and bool(gold[position].argmax() == found[position].argmax())
    rates = {"precision": _rate(right, named, resampling), "recall": _rate(right, wanted, resampling)}
    return {"gold": int(wanted.sum()), "found": int(named.sum()), **rates}


def _rate(right: FloatArray, of: FloatArray, resampling: Resampling) -> dict[str, float | None]:
    sums = resampling.sums(np.stack([right, of], axis=1))
    return resampling.interval(float(right.sum() / of.sum()), sums[:, 0] / np.maximum(sums[:, 1], 1)).to_row()


def sides(answers: Answers, given: Mapping[str, FloatArray]) -> dict[str, Any]:
    """How often the likelier side is the right one, over stories. No case is neutral here."""
    gold = indices([case.gold for case in answers.cases])
    resampling = Bootstrap().over([case.article for case in answers.cases])
    arms = {}
    groups = {"all": np.ones(len(gold), dtype=bool), "own words": np.array([case.voice.own is not None for case in answers.cases])}
    for name, rows in groups.items():
        chosen_rows = np.flatnonzero(rows)
        right = {arm: (one[:, 2] > one[:, 0]) == (gold == 2) for arm, one in given.items()}
        part = resampling.of(chosen_rows)
        arms[name] = {
            "cases": len(chosen_rows),
            "arms": {
                arm: {
                    "side_right": average(one[chosen_rows]).interval(part).to_row(),
                    "lead": average(one[chosen_rows].astype(float) - right[BARE][chosen_rows]).interval(part).to_row(),
                }
                for arm, one in right.items()
            },
        }
    return {"groups": arms}
