"""Agreement of readers: published values, and what stands in metrics.json, on the page and in the verdict."""

from collections.abc import Sequence

import numpy as np
import pytest

from stancekit.evaluation.agreement import agreement, alpha, class_alpha, coincidences
from stancekit.evaluation.confidence import Answers, Promises
from stancekit.evaluation.intervals import Bootstrap
from stancekit.evaluation.judge import Known, judge
from stancekit.evaluation.metrics import FloatArray, indices, macro_f1
from stancekit.records import Example
from stancekit.reports.evaluation import evaluation_page
from stancekit.stance import STANCES

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability": its example of two observers, and below that of four with gaps.
TWO = ("0100000010", "1110010000")


def votes_of(rows: list[list[str]]) -> FloatArray:
    labels = sorted({label for row in rows for label in row if label})
    units = zip(*rows, strict=True)
    return np.array([[float(sum(label == vote for vote in unit)) for label in labels] for unit in units])


def test_alpha_of_two_observers_is_the_published_one() -> None:
    counts = coincidences(votes_of([list(row) for row in TWO])).sum(axis=0)
    assert counts.tolist() == [[10, 4], [4, 2]]
    assert float(alpha(counts)) == pytest.approx(0.095, abs=0.0005)


def test_alpha_of_four_observers_with_gaps_is_the_published_one() -> None:
    rows = [
        ["1", "2", "3", "3", "2", "1", "4", "1", "2", "", "", ""],
        ["1", "2", "3", "3", "2", "2", "4", "1", "2", "5", "", "3"],
        ["", "3", "3", "3", "2", "3", "4", "2", "2", "5", "1", ""],
        ["1", "2", "3", "3", "2", "4", "4", "1", "2", "5", "1", ""],
    ]
    counts = coincidences(votes_of(rows)).sum(axis=0)
    assert counts.sum() == pytest.approx(40)
    assert float(alpha(counts)) == pytest.approx(0.743, abs=0.0005)


def test_a_label_against_all_others_is_alpha_of_two_labels() -> None:
    votes = votes_of([list("112233123"), list("112332123")])
    merged = np.stack([votes[:, 0], votes[:, 1] + votes[:, 2]], axis=1)
    one = class_alpha(coincidences(votes).sum(axis=0))[0]
    assert float(one) == pytest.approx(float(alpha(coincidences(merged).sum(axis=0))))


def test_alpha_is_one_where_all_agree_and_nought_where_it_is_not_defined() -> None:
    assert float(alpha(np.diag([4.0, 6.0, 2.0]))) == 1
    assert float(alpha(np.diag([4.0, 0.0, 0.0]))) == 0
    assert alpha(np.zeros((5, 3, 3))).tolist() == [0] * 5


def read(votes: Sequence[dict[str, int] | None]) -> list[Example]:
    return [
        Example(f"{number}", f"Statement {number}.", f"Proposal {number // 2}.", STANCES[number % 3], votes=vote)
        for number, vote in enumerate(votes)
    ]


def test_only_pairs_with_two_votes_count() -> None:
    assert agreement(read([None, {"support": 1}, {}])) is None
    once = [{"support": 2}, {"oppose": 1, "neutral": 1}, {"oppose": 1}, None, {"neutral": 2}, {"oppose": 2}]
    both = agreement(read(once * 3), resamples=50)
    assert both is not None
    assert (both["n"], both["agreement"]["value"]) == (12, 0.75)
    # Each reader against the other: oppose 2/3, neutral 2/3, support 1.
    assert both["macro_f1"]["value"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3, abs=1e-6)
    assert both["per_class_alpha"]["support"]["value"] == 1
    assert both["alpha"]["low"] < both["alpha"]["value"] <= both["alpha"]["high"]


def test_a_stance_that_nobody_gave_is_left_out() -> None:
    found = agreement(read([{"support": 2}, {"oppose": 2}, {"support": 2}, {"oppose": 1, "support": 1}]), resamples=20)
    assert found is not None
    assert found["per_class_alpha"]["neutral"] is None
    # Oppose 2/3, support 4/5 of the votes that stand opposite each other.
    assert found["macro_f1"]["value"] == pytest.approx((2 / 3 + 4 / 5) / 2, abs=1e-6)


def test_one_reader_against_another_is_the_f1_of_both_orders_together() -> None:
    votes = votes_of([list("112233"), list("122331")])
    first, second = indices([STANCES[int(n) - 1] for n in "112233"]), indices([STANCES[int(n) - 1] for n in "122331"])
    matrix = np.zeros((3, 3))
    for one, other in zip(first, second, strict=True):
        matrix[one, other] += 1
        matrix[other, one] += 1
    assert float(macro_f1(coincidences(votes).sum(axis=0))) == pytest.approx(float(macro_f1(matrix)))


def test_the_ceiling_stands_in_the_verdict_and_on_the_page() -> None:
    examples = read([{stance.value: 2} for stance in STANCES] * 4 + [{"oppose": 1, "support": 1}] * 3)
    probabilities = np.eye(3)[indices([example.stance for example in examples])]
    metrics = judge(examples, Answers.alone(probabilities), Known(), Bootstrap(resamples=50), Promises())
    assert "One reader held against another reaches" in metrics["verdict"]
    page = evaluation_page({**metrics, "model": "m", "data": "d"})
    assert "15 pairs of this data were labelled by two readers or more" in page
    without = judge(read([None] * 6), Answers.alone(probabilities[:6]), Known(), Bootstrap(resamples=50), Promises())
    assert without["agreement"] is None
    assert "labelled by two readers" not in evaluation_page({**without, "model": "m", "data": "d"})
