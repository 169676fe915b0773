"""The page about one evaluation: what the model can do, how sure that is, and where it fails."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from stancekit.reports.answers import answers
from stancekit.reports.charts import Bar, ForestRow, confusion_matrix, forest_plot, interval_bars
from stancekit.reports.errors import error_browser
from stancekit.reports.page import render
from stancekit.reports.summary import summary
from stancekit.reports.svg import Axis, Measure, sized
from stancekit.reports.trust import KINDS, trust
from stancekit.stance import STANCES

PROPOSALS_DRAWN = 60
# A table that a browser still scrolls with ease, and that keeps the page under 3 MB.
PROPOSALS_LISTED = 2_000
# Cut so that long texts leave the page under 3 MB.
LONGEST_ERROR = 600
SCORES = {
    "macro_f1": ("Macro-F1", "The mean of the F1 of the three stances. Rare stances count as much as common ones. 1 is perfect."),
    "accuracy": ("Accuracy", "The share of pairs that got the right stance."),
    "f_avg": (
        "F_avg",
        "The mean of the F1 of oppose and support, the score of SemEval-2016. Neutral counts only where it is mixed up with a side.",
    ),
    "mcc": ("MCC", "How far answers and truth go together: 1 always, 0 no more than by chance, below 0 against each other."),
}
SECTIONS = {
    "scores": "Scores",
    "seeds": "Seeds",
    "baselines": "Baselines",
    "probes": "Probes",
    "calibration": "Confidence",
    "abstention": "Silence",
    "conformal": "Sets of stances",
    "stances": "Every stance",
    "confusion": "Mix-ups",
    "behaviours": "Behaviour",
    "slices": "Parts of the data",
    "proposals": "Every proposal",
    "errors": "Errors",
    "doubts": "Doubtful labels",
    "words": "What the words mean",
}
RATES = {"precision": "Precision", "recall": "Recall", "f1": "F1"}
READERS = "One reader against another"
BASELINES = {
    "majority": "Always the most common stance",
    "tfidf_lr": "Word counts, logistic regression",
    "tfidf_statement": "Word counts of the statement alone",
    "tfidf_proposal": "Word counts of the proposal alone",
}


class Comparison(NamedTuple):
    """One baseline in numbers and in a sentence."""

    name: str
    scores: Mapping[str, Measure]
    difference: Measure
    meaning: str


class Readers(NamedTuple):
    """How far readers of the same pairs agree. n: pairs with two votes or more."""

    n: int
    macro_f1: Measure
    accuracy: Measure
    alpha: Measure


def evaluation_page(metrics: Mapping[str, Any]) -> str:
    """One HTML page from the content of metrics.json. Keys that this page does not know are left alone.

    What is absent or null of calibration, abstention, conformal, slices, probes and behaviours has no section.
    """
    parts = trust(metrics)
    scores = {key: Measure.of(metrics[key]) for key in SCORES}
    comparisons = [_comparison(name, values) for name, values in metrics["baselines"].items()]
    readers = _readers(metrics.get("agreement"))
    proposals = _proposals(metrics["per_proposal"], scores["accuracy"].value)
    answered = answers(metrics)
    errors = error_browser(metrics["errors"])
    return render(
        "evaluation.html.j2",
        kicker="stancekit · evaluation",
        title=f"How well “{metrics['model']}” tells who is for and who is against",
        contents=_contents({**parts, **proposals, "errors": errors}),
        script="errors.js.j2" if errors else None,
        summary=summary(metrics, answered),
        answers=answered,
        **parts,
        kinds=KINDS,
        metrics=metrics,
        scores=[(*SCORES[key], measure) for key, measure in scores.items()],
        comparisons=comparisons,
        comparison_chart=_comparison_chart(metrics["model"], scores["macro_f1"], comparisons, readers),
        readers=readers,
        score_names={key: name for key, (name, _) in SCORES.items()},
        model_scores=scores,
        per_class={stance: {rate: Measure.of(metrics["per_class"][stance][rate]) for rate in RATES} for stance in STANCES},
        class_charts=_class_charts(metrics["per_class"]),
        rates=RATES,
        confusion=confusion_matrix(metrics["confusion"], "Gold stances against the answers of the model"),
        confusion_counts=metrics["confusion"],
        **proposals,
        errors=errors,
        longest=LONGEST_ERROR,
    )


def _contents(parts: Mapping[str, Any]) -> list[tuple[str, str]]:
    present = {**dict.fromkeys(SECTIONS, True), **parts}
    return [(key, name) for key, name in SECTIONS.items() if present[key]]


def _comparison(name: str, values: Mapping[str, Any]) -> Comparison:
    difference = Measure.of(values["difference"])
    return Comparison(
        name=BASELINES.get(name, name),
        scores={key: Measure.of(values[key]) for key in SCORES},
        difference=difference,
        meaning=_meaning(difference),
    )


def _meaning(difference: Measure) -> str:
    if not difference.has_interval:
        return "no interval, so no word on whether this is luck"
    if difference.low > 0:
        return "the model is better, beyond what luck explains"
    if difference.high < 0:
        return "the model is worse, beyond what luck explains"
    return "too close to call on this data"


def _readers(agreement: Mapping[str, Any] | None) -> Readers | None:
    if agreement is None:
        return None
    return Readers(agreement["n"], *(Measure.of(agreement[key]) for key in ("macro_f1", "agreement", "alpha")))


def _comparison_chart(model: str, own: Measure, comparisons: Sequence[Comparison], readers: Readers | None) -> Markup:
    bars = [] if readers is None else [Bar(sized(READERS, readers.n), readers.macro_f1, "neutral")]
    bars += [Bar(model, own)]
    bars += [Bar(one.name, one.scores["macro_f1"], "neutral") for one in comparisons]
    return interval_bars(bars, "Macro-F1 of the model, of what it must beat, and of one reader against another where that is known")


def _class_charts(per_class: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    charts = []
    for rate, name in RATES.items():
        bars = [Bar(stance, Measure.of(per_class[stance][rate]), stance) for stance in STANCES]
        charts.append((name, interval_bars(bars, f"{name} of every stance")))
    return charts


def _proposals(rows: Sequence[Mapping[str, Any]], mean: float) -> dict[str, Any]:
    ordered = sorted(rows, key=lambda row: (-row["n"], row["proposal"]))
    drawn = [ForestRow(row["proposal"], Measure.of(row["accuracy"]), row["n"]) for row in ordered[:PROPOSALS_DRAWN]]
    return {
        "proposals": [{**row, "measure": Measure.of(row["accuracy"])} for row in ordered[:PROPOSALS_LISTED]],
        "more_proposals": max(0, len(ordered) - PROPOSALS_LISTED),
        "drawn": len(drawn),
        "forests": _forests(drawn, mean),
    }


def _forests(rows: Sequence[ForestRow], mean: float) -> list[Markup]:
    # Two columns side by side on a wide screen, one below the other on a phone.
    half = max(-(-len(rows) // 2), 4)
    parts = [rows[start : start + half] for start in range(0, len(rows), half)]
    return [forest_plot(part, "Accuracy on every proposal", Axis(0.0, 1.0), mean) for part in parts]
