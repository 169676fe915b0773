"""What a voice's cue and its own words add to the pair model's answer on its sentence; with --fit, the weights that ship.

python benchmarks/cues.py data/newsroom --raw RAW --json FILE
python benchmarks/cues.py data/newsroom --fit

The weights are fitted on the validation part, and choices were made by what they reach out of fold there, whole articles held
out. The test part is only measured. Whose stance it is comes from the labels, so that only stance is judged. With another --bundle
the weights that ship, which are fitted to `base`, are measured beside its own. RAW/seesaw: SEESAW's release, of which the train
stories are measured.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from cue_cases import Answers, newsroom_cases, seesaw_cases
from cue_fitting import FOLDS, ROUNDS, Arm, chosen, columns, fit, validated
from cue_measures import BARE, SHIPS, measure, sides
from stancekit import load
from stancekit.data.corpus import read_corpus
from stancekit.evaluation.metrics import IntArray, confusion, indices, macro_f1
from stancekit.evaluation.reliability import log_loss
from stancekit.files import write_json
from stancekit.manifest import versions
from stancekit.news.combining import NEUTRAL, SIDE, WEIGHTS, FloatArray, combine, probabilities

ALL = Arm(SIDE, NEUTRAL)
OF_BASE = "the weights that ship"
NO_OWN = ("sentence", "shared")
NO_RIVALS = ("sentence", "cited", "keeps_out", "bias")
ARMS: Mapping[str, Arm | None] = {
    BARE: None,
    "recalibrated": Arm(("sentence",), ("sentence", "bias"), Answers.without_own),
    "voice": Arm(("sentence",), ("sentence", "cited", "bias"), Answers.without_own),
    "voice, cue": Arm(NO_OWN, NO_RIVALS, Answers.without_own),
    "voice, cue, own words": Arm(SIDE, NO_RIVALS),
    SHIPS: ALL,
    "all but keeping out": Arm(SIDE, ("sentence", "cited", "behind", "bias")),
    "all but demands apart": Arm(("sentence", "own", "shared"), NEUTRAL, lambda answers: answers.without_demands()),
    "all but what voices share": Arm(("sentence", "own", "asked"), NEUTRAL),
    "all, relevance": Arm(SIDE, (*NEUTRAL, "relevance")),
    "all, polarity": Arm((*SIDE, "polarity"), (*NEUTRAL, "has side")),
    "all, polarity x relevance": Arm((*SIDE, "polarity x relevance"), (*NEUTRAL, "relevance")),
    "all, negation": Arm((*SIDE, "negated"), (*NEUTRAL, "negated")),
}


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
        sets["seesaw"] = Answers.of(seesaw_cases(raw / "seesaw"), model)
    for name, answers in sets.items():
        given = {arm: _fitted(arm, validation, answers, strength) for arm in ARMS}
        if bundle != "base":
            given[OF_BASE] = _combined(answers)
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
    return round(float(macro_f1(confusion(gold, given.argmax(axis=1)))), 4)


def _fitted(name: str, validation: Answers, answers: Answers, strength: float) -> FloatArray:
    arm = ARMS[name]
    if arm is None:
        return answers.sentence
    side, neutral = columns(arm, validation)
    weights = fit(arm, side, neutral, indices([case.gold for case in validation.cases]), strength)
    side, neutral = columns(arm, answers)
    return probabilities(side @ weights[0], neutral @ weights[1])


def _combined(answers: Answers) -> FloatArray:
    """By the weights that ship, which were fitted to the answers of `base`."""
    behind = np.array([case.behind for case in answers.cases])
    return combine([case.voice for case in answers.cases], answers.sentence, answers.own, behind)


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
