"""Holders: every rule on a sentence of its own, names and pronouns over an article, and any odd text."""

import importlib.util
import random
import time
from importlib.machinery import ModuleSpec

import pytest

from stancekit.errors import StancekitError
from stancekit.news import parser
from stancekit.news.cast import Cast
from stancekit.news.cues import words
from stancekit.news.holders import Holder, HolderFinder
from stancekit.news.names import Mention, slug
from stancekit.news.quotes import find_quotes
from stancekit.records import Statement


def find(*sentences: str) -> list[Holder]:
    statements = [Statement(f"a:{number}", text) for number, text in enumerate(sentences, 1)]
    return [found[0].holder for found in HolderFinder().find(statements)]


@pytest.mark.parametrize(
    ("sentence", "named", "holder_id", "rule"),
    [
        ("The finance ministry said the levy would cost 40 jobs.", "The finance ministry", "finance-ministry", "speech-verb"),
        ("Orla Denzin rejected the plan to close the pier.", "Orla Denzin", "orla-denzin", "attitude-verb"),
        ("The dockers' union has yet to declare itself on the toll.", "The dockers' union", "dockers-union", "attitude-verb"),
        ("Without a wall, argued Mayor Ida Brandvold, the town would drown.", "Mayor Ida Brandvold", "ida-brandvold", "speech-tag"),
        ('"We asked for cranes," said Councillor Ida Brandvold.', "Councillor Ida Brandvold", "ida-brandvold", "speech-tag"),
        ("The toll, the hauliers say, would ruin them.", "the hauliers", "hauliers", "speech-tag"),
        ("The toll is unfair, according to Perrin Aldous.", "Perrin Aldous", "perrin-aldous", "according-to"),
        ("The toll was opposed by Perrin Aldous.", "Perrin Aldous", "perrin-aldous", "passive-agent"),
        ("Merrow's opposition to the treaty is well known.", "Merrow", "merrow", "attitude-noun"),
        ("The League's secretary, Tomas Aurel, rejected the charge.", "Tomas Aurel", "tomas-aurel", "attitude-verb"),
        ("Nobody at the Glass Guild wants the toll.", "the Glass Guild", "glass-guild", "attitude-verb"),
        ("Ada Varga is against the toll.", "Ada Varga", "ada-varga", "attitude-adjective"),
        ("For Dagny Moe, the toll is an insult.", "Dagny Moe", "dagny-moe", "viewpoint"),
        ("A letter from the Glass Guild called the toll absurd.", "the Glass Guild", "glass-guild", "document"),
        # A role behind the name of a body, a name that belongs to the noun before it, a party called a list.
        ('"We asked for cranes," said Guild chair Mikkel Strand.', "Mikkel Strand", "mikkel-strand", "speech-tag"),
        (
            "The head of the grid operator Nordnett wants a reactor.",
            "The head of the grid operator Nordnett",
            "head-of-the-grid-operator-nordnett",
            "attitude-verb",
        ),
        ("The Civic List is against the toll.", "The Civic List", "civic-list", "attitude-adjective"),
        ("The **Glass Guild** says the toll is unfair.", "The **Glass Guild", "glass-guild", "speech-verb"),
        ("The dockers' union published a letter urging the council to scrap it.", "The dockers' union", "dockers-union", "document"),
        ("Halmstrand, 3 September 2031 - The Glass Guild welcomed the toll.", "The Glass Guild", "glass-guild", "attitude-verb"),
    ],
)
def test_each_rule_finds_its_holder(sentence: str, named: str, holder_id: str, rule: str) -> None:
    (holder,) = find(sentence)
    assert (holder.id, holder.rule, holder.voice) == (holder_id, rule, "cited")
    assert sentence[holder.start : holder.end] == named


@pytest.mark.parametrize(
    "sentence",
    [
        "Grain prices in Port Selwyn have doubled since the autumn.",
        "The bill sets the rate at 1.2 per cent.",
        "The vote has been put off until March.",
        "Under the draft, the toll would rise to nine crowns.",
        "What does the mayor say?",
        "Does the Glass Guild want the toll?",
        "The voters' list says that nine seats are free.",
    ],
)
def test_a_plain_fact_is_the_authors(sentence: str) -> None:
    assert find(sentence) == [Holder(None, "author", None, None, "author", "author")]


def test_the_first_person_outside_of_quotations_is_the_author() -> None:
    (own, quoted) = find("I oppose the toll.", '"I oppose the toll," said Ada Varga.')
    assert (own.voice, own.id, own.rule) == ("author", "author", "first-person")
    assert quoted.id == "ada-varga"


def test_short_names_titles_and_later_fuller_names_share_one_id() -> None:
    holders = find(
        "Varga backs the toll.",
        "Transport Minister Ada Varga said it would pay for itself.",
        "Ms Varga wants it by May.",
        "The minister rejected all delay.",
    )
    assert [(holder.name, holder.id) for holder in holders] == [("Ada Varga", "ada-varga")] * 4


def test_a_surname_alone_keeps_its_title_in_the_id() -> None:
    assert find("Councillor Medlock calls the lanes a folly.")[0].id == "councillor-medlock"


def test_pronouns_go_back_to_a_voice_of_their_gender_and_number() -> None:
    holders = find(
        "Mr Olek Darby said the flags were a trick.",
        "Mrs Wilma Drost disagreed.",
        "He said he had seen it.",
        "She doubted it.",
        "The Glass Guild opposes the toll.",
        "It wants a vote.",
    )
    assert [holder.id for holder in holders] == ["olek-darby", "wilma-drost", "olek-darby", "wilma-drost", "glass-guild", "glass-guild"]


def test_a_pronoun_without_anybody_before_it_is_cited_but_unknown() -> None:
    (holder,) = find("She rejected the toll.")
    assert (holder.name, holder.id, holder.voice, holder.rule) == ("She", None, "cited", "pronoun")


def test_an_office_speaks_for_its_owner() -> None:
    holders = find("Prime Minister Lena Maric is silent.", "She would accept the guards, her office said.")
    assert holders[1].id == "lena-maric"


def test_a_quotation_over_several_sentences_is_its_speakers() -> None:
    holders = find("“The toll is a disgrace.", "It will ruin us.", "We shall not pay,” said Perrin Aldous.", "“Never.”")
    assert [holder.id for holder in holders] == ["perrin-aldous"] * 4
    assert [holder.rule for holder in holders] == ["open-quote", "open-quote", "speech-tag", "open-quote"]


def test_speakers_of_a_transcript_hold_their_lines_and_the_presenter_is_the_author() -> None:
    holders = find(
        "PRESENTER: Good evening; the toll is on the table.",
        "VANE: It has to go.",
        "There is no other way.",
        "ETXARRI: Vane would close the harbour.",
        "PRESENTER: The committee meets on Friday.",
        "VANE: Let it meet.",
    )
    assert [holder.id for holder in holders] == ["author", "vane", "vane", "etxarri", "author", "vane"]
    assert holders[1].start == 0


def test_a_dateline_is_no_speaker() -> None:
    (holder,) = find("MERROW: The council rejected the toll.")
    assert holder.id == "council"


def test_somebody_called_the_author_is_not_taken_for_the_writer() -> None:
    (holder,) = find("The author insisted that the toll must go.")
    assert (holder.id, holder.voice) == ("the-author", "cited")


def test_no_sentences_give_no_holders() -> None:
    assert find() == []


def test_odd_text_never_raises_and_offsets_slice_to_words_of_the_sentence() -> None:
    rng = random.Random(11)
    bits = [
        *sorted(words("said rejects he it I of by VANE: Q: 's é😀")),
        "the union",
        "Ada Varga",
        "according to",
        "В. Орлов",
        *'"“”«,.:-(',
        "\n",
        "  ",
        "1.",
        "\ud800",
        "\x00",
    ]
    ranges = (range(1, 0x250), range(0x2000, 0x2100), range(0xD800, 0x1FFFF))
    for _ in range(60):
        sentences = [rng.choice(["", " "]).join(rng.choice(bits) for _ in range(rng.randrange(14))) for _ in range(5)]
        sentences.append("".join(chr(rng.choice(rng.choice(ranges))) for _ in range(20)))
        for sentence, holder in zip(sentences, find(*sentences), strict=True):
            assert holder.voice in ("author", "cited")
            assert (holder.start is None) == (holder.end is None)
            if holder.start is not None and holder.end is not None:
                assert 0 <= holder.start < holder.end <= len(sentence), repr(sentence)
                assert sentence[holder.start : holder.end].strip()


def test_a_very_long_sentence_is_read_in_part() -> None:
    (holder,) = find("Ada Varga said that " + "it rained and " * 20_000)
    assert holder.id == "ada-varga"


def test_without_the_parsers_model_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec

    def hidden(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name.startswith("en_core_web_sm") else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", hidden)
    parser.load_parser.cache_clear()
    with pytest.raises(StancekitError, match="en_core_web_sm") as caught:
        find("Ada Varga rejected the toll.")
    assert "pip install" in caught.value.fix
    parser.load_parser.cache_clear()


def test_clauses_in_a_row_have_a_voice_each() -> None:
    text = "The Conservatives welcomed it, the Liberals had doubts, and the Green Party called it a distraction."
    (found,) = HolderFinder().find([Statement("a:1", text)])
    assert {one.holder.name for one in found} == {"Liberals", "Conservatives", "Green Party"}


def test_her_team_mate_is_somebody_to_whom_a_pronoun_leads() -> None:
    *_, said = find(
        "Even Strom wants the Games in Norlund.",
        "His team-mate Maja Lie, who came third, sees it differently.",
        '"I do not want my name on that bill," she said.',
    )
    assert said.id == "maja-lie"


def test_their_union_is_told_from_other_unions() -> None:
    _, theirs, again = find("The dockers fear the toll.", "Their union wants it gone.", "The union said so on Monday.")
    assert (theirs.name, again.name) == ("union of dockers", "union of dockers")
    (unknown,) = find("Their union wants it gone.")
    assert unknown.name == "union"


def test_who_is_asked_about_does_not_speak_but_who_asks_does() -> None:
    (judge,) = find("Why, asked Judge Ida Moe, should the toll be paid?")
    assert judge.id == "ida-moe"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("the farmers' union", "the-farmers-union"),
        ("St Odhran’s", "st-odhrans"),
        ("José Muñoz-Ørn", "jose-munoz-rn"),
        ("Орлов", "орлов"),
        ("!", ""),
    ],
)
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_quotations_are_followed_over_sentences() -> None:
    first = find_quotes("He said: “It rains.")
    assert first.open
    assert not first.continues
    assert first.holds(10)
    assert not first.holds(2)
    assert find_quotes("It pours.” She left.", inside=True).spans == ((0, 10),)
    assert find_quotes('"So it goes on', inside=True).open
    assert not find_quotes('A "word" or two.').open


@pytest.mark.parametrize(
    ("sentence", "proper"),
    [
        ("Ada Varga rejected the toll.", True),
        ("Councillor Medlock rejected the toll.", True),
        ("The Chamber of Lenders rejected the toll.", True),
        ("The Kremlin rejected the toll.", True),
        ("The mayor rejected the toll.", False),
        ("The Mayor rejected the toll.", False),
        ("The Finance Ministry rejected the toll.", False),
        ("The High Court rejected the toll.", False),
        ("Growers rejected the toll.", False),
        ("Foreman of the yard rejected the toll.", False),
        ("The Prime Minister rejected the toll.", False),
    ],
)
def test_a_role_or_an_office_is_no_proper_name(sentence: str, proper: bool) -> None:
    (holder,) = find(sentence)
    assert (holder.voice, holder.proper) == ("cited", proper)


def test_a_name_that_comes_later_and_the_speaker_of_a_quotation_are_proper() -> None:
    holders = find(
        "“It will ruin us.",
        "We shall not pay,” said Perrin Aldous.",
        "He rejected the toll.",
        "ADA: No.",
        "MAYOR: Yes.",
        "ADA: No.",
        "ADA: No.",
    )
    assert [holder.proper for holder in holders] == [True, True, True, True, False, True, True]


def test_a_person_who_is_called_like_a_state_is_none_of_its_voices() -> None:
    said, _, capital = find("Chad said he backs the toll.", "He left.", "N'Djamena backs it.")
    assert (said.name, said.proper) == ("Chad", False)
    assert (capital.id, capital.proper) == ("chad", True)
    (state,) = find("Georgia rejected the toll on Monday.")
    assert (state.id, state.proper) == ("georgia", True)
    (senate,) = find("The Senate rejected the toll on Monday.")
    assert (senate.id, senate.proper) == ("senate", False)


def test_an_article_may_name_thousands() -> None:
    # Looked through one by one, so many take minutes.
    cast, letters = Cast(), "abcdefghij"
    names = ["".join(letters[int(digit)] for digit in str(number)).capitalize() for number in range(20_000)]
    started = time.perf_counter()
    for number, name in enumerate(names):
        cast.meet(Mention(f"Ada V{name}", 0, 0, "person", f"Ada{name} V{name}"), number)
    assert time.perf_counter() - started < 20
    met = cast.meet(Mention("VBcd", 0, 4, "person", "VBcd", sure=False), len(names))
    assert met is not None
    assert met.name == "AdaBcd VBcd"
