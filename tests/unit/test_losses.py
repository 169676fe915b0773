"""The loss: against torch's own cross-entropy, published formulas, and what each option does to the gradient."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from stancekit.records import Example
from stancekit.stance import Stance
from stancekit.training.losses import StanceLoss
from stancekit.training.targets import balanced_weights, label_targets, smoothed, tempered

LABELS = torch.tensor([0, 1, 2, 0, 1, 1, 1, 1])
HARD = torch.nn.functional.one_hot(LABELS, 3).float()


def outputs(*logits: torch.Tensor) -> SimpleNamespace:
    return SimpleNamespace(logits=torch.cat(logits))


def drawn(rows: int = 8) -> torch.Tensor:
    return torch.randn(rows, 3, generator=torch.Generator().manual_seed(3))


def test_plain_loss_is_cross_entropy_whether_of_labels_or_of_targets() -> None:
    plain = torch.nn.functional.cross_entropy(drawn(), LABELS)
    assert torch.allclose(StanceLoss()(outputs(drawn()), LABELS), plain)
    assert torch.allclose(StanceLoss()(outputs(drawn()), HARD), plain)


def test_targets_between_the_stances_are_those_of_torch() -> None:
    targets = torch.softmax(drawn().flip(0), dim=-1)
    assert torch.allclose(StanceLoss()(outputs(drawn()), targets), torch.nn.functional.cross_entropy(drawn(), targets))


def test_smoothed_targets_are_torchs_label_smoothing() -> None:
    soft = torch.tensor(smoothed(HARD.numpy().astype(np.float64), 0.1))
    expected = torch.nn.functional.cross_entropy(drawn(), LABELS, label_smoothing=0.1)
    assert torch.allclose(StanceLoss()(outputs(drawn()), soft), expected)


def test_half_precision_logits_are_read_in_full() -> None:
    loss = StanceLoss()(outputs(drawn().bfloat16()), LABELS)
    assert loss.dtype == torch.float32
    assert torch.allclose(loss, torch.nn.functional.cross_entropy(drawn().bfloat16().float(), LABELS))


def test_weights_are_the_balanced_ones() -> None:
    labels = np.array([0] * 3 + [1] * 6 + [2] * 1)
    weights = balanced_weights(np.eye(3)[labels])
    assert weights == pytest.approx(compute_class_weight("balanced", classes=np.arange(3), y=labels))
    assert np.mean([weights[label] for label in labels]) == pytest.approx(1)


def test_a_stance_without_rows_has_no_weight() -> None:
    assert balanced_weights(np.eye(3)[[0, 0, 2, 2]]) == [1.0, 0.0, 1.0]


def test_rare_rows_count_more() -> None:
    logits, labels = torch.zeros(4, 3, requires_grad=True), torch.tensor([1, 1, 1, 2])
    weights = tuple(balanced_weights(np.eye(3)[labels]))
    StanceLoss(weights)(outputs(logits), labels).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad[3].abs().sum() == pytest.approx(3 * float(logits.grad[0].abs().sum()), rel=1e-5)


@pytest.mark.parametrize("labels", [LABELS, HARD], ids=["labels", "targets"])
def test_accumulated_batches_sum_to_the_whole_step(labels: torch.Tensor) -> None:
    loss, parts = StanceLoss((2.0, 0.5, 1.0), focal=1.0), (slice(0, 3), slice(3, 8))
    # The Trainer counts every number of the labels.
    summed = sum((loss(outputs(drawn()[part]), labels[part], num_items_in_batch=labels.numel()) for part in parts), torch.tensor(0.0))
    assert torch.allclose(loss(outputs(drawn()), labels), summed)


def test_focal_loss_is_the_published_one() -> None:
    chances = torch.softmax(drawn(), dim=-1)[torch.arange(8), LABELS]
    expected = -((1 - chances) ** 2 * chances.log()).mean()
    assert torch.allclose(StanceLoss(focal=2.0)(outputs(drawn()), LABELS), expected)


def test_focus_takes_weight_from_easy_rows() -> None:
    logits = torch.tensor([[4.0, 0.0, 0.0], [0.5, 0.0, 0.0]], requires_grad=True)
    shares = []
    for focal in (0.0, 2.0):
        (gradient,) = torch.autograd.grad(StanceLoss(focal=focal)(outputs(logits), torch.tensor([0, 0])), logits)
        easy, hard = gradient.abs().sum(dim=1).tolist()
        shares.append(easy / (easy + hard))
    assert shares[1] < shares[0] / 5


def test_two_passes_that_agree_cost_what_one_does() -> None:
    once = StanceLoss()(outputs(drawn()), LABELS)
    assert torch.allclose(StanceLoss(r_drop=4.0)(outputs(drawn(), drawn()), LABELS), once)


def test_two_passes_that_differ_cost_their_divergence() -> None:
    first, second = drawn(), drawn().roll(1, dims=1)
    means = (StanceLoss()(outputs(first), LABELS) + StanceLoss()(outputs(second), LABELS)) / 2
    one, other = torch.log_softmax(first, -1), torch.log_softmax(second, -1)
    apart = torch.nn.functional.kl_div(one, other, log_target=True, reduction="batchmean")
    apart = apart + torch.nn.functional.kl_div(other, one, log_target=True, reduction="batchmean")
    assert torch.allclose(StanceLoss(r_drop=4.0)(outputs(first, second), LABELS), means + apart)


def example(number: int, votes: dict[str, int] | None = None) -> Example:
    return Example(id=str(number), statement="s", proposal="p", stance=Stance.SUPPORT, votes=votes)


def test_votes_are_targets_where_asked_and_given() -> None:
    examples = [example(1, {"support": 3, "neutral": 1}), example(2)]
    assert label_targets(examples).tolist() == [[0, 0, 1], [0, 0, 1]]
    assert label_targets(examples, soft=True).tolist() == [[0, 0.25, 0.75], [0, 0, 1]]


def test_temperature_flattens_as_it_does_to_logits() -> None:
    logits = drawn().double()
    answers = torch.softmax(logits, -1).numpy()
    assert np.allclose(tempered(answers, 2.0), torch.softmax(logits / 2, -1).numpy())
    assert np.allclose(tempered(answers, 1.0), answers)
