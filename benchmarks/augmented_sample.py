"""A seeded sample of made training rows, to be read by eye: what docs/augmentation.md counts was read from here.

    python benchmarks/augmented_sample.py RAW_FOLDER --kind negated

Run it in the project's folder. RAW_FOLDER holds `perspectrum/`, `kpa2021/`, `valueeval23/` and `ibm_cs/` in their published
formats. Rows are made from the training parts of these sets and of the newsroom corpus together, a share of each kind, and
the sample is drawn from what was made. What they were made from stands beside them.
"""

import tempfile
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from paired_gains import NEWSROOM, SEED, config_of
from stancekit.config import AugmentationConfig
from stancekit.data.augmentation.making import augmented
from stancekit.data.examples import read_examples
from stancekit.data.splitting import SPLITS
from stancekit.news.parser import parse
from stancekit.records import Example
from stancekit.stages.prepare import prepare

KINDS = tuple(AugmentationConfig.model_fields)
SHARE = 0.2


def parts_of(raw: Path, work: Path) -> dict[str, list[Example]]:
    """The splits of the public sets and of the newsroom together, without made rows."""
    settings = {"public": [f"raw={raw}"], NEWSROOM: ["augmentation.foreign=0"]}
    for name, overrides in settings.items():
        prepare(config_of(name, f"output={work / name}", *overrides))
    return {split: [one for name in settings for one in read_examples(work / name / f"{split}.jsonl")] for split in SPLITS}


def main(
    raw: Annotated[Path, typer.Argument(help="Folder of the public sets.")],
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "negated",
    count: Annotated[int, typer.Option(min=1)] = 100,
    seed: Annotated[int, typer.Option(min=0)] = SEED,
    source: Annotated[str, typer.Option(help="Only statements of sources whose name begins so.")] = "",
) -> None:
    """Print `count` made rows of a kind, and how many could be made of all training rows."""
    if kind not in KINDS:
        raise typer.BadParameter(f"there is no kind {kind}; there are {', '.join(KINDS)}")
    if not raw.is_dir():
        print("skipped: no shared data")
        return
    with tempfile.TemporaryDirectory() as folder:
        parts = parts_of(raw, Path(folder))
    config = AugmentationConfig.model_validate({kind: SHARE})
    made = augmented(parts["train"], [*parts["validation"], *parts["test"]], config, seed, parse)
    print(f"{kind}: {made.counts[kind]} of {len(parts['train'])} training rows, seed {seed}\n")
    known = {one.id: one for one in parts["train"]}
    rng = np.random.default_rng(seed)
    drawn = (made.examples[int(place)] for place in rng.permutation(len(made.examples)))
    for number, row in enumerate(islice((row for row in drawn if str(row.source).startswith(source)), count), 1):
        old = known[row.id.split(":", 2)[2]]
        print(f"{number:>3}  {row.statement}\n     was  {old.stance:<7}  {old.proposal}\n     now  {row.stance:<7}  {row.proposal}")


if __name__ == "__main__":
    typer.run(main)
