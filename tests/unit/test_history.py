"""Which of several evaluations is the best, and when a training has gone too long without a better one."""

from collections.abc import Sequence

import pytest
from transformers import TrainerControl, TrainerState, TrainingArguments

from stancekit.training.callbacks import StopEarly
from stancekit.training.history import best, evaluations


def log_of(*scores: tuple[float, float]) -> list[dict[str, float]]:
    """A Trainer's log with a loss ahead of every evaluation, given as (macro-F1, loss)."""
    entries: list[dict[str, float]] = []
    for step, (score, loss) in enumerate(scores, 1):
        entries += [{"loss": 1.0, "step": step}, {"eval_macro_f1": score, "eval_loss": loss, "step": step}]
    return entries


@pytest.mark.parametrize(
    ("scores", "step"),
    [
        ([(0.5, 1.0), (0.6, 2.0), (0.4, 0.1)], 2),
        ([(0.6, 1.0), (0.6, 0.9), (0.6, 0.95)], 2),
        ([(0.6, 1.0), (0.6, 1.0)], 1),
        ([(0.1 + 0.2, 1.0), (0.3, 0.9)], 2),
        ([(0.3, 0.9), (0.1 + 0.2, 1.0)], 1),
        ([(0.6, float("nan")), (0.6, 7.0), (0.6, float("nan"))], 2),
        ([(0.6, float("nan")), (0.5, 0.1)], 1),
    ],
)
def test_macro_f1_decides_and_loss_between_equals(scores: Sequence[tuple[float, float]], step: int) -> None:
    found = best(log_of(*scores))
    assert found is not None
    assert found["step"] == step


def test_losses_of_the_training_are_no_evaluations() -> None:
    assert best([{"loss": 1.0, "step": 1}]) is None
    assert [entry["step"] for entry in evaluations(log_of((0.1, 1.0), (0.2, 1.0)))] == [1, 2]


@pytest.mark.parametrize(
    ("scores", "stops"),
    [
        ([(0.6, 1.0), (0.5, 0.9), (0.5, 0.8)], True),
        ([(0.6, 1.0), (0.5, 0.9)], False),
        # Still the same answers, and surer of them: it learns.
        ([(0.6, 1.0), (0.6, 0.9), (0.6, 0.8)], False),
        ([(0.6, 1.0), (0.6, 1.1), (0.6, 1.0)], True),
    ],
)
def test_patience_is_counted_from_the_evaluation_that_is_kept(scores: Sequence[tuple[float, float]], stops: bool) -> None:
    state, control = TrainerState(log_history=log_of(*scores)), TrainerControl()
    StopEarly(2).on_evaluate(TrainingArguments(report_to="none", use_cpu=True), state, control)
    assert control.should_training_stop is stops
