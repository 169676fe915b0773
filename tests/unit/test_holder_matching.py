"""When the holder benchmark calls a found holder right, and what it counts."""

import pytest

from holder_matching import Names, bare
from holder_stories import same
from holders import Matches, case_of, opinion_pairs, scores
from stancekit.data.corpus import LabelledArticle
from stancekit.news.attributions import Attribution, Holder
from stancekit.stance import Stance

NAMES = Names(
    {
        "ada-varga": frozenset({"ada-varga"}),
        "merrow-finance-ministry": frozenset({"merrow-finance-ministry", "finance-ministry"}),
        "merrow-labour-ministry": frozenset({"merrow-labour-ministry", "labour-ministry"}),
        "toll-opponents": frozenset({"toll-opponents", "opponents-of-the-toll"}),
    }
)


def holder(name: str | None, identity: str | None = None) -> Holder:
    return Holder(name, identity, 0, 1, "cited", "speech-verb")


@pytest.mark.parametrize(
    ("name", "gold", "right"),
    [
        ("Ada Varga", "ada-varga", True),
        ("Mrs Varga", "ada-varga", True),
        ("the Finance Ministry", "merrow-finance-ministry", True),
        ("ministry", "merrow-finance-ministry", False),
        ("opponents", "toll-opponents", True),
        ("Merrow", "merrow-finance-ministry", False),
        ("Olek Darby", "ada-varga", False),
        (None, "ada-varga", False),
    ],
)
def test_a_part_of_a_name_is_right_where_nobody_else_could_be_meant(name: str | None, gold: str, right: bool) -> None:
    assert NAMES.same(holder(name), gold) is right


def test_articles_and_titles_before_a_name_do_not_count() -> None:
    assert bare("the former Prime Minister Ada Varga’s") == "former-prime-minister-ada-varga"
    assert bare("Dr Ada Varga") == bare("ada varga") == "ada-varga"
    assert bare("the minister") == "minister"


@pytest.mark.parametrize(
    ("name", "gold", "right"),
    [
        ("the Kremlin", "Russia", True),
        ("GOP", "Republican Party", True),
        ("voters", "voter", True),
        ("Varga", "Ada Varga", True),
        ("Varga", "Olek Darby", False),
    ],
)
def test_stories_compare_entities_plurals_and_surnames(name: str, gold: str, right: bool) -> None:
    assert same(holder(name, name.lower()), gold) is right


def test_a_voice_in_the_writers_sentence_costs_precision_and_a_missed_second_voice_recall() -> None:
    def found(*names: str) -> list[Attribution]:
        return [Attribution(holder(name, name.lower().replace(" ", "-")), 0, 1) for name in names]

    matches: Matches = {"same": NAMES.same}
    cases = [
        case_of("a", "", found("Ada Varga"), ["ada-varga", "toll-opponents"], matches),
        case_of("a", "", found("Ada Varga", "Ada Varga"), ["ada-varga"], matches),
        case_of("b", "", found("Olek Darby"), [], matches),
        case_of("b", "", [Attribution(Holder.author(), 0, 1)], [], matches),
    ]
    result = scores(cases, "same")
    assert (result["found"], result["right"], result["gold"], result["hit"]) == (3, 2, 3, 2)
    assert result["precision"]["value"] == result["recall"]["value"] == pytest.approx(0.6667)
    assert result["precision"]["low"] <= result["precision"]["value"] <= result["precision"]["high"]


def test_opinions_are_compared_as_holder_proposal_and_side_each_once() -> None:
    label = {
        "proposal": "toll",
        "stance": "oppose",
        "holder": "Ada Varga",
        "holder_id": "ada-varga",
        "span": [0, 9],
        "voice": "cited",
        "tags": ["explicit"],
    }
    article = LabelledArticle.model_validate(
        {
            "id": "a",
            "genre": "wire report",
            "field": "transport",
            "outlet": "Merrow Post",
            "date": "2030-01-01",
            "title": "Toll",
            "split": "train",
            "proposals": [{"id": "toll", "text": "Merrow should toll the pier."}],
            "sentences": [{"text": "Ada Varga rejects the toll.", "labels": [label]}] * 2,
        }
    )
    varga = holder("Varga", "varga")
    pairs = [
        (varga, "toll", Stance.OPPOSE),
        (varga, "toll", Stance.OPPOSE),
        (varga, "toll", Stance.NEUTRAL),
        (holder("Darby", "darby"), "toll", Stance.OPPOSE),
    ]
    assert opinion_pairs(article, pairs) == (2, 1, 1, 1)
    assert opinion_pairs(article, [(varga, "toll", Stance.SUPPORT)]) == (1, 0, 1, 0)
