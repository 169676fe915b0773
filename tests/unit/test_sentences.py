"""Sentences: where they end, and that offsets hold on any input."""

import random
import time

import pytest

from sentences import counted, own_texts, rates
from stancekit.news.sentences import cut_sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in cut_sentences(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Mr. Halden met Dr. J. R. Osk in the U.S. on Monday.", "They left at 5 p.m. without a word."],
        ["The bill costs 3.5 million.", '"No. 8 is safe," said Mrs. Vane.', "See No. 8 for more."],
        ["“We will not pay.”", "The mayor left.", "“Why should we?” asked Lt. Gen. Orr."],
        ["He said: ‘It’s over.’", "She disagreed.", "(The two have met before.)", "The council meets in May."],
        ["It is... complicated, he said.", "Then came the wait…", "Nobody moved."],
        ["The answer was no.", "Nobody asked why.", "The answer to No. 7 is no."],
        ["Acme Inc. and Borel Ltd. backed it.", "So did others.", "Why?"],
        ["“We lost.", "We will try again,” the mayor said.", "“Stop!” Tilda Osk shouted.", "Nobody listened."],
        ['"It is bad.', 'It is dear."', '"Is it?" Osk asked.', "“Is it?”", "Osk said nothing."],
        ["They left.", "(Was it late?", "Yes.)", "He left (at last!) The Hollow.", "The rest stayed (for now.)", "It rained."],
        ["It closed in May.", "Officials want a plan B.", "Ms. Kint does not.", "12 said no.", "$5 is too much.", "It is approx. 4 miles."],
        ["She lives in Vantry, N.Y.", "Mr. Osk does not.", "iPhones were sold.", "The mayor paused … and left."],
        ["There are two reasons.", "1. It is cheap.", "2. It works."],
        ["**The fee is dead.**", "*Nobody knows.*", "`fee.py` computes it."],
    ],
)
def test_ends_are_found_among_abbreviations_quotes_and_numbers(sentences: list[str]) -> None:
    assert cut(" ".join(sentences)) == sentences


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\n \t\n", "\n\n\n\n", "\r\r"])
def test_a_blank_line_ends_a_sentence_without_a_full_stop(gap: str) -> None:
    assert cut(f"Council votes{gap}PORT HALLAN - The council voted{gap}") == ["Council votes", "PORT HALLAN - The council voted"]


def test_a_wrapped_line_does_not_end_a_sentence() -> None:
    assert cut("The council\nvoted on Monday. Nobody\r\nleft.") == ["The council\nvoted on Monday.", "Nobody\r\nleft."]


@pytest.mark.parametrize(
    "lines",
    [
        ["Council votes for fee", "By Ines Tolland", "PORT HALLAN (Newswire) - The council voted on Monday for the fee on ships."],
        ["The plan has three parts:", "- lower the fee", "- build the dam and\nthe road", "The council likes it."],
        ["The bill would:", "1. Ban cars.", "2. Raise the fee"],
        ["# Fee vote", "The council voted."],
        ["(1) Ban the fee.", "(2) Open the port."],
    ],
)
def test_a_headline_and_a_list_item_end_with_their_line(lines: list[str]) -> None:
    assert cut("\n".join(lines)) == lines


@pytest.mark.parametrize(
    "wrapped",
    [
        "The river of Orrel has\n- after ten dry years - no water left.",
        "Ships that belong to the\nSaltmouth Union pay\nnothing, says the board of\nHarrow.",
        "The fee was raised to\n3. dollars a ton, the board said.",
    ],
)
def test_a_line_that_was_only_wrapped_goes_on(wrapped: str) -> None:
    assert cut(wrapped) == [wrapped]


def test_the_marked_texts_are_cut_as_well_as_measured() -> None:
    golds = list(own_texts())
    assert len(golds) > 100
    for half, least in {"tuning": 0.97, "report": 0.97, "fresh": 0.92}.items():
        assert rates(counted([gold for gold in golds if gold.half == half], cut_sentences))["whole_sentences"] >= least


@pytest.mark.parametrize("text", ["", " \n\n\t", "* * *", "...\n\n---", "“”", "\u2028\xa0"])
def test_nothing_is_cut_from_text_without_a_word(text: str) -> None:
    assert cut_sentences(text) == []


def test_white_space_beyond_ascii_and_lone_surrogates_are_no_trouble() -> None:
    assert cut("John\xa0F.\xa0Kell spoke.\u2028A.\x85Next\ud800 came. Last.") == [
        "John\xa0F.\xa0Kell spoke.",
        "A.\x85Next\ud800 came.",
        "Last.",
    ]


def test_any_text_gives_spans_in_order_trimmed_and_apart() -> None:
    rng = random.Random(7)
    common = ".!?…\"'“”‘’()[]«» \n\r\tAbc1é😀\u200b\u2028\x00\x85\xa0。？！ー\u0301"
    for _ in range(3_000):
        text = "".join(
            rng.choice(common) if rng.random() < 0.85 else chr(rng.choice([rng.randrange(0x20, 0x3000), rng.randrange(0xD7F0, 0x1FFFF)]))
            for _ in range(rng.randrange(60))
        )
        last = 0
        for start, end in cut_sentences(text):
            assert last <= start < end <= len(text), repr(text)
            assert text[start:end] == text[start:end].strip(), repr(text)
            last = end
        kept = "".join(text[start:end] for start, end in cut_sentences(text))
        assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()], repr(text)


@pytest.mark.parametrize(
    "piece",
    [
        *("word ", "x", ".", '"', "Mr. ", "é“😀 Yes. ", "\n\n", "(A. ", "no. ", "(A.) ", ") "),
        *("Plan B. ", "- a\n", "A\n", "[A.] ", "“A!” Osk said. ", "1. "),
    ],
)
def test_a_megabyte_is_cut_in_seconds(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    # Of this process: others may keep it waiting.
    started = time.process_time()
    cut_sentences(text)
    assert time.process_time() - started < 8
