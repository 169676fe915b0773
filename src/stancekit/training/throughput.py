"""How much a training reads and how fast, counted over all its processes and over every resumption."""

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import ExportableState


@dataclass(frozen=True, slots=True)
class Counts:
    """What the steps up to some step have read and cost.

    places: tokens and padding together. step_seconds: without evaluations and checkpoints. seconds: with them. starts: of the
    training, resumptions included.
    """

    pairs: int = 0
    tokens: int = 0
    places: int = 0
    step_seconds: float = 0.0
    seconds: float = 0.0
    starts: int = 0

    def facts(self) -> dict[str, Any]:
        """The counts and the rates that follow, as they go into a manifest; a rate is None where no step was taken."""
        rates = {f"{name}_per_second": _ratio(getattr(self, name), self.step_seconds) for name in ("pairs", "tokens")}
        return {
            "pairs": self.pairs,
            "tokens": self.tokens,
            "padding": _ratio(self.places - self.tokens, self.places, 4),
            "step_seconds": round(self.step_seconds, 2),
            "seconds": round(self.seconds, 2),
            "starts": self.starts,
            **{name: rate and round(rate, 1) for name, rate in rates.items()},
        }


class Throughput(TrainerCallback, ExportableState):  # type: ignore[misc]
    """Counts what is trained on. The counts are kept in the Trainer's checkpoints, and a resumed training goes on from them.

    What was done after the last checkpoint before a kill is done again, so it is in no count: these are the steps that led
    to the weights, each once.
    """

    def __init__(self) -> None:
        self.kept = Counts()
        self._pairs = self._places = 0
        self._tokens: torch.Tensor | int = 0
        self._step_seconds = 0.0
        self._mark = self._since = time.monotonic()

    def take(self, attention_mask: torch.Tensor) -> None:
        """Count a batch of this process. attention_mask: shape (pairs, places), 0 over padding."""
        self._pairs += attention_mask.shape[0]
        self._places += attention_mask.numel()
        # Summed on the device: to ask for the number would hold up the GPU at every step.
        self._tokens = self._tokens + attention_mask.sum()

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"args": {}, "attributes": asdict(self.kept)}

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Take up the counts of the checkpoint that the training goes on from."""
        name = type(self).__name__
        if state.global_step:
            self.kept = Counts(**state.stateful_callbacks.get(name, self.state())["attributes"])
        # Absent in a checkpoint of an earlier version; the Trainer adds to nothing that is not there.
        state.stateful_callbacks.setdefault(name, self.state())
        self.kept = replace(self.kept, starts=self.kept.starts + 1)
        self._mark = self._since = time.monotonic()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """The time since the last step, evaluation or checkpoint was this step's."""
        halts = control.should_evaluate or control.should_save or control.should_training_stop
        if halts and args.device.type == "cuda":
            # The GPU lags behind; what it still has to do belongs to the steps.
            torch.cuda.synchronize()
        now = time.monotonic()
        self._step_seconds, self._mark = self._step_seconds + now - self._mark, now
        if control.should_save:
            self._keep(args.device)

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Leave the evaluation out of the time of steps."""
        self._mark = time.monotonic()

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Leave the checkpoint out of the time of steps."""
        self._mark = time.monotonic()

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Every process comes here, also where the last step was followed by no checkpoint."""
        self._keep(args.device)

    def _keep(self, device: torch.device) -> None:
        from accelerate.utils import reduce

        own = torch.tensor([self._pairs, int(self._tokens), self._places], device=device)
        pairs, tokens, places = reduce(own, "sum").tolist()
        now = time.monotonic()
        self.kept = replace(
            self.kept,
            pairs=self.kept.pairs + pairs,
            tokens=self.kept.tokens + tokens,
            places=self.kept.places + places,
            step_seconds=self.kept.step_seconds + self._step_seconds,
            seconds=self.kept.seconds + now - self._since,
        )
        self._pairs = self._places = self._tokens = 0
        self._step_seconds, self._since = 0.0, now


def _ratio(part: float, whole: float, digits: int | None = None) -> float | None:
    if not whole:
        return None
    return part / whole if digits is None else round(part / whole, digits)
