"""What goes on beside the Trainer's steps: progress with loss and time left, and early stopping."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Self

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from stancekit.progress import Advance, progress
from stancekit.training.history import MACRO_F1, best, evaluations

# Called after each evaluation with its number, from 1 on, its macro-F1 and whether it is the last; what it raises ends the training.
Watch = Callable[[int, float, bool], None]


class ShowProgress(TrainerCallback):  # type: ignore[misc]
    """A bar (or log lines) over the optimizer steps, with the last loss and the best macro-F1 beside it.

    A context manager: an interrupted training must give the terminal back.
    """

    def __init__(self) -> None:
        self._open = ExitStack()
        self._advance: Advance | None = None
        self._shown = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Start; a resumed training shows the steps that are left, so that its speed is true."""
        if state.is_world_process_zero:
            self._shown = state.global_step
            self._advance = self._open.enter_context(progress("training", state.max_steps - state.global_step))

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """One optimizer step further."""
        if self._advance is not None:
            self._advance(state.global_step - self._shown, _note(state))
            self._shown = state.global_step


class StopEarly(TrainerCallback):  # type: ignore[misc]
    """Stop after `patience` evaluations without a better one, in the order in which the best checkpoint is kept.

    A tie in macro-F1 with a lower loss is better: a model that learns may answer alike for some evaluations. Read off the
    training's own log, which its checkpoints hold: the stock callback counts from zero after --resume.
    """

    def __init__(self, patience: int) -> None:
        self.patience = patience

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Killed after its last evaluation, a training has nothing left to do."""
        self.on_evaluate(args, state, control)

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Count the evaluations since the best one."""
        past, found = evaluations(state.log_history), best(state.log_history)
        if found is not None and len(past) - 1 - past.index(found) >= self.patience:
            control.should_training_stop = True


class Watched(TrainerCallback):  # type: ignore[misc]
    """Hands each evaluation to somebody who may end the training by raising."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Numbers are read off the log, so a resumed training goes on counting."""
        past = evaluations(state.log_history)
        is_last = control.should_training_stop or state.global_step >= state.max_steps
        self.watch(len(past), float(past[-1][MACRO_F1]), is_last)


def _note(state: TrainerState) -> str:
    losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
    found = best(state.log_history)
    return ", ".join([*([f"loss {losses[-1]:.3f}"] if losses else []), *([f"best macro-F1 {found[MACRO_F1]:.3f}"] if found else [])])
