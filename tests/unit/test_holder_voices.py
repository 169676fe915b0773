"""Several voices of one sentence, and the rules that decide whose position it is when more than one is named."""

import random
from pathlib import Path

import pytest

from stancekit.news.attributions import PRECISION, Attribution, rule_precision
from stancekit.news.holders import HolderFinder
from stancekit.news.sentences import cut_sentences
from stancekit.records import Statement

SHARED = Path(__file__).resolve().parents[3] / "shared" / "articles" / "foreign-troops-ukraine.txt"


def find(*sentences: str) -> list[list[Attribution]]:
    return HolderFinder().find([Statement(f"a:{number}", text) for number, text in enumerate(sentences, 1)])


def ids(*sentences: str) -> list[list[str | None]]:
    return [[one.holder.id for one in found] for found in find(*sentences)]


def clauses(sentence: str) -> list[tuple[str | None, str]]:
    return [(one.holder.id, sentence[one.start : one.end]) for one in find(sentence)[0]]


def test_two_clauses_side_by_side_are_two_voices_each_with_its_own() -> None:
    assert clauses("The Glass Guild backs the toll while Ada Varga opposes it.") == [
        ("glass-guild", "The Glass Guild backs the toll"),
        ("ada-varga", "Ada Varga opposes it"),
    ]


def test_keeping_out_is_a_position_of_its_own() -> None:
    assert ids("The EU backs it while Germany keeps its distance.") == [["european-union", "germany"]]


def test_the_main_clause_comes_first() -> None:
    (found,) = ids("While Ada Varga opposes the toll, Olek Darby welcomes it.")
    assert found == ["olek-darby", "ada-varga"]


def test_a_participle_is_a_second_voice_with_its_noun() -> None:
    assert clauses("Ada Varga said the toll, backed by Merrow, is meant to help.") == [
        ("ada-varga", "Ada Varga said the toll, backed by Merrow, is meant to help."),
        ("merrow", "the toll, backed by Merrow"),
    ]


def test_the_cue_stands_where_the_sentence_has_it_behind_a_dateline_too() -> None:
    sentence = "MERROW, Vastrel - Ada Varga rejects the toll."
    ((found,),) = find(sentence)
    assert found.cue is not None
    assert "rejects" in sentence[found.cue.start : found.cue.end]
    assert (found.start, found.end) == (0, len(sentence))


def test_one_voice_has_the_whole_sentence() -> None:
    sentence = "Ada Varga rejected the toll, said so and left."
    assert [(one.start, one.end) for one in find(sentence)[0]] == [(0, len(sentence))]


def test_joined_names_hold_the_position_together() -> None:
    assert ids("Ada Varga and Olek Darby reject the toll.") == [["ada-varga", "olek-darby"]]


def test_what_is_inside_the_words_of_a_speaker_is_no_second_voice() -> None:
    assert ids("Drivers love the toll, said Ada Varga.") == [["ada-varga"]]
    assert ids("Ada Varga said she feared that drivers would hate it.") == [["ada-varga"]]


@pytest.mark.parametrize(
    "sentence", ["If members insist on a ban, it will fail.", "Nobody asked for the toll.", "The law that a clerk wanted is dead."]
)
def test_what_is_only_supposed_or_said_in_passing_is_nobodys_position(sentence: str) -> None:
    assert ids(sentence) == [["author"]]


@pytest.mark.parametrize(
    ("sentence", "holder"),
    [
        ("The official said that Ada Varga opposes the toll.", "ada-varga"),
        ("Ada Varga said her group opposes the toll.", "ada-varga"),
        ("Ada Varga denied that Olek Darby backs the toll.", "ada-varga"),
    ],
)
def test_nested_speech_is_that_of_the_inner_voice_unless_it_is_denied_or_the_speakers_own(sentence: str, holder: str) -> None:
    assert ids(sentence)[0][0] == holder


def test_who_distances_a_country_speaks_for_it() -> None:
    (found,) = ids("The defence minister distanced Tolembe from the plan.")
    assert found == ["defence-minister", "tolembe"]


@pytest.mark.parametrize(
    ("sentence", "holder", "rule"),
    [
        ("Mayor: tolls hurt shops", "mayor", "label"),
        ("Dockers cheer toll ruling", "dockers", "headline"),
        ("Tolls hurt shops: mayor", "mayor", "headline"),
        ("The German government welcomed the toll.", "germany", "attitude-verb"),
        ("The Russian rejection came on Monday.", "russia", "adjective-of-state"),
        ('Ada Varga opens with a plea: "Close the pier."', "ada-varga", "colon-quote"),
        ("The guild came out against the toll.", "guild", "attitude-verb"),
        ("The council turned down the toll.", "council", "attitude-verb"),
        ("One of them, Hoshim Tuyev, rejects the toll.", "hoshim-tuyev", "attitude-verb"),
        ("The Governor, Inga Hrafnsdal, favoured the toll.", "inga-hrafnsdal", "attitude-verb"),
        ("Sen. Ada Varga, D-Ohio, opposes the toll.", "ada-varga", "attitude-verb"),
        ("Secretary of Transport Ada Varga opposes the toll.", "ada-varga", "attitude-verb"),
        ("Some Federalists oppose the toll.", "federalists", "attitude-verb"),
        ("A petition asks the council to drop the toll.", "petition", "document"),
    ],
)
def test_each_rule_finds_its_holder(sentence: str, holder: str, rule: str) -> None:
    found = find(sentence)[0][0].holder
    assert (found.id, found.rule) == (holder, rule)


def test_a_pronoun_prefers_the_subject_before_it_in_its_own_sentence() -> None:
    assert ids("Olek Darby spoke for the Harbour Trust.", "The youth league objected: a toll, it said, is no answer.")[1] == [
        "youth-league"
    ]


def test_a_pronoun_does_not_mean_who_is_only_spoken_of_in_the_quotation() -> None:
    assert ids("Ada Varga rose.", '"A girl who wants to cross will pay," she said.')[1] == ["ada-varga"]


def test_the_host_of_a_broadcast_is_known_by_asking_first() -> None:
    found = ids(
        "SARI: Good morning; the toll is on the table, is it not?",
        "VANE: It has to go.",
        "SARI: The dockers want it.",
        "VANE: Let them pay.",
    )
    assert found == [["author"], ["vane"], ["dockers"], ["vane"]]


def test_the_names_of_a_thread_are_its_speakers_and_a_note_is_not() -> None:
    found = ids(
        "till_roll: Close it.",
        "Bram from Osterby: Keep it open.",
        "Editor's note: The vote is on Friday.",
        "Student, 22: It is a swindle.",
    )
    assert found == [["till-roll"], ["bram-from-osterby"], ["author"], ["student-22"]]


def test_a_salutation_is_no_speaker() -> None:
    assert ids("Sir: I oppose the toll.", "Dear Editor: It will ruin us.") == [["author"], ["author"]]


def test_every_attribution_has_the_measured_confidence_of_its_rule() -> None:
    assert PRECISION.is_file()
    (found,) = find("Ada Varga rejected the toll.")[0]
    assert found.confidence == rule_precision("attitude-verb")
    assert rule_precision("attitude-verb") > rule_precision("actor")
    assert 0 < rule_precision("no such rule") < 1


def test_odd_text_never_raises_and_clauses_and_cues_slice_the_sentence() -> None:
    rng = random.Random(5)
    bits = [
        "said",
        "backs",
        "while",
        "The Guild",
        "Ada Varga",
        "backed by",
        "and",
        ",",
        ";",
        ":",
        "“",
        '"',
        "(R-Ky.)",
        "that",
        "it",
        "\x00",
        "Z" * 40,
        "é😀",
    ]
    for _ in range(40):
        sentences = [" ".join(rng.choice(bits) for _ in range(rng.randrange(25))) for _ in range(4)]
        sentences.append("".join(chr(rng.randrange(1, 0x3000)) for _ in range(60)))
        for sentence, attributions in zip(sentences, find(*sentences), strict=True):
            assert attributions
            for one in attributions:
                assert 0 <= one.start <= one.end <= len(sentence), repr(sentence)
                assert one.cue is None or 0 <= one.cue.start < one.cue.end <= len(sentence), repr(sentence)


def test_a_sentence_of_ten_thousand_characters_is_read_in_part() -> None:
    found = find("Ada Varga backs the toll while " + "Olek Darby opposes it and " * 400)[0]
    assert found[0].holder.id is not None


@pytest.mark.skipif(not SHARED.is_file(), reason="no shared data")
def test_the_article_of_the_troops_names_its_holders() -> None:
    text = SHARED.read_text(encoding="utf-8")
    sentences = [text[start:end] for start, end in cut_sentences(text)]
    found = list(zip(sentences, ids(*sentences), strict=True))

    def holders(words: str) -> list[str | None]:
        return next(voices for sentence, voices in found if words in sentence)

    assert holders("The Kremlin has sharply condemned") == ["russia"]
    assert holders("Russia Rejects") == ["russia"]
    assert holders("Moscow’s opposition") == ["russia"]
    assert holders("she declared") == ["maria-zakharova"]
    assert holders("backed by Washington") == ["ursula-von-der-leyen", "united-states"]
    assert "germany" in holders("distanced Berlin")
    assert holders("laid out strict peace conditions") == ["vladimir-putin"]
    assert holders("While Brussels seeks") == ["russia", "european-union"]
