"""`stancekit check`: every fault of a config, a data file or the corpus, without loading torch."""

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from stancekit.config import PrepareConfig, TrainConfig, load_config, read_toml
from stancekit.data.corpus import corpus_files, is_corpus, read_corpus
from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.inference.proposals import read_proposals
from stancekit.stance import STANCES
from stancekit.tables import READABLE, read_rows


class Checked(NamedTuple):
    """What was looked at and found sound."""

    path: Path
    kind: str
    summary: str


def check(path: Path) -> list[Checked]:
    """Check a file, or every config and data file in a folder. Raises one StancekitError with the faults of all of them."""
    if not path.exists():
        raise StancekitError(f"{path} does not exist", fix="name a config, a data file, or a folder of them")
    known = (".toml", *READABLE)
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in known) if path.is_dir() else [path]
    if not files:
        raise StancekitError(f"{path} holds nothing to check", fix=f"name a folder with files ending in {', '.join(known)}")
    sound: list[Checked] = []
    faults: list[StancekitError] = []
    if path.is_dir() and _is_corpus_folder(path, files):
        # Ids must be unique over the whole corpus, so its files are checked as one.
        return [_corpus(path)]
    for file in files:
        try:
            sound.append(_check_file(file))
        except StancekitError as fault:
            faults.append(fault)
    if faults:
        raise StancekitError("\n".join(fault.problem for fault in faults), fix="; ".join(dict.fromkeys(fault.fix for fault in faults)))
    return sound


def _check_file(file: Path) -> Checked:
    if file.suffix.lower() == ".toml":
        return _config(file)
    if file.suffix.lower() == ".txt":
        return _proposals(file)
    first = next(iter(read_rows(file)), None)
    if first is None:
        raise StancekitError(f"{file} holds no row", fix="give at least one")
    if is_corpus(first.values):
        return _corpus(file)
    if file.suffix.lower() == ".csv" and set(first.values) == {"id", "proposal"}:
        return _proposals(file)
    return _examples(file)


def _proposals(file: Path) -> Checked:
    return Checked(file, "proposals", f"{len(read_proposals(file))} proposals")


def _config(file: Path) -> Checked:
    values = read_toml(file)
    if "proposals" in values:
        return _proposals(file)
    # A config that fits neither is told the faults of the kind it looks like.
    if {"sources", "raw", "cleaning", "split"} & set(values):
        load_config(file, PrepareConfig)
        return Checked(file, "prepare config", "sound")
    load_config(file, TrainConfig)
    return Checked(file, "train config", "sound")


def _corpus(path: Path) -> Checked:
    articles = [article for _, article in read_corpus(path)]
    stances: Counter[str] = Counter(label.stance for article in articles for sentence in article.sentences for label in sentence.labels)
    proposals = {proposal.text for article in articles for proposal in article.proposals}
    return Checked(path, "corpus", f"{len(articles)} articles, {len(proposals)} proposals, {_shares(stances)}")


def _is_corpus_folder(path: Path, files: list[Path]) -> bool:
    own = corpus_files(path) if any(path.glob("*.jsonl")) else []
    return bool(own) and own == files and all(_first_is_corpus(file) for file in own)


def _first_is_corpus(file: Path) -> bool:
    try:
        with file.open(encoding="utf-8") as lines:
            return is_corpus(json.loads(lines.readline()))
    except (OSError, ValueError, TypeError):
        return False


def _examples(file: Path) -> Checked:
    return Checked(file, "examples", _shares(Counter(example.stance for example in read_examples(file))))


def _shares(stances: Counter[str]) -> str:
    total = sum(stances.values())
    return f"{total} pairs (" + ", ".join(f"{stance} {stances[stance] / total:.0%}" for stance in STANCES) + ")"
