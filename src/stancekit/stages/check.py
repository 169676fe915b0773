"""`stancekit check`: every fault of a config, a data file or the corpus, without loading torch."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from stancekit.config import GateConfig, Head, PrepareConfig, ReadConfig, TrainConfig, load_config, load_search, read_toml, sample_configs
from stancekit.data.corpus import is_corpus, read_labelled
from stancekit.data.examples import read_examples
from stancekit.data.promises import FILE as CORPUS_FILE
from stancekit.data.promises import Census, broken, census, read_promises
from stancekit.data.sources import read_sources
from stancekit.errors import Refusal, StancekitError
from stancekit.files import ending_of, files_below
from stancekit.inference.proposals import read_proposals
from stancekit.modeling.adapters import check_adapters
from stancekit.modeling.encoders import local_encoder
from stancekit.modeling.heads import check_head
from stancekit.stance import STANCES, Stance
from stancekit.tables import READABLE, read_rows

KNOWN = (".toml", *READABLE)
# What training leaves there is not the user's to mend.
PASSED_OVER = ("runs",)
Result = TypeVar("Result")


class Checked(NamedTuple):
    """What was looked at and found sound."""

    path: Path
    kind: str
    summary: str


def check(path: Path) -> list[Checked]:
    """Check a file, or every config and data file in a folder. Raises one StancekitError with the faults of all of them."""
    if not path.exists():
        raise StancekitError(f"{path} does not exist", fix="name a config, a data file, or a folder of them")
    files = files_below(path, KNOWN, PASSED_OVER) if path.is_dir() else [path]
    if not files:
        raise StancekitError(f"{path} holds nothing to check", fix=f"name a folder with files ending in {', '.join(KNOWN)}")
    faults: list[StancekitError] = []
    kinds = {file: kind for file in files if (kind := _tried(partial(_kind, file), faults)) is not None}
    corpora: dict[Path, list[Path]] = {}
    for file, kind in kinds.items():
        if kind == "corpus":
            corpora.setdefault(file.parent, []).append(file)
    checks: list[Callable[[], Checked]] = [partial(CHECKS[kind], file) for file, kind in kinds.items() if kind in CHECKS]
    # Ids must be unique over a whole corpus, so its files are checked as one.
    checks += [
        partial(_corpus, folder if len(members) > 1 or path.is_dir() else members[0], members) for folder, members in corpora.items()
    ]
    sound = [done for one in checks if (done := _tried(one, faults)) is not None]
    _raise_together(faults)
    return sound


def _tried(work: Callable[[], Result], faults: list[StancekitError]) -> Result | None:
    try:
        return work()
    except StancekitError as fault:
        faults.append(fault)
        return None


def _raise_together(faults: Sequence[StancekitError]) -> None:
    if faults:
        # Broken promises alone are a check that said no; beside faults of the data they are one more of them.
        kind = Refusal if all(isinstance(fault, Refusal) for fault in faults) else StancekitError
        raise kind("\n".join(fault.problem for fault in faults), fix="; ".join(dict.fromkeys(fault.fix for fault in faults)))


def _kind(file: Path) -> str:
    if file.suffix.lower() == ".toml":
        values = read_toml(file)
        # A config that fits neither is told the faults of the kind it looks like.
        if file.name == CORPUS_FILE or "promises" in values:
            return "promises"
        signs = (
            ("read", {"bundle", "articles"}),
            ("proposals", {"proposals"}),
            ("prepare", {"sources", "raw", "cleaning", "split"}),
            ("search", {"search"}),
            ("gate", {"limits", "speed"}),
        )
        return next((kind for kind, keys in signs if keys & set(values)), "train")
    if file.suffix.lower() == ".txt":
        return "proposals"
    first = next(iter(read_rows(file)), None)
    if first is None:
        raise StancekitError(f"{file} holds no row", fix="give at least one")
    if is_corpus(first.values):
        return "corpus"
    return "proposals" if ending_of(file) in (".csv", ".csv.gz") and set(first.values) == {"id", "proposal"} else "examples"


def _proposals(file: Path) -> Checked:
    return Checked(file, "proposals", f"{len(read_proposals(file))} proposals")


def _prepare_config(file: Path) -> Checked:
    config = load_config(file, PrepareConfig)
    absent = [str(raw) for raw in dict.fromkeys(map(config.raw_of, config.sources)) if not raw.exists()]
    if absent:
        return Checked(file, "prepare config", f"sound; not checked: no data at {', '.join(absent)}")
    rows = read_sources(config)
    return Checked(file, "prepare config", f"sound; {_shares(row.example.stance for row in rows)}")


def _train_config(file: Path) -> Checked:
    return _trainable(file, "train config", [load_config(file, TrainConfig)])


def _gate_config(file: Path) -> Checked:
    load_config(file, GateConfig)
    return Checked(file, "gate config", "sound")


def _read_config(file: Path) -> Checked:
    config = load_config(file, ReadConfig)
    if not config.proposals.exists():
        return Checked(file, "read config", f"sound; not checked: no proposals at {config.proposals}")
    return Checked(file, "read config", f"sound; {len(read_proposals(config.proposals))} proposals")


def _search_config(file: Path) -> Checked:
    return _trainable(file, "search config", sample_configs(load_search(file)))


def _trainable(file: Path, kind: str, configs: Sequence[TrainConfig]) -> Checked:
    absent = check_trainable(str(file), configs)
    return Checked(file, kind, f"sound; not prepared yet: {', '.join(map(str, absent))}" if absent else "sound")


def check_trainable(subject: str, configs: Sequence[TrainConfig]) -> list[Path]:
    """Look at the encoders, heads and data of train configs, and return the data files that are not there.

    Raises StancekitError with the faults of all of them.
    """
    faults: list[StancekitError] = []
    for name, head in dict.fromkeys((one.encoder, one.model.head) for one in configs):
        _tried(partial(_check_encoder, subject, name, head), faults)
    # The same package is wanted by all.
    for adapted in [one.model for one in configs if one.model.lora is not None][:1]:
        _tried(partial(check_adapters, adapted), faults)
    paths = dict.fromkeys(path for one in configs for stage in (one, *map(one.stage, one.stages)) for path in stage.data.files)
    for path in paths:
        if path.exists():
            _tried(partial(read_examples, path), faults)
    _raise_together(faults)
    return [path for path in paths if not path.exists()]


def _check_encoder(subject: str, name: str, head: Head) -> None:
    # The id of a model on the hub has one slash at most.
    is_folder = name.startswith((".", "/", "~")) or name.count("/") > 1
    if is_folder and not Path(name).expanduser().is_dir():
        raise StancekitError(f"{subject} encoder  there is no folder {name}", fix="name a folder that holds a model, a hub id, or minilm")
    place = local_encoder(name)
    # What is not here yet, a hub id or the run of another config, is looked at when it is trained from.
    if place is not None:
        check_head(name, place, head)


def _corpus(path: Path, files: Sequence[Path]) -> Checked:
    counted = census([article for _, article in read_labelled(files, str(path))])
    shares = _shares(counted.stances.elements())
    promised = files[0].parent / CORPUS_FILE
    # A file alone is not held to what the whole corpus promises.
    kept = _keeps(promised, counted) if path.is_dir() and promised.is_file() else ""
    return Checked(path, "corpus", f"{len(counted.lengths)} articles, {counted.proposals} proposals, {shares}{kept}")


def _keeps(promised: Path, counted: Census) -> str:
    faults = list(broken(read_promises(promised), counted))
    if faults:
        raise Refusal.of_faults(str(promised), faults, fix="mend the corpus, or promise less")
    return f"; keeps what {CORPUS_FILE} promises"


def _promises(file: Path) -> Checked:
    read_promises(file)
    return Checked(file, "promises", f"sound; `stancekit check {file.parent}` holds the corpus to them")


def _examples(file: Path) -> Checked:
    return Checked(file, "examples", _shares(example.stance for example in read_examples(file)))


def _shares(stances: Iterable[Stance]) -> str:
    counts = Counter(stances)
    return f"{counts.total()} pairs (" + ", ".join(f"{stance} {counts[stance] / counts.total():.0%}" for stance in STANCES) + ")"


CHECKS: dict[str, Callable[[Path], Checked]] = {
    "promises": _promises,
    "proposals": _proposals,
    "prepare": _prepare_config,
    "train": _train_config,
    "search": _search_config,
    "gate": _gate_config,
    "read": _read_config,
    "examples": _examples,
}
