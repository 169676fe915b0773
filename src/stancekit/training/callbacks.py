"""What goes on beside the Trainer's steps: progress with loss and time left, and early stopping."""

from contextlib import ExitStack
from typing import Any

from transformers import EarlyStoppingCallback, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from stancekit.progress import Advance, progress


class ShowProgress(TrainerCallback):  # type: ignore[misc]
    """A bar (or log lines) over the optimizer steps, with the last loss and the best macro-F1 beside it."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._advance: Advance | None = None
        self._shown = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Start, at the step a resumed training goes on from."""
        if state.is_world_process_zero:
            self._advance = self._open.enter_context(progress("training", state.max_steps))

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """One optimizer step further."""
        if self._advance is not None:
            self._advance(state.global_step - self._shown, _note(state))
            self._shown = state.global_step

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Close the bar."""
        self._open.close()


def _note(state: TrainerState) -> str:
    losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
    scores = [entry["eval_macro_f1"] for entry in state.log_history if "eval_macro_f1" in entry]
    return ", ".join([*([f"loss {losses[-1]:.3f}"] if losses else []), *([f"best macro-F1 {max(scores):.3f}"] if scores else [])])


def callbacks(patience: int) -> list[TrainerCallback]:
    """All of them. patience: evaluations without a better macro-F1."""
    return [ShowProgress(), EarlyStoppingCallback(early_stopping_patience=patience)]
