"""What the overview of a reading is fed with: periods, bars over time, sentences worth quoting, outlets."""

from dataclasses import replace
from datetime import date

import pytest

from readings import ARTICLE, TOLL, collection, opinion
from stancekit.reports.filters import OPINIONS_FILTERED, choices_of, kept_for_filters
from stancekit.reports.outlets import fitting_outlets, outlet_tables, ranged
from stancekit.reports.periods import coarse_enough, filled, first_day, written
from stancekit.reports.sides import changed_minds, quoter, telling
from stancekit.reports.timeline import heights, scale_of, timeline
from stancekit.shares import Interval
from stancekit.tallies import Grain, day_of, key_of


@pytest.mark.parametrize(
    ("ends", "grain", "between"),
    [
        (("2031-02-27", "2031-03-02"), "day", ["2031-02-27", "2031-02-28", "2031-03-01", "2031-03-02"]),
        # The last days of 2031 lie in the first week of 2032.
        (("2031-W51", "2032-W02"), "week", ["2031-W51", "2031-W52", "2032-W01", "2032-W02"]),
        (("2031-11", "2032-01"), "month", ["2031-11", "2031-12", "2032-01"]),
        (("9999-12-30", "9999-12-31"), "day", ["9999-12-30", "9999-12-31"]),
        (("9999-11", "9999-12"), "month", ["9999-11", "9999-12"]),
        ((), "day", []),
    ],
)
def test_periods_have_no_holes(ends: tuple[str, ...], grain: Grain, between: list[str]) -> None:
    assert filled(ends, grain) == between
    assert [key_of(first_day(one, grain), grain) for one in between] == between


def test_periods_are_written_as_people_say_them() -> None:
    assert [written("2031-03-03", "day"), written("2031-W10", "week", year=True), written("2031-03", "month")] == [
        "3 Mar",
        "3 Mar 2031",
        "Mar 2031",
    ]


def test_the_span_decides_how_fine_the_bars_are() -> None:
    first = date(2031, 1, 1)
    assert [coarse_enough([first, last]) for last in (date(2031, 1, 20), date(2031, 6, 1), date(2033, 1, 1))] == ["day", "week", "month"]


@pytest.mark.parametrize(
    ("text", "day"), [("2031-03-03T10:00:00+01:00", "2031-03-03"), ("2031-03-03", "2031-03-03"), ("March", None), (None, None)]
)
def test_a_date_that_is_none_is_no_day(text: str | None, day: str | None) -> None:
    assert day_of(text) == (date.fromisoformat(day) if day else None)


def test_bars_stand_on_the_middle_line_and_share_a_scale() -> None:
    reading = collection()
    scale = scale_of(reading.tallies, reading.known)
    assert scale is not None
    assert (scale.grain, len(scale.periods)) == ("week", 7)
    assert [scale.place_of(day) for day in ("2031-03-03", "2031-03-10", "2030-01-01", None)] == [0, 1, -1, -1]
    own = [one for one in reading.tallies if one.by == "week" and one.proposal_id == "toll"]
    chart = timeline(TOLL.text, own, scale, 0)
    assert chart.count("<g data-period=") == len(own) == 7
    first = next(one for one in own if one.key == "2031-W10")
    assert heights(first.voices) == (1, 0, 1)
    middle, unit = scale.above + 2, scale.unit
    assert f'class="support" x="1.71%" y="{middle - unit:.2f}" width="10.86%" height="{unit:.2f}"' in chart
    assert f'class="oppose" x="1.71%" y="{middle:.2f}" width="10.86%" height="{unit:.2f}"' in chart


def test_without_two_periods_there_is_no_course() -> None:
    reading = collection()
    assert scale_of([one for one in reading.tallies if one.key == "2031-W10"], reading.known) is None
    assert scale_of([], []) is None


def test_the_most_telling_sentences_are_sure_short_and_of_several_holders() -> None:
    long = opinion(ARTICLE, 0, 11, holder="Long", confidence=0.99, sentence="word " * 100)
    sure = opinion(ARTICLE, 12, 22, holder="Ida Brandvold", confidence=0.95)
    again = opinion(ARTICLE, 24, 36, holder="Ida Brandvold", confidence=0.94)
    guessed = opinion(ARTICLE, 24, 36, holder="Guessed", confidence=0.97, holder_confidence=0.5)
    plain = opinion(ARTICLE, 37, 47, holder="Tomas Aurel", confidence=0.7)
    against = opinion(ARTICLE, 37, 47, "oppose", "Ragna Sund", confidence=0.99)
    author = opinion(ARTICLE, 0, 11, holder=None, voice="author", confidence=0.99)
    assert telling([long, plain, again, guessed, author, against, sure], "support") == [sure, plain]
    assert telling([long], "support") == [long]


def test_changes_of_mind_come_before_other_holders_on_both_sides() -> None:
    (change,) = collection().changes
    facts = {one.id: one for one in collection().known}
    quote = quoter(facts, {}, {}, lambda one: (one.start,))
    ranked = changed_minds([replace(change, kind="wavering"), replace(change, kind="conflict"), change], quote)
    assert [one.change.kind for one in ranked] == ["change", "conflict", "wavering"]
    assert (ranked[0].before.where, ranked[0].after.where) == ("Vane Courier, 2031-03-17", "Harbour Post, 2031-04-07")


def test_outlets_are_compared_where_there_are_two() -> None:
    reading = collection()
    tables = outlet_tables(reading.tallies, reading.proposals)
    assert (tables[0].proposal.id, [row.outlet for row in tables[0].rows]) == ("toll", ["Vane Courier", "Harbour Post"])
    one_outlet = [one for one in reading.tallies if one.key != "Harbour Post"]
    assert outlet_tables(one_outlet, reading.proposals) == []


def test_one_article_gives_an_outlet_no_share() -> None:
    row = outlet_tables(collection().tallies, collection().proposals)[0].rows[0]
    assert "%" in row.share("support")
    assert row._replace(tally=replace(row.tally, articles=1)).share("support") == "–"


def test_too_many_outlets_are_cut_for_each_proposal() -> None:
    tables = outlet_tables(collection().tallies, collection().proposals)
    many = [one._replace(rows=one.rows * 200) for one in tables]
    assert [len(one.rows) for one in fitting_outlets(many)] == [400 // len(many)] * len(many)
    assert fitting_outlets(tables) == tables


def test_a_share_is_written_with_its_interval_where_it_has_one() -> None:
    assert [ranged(one) for one in (Interval(0.5, 0.254, 0.7), Interval(0.5, None, None), None)] == ["50% (25–70)", "50%", "–"]


def test_filters_keep_the_surest_opinions_where_there_are_too_many() -> None:
    weak = opinion(ARTICLE, 0, 11, confidence=0.4)
    strong = [opinion(ARTICLE, 12, 22, confidence=0.9, holder=f"S{number:05}") for number in range(OPINIONS_FILTERED)]
    assert len(kept_for_filters([weak, *strong[1:]])) == OPINIONS_FILTERED
    kept = kept_for_filters([weak, *strong])
    assert len(kept) == OPINIONS_FILTERED
    assert weak not in kept


def test_choices_are_what_there_is() -> None:
    reading = collection()
    choices = choices_of(reading.proposals, [], reading.known)
    assert choices.outlets == ["Harbour Post", "Skerrin Times", "Vane Courier"]
    assert choices.days == ("2031-03-03", "2031-04-21")
    assert choices_of([], [], [ARTICLE.facts]).days is None
