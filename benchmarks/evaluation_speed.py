"""How long an evaluation's numbers and page take: intervals over 20,000 rows, the page of them, and its opening in a browser.

    python benchmarks/evaluation_speed.py --json FILE [--browser /usr/bin/chromium]

The rows are made: answers that are right four times in five, over 1,000 proposals. No model is asked.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from stancekit.evaluation.confidence import Answers, Promises
from stancekit.evaluation.intervals import Bootstrap
from stancekit.evaluation.judge import Known, judge
from stancekit.files import write_json
from stancekit.inference.held import Held
from stancekit.machine import machine
from stancekit.records import Example
from stancekit.reports.evaluation import evaluation_page
from stancekit.stance import STANCES

TAGS = ("explicit", "implicit", "reported", "irony")
WORDS = "The harbour council said on Friday that it would fight the ferry toll in every court there is"


def made(rows: int, proposals: int) -> tuple[list[Example], Answers]:
    """Examples with tags, and answers of which four in five are right, with kept ones to promise by."""
    rng = np.random.default_rng(13)
    gold = rng.integers(3, size=rows)
    examples = [
        Example(f"r{row}", f"{WORDS}, case {row}.", f"Proposal {row % proposals} should pass.", STANCES[gold[row]], tags=(TAGS[row % 4],))
        for row in range(rows)
    ]
    noise = rng.dirichlet([1, 1, 1], size=rows)
    told = np.where(rng.random(rows) < 0.8, gold, rng.integers(3, size=rows))
    probabilities = 0.5 * noise + 0.5 * np.eye(3)[told]
    return examples, Answers(probabilities, probabilities, Held.of(probabilities[:3000], gold[:3000], "temperature"))


def opened(page: Path, browser: Path, times: int) -> list[float]:
    """Seconds until a new tab has loaded the page, each in a browser of its own."""
    from playwright.sync_api import sync_playwright

    seconds = []
    with sync_playwright() as driver:
        for _ in range(times):
            chromium = driver.chromium.launch(executable_path=str(browser))
            tab = chromium.new_page()
            began = time.perf_counter()
            tab.goto(page.resolve().as_uri())
            seconds.append(time.perf_counter() - began)
            chromium.close()
    return seconds


def main(
    rows: Annotated[int, typer.Option(min=1000)] = 20_000,
    proposals: Annotated[int, typer.Option(min=2)] = 1_000,
    browser: Annotated[Path, typer.Option(help="Chromium; where it is not there, the page is not opened.")] = Path("/usr/bin/chromium"),
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Time 1,000 resamples by percentiles and by BCa, and the page."""
    examples, answers = made(rows, proposals)
    results: dict[str, Any] = {"rows": rows, "proposals": proposals, "resamples": 1000, "machine": machine()}
    for name, bca in (("percentile", False), ("bca", True)):
        began = time.perf_counter()
        metrics = judge(examples, answers, Known(), Bootstrap(bca=bca), Promises())
        results[f"seconds_{name}"] = round(time.perf_counter() - began, 2)
    began = time.perf_counter()
    text = evaluation_page({"model": "made", "data": "made", **metrics})
    results |= {"seconds_page": round(time.perf_counter() - began, 2), "page_mb": round(len(text.encode()) / 1e6, 2)}
    if browser.is_file():
        with tempfile.TemporaryDirectory() as scratch:
            page = Path(scratch) / "report.html"
            page.write_text(text, encoding="utf-8")
            results["seconds_to_open"] = round(statistics.median(opened(page, browser, 5)), 2)
    print({key: value for key, value in results.items() if key != "machine"})
    if file is not None:
        write_json(file, results)


if __name__ == "__main__":
    typer.run(main)
