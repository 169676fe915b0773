"""The whole way on what is embedded: prepare, train, evaluate, export, predict, read. `make demo` runs this."""

import json
import resource
import shutil
import sys
import time
from pathlib import Path

from stancekit.cli import app
from stancekit.errors import StancekitError

DEMO = Path("runs/demo")
DATA = Path("data/processed/demo")
RUN, BUNDLE, EVALUATION, READING = (DEMO / name for name in ("run", "bundle", "evaluation", "reading"))
ARTICLES, PROPOSALS = Path("data/articles"), Path("data/articles/proposals.toml")


def steps() -> dict[str, list[str]]:
    """What is shown above each step, and its command line."""
    resume = ["--resume"] if RUN.exists() else []
    data = [f"data.{split}={DATA}/{split}.jsonl" for split in ("train", "validation")]
    overrides = [word for setting in (f"output={RUN}", *data) for word in ("--set", setting)]
    articles = [str(path) for path in sorted(ARTICLES.glob("*.txt"))]
    return {
        "prepare: articles to splits that share no proposal and no text": ["prepare", "configs/prepare/newsroom.toml", "--set", f"output={DATA}"],
        "train: the embedded encoder, some minutes": ["train", "configs/train/quick.toml", *overrides, *resume],
        "evaluate: on proposals it never saw": ["evaluate", str(RUN), f"{DATA}/test.jsonl", "--output", str(EVALUATION)],
        "export: a bundle, checked against the run": ["export", str(RUN), str(BUNDLE), "--evaluation", str(EVALUATION / "metrics.json"), "--license", "apache-2.0"],
        "predict: every sentence of three new articles on four proposals": [
            "predict", str(BUNDLE), *articles, "--proposals", str(PROPOSALS), "--output", str(DEMO / "predictions.jsonl"),
        ],
        "read: who stands where in them": ["read", str(BUNDLE), *articles, "--proposals", str(PROPOSALS), "--output", str(READING)],
    }  # fmt: skip


def main() -> None:
    """Run all steps; a demo that was interrupted goes on, one that was finished starts anew."""
    began = time.monotonic()
    if (DEMO / "done").exists():
        shutil.rmtree(DEMO)
    for number, (title, words) in enumerate(steps().items(), 1):
        if words[0] == "train" and (RUN / "manifest.json").exists():
            print(f"\n[{number}/6] {title}: already there")
            continue
        print(f"\n[{number}/6] {title}\n$ stancekit {' '.join(words)}", flush=True)
        app(words, standalone_mode=False)
    (DEMO / "done").touch()
    _summary(time.monotonic() - began)


def _summary(seconds: float) -> None:
    metrics = json.loads((EVALUATION / "metrics.json").read_text(encoding="utf-8"))
    opinions = (READING / "opinions.jsonl").read_text(encoding="utf-8").count("\n")
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    print(f"\nDone in {seconds / 60:.1f} minutes, at most {usage / 1024:.1f} GiB of memory. Look at:")
    for path, what in (
        (READING / "report.html", "who stands where in three articles"),
        (EVALUATION / "report.html", "how far the model can be trusted"),
        (DATA / "report.html", "what it was trained and tested on"),
        (BUNDLE, "the model to ship, with its card"),
        (DEMO / "predictions.jsonl", "every sentence with its probabilities"),
    ):
        print(f"  {str(path):40} {what}")
    score, baselines = metrics["macro_f1"], metrics["baselines"]
    print(f"\n{metrics['verdict']}")
    print(
        f"macro-F1 {score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}] on {metrics['n']} pairs over {metrics['proposals']} unseen proposals; "
        f"TF-IDF {baselines['tfidf_lr']['macro_f1']['value']:.3f}, majority {baselines['majority']['macro_f1']['value']:.3f}; "
        f"{opinions} opinions read from {len(list(ARTICLES.glob('*.txt')))} articles"
    )


if __name__ == "__main__":
    try:
        main()
    except StancekitError as fault:
        print(f"error: {fault}", file=sys.stderr)
        sys.exit(fault.exit_code)
