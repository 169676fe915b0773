"""How long `stancekit read` takes over real article bodies, and what more proposals and more articles cost.

    python benchmarks/reading_speed.py ../shared/raw/fnc1/test_bodies.csv --bundle BUNDLE --json FILE

Each arm is a process of its own, so that its seconds hold loading and writing, and its memory is its own. The first ten proposals
are on what these articles tell of; those after them are the newsroom corpus's, on other matters, as most proposals of a long list are.
Arms are run in turns.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from predict_memory import watched
from stancekit.data.corpus import read_corpus
from stancekit.files import write_json, write_text
from stancekit.machine import machine
from stancekit.tables import read_rows, write_rows

MATTERS = (
    "Western countries should send ground troops against the Islamic State.",
    "Ransoms should be paid for hostages.",
    "Passengers from countries with Ebola should be kept out.",
    "Apple should make larger phones.",
    "Cuba should be opened to trade and travel.",
    "Israel should pull out of the Gaza Strip.",
    "Police officers should wear cameras.",
    "The airstrikes on Syria should go on.",
    "Newspapers should name the suspects of a crime.",
    "North Korea should be punished with new sanctions.",
)
CORPUS = Path(__file__).parents[1] / "data" / "newsroom"


def proposals(count: int) -> dict[str, str]:
    """So many proposals by id."""
    more = (proposal.text for _, article in read_corpus(CORPUS) for proposal in article.proposals if proposal.relation is None)
    texts = list(dict.fromkeys([*MATTERS, *more]))[:count]
    if len(texts) < count:
        raise typer.BadParameter(f"there are only {len(texts)} proposals to ask about")
    return {f"p{number}": text for number, text in enumerate(texts, 1)}


def measured(bundle: Path, bodies: Path, articles: int, asked: int, place: Path) -> dict[str, Any]:
    """Read the first articles of the table in a process of its own."""
    rows = [row.values for row, _ in zip(read_rows(bodies), range(articles), strict=False)]
    write_rows(place / "bodies.jsonl", ({"id": f"body-{row['Body ID']}", "text": row["articleBody"]} for row in rows))
    lines = [f"{name} = {json.dumps(text)}" for name, text in proposals(asked).items()]
    write_text(place / "proposals.toml", "\n".join(["[proposals]", *lines, ""]))
    began = time.monotonic()
    words = ["read", str(bundle.resolve()), "bodies.jsonl", "--proposals", "proposals.toml", "--output", "reading", "--quiet"]
    _, peak = watched(words, place)
    seconds = time.monotonic() - began
    counted = json.loads((place / "reading" / "manifest.json").read_text(encoding="utf-8")).get("counts", {})
    return {"articles": len(rows), "proposals": asked, "seconds": round(seconds, 1), "peak_mib": peak, **counted}


def main(
    bodies: Annotated[Path, typer.Argument(help="test_bodies.csv of the Fake News Challenge.")],
    bundle: Annotated[Path, typer.Option(help="A bundle, best in the form onnx-int8.")],
    articles: Annotated[list[int] | None, typer.Option(help="Numbers of articles, at ten proposals; repeatable.")] = None,
    asked: Annotated[list[int] | None, typer.Option("--proposals", help="Numbers of proposals, at all articles; repeatable.")] = None,
    rounds: Annotated[int, typer.Option(help="Turns of each arm.")] = 1,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Measure each size, in turns."""
    all_of_them = sum(1 for _ in read_rows(bodies))
    arms = [(all_of_them, count) for count in asked or [1, 10, 100]] + [(count, 10) for count in articles or [100, 300]]
    runs: dict[tuple[int, int], list[dict[str, Any]]] = {arm: [] for arm in arms}
    for _ in range(rounds):
        for arm in arms:
            with tempfile.TemporaryDirectory() as scratch:
                runs[arm].append(measured(bundle, bodies, *arm, Path(scratch)))
            print(runs[arm][-1], flush=True)
    results = {"machine": machine(), "arms": [_summed(of_arm) for of_arm in runs.values()]}
    if file is not None:
        write_json(file, results)


def _summed(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    seconds = [run["seconds"] for run in runs]
    return {**runs[0], "seconds": statistics.median(seconds), "least": min(seconds), "most": max(seconds), "rounds": len(runs)}


if __name__ == "__main__":
    typer.run(main)
