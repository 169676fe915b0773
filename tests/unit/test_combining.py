"""The combination: which words the pair model is asked about, both sides alike, and the weights that ship."""

import json
from pathlib import Path

import numpy as np
import pytest

from stancekit.errors import StancekitError
from stancekit.news import combining
from stancekit.news.combining import NEUTRAL, SIDE, WEIGHTS, Evidence, FloatArray, combine, features, voices_of
from stancekit.news.holders import Attribution, Holder
from stancekit.news.stances import Cue, Polarity

SENTENCE = "The board backs the bridge, while the clubs are against it."
BACKS = Cue("backs", 10, 15, "back", 1, content=(16, 26))
AGAINST = Cue("are against", 44, 55, "be", -1)
HOLDER = Holder("The board", "board", 0, 9, "cited", "attitude-verb")
UNKNOWN = np.full((1, 3), 1 / 3)
NEAREST = np.zeros(1)


def attribution(cue: Cue | None, start: int = 0, end: int = len(SENTENCE)) -> Attribution:
    return Attribution(HOLDER, start, end, cue)


def cue_of(polarity: Polarity | None, asks: bool = False) -> Cue:
    return Cue("cue", 0, 3, "cue", polarity, content=(4, 9), asks=asks)


def answer(oppose: float, neutral: float, support: float) -> FloatArray:
    return np.array([[oppose, neutral, support]])


def test_a_lone_voice_without_a_side_is_read_off_its_sentence() -> None:
    (voice,) = voices_of([attribution(cue_of(None))], SENTENCE)
    assert (voice.own, voice.shared, voice.cited) == (None, None, True)


def test_what_is_backed_or_turned_down_is_asked_about() -> None:
    (voice,) = voices_of([attribution(cue_of(-1))], SENTENCE)
    assert (voice.own, voice.sign) == ((4, 9), -1)


def test_a_later_voice_borrows_what_the_first_speaks_of() -> None:
    first, second = voices_of([attribution(BACKS, 0, 26), attribution(AGAINST, 28, 58)], SENTENCE)
    assert first.own == second.own == (16, 26)
    assert (first.sign, second.sign, first.shared, second.shared) == (1, -1, None, -1)


def test_of_several_voices_each_has_its_own_clause() -> None:
    said = Cue("said", 0, 4, "say")
    voices = voices_of([attribution(said, 0, 26), attribution(None, 28, 58)], SENTENCE)
    assert [voice.own for voice in voices] == [(0, 26), (28, 58)]
    assert voices_of([attribution(said, 0, 26)], SENTENCE)[0].own is None


def test_opposed_cues_turn_the_sentence_round_for_the_later_voice() -> None:
    voices = voices_of([attribution(BACKS), attribution(AGAINST)], SENTENCE)
    given = combine(voices, np.repeat(answer(0.1, 0.1, 0.8), 2, axis=0), np.repeat(answer(0.1, 0.1, 0.8), 2, axis=0), np.zeros(2))
    assert given.argmax(axis=1).tolist() == [2, 0]


def test_sides_are_treated_alike() -> None:
    rng = np.random.default_rng(5)
    voices = [
        Evidence(True, cue_of(1, asks=True), (4, 9)),
        Evidence(True, cue_of(-1), (4, 9), -1),
        Evidence(True, cue_of(None), (4, 9), 1, 0),
        Evidence(False, cue_of(0), (4, 9), 1, 1),
    ]
    sentence, own, behind = rng.dirichlet(np.ones(3), 4), rng.dirichlet(np.ones(3), 4), rng.random(4)
    given = combine(voices, sentence, own, behind)
    assert given[:, ::-1] == pytest.approx(combine(voices, sentence[:, ::-1], own[:, ::-1], behind))
    assert given.sum(axis=1) == pytest.approx(np.ones(4))


def test_a_demand_counts_by_what_is_demanded() -> None:
    voices = [Evidence(True, cue_of(1, asks=True), (4, 9))]
    given = combine(voices, answer(0.75, 0.01, 0.24), answer(0.42, 0.02, 0.56), NEAREST)
    assert given.argmax() == 2


def test_keeping_out_makes_neutral_likelier() -> None:
    sentence = answer(0.3, 0.3, 0.4)
    kept, spoke = (combine([Evidence(True, cue_of(polarity))], sentence, UNKNOWN, NEAREST)[0, 1] for polarity in (0, None))
    assert kept > 2 * spoke


def test_who_speaks_of_a_rival_is_likelier_neutral_on_this_proposal_and_a_writer_is_not() -> None:
    sentence = answer(0.3, 0.3, 0.4)
    for cited in (True, False):
        near, far = (combine([Evidence(cited)], sentence, UNKNOWN, np.full(1, gap))[0] for gap in (0.0, 0.2))
        assert (far[1] > near[1] + 0.1) == cited
        assert far[2] / far[0] == pytest.approx(near[2] / near[0])


def test_answers_of_words_that_were_not_asked_about_change_nothing() -> None:
    voices = [Evidence(True, cue_of(None))]
    sides, neutrals = features(voices, answer(0.2, 0.2, 0.6), answer(1, 0, 0), NEAREST)
    assert sides[0, 1:].tolist() == [0, 0, 0]
    assert (sides.shape, neutrals.shape) == ((1, len(SIDE)), (1, len(NEUTRAL)))
    assert combine([], np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0)).shape == (0, 3)


def test_the_weights_tell_where_they_come_from() -> None:
    values = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert tuple(values["side"]) == SIDE
    assert tuple(values["neutral"]) == NEUTRAL
    assert values["provenance"]["part"] == "validation"
    assert values["provenance"]["command"].endswith("--fit")


def test_weights_that_lack_a_feature_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "combination.json").write_text('{"side": {"sentence": 1}, "neutral": {}}', encoding="utf-8")
    monkeypatch.setattr(combining, "WEIGHTS", tmp_path / "combination.json")
    combining._weights.cache_clear()
    with pytest.raises(StancekitError, match="own"):
        combine([Evidence(True)], UNKNOWN, UNKNOWN, NEAREST)
    combining._weights.cache_clear()
