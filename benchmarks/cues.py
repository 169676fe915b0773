"""What a voice's cue and its own words add to the pair model's answer on its sentence; with --fit, the weights that ship.

python benchmarks/cues.py data/newsroom --raw RAW --json FILE
python benchmarks/cues.py data/newsroom --fit

The weights are fitted on the validation part, and choices were made by what they reach out of fold there, whole articles held
out. The test part is only measured. Whose stance it is comes from the labels, so that only stance is judged. RAW/seesaw:
SEESAW's release, of which the train stories are measured.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from cue_cases import Answers, Case, newsroom_cases, seesaw_cases
from cue_fitting import FOLDS, ROUNDS, Arm, chosen, columns, fit, validated
from stancekit import load
from stancekit.config import SeesawSource
from stancekit.data.corpus import read_corpus
from stancekit.data.importers.seesaw import read
from stancekit.evaluation.intervals import Bootstrap, Resampling, average
from stancekit.evaluation.metrics import IntArray, indices, macro_f1
from stancekit.evaluation.metrics import f1 as f1_of_each
from stancekit.evaluation.reliability import expected_calibration_error, log_loss
from stancekit.files import write_json
from stancekit.inference.model import StanceModel
from stancekit.manifest import versions
from stancekit.news.combining import NEUTRAL, SIDE, WEIGHTS, FloatArray, probabilities
from stancekit.news.stances import keeps_out
from stancekit.stance import STANCES, Stance

ALL = Arm(SIDE, NEUTRAL)
NO_OWN = ("sentence", "shared")
ARMS: Mapping[str, Arm | None] = {
    "pair model as it is": None,
    "recalibrated": Arm(("sentence",), ("sentence", "bias"), Answers.without_own),
    "voice": Arm(("sentence",), ("sentence", "cited", "bias"), Answers.without_own),
    "voice, cue": Arm(NO_OWN, NEUTRAL, Answers.without_own),
    "voice, cue, content": Arm(SIDE, NEUTRAL, lambda answers: answers.without_own("clauses")),
    "all (ships)": ALL,
    "all but keeping out": Arm(SIDE, ("sentence", "cited", "bias")),
    "all but demands apart": Arm(("sentence", "own", "shared"), NEUTRAL, lambda answers: answers.without_demands()),
    "all but the first voice's cue": Arm(("sentence", "own", "asked"), NEUTRAL),
    "all, relevance": Arm(SIDE, (*NEUTRAL, "relevance")),
    "all, polarity": Arm((*SIDE, "polarity"), (*NEUTRAL, "has side")),
    "all, polarity x relevance": Arm((*SIDE, "polarity x relevance"), (*NEUTRAL, "relevance")),
    "all, negation": Arm((*SIDE, "negated"), (*NEUTRAL, "negated")),
}
SHIPS = "all (ships)"
BARE = "pair model as it is"


def main(
    corpus: Annotated[Path, typer.Argument(help="Corpus files.")],
    raw: Annotated[Path | None, typer.Option(help="The folder in which seesaw/ is.")] = None,
    bundle: Annotated[str, typer.Option(help="The pair model.")] = "base",
    ships: Annotated[bool, typer.Option("--fit", help="Write the weights that ship, and measure nothing on the test part.")] = False,
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
) -> None:
    """Fit on the validation part, measure on the test part and on SEESAW."""
    model = load(bundle)
    articles = [article for _, article in read_corpus(corpus)]
    validation = Answers.of(newsroom_cases(one for one in articles if one.split == "validation"), model)
    strength, strengths = chosen(ALL, validation)
    results: dict[str, Any] = {"bundle": bundle, "validation": _tried(validation, strength), "strengths": strengths, "strength": strength}
    if ships:
        _write_weights(validation, strength, corpus, bundle)
        return
    sets = {"newsroom test": Answers.of(newsroom_cases(one for one in articles if one.split == "test"), model)}
    if raw is not None:
        sets["seesaw"] = _seesaw(raw / "seesaw", model)
    for name, answers in sets.items():
        given = {arm: _fitted(arm, validation, answers, strength) for arm in ARMS}
        results[name] = measure(answers, given) if name != "seesaw" else sides(answers, given)
        _show(name, results[name])
    if file is not None:
        write_json(file, results)


def _tried(validation: Answers, strength: float) -> dict[str, dict[str, float]]:
    tried = {}
    labelled = validation.labelled()
    gold = indices([case.gold for case in labelled.cases])
    for name, arm in ARMS.items():
        if arm is None:
            tried[name] = {"macro_f1": _macro(gold, labelled.sentence), "log_loss": round(log_loss(labelled.sentence, gold).value(), 4)}
        else:
            tried[name] = validated(arm, validation, strength)
        print(f"validation, out of fold: {name:<32} {tried[name]}", flush=True)
    return tried


def _macro(gold: IntArray, given: FloatArray) -> float:
    from stancekit.evaluation.metrics import confusion

    return round(float(macro_f1(confusion(gold, given.argmax(axis=1)))), 4)


def _fitted(name: str, validation: Answers, answers: Answers, strength: float) -> FloatArray:
    arm = ARMS[name]
    if arm is None:
        return answers.sentence
    side, neutral = columns(arm, validation)
    weights = fit(arm, side, neutral, indices([case.gold for case in validation.cases]), strength)
    side, neutral = columns(arm, answers)
    return probabilities(side @ weights[0], neutral @ weights[1])


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


def _seesaw(folder: Path, model: StanceModel) -> Answers:
    source = SeesawSource(format="seesaw", name="seesaw", path=str(folder))
    examples = [one.example for one in read(source, folder) if one.split == "train"]
    return Answers.of(seesaw_cases(examples), model)


def sides(answers: Answers, given: Mapping[str, FloatArray]) -> dict[str, Any]:
    """How often the likelier side is the right one, over stories. No case is neutral here."""
    gold = indices([case.gold for case in answers.cases])
    resampling = Bootstrap().over([case.article for case in answers.cases])
    arms = {}
    groups = {"all": np.ones(len(gold), dtype=bool), "cue with a side": np.array([case.voice.own is not None for case in answers.cases])}
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


def _write_weights(validation: Answers, strength: float, corpus: Path, bundle: str) -> None:
    gold = indices([case.gold for case in validation.cases])
    side, neutral = fit(ALL, *columns(ALL, validation), gold, strength)
    told = {
        "command": f"python benchmarks/cues.py {corpus} --fit",
        "pair_model": bundle,
        "rows": len(gold),
        "articles": len({case.article for case in validation.cases}),
        "part": "validation",
        "strength": strength,
        "chosen_by": f"log loss out of fold, {ROUNDS} divisions of the articles into {FOLDS} folds",
        "versions": versions(("numpy", "scipy", "spacy")),
    }
    named = {
        "side": dict(zip(SIDE, side.round(4).tolist(), strict=True)),
        "neutral": dict(zip(NEUTRAL, neutral.round(4).tolist(), strict=True)),
    }
    write_json(WEIGHTS, {**named, "provenance": told})
    print(f"wrote {WEIGHTS}")


def _show(name: str, result: Mapping[str, Any]) -> None:
    for group, told in result["groups"].items():
        print(f"\n{name}, {group}: {told['cases']} cases")
        for arm, row in told["arms"].items():
            cells = "  ".join(f"{key} {_cell(value)}" for key, value in row.items())
            print(f"  {arm:<32} {cells}")
    for key in ("pairs", "silent voices", "keeping out", "positions"):
        if key in result:
            print(f"{key}: {result[key]}")


def _cell(value: Mapping[str, float | None]) -> str:
    return " ".join("-" if number is None else f"{number:.3f}" for number in value.values())


if __name__ == "__main__":
    typer.run(main)
