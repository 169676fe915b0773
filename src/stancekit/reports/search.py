"""The page about a search: what was found, whether it holds up with other seeds, and what each setting did."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from stancekit.reports.charts import Bar, interval_bars
from stancekit.reports.page import render
from stancekit.reports.scatter import Point, Tick, around, scatter
from stancekit.reports.svg import Axis, Measure

TRIALS_LISTED = 2_000
CONTENTS = (("again", "Trained again"), ("history", "Trials in order"), ("keys", "Every key"), ("trials", "All trials"))
NONE = float("nan")


def search_page(result: Mapping[str, Any]) -> str:
    """One HTML page from the content of search.json."""
    trials, best = result["trials"], result["best"]
    space, importances = result["search"]["space"], result["importances"]
    ordered = sorted(space, key=lambda key: -importances.get(key, 0.0))
    shares = [Bar(key, Measure(share, NONE, NONE)) for key, share in importances.items()]
    return render(
        "search.html.j2",
        kicker="stancekit · search",
        title=f"The search {result['name']}",
        contents=CONTENTS,
        result=result,
        space={key: _spoken(dimension) for key, dimension in space.items()},
        shown=shown,
        again=_again(result),
        roles=[("The best config", result["retrained"]["best"]), ("The starting config", result["retrained"]["start"])],
        history=_history(trials, best["number"]),
        importance=interval_bars(shares, "Importance of every key"),
        keys=[(key, _key_chart(key, space[key], trials, best["number"])) for key in ordered],
        trials=sorted(trials, key=_rank)[:TRIALS_LISTED],
        more_trials=max(0, len(trials) - TRIALS_LISTED),
    )


def shown(value: Any) -> str:
    """A setting's value in a few letters."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _spoken(dimension: Mapping[str, Any]) -> str:
    if dimension["choices"]:
        return " or ".join(map(shown, dimension["choices"]))
    return f"{shown(dimension['low'])} to {shown(dimension['high'])}" + (", by orders of magnitude" if dimension["log"] else "")


def _again(result: Mapping[str, Any]) -> Markup:
    best, start = (result["retrained"][role] for role in ("best", "start"))
    bars = [
        Bar("The best trial, in the search", Measure(result["best"]["macro_f1"], NONE, NONE), "neutral"),
        Bar("Its config, with other seeds", Measure(best["mean"], best["low"], best["high"])),
        Bar("The starting config, with those", Measure(start["mean"], start["low"], start["high"]), "neutral"),
    ]
    return interval_bars(bars, "Macro-F1 of the best trial and of what was trained again; lines from the lowest to the highest seed")


def _value(trial: Mapping[str, Any]) -> float | None:
    # What was given up is drawn where it stood then; what failed before its first evaluation stood nowhere.
    if trial["macro_f1"] is not None:
        return float(trial["macro_f1"])
    return float(trial["evaluations"][-1]) if trial["evaluations"] else None


def _points(trials: Sequence[Mapping[str, Any]], best: int, place: Mapping[int, float]) -> list[Point]:
    found = []
    for trial in trials:
        value, number = _value(trial), trial["number"]
        if value is not None:
            words = f"trial {number}: {value:.3f}, {trial['state']}"
            found.append(Point(place[number], value, words, trial["state"] == "complete", number == best))
    return found


def _axis(trials: Sequence[Mapping[str, Any]]) -> Axis:
    return around([value for trial in trials if (value := _value(trial)) is not None])


def _history(trials: Sequence[Mapping[str, Any]], best: int) -> Markup:
    last = max(len(trials) - 1, 1)
    place = {trial["number"]: at / last for at, trial in enumerate(trials)}
    ticks = [Tick(0.0, f"trial {trials[0]['number']}"), Tick(1.0, f"trial {trials[-1]['number']}")]
    return scatter(_points(trials, best, place), "Macro-F1 of the trials in their order", _axis(trials), ticks, leading=True)


def _key_chart(key: str, dimension: Mapping[str, Any], trials: Sequence[Mapping[str, Any]], best: int) -> Markup:
    choices = dimension["choices"]
    if choices:
        middle = [(at + 0.5) / len(choices) for at in range(len(choices))]
        ticks = [Tick(x, shown(choice)) for x, choice in zip(middle, choices, strict=True)]
    else:
        ticks = [Tick(0.0, shown(dimension["low"])), Tick(1.0, shown(dimension["high"]))]
    # A trial that was cut off as it was drawn may lack a key.
    there = [trial for trial in trials if key in trial["parameters"]]
    place = {trial["number"]: _share(trial["parameters"][key], dimension) for trial in there}
    return scatter(_points(there, best, place), f"Macro-F1 by {key}", _axis(trials), ticks, height=140)


def _share(value: Any, dimension: Mapping[str, Any]) -> float:
    if dimension["choices"]:
        choices: list[Any] = dimension["choices"]
        return (choices.index(value) + 0.5) / len(choices)
    low, high = dimension["low"], dimension["high"]
    if dimension["log"]:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return float(value - low) / float(high - low)


def _rank(trial: Mapping[str, Any]) -> tuple[bool, float, int]:
    value = _value(trial)
    return trial["state"] != "complete", 0.0 if value is None else -value, trial["number"]
