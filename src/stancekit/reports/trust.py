"""The parts of an evaluation's page on trust: does the model read the proposal, does its confidence hold, where does it break.

Each part is drawn from one key of metrics.json and is None where that key is absent or null.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from stancekit.reports.charts import Bar, ForestRow, forest_plot, interval_bars
from stancekit.reports.curves import Bin, Held, reliability_diagram, risk_coverage, thinned
from stancekit.reports.svg import Axis, Measure, sized
from stancekit.stance import STANCES

MEASURES = {
    "ece": ("ECE", "The gap between confidence and the share that was right, averaged over the bars of the diagram. 0 is perfect."),
    "adaptive_ece": ("Adaptive ECE", "The same over bars that hold equally many pairs each."),
    "classwise_ece": ("Classwise ECE", "The same for the probability of every stance, not only of the answer."),
    "brier": ("Brier score", "The squared distance between probabilities and truth. 0 is perfect, 0.67 knows nothing."),
    "log_loss": ("Log loss", "Punishes confident errors hardest. 0 is perfect, 1.10 knows nothing."),
}
PROBES = {
    "hidden": ("Proposal hidden", "The model gets no proposal, only the statement."),
    "replaced": ("Another proposal", "It gets a proposal that belongs to other statements. The label asked for is the old one."),
    "negated": ("Proposal negated", "It gets the opposite of the proposal. Support and oppose must swap, so here a high score is good."),
}
BLIND = {"hidden": PROBES["hidden"][0], "replaced": PROBES["replaced"][0], "tfidf_statement": "Word counts of the statement alone"}
BLIND |= {"majority": "Always the most common stance"}
METHODS = {"temperature": "temperature scaling", "vector": "vector scaling", "isotonic": "isotonic regression"}
KINDS = {
    "minimum": "must give the right stance",
    "invariance": "must give the same answer twice",
    "directional": "must turn its answer around",
}
GROUPS = {
    "source": "Source",
    "field": "Field",
    "tag": "Tag",
    "voice": "Voice",
    "length": "Statement length",
    "agreement": "Reader agreement",
    "made": "Origin of the label",
}
SLICES_DRAWN, SLICES_LISTED = 20, 100
CURVE_LISTED = 20


class Slices(NamedTuple):
    """One way to part the data. more: rows that have no room on the page."""

    name: str
    chart: Markup
    rows: Sequence[Mapping[str, Any]]
    more: int


class Behaviours(NamedTuple):
    """All capabilities, the one that fails most often first."""

    charts: Sequence[Markup]
    rows: Sequence[Mapping[str, Any]]
    cases: int
    failures: int


def trust(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What the template draws, by the name of its section."""
    return {
        "probes": _probes(metrics),
        "calibration": _calibration(metrics.get("calibration")),
        "abstention": _abstention(metrics.get("abstention")),
        "conformal": _conformal(metrics.get("conformal")),
        "seeds": metrics.get("seeds"),
        "doubts": metrics.get("doubts"),
        "slices": [_slices(one, metrics) for one in metrics.get("slices") or () if one["rows"]],
        "behaviours": _behaviours((metrics.get("behaviours") or {}).get("behaviours")),
    }


def _probes(metrics: Mapping[str, Any]) -> dict[str, Any] | None:
    if (probes := metrics.get("probes")) is None:
        return None
    ran = {key: probes[key] for key in PROBES if probes.get(key) is not None and probes[key]["macro_f1"] is not None}
    bars = [Bar(metrics["model"], Measure.of(metrics["macro_f1"]))]
    bars += [Bar(sized(PROBES[key][0], one["n"]), Measure.of(one["macro_f1"]), "neutral") for key, one in ran.items()]
    sensitivity = probes["sensitivity"]
    return {
        "values": probes,
        "ran": {key: (*PROBES[key], one) for key, one in ran.items()},
        "chart": interval_bars(bars, "Macro-F1 of the model, and of the same model with a changed proposal"),
        "sensitivity": Measure.of(sensitivity),
        "best": BLIND.get(sensitivity["best"], sensitivity["best"]),
    }


def _calibration(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    bins, before = ([Bin.of(row) for row in values.get(key) or ()] for key in ("bins", "bins_before"))
    fit = values.get("fit")
    return {
        "chart": reliability_diagram(bins, before),
        "bins": [one for one in bins if one.n],
        "before": {(one.low, one.high): one for one in before if one.n},
        "measures": [(*MEASURES[key], values["measures"][key], (values.get("before") or {}).get(key)) for key in MEASURES],
        "has_before": values.get("before") is not None,
        "fit": fit,
        "method": None if fit is None else METHODS.get(fit["method"], fit["method"]),
        "changed": values["labels_changed"],
    }


def _abstention(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    curve = [(float(point["coverage"]), float(point["risk"])) for point in values["curve"]]
    target = values.get("target")
    return {
        "chart": risk_coverage(curve, None if target is None else _held(target["reached"]["all"])),
        "curve": thinned(curve, CURVE_LISTED),
        "aurc": Measure.of(values["aurc"]),
        "excess": values["excess"],
        "target": target,
    }


def _held(reached: Mapping[str, Any]) -> Held:
    return Held(float(reached["promised"]), Measure.of(reached["precision"]), Measure.of(reached["coverage"]))


def _conformal(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    measured = values["measured"]
    coverages = {"all pairs": measured["coverage"], **{stance.value: measured["per_class"].get(stance.value) for stance in STANCES}}
    bars = [Bar(name, Measure.of(one), name if name in STANCES else "accent") for name, one in coverages.items()]
    title = "Share of sets that hold the right stance, beside the promise"
    return {
        "chart": interval_bars(bars, title, reference=measured["promised"]),
        "coverages": coverages,
        "values": values,
    }


def _slices(one: Mapping[str, Any], metrics: Mapping[str, Any]) -> Slices:
    # Bands have an order of their own, which is that of their names; of all else the largest parts come first.
    banded = one["by"] in ("length", "agreement")
    rows = sorted(one["rows"], key=lambda row: (0 if banded else -row["n"], row["name"]))
    name = GROUPS.get(one["by"], one["by"])
    drawn = [ForestRow(_named(row), Measure.of(row["macro_f1"]), row["n"]) for row in rows[:SLICES_DRAWN]]
    chart = forest_plot(drawn, f"Macro-F1 by {name.lower()}", Axis(0.0, 1.0), Measure.of(metrics["macro_f1"]).value)
    return Slices(name, chart, rows[:SLICES_LISTED], max(0, len(rows) - SLICES_LISTED))


def _named(row: Mapping[str, Any]) -> str:
    # A stance without pairs counts as F1 0, which is no fault of the model.
    absent = [stance.value for stance in STANCES if not row["classes"].get(stance.value)]
    return f"{row['name']} (no {', no '.join(absent)})" if absent else str(row["name"])


def _behaviours(values: Sequence[Mapping[str, Any]] | None) -> Behaviours | None:
    if not values:
        return None
    rows = worst_first(values)
    bars = [Bar(row["title"], Measure.of(row["failed"]), "oppose" if row["failures"] else "neutral") for row in rows]
    half = max(-(-len(bars) // 2), 4)
    title = "Share of cases failed, by capability"
    charts = [interval_bars(bars[start : start + half], title, lines=3) for start in range(0, len(bars), half)]
    return Behaviours(charts, rows, sum(row["n"] for row in rows), sum(row["failures"] for row in rows))


def worst_first(values: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Behaviours by the share of cases failed."""
    return sorted(values, key=lambda row: (-(row["failures"] / row["n"] if row["n"] else 0.0), row["title"]))
