"""The page about doubtful labels of a training set: how many there are and where, and the rows to read again."""

from collections.abc import Mapping, Sequence
from typing import Any

from stancekit.reports.page import render
from stancekit.reports.trust import GROUPS

DOUBTS_SHOWN = 200
# Cut so that long texts leave the page under 1 MB.
LONGEST = 600
PARTS_LISTED = 100
CONTENTS = (
    ("found", "What is doubted"),
    ("rows", "Rows to read again"),
    ("parts", "Parts of the data"),
    ("folds", "Folds"),
    ("words", "Words"),
)


def doubts_page(result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """One HTML page from the content of doubts.json and the rows of doubts.jsonl, of which it shows the first 200."""
    shown = rows[:DOUBTS_SHOWN]
    sources = sorted({row["source"] for row in shown if row["source"] is not None})
    absent = {"rows": not rows, "parts": not result["parts"]}
    return render(
        "doubts.html.j2",
        kicker="stancekit · doubtful labels",
        title=f"Labels to read again in “{result['name']}”",
        contents=[(key, name) for key, name in CONTENTS if not absent.get(key)],
        result=result,
        rows=shown,
        more_rows=len(rows) - len(shown),
        # By their numbers, so that no text from outside has to serve as a name in the page.
        sources=list(enumerate(sources)) if len(sources) > 1 else [],
        numbers={source: number for number, source in enumerate(sources)},
        parts_of=[
            (GROUPS.get(part["by"], part["by"]), part["rows"][:PARTS_LISTED], max(0, len(part["rows"]) - PARTS_LISTED))
            for part in result["parts"]
        ],
        longest=LONGEST,
    )
