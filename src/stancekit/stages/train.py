"""`stancekit train`: fine-tune an encoder on example pairs into a run folder, in one stage or in several."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stancekit.config import TrainConfig
from stancekit.data.examples import read_examples
from stancekit.data.mixing import mixed
from stancekit.errors import StancekitError
from stancekit.files import atomic_folder, write_json
from stancekit.manifest import Receipt, stage_of
from stancekit.modeling.adapters import check_adapters, merge_adapters, set_trainable
from stancekit.modeling.devices import check_hardware, resolve_device, resolve_precision
from stancekit.records import Example
from stancekit.training import folder

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from stancekit.modeling.devices import Device
    from stancekit.modeling.pairs import Pair
    from stancekit.modeling.spec import ModelSpec
    from stancekit.training.callbacks import Watch
    from stancekit.training.losses import StanceLoss
    from stancekit.training.targets import FloatArray


class Rows(NamedTuple):
    """What one training reads: labelled pairs to learn and to judge by, and pairs that a teacher alone answers.

    sets: rows of each training file that are in `train`, repeated ones counted each time.
    """

    train: list[Example]
    validation: list[Example]
    unlabelled: "list[Pair]"
    sets: dict[str, int]


def train(config: TrainConfig, resume: bool = False, watch: "Watch | None" = None) -> dict[str, Any]:
    """Train as configured, stage by stage, and return the last one's metrics (of its validation set).

    resume: go on in a folder that an interrupted run left; a new one is begun where there is none. watch: sees each
    evaluation of the last stage, and may end it by raising. Raises StancekitError before torch is loaded when data,
    config or folder do not fit.
    """
    check_adapters(config.model)
    check_hardware(config.hardware)
    before = [config.stage(stage) for stage in config.stages]
    rows = [_read(one) for one in (*before, config)]
    folder.refuse_used(config, resume)
    receipt = Receipt("train", folder.settings(config), folder.inputs_of(config), config.seed)
    from stancekit.training.arguments import check_trackers
    from stancekit.training.processes import check_launch, leave

    check_trackers(config.logging.report_to)
    check_launch(config)
    if before:
        # Claimed before the stages, whose folders stand in it.
        folder.take(config, resume)
    start, stages = config.encoder, {}
    for one, read in zip(before, rows, strict=False):
        if stage_of(one.output) != "train":
            own = Receipt("train", folder.settings(one), folder.inputs_of(one), one.seed)
            _trained(one, read, start, own, True, {})
        start, stages[one.output.name] = str(one.output), folder.metrics(one.output)
    metrics = _trained(config, rows[-1], start, receipt, resume or bool(before), stages, watch)
    leave()
    return metrics


def _trained(
    config: TrainConfig, rows: Rows, start: str, receipt: Receipt, resume: bool, stages: dict[str, Any], watch: "Watch | None" = None
) -> dict[str, Any]:
    """One training from the encoder `start` into config.output. stages: metrics of those before it."""
    from stancekit.modeling.checkpoint import pair_tokenizer, save_model
    from stancekit.training.calibrating import calibrate
    from stancekit.training.loop import dataset, fit
    from stancekit.training.processes import state_of
    from stancekit.training.processor import check_compiler
    from stancekit.training.targets import smoothed

    device = resolve_device(config.hardware.device)
    precision = resolve_precision(config.hardware.precision, device)
    check_compiler(config.hardware.compile, device)
    model, tokenizer, spec = _model(config, start)
    reader = pair_tokenizer(tokenizer, spec)
    reader.check_proposals([*(one.proposal for one in rows.train), *(proposal for _, proposal in rows.unlabelled)])
    validation = dataset(_pairs(rows.validation), [one.stance.label_id for one in rows.validation], reader)
    checkpoint = folder.take(config, resume)
    pairs, targets = _learned(config, rows, device)
    data = (dataset(pairs, smoothed(targets, config.loss.label_smoothing).tolist(), reader), validation)
    trained = fit(config, model, tokenizer, data, _loss(config, targets), (device, precision), checkpoint, watch)
    counts = {"n": len(rows.train), "sets": rows.sets, "unlabelled": len(pairs) - len(rows.train)}
    metrics = {
        "validation": {"macro_f1": trained.best_macro_f1, "n": len(rows.validation)},
        "train": counts,
        "stages": {name: one["validation"] for name, one in stages.items()},
        "history": trained.history,
    }
    if trained.is_main:
        with atomic_folder(config.output / folder.CHECKPOINT) as scratch:
            save_model(scratch, merge_adapters(trained.model, config.model), tokenizer, spec, trained.weights)
            metrics["calibration"] = calibrate(scratch, spec, rows.validation, config.calibration, device)
        write_json(config.output / folder.METRICS, metrics)
        # The manifest ends the run; killed before it, the checkpoints must still be there to resume from.
        receipt.write(config.output, leave_out=folder.WORK, resumed=checkpoint is not None, **trained.facts)
        folder.clear(config.output)
    # The next stage of another process starts from what the main one has just written.
    state_of(device).wait_for_everyone()
    return metrics


def _model(config: TrainConfig, start: str) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase, ModelSpec]":
    from stancekit.modeling.attention import set_attention
    from stancekit.modeling.checkpoint import describe
    from stancekit.modeling.encoders import load_encoder
    from stancekit.training.dropout import set_dropout
    from stancekit.training.loop import seed_everything
    from stancekit.training.optimizer import check_layers

    seed_everything(config.seed)
    # A kept entailment head is a head of ours once a stage has trained it.
    head = "cls" if config.model.head == "nli" and start != config.encoder else config.model.head
    model, tokenizer = load_encoder(start, head)
    spec = describe(model, tokenizer, config.encoder, config.pairs.max_length)
    check_layers(model, config.optim.layer_decay)
    set_attention(model, config.hardware.attention)
    # Before adapters are put in, which have a dropout of their own.
    set_dropout(model, config.optim.dropout)
    set_trainable(model, config.model)
    return model, tokenizer, spec


def _loss(config: TrainConfig, targets: "FloatArray") -> "StanceLoss":
    from stancekit.training.losses import StanceLoss
    from stancekit.training.targets import balanced_weights

    weights = tuple(balanced_weights(targets)) if config.loss.class_weights == "balanced" else None
    return StanceLoss(weights, config.loss.focal, config.loss.r_drop)


def _learned(config: TrainConfig, rows: Rows, device: "Device") -> "tuple[list[Pair], FloatArray]":
    from stancekit.training.targets import label_targets
    from stancekit.training.teacher import limits_of, taught

    pairs, targets = _pairs(rows.train), label_targets(rows.train, config.loss.soft_labels)
    if config.teacher is None:
        return pairs, targets
    kept = config.teacher.answers or config.output / folder.WORK / "teacher"
    gold = label_targets(rows.validation).argmax(axis=1)
    limits = limits_of(config.teacher, _pairs(rows.validation), gold, kept, device)
    return taught(config.teacher, (pairs, targets), rows.unlabelled, limits, kept, device)


def _pairs(examples: Sequence[Example]) -> "list[Pair]":
    return [(example.statement, example.proposal) for example in examples]


def _read(config: TrainConfig) -> Rows:
    from stancekit.training.teacher import unlabelled_pairs

    given = config.data.training
    read = [read_examples(one.path) for one in given]
    sets = mixed(read, [one.cap for one in given], config.data.temperature, np.random.default_rng(config.seed))
    train = [example for rows in sets for example in rows]
    classes = {example.stance for example in train}
    if len(classes) < 2:
        files = ", ".join(str(one.path) for one in given)
        raise StancekitError(f"{files}: every example is {classes.pop()}", fix="a model needs at least two stances to tell apart")
    return Rows(
        train,
        read_examples(config.data.validation),
        unlabelled_pairs(config.teacher.unlabelled) if config.teacher else [],
        {str(one.path): len(rows) for one, rows in zip(given, sets, strict=True)},
    )
