"""`stancekit train`: fine-tune an encoder on example pairs into a run folder."""

from typing import TYPE_CHECKING, Any

from stancekit.config import TrainConfig
from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.files import atomic_folder, write_json
from stancekit.manifest import Receipt
from stancekit.modeling.adapters import check_adapters, merge_adapters, set_trainable
from stancekit.records import Example
from stancekit.training import folder

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from stancekit.modeling.spec import ModelSpec


def train(config: TrainConfig, resume: bool = False) -> dict[str, Any]:
    """Train as configured and return the run's metrics (of its validation set).

    resume: go on in a folder that an interrupted run left; a new one is begun where there is none. Raises
    StancekitError before torch is loaded when data, config or folder do not fit.
    """
    check_adapters(config.model)
    examples = _read(config)
    folder.refuse_used(config, resume)
    receipt = Receipt("train", folder.settings(config), [config.data.train, config.data.validation], config.seed)
    from stancekit.modeling.checkpoint import pair_tokenizer, save_model
    from stancekit.modeling.devices import resolve_device, resolve_precision
    from stancekit.training.arguments import check_trackers
    from stancekit.training.loop import dataset, fit, seed_everything

    check_trackers(config.logging.report_to)
    device = resolve_device(config.hardware.device)
    precision = resolve_precision(config.hardware.precision, device)
    seed_everything(config.seed)
    model, tokenizer, spec = _model(config)
    pairs = pair_tokenizer(tokenizer, spec)
    data = (dataset(examples[0], pairs), dataset(examples[1], pairs))
    checkpoint = folder.take(config, resume)
    trained = fit(config, model, tokenizer, data, (device, precision), checkpoint)
    metrics = {
        "validation": {"macro_f1": trained.best_macro_f1, "n": len(examples[1])},
        "train": {"n": len(examples[0])},
        "history": trained.history,
    }
    if trained.is_main:
        with atomic_folder(config.output / folder.CHECKPOINT) as scratch:
            save_model(scratch, merge_adapters(trained.model, config.model), tokenizer, spec)
        write_json(config.output / folder.METRICS, metrics)
        # The manifest ends the run; killed before it, the checkpoints must still be there to resume from.
        receipt.write(config.output, leave_out=folder.WORK, device=device, precision=precision, resumed=checkpoint is not None)
        folder.clear(config.output)
    return metrics


def _model(config: TrainConfig) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase, ModelSpec]":
    from stancekit.modeling.checkpoint import describe
    from stancekit.modeling.encoders import load_encoder

    model, tokenizer = load_encoder(config.encoder, config.model.head)
    spec = describe(model, tokenizer, config.encoder, config.pairs.max_length)
    set_trainable(model, config.model)
    return model, tokenizer, spec


def _read(config: TrainConfig) -> tuple[list[Example], list[Example]]:
    train, validation = read_examples(config.data.train), read_examples(config.data.validation)
    classes = {example.stance for example in train}
    if len(classes) < 2:
        raise StancekitError(
            f"{config.data.train}: every example is {classes.pop()}", fix="a model needs at least two stances to tell apart"
        )
    return train, validation
