"""Probes tell a model that reads the proposal from one that does not, and ask for what they say they ask."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stancekit.data.augmentation.neutrals import MASKS
from stancekit.data.ties import resampling_units
from stancekit.evaluation.baselines import baselines
from stancekit.evaluation.behaviours import Pair
from stancekit.evaluation.intervals import Resampling, measure
from stancekit.evaluation.metrics import FloatArray, IntArray, confusion, indices, macro_f1
from stancekit.evaluation.probes import BLIND, LEAST, negated, probe, sensitivity
from stancekit.evaluation.replacing import replaced
from stancekit.evaluation.verdict import sensitivity_sentence
from stancekit.news.parser import parse
from stancekit.records import Example, normalized
from stancekit.shares import Interval, tail_share
from stancekit.stance import STANCES, Stance

OPPOSE, NEUTRAL, SUPPORT = STANCES
TOPICS = (
    "ferries", "lanterns", "quarries", "orchards", "tunnels", "kites", "markets", "bridges", "wells", "mills", "harbours", "gardens",
    "chapels", "stables", "towers", "meadows", "looms", "anchors", "barrels", "candles",
)  # fmt: skip


def fair() -> list[Example]:
    """Every statement stands beside what it is about, its denial and another thing, so that alone it tells nothing."""
    rows = []
    for place, topic in enumerate(TOPICS):
        for verb, first in (("praised", SUPPORT), ("cursed", OPPOSE)):
            other = OPPOSE if first is SUPPORT else SUPPORT
            foreign = TOPICS[(place + 1) % len(TOPICS)]
            for thing, ending, stance in ((topic, "taxed", other), (topic, "funded", first), (foreign, "moved", NEUTRAL)):
                name = f"{topic}-{verb}-{ending}"
                rows.append(Example(name, f"She {verb} {topic}.", f"{thing.title()} should be {ending}.", stance))
    return rows


def sure(labels: Sequence[Stance]) -> FloatArray:
    return np.eye(3)[[label.label_id for label in labels]] * 0.7 + 0.1


def reader(pairs: Sequence[Pair]) -> FloatArray:
    """Knows whether a statement speaks of the proposal, what is good for a thing, and what `not` does."""
    labels = []
    for statement, proposal in pairs:
        topic, praised = statement.rstrip(".").split()[-1], "praised" in statement
        words = proposal.lower().rstrip(".").split()
        good = ("funded" in words) != ("not" in words)
        labels.append(NEUTRAL if topic not in words else SUPPORT if good == praised else OPPOSE)
    return sure(labels)


def blind_model(pairs: Sequence[Pair]) -> FloatArray:
    return sure([SUPPORT if "praised" in statement else OPPOSE for statement, _ in pairs])


def draws_of(examples: Sequence[Example], resamples: int = 200) -> Resampling:
    return Resampling.over(resampling_units(examples).numbers, resamples, 0.95, np.random.default_rng(13))


def probed(
    examples: Sequence[Example],
    answer: Callable[[Sequence[Pair]], FloatArray],
    blind: dict[str, IntArray] | None = None,
    seed: int = 13,
) -> dict[str, Any]:
    true = answer([(example.statement, example.proposal) for example in examples])
    return probe(examples, answer, true, draws_of(examples), blind or {}, parse, seed)


def unblind(examples: Sequence[Example]) -> dict[str, IntArray]:
    return {name: labels for name, labels in baselines(examples, examples).items() if name in BLIND}


def test_a_model_that_reads_the_proposal_is_sensitive_to_it() -> None:
    found = probed(fair(), reader, unblind(fair()))
    lead = found["sensitivity"]
    assert lead["value"] > 0.4
    assert lead["low"] > LEAST
    assert lead["warning"] is False
    assert lead["sentence"].startswith("It reads the proposal: ")
    assert lead["blind"].keys() == {"hidden", "replaced", "majority", "tfidf_statement"}
    assert found["hidden"]["same"]["value"] == pytest.approx(1 / 3, abs=0.01)
    assert found["negated"]["macro_f1"]["value"] == found["negated"]["true"]["value"] == 1.0


def test_a_model_that_ignores_the_proposal_is_warned_of() -> None:
    # Statements give their labels away, so that its macro-F1 looks well.
    leaky = [row for row in fair() if row.proposal.endswith("funded.")]
    found = probed(leaky, blind_model)
    lead = found["sensitivity"]
    assert (lead["value"], lead["low"], lead["high"], lead["warning"]) == (0, 0, 0, True)
    assert lead["blind"]["hidden"]["value"] == pytest.approx(2 / 3)
    assert lead["sentence"].startswith("Not shown that it reads the proposal: +0.0 points")
    assert [found[name]["same"]["value"] for name in ("hidden", "replaced", "negated")] == [1, 1, 1]
    # Its labels should have swapped, and none has.
    assert found["negated"]["accuracy"]["value"] == 0


def test_a_lead_over_weak_probes_is_not_enough_where_a_bag_of_words_does_as_well() -> None:
    leaky = [row for row in fair() if row.proposal.endswith("funded.")]
    without, beside = probed(leaky, reader)["sensitivity"], probed(leaky, reader, unblind(leaky))["sensitivity"]
    assert (without["warning"], without["best"]) == (False, "hidden")
    assert (beside["warning"], beside["best"], beside["value"]) == (True, "tfidf_statement", 0)


def test_each_distinct_pair_is_asked_once_in_one_call() -> None:
    calls: list[list[Pair]] = []

    def answer(pairs: Sequence[Pair]) -> FloatArray:
        calls.append(list(pairs))
        return blind_model(pairs)

    examples = fair()
    probe(examples, answer, blind_model([(row.statement, row.proposal) for row in examples]), draws_of(examples), {}, parse)
    (asked,) = calls
    assert len(asked) == len(set(asked))
    masked = [pair for pair in asked if pair[1] in MASKS]
    # Whatever stood beside it, a statement with its proposal hidden is one question.
    assert sorted(statement for statement, _ in masked) == sorted({row.statement for row in examples})
    assert len({mask for _, mask in masked}) > 1


def test_negation_swaps_sides_and_leaves_out_what_no_rule_negates() -> None:
    rows = [
        Example(str(number), "She spoke.", proposal, stance)
        for number, (proposal, stance) in enumerate(
            [
                ("Boxing should be banned.", SUPPORT),
                ("Should the quarry close?", SUPPORT),
                ("Boxing should be banned.", OPPOSE),
                ("The tax is unfair.", NEUTRAL),
            ]
        )
    ]
    question = negated(rows, indices([row.stance for row in rows]), parse)
    assert question.rows.tolist() == [0, 2, 3]
    assert [proposal for _, proposal in question.pairs] == ["Boxing should not be banned."] * 2 + ["The tax is not unfair."]
    assert [STANCES[label] for label in question.gold] == [OPPOSE, SUPPORT, NEUTRAL]
    found = probed(rows, blind_model)["negated"]
    assert (found["n"], found["left_out"]) == (3, 1)
    assert found["note"] == "No rule negates the proposal of 1 of the 4 pairs, which are left out."


def test_rows_that_are_left_out_do_not_count_in_the_negated_measures() -> None:
    # The row that no rule negates is the only one that the model has wrong.
    rows = [replace(row, group=row.id) for row in fair() if not row.proposal.endswith("moved.")]
    odd = Example("odd", "She praised kites.", "Should kites be funded?", OPPOSE, group="odd")
    found = probed([*rows, odd], reader)["negated"]
    assert found["left_out"] == 1
    assert found["true"] == found["accuracy"] | {"value": pytest.approx(2 / 3), "low": pytest.approx(2 / 3), "high": pytest.approx(2 / 3)}
    assert found["accuracy"]["value"] == 1


def test_replacement_has_no_fixed_point_and_uses_each_proposal_once() -> None:
    examples = fair()
    for seed in range(20):
        found = replaced(examples, np.random.default_rng(seed))
        assert found is not None
        partners = {normalized(row.proposal): normalized(text) for row, text in zip(examples, found.proposals, strict=True)}
        assert all(own != text for own, text in partners.items())
        assert set(partners.values()) == set(partners)


def test_replacement_avoids_what_shares_a_group_a_statement_or_words() -> None:
    def rows(group: Callable[[int], str | None], statement: Callable[[int], str], proposal: Callable[[int], str]) -> list[Example]:
        return [Example(str(n), statement(n), proposal(n), NEUTRAL, group=group(n)) for n in range(12)]

    def told(n: int) -> str:
        return f"{TOPICS[n]} stand"

    def plain(n: int) -> str:
        return f"{TOPICS[n + 8].title()} should go."

    tied_by: dict[str, tuple[list[Example], Callable[[Example], object]]] = {
        "group": (rows(lambda n: str(n // 4), told, plain), lambda row: row.group),
        "statement": (rows(lambda n: None, lambda n: told(n // 4), plain), lambda row: row.statement),
        "words": (rows(lambda n: None, told, lambda n: f"{TOPICS[n // 4 + 14]} {'abcdefghijkl'[n]}."), lambda row: row.proposal.split()[0]),
    }
    for name, (examples, home) in tied_by.items():
        homes = {row.proposal: home(row) for row in examples}
        for seed in range(10):
            found = replaced(examples, np.random.default_rng(seed))
            assert found is not None
            assert found.tied == 0, name
            assert all(homes[row.proposal] != homes[text] for row, text in zip(examples, found.proposals, strict=True)), name


def test_where_all_proposals_are_tied_they_are_replaced_all_the_same_and_it_is_told() -> None:
    examples = [replace(row, group="one") for row in fair()]
    found = probed(examples, blind_model)["replaced"]
    assert (found["n"], found["left_out"]) == (len(examples), 0)
    assert f"For {len(examples)} pairs there was no proposal that is foreign" in found["note"]


def test_texts_without_a_word_of_weight_can_be_replaced() -> None:
    examples = [Example(str(n), "It is.", proposal, NEUTRAL) for n, proposal in enumerate(("It is so.", "It is not so."))]
    found = replaced(examples, np.random.default_rng(1))
    assert found is not None
    assert found.proposals == ["It is not so.", "It is so."]


def test_a_single_proposal_is_left_unreplaced_with_a_note() -> None:
    # Case alone makes no second proposal.
    texts = ("Kites should be funded.", "kites should be FUNDED.")
    examples = [Example(str(n), f"She {verb} kites.", texts[n % 2], SUPPORT) for n, verb in enumerate(("praised", "cursed", "saw"))]
    found = probed(examples, reader)
    assert (found["replaced"]["n"], found["replaced"]["left_out"], found["replaced"]["macro_f1"]) == (0, 3, None)
    assert "single proposal" in found["replaced"]["note"]
    lead = found["sensitivity"]
    assert "replaced" not in lead["blind"]
    # One unit alone shows nothing, and that is no reason to trust.
    assert (lead["low"], lead["warning"]) == (None, True)
    assert "too few units for an interval" in lead["sentence"]


def test_what_is_too_long_for_the_model_is_left_out_and_counted() -> None:
    examples = fair()
    true = reader([(example.statement, example.proposal) for example in examples])
    found = probe(examples, reader, true, draws_of(examples), unblind(examples), parse, fits=lambda text: text not in MASKS)
    assert (found["hidden"]["n"], found["hidden"]["left_out"], found["hidden"]["macro_f1"]) == (0, len(examples), None)
    assert found["hidden"]["note"] == f"For {len(examples)} pairs the changed proposal is too long for the model."
    assert found["sensitivity"]["blind"].keys() == {"replaced", "majority", "tfidf_statement"}


def test_seeds_repeat_and_differ() -> None:
    asked: list[list[Pair]] = []

    def answer(pairs: Sequence[Pair]) -> FloatArray:
        asked.append(list(pairs))
        return reader(pairs)

    examples = fair()
    true = reader([(row.statement, row.proposal) for row in examples])
    found = [probe(examples, answer, true, draws_of(examples), {}, parse, seed) for seed in (1, 1, 2)]
    assert found[0] == found[1]
    assert asked[0] == asked[1]
    assert {pair for pair in asked[0] if pair[1] in MASKS} != {pair for pair in asked[2] if pair[1] in MASKS}
    assert {pair for pair in asked[0] if pair[1] not in MASKS} != {pair for pair in asked[2] if pair[1] not in MASKS}


def test_intervals_are_paired_and_the_best_is_chosen_in_every_draw() -> None:
    rng = np.random.default_rng(5)
    gold = rng.integers(3, size=240)
    resampling = Resampling.over((np.arange(240) // 6).tolist(), 500, 0.95, np.random.default_rng(1))
    model = np.where(rng.random(240) < 0.8, gold, rng.integers(3, size=240))
    # Equally good over all clusters, and hardly ever in a draw of them.
    first, second = (np.where(np.arange(240) // 6 % 2 == half, gold, (gold + 1) % 3) for half in (0, 1))
    found = sensitivity(gold, model, {"first": first, "second": second}, resampling)
    drawn = {name: macro_f1(resampling.confusions(gold, ids)) for name, ids in (("m", model), ("a", first), ("b", second))}
    leads, tail = drawn["m"] - np.maximum(drawn["a"], drawn["b"]), tail_share(0.95, 40)
    assert [found["low"], found["high"]] == pytest.approx(np.quantile(leads, [tail, 1 - tail]), abs=1e-6)
    # Had one been fixed, its bad draws would have counted for the model.
    fixed = drawn["m"] - drawn["a" if found["best"] == "first" else "b"]
    assert found["high"] < np.quantile(fixed, 0.975) - 0.05
    # The model against itself: pairing leaves no scatter at all.
    same = sensitivity(gold, model, {"itself": model}, resampling)
    assert (same["value"], same["low"], same["high"]) == (0, 0, 0)
    own = measure(macro_f1, confusion(gold, first), resampling.confusions(gold, first), resampling)
    assert found["blind"]["first"] == own.to_row()


@pytest.mark.parametrize(("low", "warning"), [(LEAST, True), (LEAST + 0.001, False)])
def test_the_warning_stands_where_the_lower_end_reaches_two_points(monkeypatch: pytest.MonkeyPatch, low: float, warning: bool) -> None:
    # No draws end at exactly two points, so the interval is set.
    monkeypatch.setattr(Resampling, "interval", lambda self, value, *_: Interval(value, low, 0.9))
    found = sensitivity(np.array([0, 1, 2]), np.array([0, 1, 2]), {"majority": np.zeros(3, dtype=np.int64)}, draws_of(fair()[:3]))
    assert found["warning"] is warning


def test_sentences_name_the_best_and_the_interval() -> None:
    found = {"value": 0.312, "low": 0.25, "high": 0.37, "best": "tfidf_statement", "warning": False, "least": LEAST}
    assert sensitivity_sentence(found, 0.95) == (
        "It reads the proposal: 31.2 points of macro-F1 above a bag of words that sees the statement alone, "
        "the best that does not see it (95% interval +25.0 to +37.0)."
    )
    found |= {"value": 0.02, "low": -0.01, "high": 0.05, "best": "hidden", "warning": True}
    assert sensitivity_sentence(found, 0.9) == (
        "Not shown that it reads the proposal: +2.0 points of macro-F1 against the model with the proposal hidden, "
        "the best that does not see it (90% interval -1.0 to +5.0; its lower end would have to be above 2)."
    )


def test_the_result_is_json() -> None:
    found = probed(fair(), reader, unblind(fair()))
    assert json.loads(json.dumps(found)) == found


def test_parts_of_different_length_are_refused() -> None:
    examples = fair()
    true = reader([(row.statement, row.proposal) for row in examples])
    with pytest.raises(ValueError, match="120 rows, of which probabilities has 119"):
        probe(examples, reader, true[1:], draws_of(examples), {}, parse)
    with pytest.raises(ValueError, match="of which majority has 1"):
        probe(examples, reader, true, draws_of(examples), {"majority": np.zeros(1, dtype=np.int64)}, parse)
    with pytest.raises(ValueError, match="no rows"):
        probe([], reader, np.empty((0, 3)), draws_of(examples), {}, parse)
