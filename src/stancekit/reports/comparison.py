"""The page about a comparison: whether one model is shown to be better, where it wins and loses, and which answers changed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from stancekit.reports.page import render, signed
from stancekit.reports.summary import better
from stancekit.reports.svg import LINE, Axis, Measure, broken, dot, drawing, gridlines, spoken, whisker, write
from stancekit.stance import STANCES

CHANGED_SHOWN = 200
PROPOSALS_DRAWN = 20
# A table that a browser still scrolls with ease.
PROPOSALS_LISTED = 2_000
SCORES = {"macro_f1": "Macro-F1", "accuracy": "Accuracy", "f_avg": "F_avg", "mcc": "MCC"}
# Half widths of an axis whose ticks have two decimals.
WIDTHS = (0.02, 0.04, 0.1, 0.2, 0.4, 1.0, 2.0)


class Change(NamedTuple):
    """A difference, second minus first, and what it is of."""

    label: str
    measure: Measure


def comparison_page(result: Mapping[str, Any], changed: Sequence[Mapping[str, Any]]) -> str:
    """One HTML page from the content of comparison.json and the rows of changed.jsonl, of which it shows the first 200."""
    names = {key: result[key]["name"] for key in ("first", "second")}
    proposals = sorted(result["per_proposal"], key=lambda row: (-row["difference"], -row["n"], row["proposal"]))
    overall = {key: Change(name, Measure.of(result["overall"][key]["change"])) for key, name in SCORES.items()}
    stances = {stance: Change(stance, Measure.of(result["per_class"][stance]["change"])) for stance in STANCES}
    shown = [{**row, **{key: said(row[key]["answers"]) for key in names}, "sides": row} for row in changed[:CHANGED_SHOWN]]
    return render(
        "comparison.html.j2",
        kicker="stancekit · comparison",
        title=f"Is “{names['second']}” better than “{names['first']}”?",
        contents=_contents(result, changed),
        summary=better(result["overall"]["macro_f1"], result["verdict"]),
        result=result,
        names=names,
        families=result["seeds"] is not None,
        overall=overall,
        score_names=SCORES,
        overall_chart=change_chart(list(overall.values()), "Differences of the scores, second minus first"),
        stances=stances,
        stance_chart=change_chart(list(stances.values()), "Differences of the F1 of every stance, second minus first"),
        proposal_charts=_proposal_charts(proposals),
        drawn=PROPOSALS_DRAWN,
        proposals=proposals[:PROPOSALS_LISTED],
        more_proposals=max(0, len(proposals) - PROPOSALS_LISTED),
        changed=shown,
        order=_order(result["graded"]),
        more_changed=max(0, len(changed) - CHANGED_SHOWN),
    )


def change_chart(rows: Sequence[Change], title: str) -> Markup:
    """A point with its interval for every difference, beside a line at 0, which is in the middle."""
    parts: list[Markup] = []
    axis = around_zero([row.measure for row in rows])
    y = 0.0
    for row in rows:
        parts.append(Markup("<g><title>{}: {}</title>").format(row.label, spoken(row.measure)))
        parts.append(write("100%", y + 13, signed(row.measure.value), "value", "end"))
        for line in broken(row.label):
            parts.append(write("0", y + 13, line, "small"))
            y += LINE - 2
        parts.append(whisker(row.measure, axis, y + 8, "var(--accent)"))
        if row.measure.known:
            parts.append(dot(axis.place(row.measure.value), y + 8, 5, "var(--accent)"))
        parts.append(Markup("</g>"))
        y += 26
    grid = gridlines(axis, 0, max(y - 4, 0), reference=0.0)
    summary = "; ".join(f"{row.label} {spoken(row.measure)}" for row in rows)
    return drawing(y + 16, title, summary, [grid, Markup('<g class="halo">'), *parts, Markup("</g>")])


def around_zero(measures: Sequence[Measure]) -> Axis:
    """The narrowest axis with 0 in its middle that holds all values and intervals."""
    ends = [abs(number) for measure in measures for number in measure if number == number]
    width = next((width for width in WIDTHS if width >= max(ends, default=0.0)), WIDTHS[-1])
    return Axis(-width, width)


def said(answers: Sequence[str]) -> list[tuple[str, int]]:
    """The stances that models answered, the most frequent first, and how many said so."""
    counts = [(stance.value, answers.count(stance.value)) for stance in STANCES]
    return sorted((pair for pair in counts if pair[1]), key=lambda pair: -pair[1])


def _contents(result: Mapping[str, Any], changed: Sequence[Any]) -> list[tuple[str, str]]:
    parts = [("scores", "Scores"), *([("seeds", "Seeds")] if result["seeds"] is not None else []), ("stances", "Every stance")]
    return [*parts, ("proposals", "Every proposal"), *([("changed", "Answers that changed")] if changed else []), ("words", "Words")]


def _order(graded: Mapping[str, bool]) -> str:
    sure = [key for key, known in graded.items() if known]
    if not sure:
        return "the data: neither side tells how sure it is"
    if len(sure) == 1:
        return f"the confidence of the {sure[0]}, surest first: the other does not tell how sure it is"
    return "the mean confidence of both sides in what they answered, surest first"


def _proposal_charts(proposals: Sequence[Mapping[str, Any]]) -> list[tuple[str, Markup]]:
    none = float("nan")
    charts = []
    won = [row for row in proposals if row["difference"] > 0][: PROPOSALS_DRAWN // 2]
    lost = [row for row in reversed(proposals) if row["difference"] < 0][: PROPOSALS_DRAWN // 2]
    for title, rows in (("Most won", won), ("Most lost", lost)):
        if rows:
            shares = [Change(row["proposal"], Measure(row["difference"] / row["n"], none, none)) for row in rows]
            charts.append((title, change_chart(shares, f"{title}: change of the share of right answers")))
    return charts
