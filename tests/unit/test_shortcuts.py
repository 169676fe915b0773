"""Shortcuts are found where they are, and not where they are not; broken promises are told."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stancekit.errors import Refusal, StancekitError
from stancekit.evaluation.shortcuts import blind_scores, telling_words
from stancekit.records import Example
from stancekit.stages.shortcuts import refuse_broken, shortcuts
from stancekit.stance import STANCES, Stance
from stancekit.tables import write_rows

CUES = {Stance.OPPOSE: "rejects", Stance.NEUTRAL: "mentions", Stance.SUPPORT: "welcomes"}
FILLING = ("on Monday", "again", "in the harbour", "with a sigh", "at noon")


def leaky(proposals: int = 20) -> list[Example]:
    """Statements give their stance away, proposals do not."""
    return [
        Example(
            f"{proposal}-{stance}", f"Number {proposal} {CUES[stance]} it {FILLING[proposal % 5]}.", f"Plan {proposal} is good.", stance
        )
        for proposal in range(proposals)
        for stance in STANCES
    ]


def fair(proposals: int = 20) -> list[Example]:
    """Every statement stands beside a plan and its negation, so that one side alone tells nothing."""
    return [
        Example(f"{n}-{end}-{side}", f"Number {n} {word} it.", f"Plan {n} is {end}.", side if end == "good" else other, group=str(n))
        for n in range(proposals)
        for side, other, word in ((Stance.OPPOSE, Stance.SUPPORT, "rejects"), (Stance.SUPPORT, Stance.OPPOSE, "welcomes"))
        for end in ("good", "bad")
    ]


def test_a_statement_that_gives_its_stance_away_is_found() -> None:
    scores = blind_scores(leaky(), resamples=50)
    assert scores["statement_only"]["macro_f1"]["value"] > 0.95
    assert scores["proposal_only"]["macro_f1"]["value"] < 0.5
    assert scores["majority"]["accuracy"]["value"] == pytest.approx(1 / 3, abs=0.05)


def test_labels_that_need_both_sides_are_not_guessed_from_one() -> None:
    scores = blind_scores(fair(), resamples=50)
    for view in ("statement_only", "proposal_only"):
        assert scores[view]["accuracy"]["value"] < 0.65, view


def test_pairs_that_hang_together_cannot_be_held_out() -> None:
    with pytest.raises(StancekitError, match="the group 'one' alone is that of 60"):
        blind_scores([Example(e.id, e.statement, e.proposal, e.stance, group="one") for e in leaky()])


def test_telling_words_are_the_cues_and_not_the_common_words() -> None:
    words = telling_words(leaky(), "statement", top=3)
    for stance, cue in CUES.items():
        assert words[stance][0].word == cue
        assert (words[stance][0].here, words[stance][0].elsewhere) == (20, 0)
        assert words[stance][0].z > 1
        assert "it" not in {word.word for word in words[stance] if word.z > 0.5}


def test_a_stance_alone_has_no_telling_words_and_one_word_has_no_odds() -> None:
    alone = [Example(f"{n}", f"Number {n} rejects it.", "A plan.", Stance.SUPPORT) for n in range(9)]
    assert set(map(len, telling_words(alone, "statement").values())) == {0}
    same = [Example(f"{n}", "No", "Plan", stance) for n, stance in enumerate(STANCES)]
    assert telling_words(same, "statement") == {stance: [] for stance in STANCES}


def test_too_few_pairs_are_refused_in_words() -> None:
    few = leaky(4)
    with pytest.raises(StancekitError, match="the commonest stance has 4 pairs, too few for 5 folds"):
        blind_scores(few)


def test_sides_without_a_word_teach_nothing() -> None:
    signs = [Example(f"{n}-{stance}", "!?", f"Plan {n} is good.", stance) for n in range(10) for stance in STANCES]
    with pytest.raises(StancekitError, match="alone is that of 30"):
        blind_scores(signs)
    apart = [Example(example.id, "!" * (n + 1), example.proposal, example.stance) for n, example in enumerate(signs)]
    scores = blind_scores(apart, resamples=20)
    assert scores["statement_only"] == scores["majority"]


def test_a_sentence_that_stands_word_for_word_in_two_articles_is_found(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    again = [Example(f"again-{n}", "The same sentence stands here.", f"Plan x{n}.", STANCES[n % 3], group=f"g{n % 2}") for n in range(6)]
    rows = [*leaky(), *again]
    write_rows(path, (example.to_row() for example in rows))
    shown = shortcuts(path)["near_duplicates"]["shown"]
    assert {"first": again[0].statement, "second": again[0].statement, "similarity": 1.0} in shown


def test_the_command_shows_tables_and_ends_as_the_promises_say(
    tmp_path: Path, stancekit: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    path = corpus(tmp_path, "statement_only = 0.48")
    shown = stancekit("check", path, "--shortcuts")
    assert shown.returncode == 1
    assert "statement_only: macro-F1" in shown.stderr
    assert "What a bag of words guesses" in shown.stdout
    assert "welcomes" in shown.stdout
    told = stancekit("check", path, "--shortcuts", "--json")
    assert json.loads(told.stdout)["broken"][0].startswith("statement_only")
    kept = stancekit("check", corpus(tmp_path, "articles = 3"), "--shortcuts")
    assert kept.returncode == 0
    wrong = stancekit("check", tmp_path / "corpus.toml", "--shortcuts")
    assert wrong.returncode == 2
    assert "neither a corpus nor an examples file" in wrong.stderr


def test_an_examples_file_is_measured_without_its_made_neutrals(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    made = Example("made", "Number 1 rejects it.", "Plan 7 is good.", Stance.NEUTRAL, made=True)
    write_rows(path, (example.to_row() for example in [*leaky(), made]))
    result = shortcuts(path)
    assert result["n"] == 60
    assert result["broken"] == []
    assert json.dumps(result)


def test_a_folder_that_is_no_corpus_is_refused(tmp_path: Path) -> None:
    write_rows(tmp_path / "train.jsonl", (example.to_row() for example in leaky()))
    with pytest.raises(StancekitError, match="neither a corpus nor an examples file"):
        shortcuts(tmp_path)


ROW = '{"id": "1", "statement": "s", "proposal": "p", "stance": "support"}\n'


def corpus(folder: Path, promises: str) -> Path:
    """Ten articles in which the statement gives the stance away, one sentence standing in two of them but for a word."""
    rows = []
    for number in range(10):
        texts = [(CUES[stance], stance) for stance in STANCES]
        sentences = [
            {
                "text": f"Number {number} {cue} the plan {FILLING[number % 5]}.",
                "labels": [
                    {
                        "proposal": "plan",
                        "stance": stance.value,
                        "holder": None,
                        "holder_id": None if stance is Stance.NEUTRAL else "author",
                        "voice": "author",
                        "tags": ["fact" if stance is Stance.NEUTRAL else "explicit"],
                    }
                ],
            }
            for cue, stance in texts
        ]
        rows.append(
            {
                "id": f"a-{number}",
                "genre": "op-ed",
                "field": "transport",
                "outlet": "The Test",
                "date": "2031-01-01",
                "title": "Plan",
                "proposals": [{"id": "plan", "text": f"Plan {number} is good."}],
                "sentences": sentences,
            }
        )
    write_rows(folder / "a.jsonl", rows)
    (folder / "corpus.toml").write_text(f"[promises]\n{promises}\n", encoding="utf-8")
    return folder


def test_broken_promises_are_told_and_end_with_exit_code_1(tmp_path: Path) -> None:
    path = corpus(tmp_path, "statement_only = 0.48\nproposal_only = 0.9\nnear_duplicates = 0")
    result = shortcuts(path)
    assert [fault.split(":")[0] for fault in result["broken"]] == ["statement_only", "near_duplicates"]
    assert result["near_duplicates"]["shown"][0]["similarity"] >= 0.5
    with pytest.raises(Refusal) as caught:
        refuse_broken(result, path)
    assert caught.value.exit_code == 1


def test_kept_promises_are_not_told(tmp_path: Path) -> None:
    path = corpus(tmp_path, "statement_only = 1.0")
    result = shortcuts(path)
    refuse_broken(result, path)
    assert result["broken"] == []


def test_articles_beside_other_rows_are_refused_by_name(tmp_path: Path) -> None:
    path = corpus(tmp_path, "")
    (path / "train.jsonl").write_text(ROW, encoding="utf-8")
    with pytest.raises(StancekitError, match=r"holds articles, and beside them train\.jsonl"):
        shortcuts(path)


def test_endings_are_read_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "TRAIN.JSONL").write_text(ROW, encoding="utf-8")
    # It was read, and one row makes no five folds.
    with pytest.raises(StancekitError, match="too few for 5 folds"):
        shortcuts(tmp_path / "TRAIN.JSONL")
