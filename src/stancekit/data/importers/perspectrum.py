"""PERSPECTRUM: claims and the perspectives on them (Chen et al., NAACL 2019), in its three JSON files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stancekit.config import PerspectrumSource, SplitName
from stancekit.data.sources import Located
from stancekit.errors import StancekitError
from stancekit.files import read_json
from stancekit.records import Example
from stancekit.stance import Stance

CLAIMS, POOL, SPLIT = "perspectrum_with_answers_v1.0.json", "perspective_pool_v1.0.json", "dataset_split_v1.0.json"
STANCES = {"SUPPORT": Stance.SUPPORT, "UNDERMINE": Stance.OPPOSE}
SPLITS: dict[str, SplitName] = {"train": "train", "dev": "validation", "test": "test"}


def files(path: Path) -> list[Path]:
    """The three files of the release."""
    return [path / name for name in (CLAIMS, POOL, SPLIT)]


def read(source: PerspectrumSource, path: Path) -> Iterator[Located]:
    """One example a perspective of a claim: the perspective is the statement, the claim the proposal.

    The stance is `stance_label_3` of the cluster that the perspective is in. Raises StancekitError where the files
    do not fit together.
    """
    claims, perspectives, splits = map(_load, files(path))
    try:
        pool = {entry["pId"]: entry["text"] for entry in perspectives}
        for claim in claims:
            yield from _of_claim(source.name, path / CLAIMS, claim, pool, SPLITS[splits[str(claim["cId"])]])
    except (KeyError, TypeError, AttributeError) as fault:
        missing = f"{fault} is not where it should be" if isinstance(fault, KeyError) else "its parts have another form"
        raise StancekitError(f"{path} is not PERSPECTRUM 1.0: {missing}", fix="take all three files from one release") from fault


def _of_claim(name: str, path: Path, claim: dict[str, Any], pool: dict[int, str], split: SplitName) -> Iterator[Located]:
    for number, cluster in enumerate(claim["perspectives"], 1):
        for pid in cluster["pids"]:
            yield Located(
                f"{path} claim {claim['cId']} perspective {pid}",
                Example(
                    # A perspective may stand in two clusters of one claim.
                    id=f"{name}:{claim['cId']}:{number}:{pid}",
                    statement=" ".join(pool[pid].split()),
                    proposal=" ".join(claim["text"].split()),
                    stance=STANCES[cluster["stance_label_3"]],
                    source=name,
                    group=f"{name}:{claim['cId']}",
                ),
                split,
            )


def _load(path: Path) -> Any:
    return read_json(path, absent="set raw to the folder that holds PERSPECTRUM's three JSON files", damaged="download the file again")
