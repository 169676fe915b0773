"""What a search found: its trials, the best of them, and how that holds up when it is trained again."""

from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any

Row = Mapping[str, Any]


def best_of(trials: Sequence[Row]) -> Row | None:
    """The complete trial with the highest macro-F1, of equals the first. None without any."""
    complete = [one for one in trials if one["state"] == "complete"]
    return max(complete, key=lambda one: (one["macro_f1"], -one["number"]), default=None)


def again(by_seed: Mapping[int, float]) -> dict[str, Any]:
    """Macro-F1 of one config under several seeds. spread: their standard deviation (n - 1)."""
    values = list(by_seed.values())
    return {
        "by_seed": {str(seed): value for seed, value in by_seed.items()},
        "mean": mean(values),
        "spread": stdev(values),
        "low": min(values),
        "high": max(values),
    }


def outcome(trials: Sequence[Row], retrained: Mapping[str, Mapping[int, float]], importances: Mapping[str, float]) -> dict[str, Any]:
    """The content of search.json but for the settings. retrained: of the `best` and the `start` config, macro-F1 by seed.

    difference: of the two, seed by seed. winners_curse: how far the best trial's own value lies above the mean of its config.
    """
    best = best_of(trials)
    if best is None:
        raise ValueError("no trial is complete")
    scores = {role: again(values) for role, values in retrained.items()}
    gains = [value - retrained["start"][seed] for seed, value in retrained["best"].items()]
    result = {
        "counts": {state: sum(one["state"] == state for one in trials) for state in ("complete", "pruned", "failed")},
        "seconds": round(sum(one["seconds"] or 0.0 for one in trials), 2),
        "best": {key: best[key] for key in ("number", "macro_f1", "parameters")},
        "retrained": scores,
        "difference": {"mean": mean(gains), "spread": stdev(gains), "better": sum(gain > 0 for gain in gains), "n": len(gains)},
        "winners_curse": best["macro_f1"] - scores["best"]["mean"],
        "importances": dict(importances),
        "trials": list(trials),
    }
    return {"verdict": verdict(result), **result}


def verdict(result: Mapping[str, Any]) -> str:
    """The outcome in two sentences."""
    best, start, gain = result["retrained"]["best"], result["retrained"]["start"], result["difference"]
    trial, fall = result["best"], 100 * result["winners_curse"]
    first = (
        f"Trial {trial['number']} was the best with a macro-F1 of {100 * trial['macro_f1']:.1f}; trained again with {gain['n']} other "
        f"seeds its config reaches {_mean_of(best)}, {abs(fall):.1f} points {'below' if fall > 0 else 'above'} that."
    )
    if best["by_seed"] == start["by_seed"]:
        return f"{first} It is the starting config: the search found nothing better."
    if gain["mean"] <= 0:
        return f"{first} The starting config reaches {_mean_of(start)}: the search found nothing better."
    surely = "" if gain["better"] == gain["n"] else ", so the gain may be luck"
    return (
        f"{first} The starting config reaches {_mean_of(start)}: the best one is ahead by {100 * gain['mean']:.1f} points, "
        f"with {gain['better']} of {gain['n']} seeds{surely}."
    )


def _mean_of(scores: Mapping[str, Any]) -> str:
    return f"{100 * scores['mean']:.1f} on average ({100 * scores['low']:.1f} to {100 * scores['high']:.1f})"
