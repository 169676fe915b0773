"""`stancekit train`: fine-tune an encoder on example pairs into a run folder."""

from typing import Any, NamedTuple

import numpy as np

from stancekit.config import TrainConfig
from stancekit.data.examples import read_examples
from stancekit.data.mixing import mixed
from stancekit.errors import StancekitError
from stancekit.files import atomic_folder, write_json
from stancekit.manifest import Receipt
from stancekit.records import Example
from stancekit.training import folder


class Material(NamedTuple):
    """What a run learns from and is chosen on. sets: rows of each training file that are in `train`, repeated ones counted each time."""

    train: list[Example]
    validation: list[Example]
    sets: dict[str, int]


def train(config: TrainConfig, resume: bool = False) -> dict[str, Any]:
    """Train as configured and return the run's metrics (of its validation set).

    resume: go on in a folder that an interrupted run left; a new one is begun where there is none. Raises
    StancekitError before torch is loaded when data, config or folder do not fit.
    """
    material = _read(config)
    folder.refuse_used(config, resume)
    receipt = Receipt("train", folder.settings(config), config.data.files, config.seed)
    from stancekit.modeling.checkpoint import describe, pair_tokenizer, save_model
    from stancekit.modeling.devices import resolve_device, resolve_precision
    from stancekit.modeling.encoders import load_encoder
    from stancekit.training.arguments import check_trackers
    from stancekit.training.loop import dataset, fit, seed_everything

    check_trackers(config.logging.report_to)
    device = resolve_device(config.hardware.device)
    precision = resolve_precision(config.hardware.precision, device)
    seed_everything(config.seed)
    model, tokenizer = load_encoder(config.encoder)
    spec = describe(model, tokenizer, config.encoder, config.pairs.max_length)
    pairs = pair_tokenizer(tokenizer, spec)
    data = (dataset(material.train, pairs), dataset(material.validation, pairs))
    checkpoint = folder.take(config, resume)
    trained = fit(config, model, tokenizer, data, (device, precision), checkpoint)
    metrics = {
        "validation": {"macro_f1": trained.best_macro_f1, "n": len(material.validation)},
        "train": {"n": len(material.train), "sets": material.sets},
        "history": trained.history,
    }
    if trained.is_main:
        with atomic_folder(config.output / folder.CHECKPOINT) as scratch:
            save_model(scratch, trained.model, tokenizer, spec)
        write_json(config.output / folder.METRICS, metrics)
        # The manifest ends the run; killed before it, the checkpoints must still be there to resume from.
        receipt.write(config.output, leave_out=folder.WORK, device=device, precision=precision, resumed=checkpoint is not None)
        folder.clear(config.output)
    return metrics


def _read(config: TrainConfig) -> Material:
    given = config.data.training
    read = [read_examples(one.path) for one in given]
    validation = read_examples(config.data.validation)
    sets = mixed(read, [one.cap for one in given], config.data.temperature, np.random.default_rng(config.seed))
    train = [example for rows in sets for example in rows]
    classes = {example.stance for example in train}
    if len(classes) < 2:
        files = ", ".join(str(one.path) for one in given)
        raise StancekitError(f"{files}: every example is {classes.pop()}", fix="a model needs at least two stances to tell apart")
    return Material(train, validation, {str(one.path): len(rows) for one, rows in zip(given, sets, strict=True)})
