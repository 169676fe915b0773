"""One training of `training_speed.py`, in a process of its own: the stock Trainer's two ways, or stancekit's `train`, timed alike.

Prints one line of JSON. A process of its own, as what stancekit sets on the allocator holds for the whole process.
"""

import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from stancekit.data.examples import read_examples
from stancekit.records import Example

STOCK = {"stock, padded to the limit": "max_length", "stock, padded by batch": True}
OURS, OURS_FP32 = "stancekit", "stancekit, fp32"
# What is taken away, and what stands in its place: the part that does it, as a name in stancekit.training.processor.
WITHOUT = {
    f"{OURS} without kept memory": "keep_memory",
    f"{OURS} without cheap dropout": "cheapen_dropout",
    f"{OURS} without plain attention": "choose_attention",
}
WITHOUT_GROUPS, COMPILED = f"{OURS} without groups of length", f"{OURS}, compiled"


class Work(NamedTuple):
    """What one arm does, in one epoch. scored: also predict the validation set afterwards. profiled: only say where the time goes."""

    arm: str
    encoder: str
    train: str
    validation: str
    output: str
    seed: int
    batch: int
    learning_rate: float
    max_length: int
    scored: bool
    profiled: bool


def timed() -> dict[str, float]:
    """What every Trainer built from now on writes its times into: `began` and `ended`, from the first batch to the last step.

    With `cpu_` before them, of this process alone.
    """
    from transformers import TrainerCallback
    from transformers.trainer import DEFAULT_CALLBACKS

    times: dict[str, float] = {}

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, *_: Any, **__: Any) -> None:
            times["began"], times["cpu_began"] = time.perf_counter(), time.process_time()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            times["ended"], times["cpu_ended"] = time.perf_counter(), time.process_time()

    DEFAULT_CALLBACKS.append(Clock)
    return times


def stock(work: Work) -> Any:
    """As in transformers' text-classification example, with the recipe's rate, warmup and weight decay. Returns the model."""
    from datasets import Dataset
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    from stancekit.modeling.encoders import locate_encoder

    set_seed(work.seed)
    folder = locate_encoder(work.encoder)
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=3)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    examples = read_examples(Path(work.train))
    texts = [one.statement for one in examples], [one.proposal for one in examples]
    padding = STOCK[work.arm] if STOCK[work.arm] == "max_length" else False
    encoded = tokenizer(*texts, padding=padding, max_length=work.max_length, truncation=True)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=work.output,
            num_train_epochs=1,
            per_device_train_batch_size=work.batch,
            learning_rate=work.learning_rate,
            weight_decay=0.01,
            warmup_steps=warmup(work, len(examples)),
            use_cpu=True,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            seed=work.seed,
        ),
        train_dataset=Dataset.from_dict({**encoded, "labels": [one.stance.label_id for one in examples]}),
        data_collator=DataCollatorWithPadding(tokenizer),
    )
    trainer.train()
    return model


def warmup(work: Work, examples: int) -> int:
    """Steps of it, as `stancekit train` takes 0.06 of all."""
    return math.ceil(0.06 * math.ceil(examples / work.batch))


def ours(work: Work) -> Any:
    """Stancekit's own `train`, with a config as a user writes it; the arm may take a part of it away. Returns the kept model."""
    from transformers import AutoModelForSequenceClassification

    from stancekit.config import TrainConfig
    from stancekit.stages.train import train

    take_away(work.arm)
    config = TrainConfig.model_validate(
        {
            "encoder": work.encoder,
            "output": work.output,
            "seed": work.seed,
            "data": {"train": work.train, "validation": work.validation},
            "pairs": {"max_length": work.max_length},
            "optim": {"epochs": 1, "batch_size": work.batch, "learning_rate": work.learning_rate},
            # One evaluation, at the end: it is not among what is timed.
            "stopping": {"evaluations_per_epoch": 1},
            "hardware": {
                "device": "cpu",
                "precision": "fp32" if work.arm == OURS_FP32 else "auto",
                "compile": work.arm == COMPILED,
            },
        }
    )
    train(config)
    return AutoModelForSequenceClassification.from_pretrained(Path(work.output) / "checkpoint")


def take_away(arm: str) -> None:
    """Put nothing in the place of one part of stancekit's training."""
    from stancekit.training import processor, sampling

    if arm in WITHOUT:
        setattr(processor, WITHOUT[arm], lambda *_: None)
    if arm == WITHOUT_GROUPS:

        def drawn(lengths: Sequence[int], _: int, generator: Any) -> list[int]:
            import torch

            return torch.randperm(len(lengths), generator=generator).tolist()

        setattr(sampling, "get_length_grouped_indices", drawn)  # noqa: B010 -- sampling does not export it


def macro_f1(work: Work, model: Any) -> float:
    """Of the validation set, in fp32, for every arm alike."""
    import torch
    from transformers import AutoTokenizer

    from stancekit.evaluation.metrics import confusion, indices
    from stancekit.evaluation.metrics import macro_f1 as score
    from stancekit.modeling.encoders import locate_encoder

    tokenizer = AutoTokenizer.from_pretrained(locate_encoder(work.encoder))
    rows = sorted(read_examples(Path(work.validation)), key=lambda one: len(one.statement) + len(one.proposal))
    model.eval()
    answers: list[int] = []
    for start in range(0, len(rows), 64):
        part: list[Example] = rows[start : start + 64]
        texts = [one.statement for one in part], [one.proposal for one in part]
        inputs = tokenizer(*texts, padding=True, max_length=work.max_length, truncation=True, return_tensors="pt")
        with torch.inference_mode():
            answers += model(**inputs).logits.argmax(-1).tolist()
    return float(score(confusion(indices([one.stance for one in rows]), np.array(answers))))


def main(work: Work) -> dict[str, Any]:
    """Train, and say how long the steps took and, where asked, what they reached or where the time went."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    times = timed()
    arm = stock if work.arm in STOCK else ours
    if work.profiled:
        from step_profile import profiled

        return profiled(lambda: arm(work))
    model = arm(work)
    result: dict[str, Any] = {
        "seconds": times["ended"] - times["began"],
        "cpu_seconds": times["cpu_ended"] - times["cpu_began"],
    }
    if work.scored:
        result["macro_f1"] = macro_f1(work, model)
    return result


if __name__ == "__main__":
    print(json.dumps(main(Work(**json.loads(sys.argv[1])))))
