"""The page about a prepared data set: its sizes, its balance, what was kept apart and what was left out."""

from collections.abc import Mapping
from typing import Any

from stancekit.reports.charts import class_shares
from stancekit.reports.page import render

CONTRADICTIONS_SHOWN = 200
MADE = {
    "foreign": "a statement beside a proposal of another article or debate, hence neutral",
    "hard": "the same, with a proposal that shares words with the statement",
    "negated": "the proposal negated, the sides swapped",
    "reworded": "the proposal in other words, the stance kept",
    "masked": "a proposal that says nothing, hence neutral",
    "voiced": "a sentence that reports a stance on the proposal",
}
CONTENTS = (("stances", "Stances"), ("apart", "Kept apart"), ("sources", "Sources"), ("contradictions", "Two stances"))


def data_page(report: Mapping[str, Any]) -> str:
    """One HTML page from the content of report.json. Contradictions beyond the first 200 are counted, not shown."""
    splits = report["splits"]
    contradictions = report["contradictions"]
    apart = report["kept_apart"]
    return render(
        "data.html.j2",
        kicker="stancekit · data",
        title=f"The data set {report['name']}",
        contents=CONTENTS,
        totals={key: sum(split[key] for split in splits.values()) for key in ("examples", "proposals")},
        splits=splits,
        made=sum(split["made"] for split in splits.values()),
        augmentation=[(kind, count, MADE[kind]) for kind, count in report["augmentation"].items()],
        unlabelled=report["unlabelled"],
        shares=class_shares({name: split["classes"] for name, split in splits.items()}, "Shares of the stances in every split"),
        sources=report["sources"],
        licensed=any("licence" in source for source in report["sources"].values()),
        dropped=report["dropped"],
        apart=[
            (apart["groups"], "groups: pairs tied together, directly or through others"),
            (apart["largest_group"], "pairs in the largest group"),
            (apart["shared_statements"], "statements that stand in several articles or claims, and would leak if only those were split"),
            (apart["shared_proposals"], "proposals that stand in several articles or claims"),
        ],
        contradictions=contradictions[:CONTRADICTIONS_SHOWN],
        more_contradictions=max(0, len(contradictions) - CONTRADICTIONS_SHOWN),
    )
