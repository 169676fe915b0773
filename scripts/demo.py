"""The whole way on what is embedded: prepare, train, evaluate, export, predict, read. `make demo` runs this."""

import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

DEMO = Path("runs/demo")
DATA = Path("data/processed/demo")
RUN, BUNDLE, EVALUATION, READING = (DEMO / name for name in ("run", "bundle", "evaluation", "reading"))
ARTICLES, PROPOSALS = "data/articles", "data/articles/proposals.toml"
INT8 = ("--format", "onnx-int8")
REFUSED, USER_MUST_MEND = 1, 2


def steps() -> dict[str, list[str]]:
    """What is shown above each step, and the command line of it."""
    settings = {"output": RUN, "data.train": DATA / "train.jsonl", "data.validation": DATA / "validation.jsonl"}
    overrides = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    card = ["--evaluation", f"{EVALUATION}/metrics.json", "--license", "apache-2.0"]
    tested = ["--probes", "--behaviours"]
    asked = ["--proposals", PROPOSALS, "--output"]
    return {
        "articles to splits that share no proposal and no text": ["prepare", "configs/prepare/newsroom.toml", "--set", f"output={DATA}"],
        "the model that ships goes on with them, some minutes": ["train", "configs/train/quick.toml", *overrides, "--resume"],
        "judged on proposals it never saw": ["evaluate", str(RUN), f"{DATA}/test.jsonl", *tested, "--output", str(EVALUATION)],
        "a bundle to ship, rounded to 8 bits and checked against the run": ["export", str(RUN), str(BUNDLE), *INT8, *card],
        "every sentence of three new articles on four proposals": ["predict", str(BUNDLE), ARTICLES, *asked, f"{DEMO}/predictions.jsonl"],
        "who stands where in them": ["read", str(BUNDLE), ARTICLES, *asked, str(READING)],
    }


def main() -> int:
    """Run all steps and return the exit code. A training that was interrupted goes on, a finished demo starts anew."""
    began = time.monotonic()
    if (RUN / "manifest.json").exists():
        shutil.rmtree(DEMO)
    for number, (title, words) in enumerate(steps().items(), 1):
        print(f"\n[{number}/{len(steps())}] {title}\n$ stancekit {' '.join(words)}", flush=True)
        code = stancekit(words)
        if code == USER_MUST_MEND and words[0] == "train" and RUN.exists():
            print("what an earlier demo left does not fit any more: training from the beginning", flush=True)
            shutil.rmtree(RUN)
            code = stancekit(words)
        if code == REFUSED and words[0] == "export":
            # How far rounding moves answers differs between processors, and so does the model that was trained on one.
            print("no bundle in 8 bits, for the reason above: one in float32 instead", flush=True)
            code = stancekit([word for word in words if word not in INT8])
        if code != 0:
            return code
    summary(time.monotonic() - began)
    return 0


def stancekit(words: list[str]) -> int:
    """Run one command in a process of its own, as a user would, so that its memory is its own too."""
    return subprocess.run([sys.executable, "-m", "stancekit", *words], check=False).returncode


def summary(seconds: float) -> None:
    """Where the pages and files are, and the numbers that a user wants."""
    metrics = json.loads((EVALUATION / "metrics.json").read_text(encoding="utf-8"))
    opinions = (READING / "opinions.jsonl").read_text(encoding="utf-8").count("\n")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024**3 if sys.platform == "darwin" else 1024**2)
    print(f"\nDone in {seconds / 60:.1f} minutes with at most {peak:.1f} GiB of memory. Look at:")
    for path, what in (
        (READING / "report.html", "who stands where in three articles"),
        (EVALUATION / "report.html", "how far the model can be trusted"),
        (DATA / "report.html", "what it was trained and tested on"),
        (BUNDLE, "the model to ship, with its card"),
        (BUNDLE / "gate.html", "whether it answers as the run that it was made from"),
        (DEMO / "predictions.jsonl", "every sentence with its probabilities"),
    ):
        print(f"  {path!s:36} {what}")
    score = metrics["macro_f1"]
    baselines = ", ".join(f"{name} {row['macro_f1']['value']:.3f}" for name, row in metrics["baselines"].items())
    print(f"\n{metrics['verdict']}\n")
    print(f"{opinions} opinions read from three articles")
    print(
        f"macro-F1 {score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}] on {metrics['proposals']} unseen proposals; {baselines}"
    )


if __name__ == "__main__":
    sys.exit(main())
