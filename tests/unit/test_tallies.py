"""Tallies of voices: what counts once, in which slices, and with which intervals."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stancekit.news.aggregation import tallies_of
from stancekit.news.answers import Answers, sums_of
from stancekit.news.correction import Correction, Spread
from stancekit.news.opinions import summarise
from stancekit.records import ArticleFacts, Opinion, Prediction
from stancekit.shares import wilson
from stancekit.stance import STANCES, Stance
from stancekit.tables import read_rows, write_rows
from stancekit.tallies import By, Tally

PLACES = iter(range(10**9))


def opinion(article: str, holder: str | None, stance: str, sentence: str | None = None, proposal: str = "toll", **other: object) -> Opinion:
    place = next(PLACES)
    words = sentence or f"Sentence {place}."
    made = Opinion(article, holder, holder, proposal, f"The {proposal}.", Stance(stance), 0.9, words, place, place + 1, "said", "cited")
    return replace(made, **other)  # type: ignore[arg-type]


def facts(article: str, date: str | None = None, outlet: str | None = None, copy_of: str | None = None) -> ArticleFacts:
    return ArticleFacts(article, None, f"Title of {article}", date, outlet, copy_of)


def found(tallies: list[Tally], by: By, key: str, proposal: str = "toll") -> Tally:
    (one,) = (tally for tally in tallies if (tally.by, tally.key, tally.proposal_id) == (by, key, proposal))
    return one


def test_ten_sentences_of_one_voice_are_one_voice() -> None:
    said = [opinion("a", "ada-varga", "oppose") for _ in range(10)] + [opinion("a", "ivo-lem", "support")]
    one = found(tallies_of(said, [facts("a")]), "all", "all")
    assert one.voices == {"oppose": 1, "neutral": 0, "support": 1, "mixed": 0}
    assert one.sentences == {"oppose": 10, "neutral": 0, "support": 1}
    assert (one.articles, one.shares["oppose"].value, one.shares["oppose"].low) == (1, 0.5, None)


def test_a_voice_has_its_side_or_both_or_keeps_out() -> None:
    said = [
        opinion("a", "x", "oppose"), opinion("a", "x", "support"),
        opinion("a", "y", "neutral"), opinion("a", "y", "support"),
        opinion("a", "z", "neutral"),
    ]  # fmt: skip
    assert found(tallies_of(said, [facts("a")]), "article", "a").voices == {"oppose": 0, "neutral": 1, "support": 1, "mixed": 1}


def test_slices_are_articles_holders_outlets_and_time() -> None:
    said = [
        opinion("a", "ada-varga", "oppose"),
        opinion("b", "ada-varga", "support"),
        opinion("b", "b.mayor", "support"),
        opinion("c", None, "oppose"),
    ]
    given = [facts("a", "2027-01-03", "Gazette"), facts("b", "2026-12-29T08:00:00+01:00", "Courier"), facts("c")]
    keys = [(one.by, one.key, sum(one.voices.values())) for one in tallies_of(said, given)]
    assert keys == [
        ("all", "all", 4), ("article", "a", 1), ("article", "b", 2), ("article", "c", 1), ("holder", "ada-varga", 2),
        ("outlet", "Courier", 2), ("outlet", "Gazette", 1), ("day", "2026-12-29", 2), ("day", "2027-01-03", 1),
        ("week", "2026-W53", 3), ("month", "2026-12", 2), ("month", "2027-01", 1),
    ]  # fmt: skip


def test_wire_copy_counts_once_and_what_a_copy_adds_counts_too() -> None:
    said = [
        opinion("a", "ada-varga", "oppose", "She is against it."), opinion("a", "a.author", "oppose", "It is a mistake."),
        opinion("b", "ada-varga", "oppose", "She is  against IT."), opinion("b", "b.author", "oppose", "It is a mistake."),
        opinion("b", "ivo-lem", "support", "He is for it."),
    ]  # fmt: skip
    given = [
        facts("a", "2026-11-29", "Gazette"),
        facts("b", "2026-11-27", "Courier", copy_of="a"),
        facts("c", "2026-11-29", "Gazette", copy_of="a"),
    ]
    tallies = tallies_of(said, given)
    whole = found(tallies, "all", "all")
    assert (whole.voices["oppose"], whole.voices["support"], whole.articles, whole.sentences["oppose"]) == (2, 1, 1, 2)
    assert found(tallies, "outlet", "Courier").voices == {"oppose": 2, "neutral": 0, "support": 1, "mixed": 0}
    assert [one.key for one in tallies if one.by == "day"] == ["2026-11-27"]
    positions = summarise(said, given)
    assert [(one.holder_id, one.oppose, one.articles) for one in positions] == [("ada-varga", 1, 1), ("a.author", 1, 1), ("ivo-lem", 0, 1)]
    alone = summarise(said)
    assert [(one.holder_id, one.oppose, one.articles) for one in alone] == [
        ("ada-varga", 2, 2), ("a.author", 1, 1), ("b.author", 1, 1), ("ivo-lem", 0, 1)
    ]  # fmt: skip


def test_a_position_with_a_side_shows_a_sentence_of_that_side() -> None:
    said = [opinion("a", "x", "neutral", "She will not say."), opinion("a", "x", "support", "She is for it.", confidence=0.6)]
    (one,) = summarise(said)
    assert (one.stance, one.neutral, one.support, one.sentence, one.confidence) == ("support", 1, 1, "She is for it.", 0.6)


def test_a_mixed_position_shows_a_sentence_of_a_side() -> None:
    said = [opinion("a", "x", stance, confidence=sure) for stance, sure in (("support", 0.6), ("neutral", 0.95), ("oppose", 0.7))]
    (one,) = summarise(said)
    assert (one.stance, one.confidence, one.sentence) == ("mixed", 0.7, said[2].sentence)


LOUD = [opinion("a", "x", "support") for _ in range(10)]


@pytest.mark.parametrize(
    ("said", "side", "voices"),
    [
        ([*LOUD, opinion("b", "x", "oppose")], "mixed", [1, 0, 1, 0]),
        ([*LOUD, *(opinion(one, "x", "oppose") for one in "bcd")], "oppose", [3, 0, 1, 0]),
        # One doubtful sentence among many is no second side, neither in an article nor over all.
        ([*LOUD, opinion("a", "x", "oppose")], "support", [0, 0, 1, 0]),
        ([*LOUD, *(opinion(one, "x", "support") for one in "bc"), opinion("d", "x", "oppose")], "support", [1, 0, 3, 0]),
        # Who is on both sides of an article has a vote for either.
        ([opinion("a", "x", "oppose"), opinion("a", "x", "support"), opinion("b", "x", "support")], "mixed", [0, 0, 1, 1]),
        (
            [opinion("a", "x", "oppose"), opinion("a", "x", "support"), *(opinion(one, "x", "support") for one in "bcd")],
            "support",
            [0, 0, 3, 1],
        ),
        ([opinion("a", "x", "neutral"), opinion("b", "x", "oppose")], "oppose", [1, 1, 0, 0]),
    ],
)
def test_a_holder_stands_where_the_articles_do_not_where_the_sentences_are(said: list[Opinion], side: str, voices: list[int]) -> None:
    (position,) = summarise(said)
    one = found(tallies_of(said, [facts(article) for article in "abcd"]), "holder", "x")
    assert (position.stance, list(one.voices.values())) == (side, voices)


def test_intervals_are_wider_where_articles_speak_with_one_voice() -> None:
    alike = Spread.of(np.array([[4.0, 0.0], [0.0, 4.0]] * 10)).intervals()[0]
    apart = Spread.of(np.array([[2.0, 2.0], [1.0, 3.0], [3.0, 1.0], [2.0, 2.0]] * 5)).intervals()[0]
    plain = wilson(40, 80)
    assert alike.value == apart.value == plain.value == 0.5
    assert np.all(np.diff(np.array([alike.low, wilson(10, 20).low, plain.low, apart.low], dtype=np.float64)) >= 0)
    assert alike.low != plain.low


def test_intervals_of_few_articles_take_each_for_one_voice_and_one_article_has_none() -> None:
    few = Spread.of(np.array([[9.0, 0.0], [9.0, 0.0], [0.0, 9.0]])).intervals()[0]
    assert (few.low, few.high) == pytest.approx(wilson(2, 3)[1:])
    sure = Spread.of(np.array([[9.0, 0.0]] * 30)).intervals()
    assert (sure[0].low, sure[0].high, sure[1].low) == pytest.approx((wilson(30, 30).low, 1.0, 0.0))
    assert Spread.of(np.array([[9.0, 1.0]])).intervals()[0][1:] == (None, None)


def test_articles_count_by_what_they_weigh() -> None:
    """Six of one size are six and a long one beside five short ones is hardly more than one; without voices an article is none."""
    assert Spread.of(np.array([[0.3, 0.7]] * 6)).articles == 6
    assert Spread.of(np.array([[95.0, 0.0], *[[0.0, 1.0]] * 5])).articles == pytest.approx(100**2 / (95**2 + 5))
    assert Spread.of(np.array([[3.0, 1.0], [0.0, 4.0], [0.0, 0.0]])).articles == 2


def test_the_scatter_is_that_of_drawn_articles_whatever_their_sizes() -> None:
    """The variance of a share over many draws of articles that scatter alike, and the mean of what each draw would take it for."""
    rng, sizes = np.random.default_rng(6), np.array([30.0, 20.0, *[5.0] * 8])
    drawn = [Spread.of(np.stack([sizes * part, sizes * (1 - part)], axis=1)) for part in rng.uniform(0.2, 0.8, (4000, len(sizes)))]
    assert np.mean([one.covariance[0, 0] for one in drawn]) == pytest.approx(np.var([one.shares[0] for one in drawn]), rel=0.06)


@pytest.mark.parametrize("share", [0.3, 0.5])
@pytest.mark.parametrize("sizes", [[60, 1, 1, 1, 1], [100, *[2] * 15], [12, 1, 1, 1, 1, 2], None])
def test_intervals_hold_the_share_where_articles_differ_much_in_size(sizes: list[int] | None, share: float) -> None:
    """Beta-binomial voices, alike in an article; without sizes, twenty of lognormal size in every draw."""
    rng, held, widths = np.random.default_rng(9), 0, 0.0
    for _ in range(400):
        units = np.array(sizes) if sizes else np.ceil(rng.lognormal(0.7, 1.5, 20)).astype(np.int64)
        taken = rng.binomial(units, rng.beta(2 * share, 2 * (1 - share), len(units)))
        one = Spread.of(np.stack([taken, units - taken], axis=1).astype(np.float64)).intervals()[0]
        assert one.low is not None
        assert one.high is not None
        held, widths = held + (one.low <= share <= one.high), widths + one.high - one.low
    assert held / 400 > 0.93
    assert widths / 400 < 0.9


def prediction(proposal: str, stance: Stance, chances: tuple[float, ...]) -> Prediction:
    given = {one.value: chance for one, chance in zip(STANCES, chances, strict=True)}
    return Prediction("s", "Text.", proposal, "P.", stance, max(chances), given)


def answers(articles: int) -> Answers:
    made = Answers()
    for number in range(articles):
        for proposal in ("toll", "tram"):
            given = [prediction(proposal, Stance.OPPOSE, (0.6, 0.3, 0.1)), prediction(proposal, Stance.SUPPORT, (0.1, 0.1, 0.8))]
            made.add(str(number), sums_of(given))
    return made


def perfect(count: int = 200) -> Correction:
    gold = np.tile(np.arange(3), count)
    made = Correction.of(np.eye(3)[gold], gold, np.repeat(np.arange(count), 3).tolist())
    assert isinstance(made, Correction)
    return made


def test_all_answers_count_though_few_are_opinions() -> None:
    given = [facts(str(number), "2026-11-29") for number in range(6)]
    tallies = tallies_of([opinion("0", "x", "oppose")], given, answers(6), perfect())
    one = found(tallies, "day", "2026-11-29")
    assert (one.pairs, one.answered, one.note) == (12, {"oppose": 0.5, "neutral": 0.0, "support": 0.5}, None)
    # Here the model takes no stance for another, so that all there is to correct is what merely counting labels does.
    assert one.expected == pytest.approx({"oppose": 0.35, "neutral": 0.2, "support": 0.45})
    assert one.corrected is not None
    assert [round(one.corrected[stance.value].value, 6) for stance in STANCES] == [0.35, 0.2, 0.45]
    silent = found(tallies, "day", "2026-11-29", "tram")
    assert (silent.articles, silent.shares, silent.pairs) == (0, {}, 12)
    assert found(tallies, "article", "0").note == "not corrected: fewer than 5 articles were asked about it"
    assert found(tallies, "holder", "x").corrected is None


def test_answers_of_copies_count_once_in_each_slice() -> None:
    given = [facts("0", outlet="Gazette"), facts("1", outlet="Gazette", copy_of="0"), facts("2", outlet="Courier", copy_of="0")]
    tallies = tallies_of([], given, answers(3))
    assert [(one.by, one.key, one.pairs) for one in tallies if one.proposal_id == "toll" and one.by != "article"] == [
        ("all", "all", 2), ("outlet", "Courier", 2), ("outlet", "Gazette", 2)
    ]  # fmt: skip
    assert {one.note for one in tallies} == {"not corrected: no labelled pairs of news were given"}


def test_of_copies_the_first_that_was_asked_counts() -> None:
    """Copies are nearly alike, so one may be near enough to a proposal and the one before it not."""
    given = [facts("0", outlet="Gazette"), facts("1", outlet="Gazette", copy_of="0"), facts("2", outlet="Gazette", copy_of="0")]
    made = Answers()
    made.add("0", sums_of([prediction("tram", Stance.OPPOSE, (0.6, 0.3, 0.1))]))
    made.add("1", sums_of([prediction("toll", Stance.SUPPORT, (0.1, 0.1, 0.8))]))
    made.add("2", sums_of([prediction("toll", Stance.OPPOSE, (0.6, 0.3, 0.1))] * 2))
    whole = found(tallies_of([opinion("1", "x", "support")], given, made), "outlet", "Gazette")
    assert (whole.pairs, whole.answered) == (1, {"oppose": 0.0, "neutral": 0.0, "support": 1.0})


def test_an_article_may_be_added_in_parts() -> None:
    whole, parts = Answers(), Answers()
    said = [prediction("toll", Stance.OPPOSE, (0.6, 0.3, 0.1)), prediction("toll", Stance.NEUTRAL, (0.2, 0.7, 0.1))]
    whole.add("a", sums_of(said))
    for one in said:
        parts.add("a", sums_of([one]))
    for made in (whole, parts):
        counts, sums = made.by_key("toll", {"a": "all"})["all"]
        assert (counts.tolist(), sums.round(6).tolist()) == ([[1, 1, 0]], [[0.8, 1.0, 0.2]])


def test_the_same_opinions_give_the_same_rows_in_any_order() -> None:
    given = [facts(str(number), f"2026-11-{number + 1:02d}", "Gazette") for number in range(6)]
    said = [opinion(str(number), f"holder-{number % 2}", ("oppose", "support")[number % 3 > 0]) for number in range(6)]
    once, again = ([one.to_row() for one in tallies_of(order, given, answers(6), perfect())] for order in (said, list(reversed(said))))
    assert once == again


def test_rows_have_the_same_columns_whatever_is_known(tmp_path: Path) -> None:
    given = [facts(str(number), "2026-11-29") for number in range(6)]
    tallies = tallies_of([opinion("0", "x", "oppose")], given, answers(6), perfect())
    write_rows(tmp_path / "tallies.csv", (one.to_row() for one in tallies))
    rows = [row.values for row in read_rows(tmp_path / "tallies.csv")]
    whole = next(row for row in rows if (row["by"], row["proposal_id"]) == ("day", "toll"))
    assert (whole["shares.oppose"], whole["shares.oppose_low"], whole["corrected.support"]) == ("1.0", "", "0.45")
    silent = next(row for row in rows if (row["by"], row["proposal_id"]) == ("day", "tram"))
    assert (silent["shares.oppose"], silent["answered.support"], silent["voices.mixed"]) == ("", "0.5", "0")


def test_a_holder_goes_by_the_fullest_name_and_an_article_by_its_title() -> None:
    said = [opinion("a", name, "oppose", holder_id="ada-varga") for name in ("Varga", "Ada Varga")]
    tallies = tallies_of(said, [facts("a")])
    assert (found(tallies, "holder", "ada-varga").name, found(tallies, "article", "a").name) == ("Ada Varga", "Title of a")
