"""The table of states and institutions: its facts, that no name leads to two entities, and which names lead nowhere."""

from collections import defaultdict

import pytest

from stancekit.news import world
from stancekit.news.world import entities, entity_of, match_of, sovereign_of, state_of_adjective, state_of_possessive


def test_the_tables_are_as_large_as_news_needs() -> None:
    sorts = [entity.sort for entity in entities().values()]
    assert sorts.count("member") == 193
    assert sorts.count("observer") == 2
    assert sum(entity.kind in ("state", "territory") for entity in entities().values()) >= 250
    assert sum(entity.kind == "institution" for entity in entities().values()) >= 150


def test_an_id_stands_once_in_the_tables() -> None:
    assert len(entities()) == sum(1 for file in ("states.tsv", "institutions.tsv") for _ in world._rows(file))


def test_every_member_has_a_capital_or_is_one_and_an_adjective() -> None:
    members = [entity for entity in entities().values() if entity.sort == "member"]
    assert {entity.name for entity in members if not entity.capitals} == {"Monaco", "San Marino", "Sao Tome and Principe", "Singapore"}
    assert [entity.name for entity in members if not entity.adjectives or not entity.people] == []


def test_no_name_leads_to_two_entities_for_sure() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for key, match in world._keyed():
        if not match.ambiguous:
            owners[key].add(match.entity.id)
    assert {key: ids for key, ids in owners.items() if len(ids) > 1} == {}


def test_what_an_entity_belongs_to_is_there_and_never_itself() -> None:
    for entity in entities().values():
        chain = [entity.id]
        while (owner := entities()[chain[-1]].of) is not None:
            assert owner in entities()
            assert owner not in chain
            chain.append(owner)
        assert sovereign_of(entity).id == chain[-1]


@pytest.mark.parametrize(
    ("name", "id", "by"),
    [
        ("Moscow", "russia", "capital"),
        ("the Kremlin", "russia", "seat"),
        ("Berlin", "germany", "capital"),
        ("Washington", "united-states", "capital"),
        ("the White House", "united-states", "seat"),
        ("Brussels", "european-union", "seat"),
        ("London", "united-kingdom", "capital"),
        ("Downing Street", "united-kingdom", "seat"),
        ("Whitehall’s", "united-kingdom", "seat"),
        ("U.S.", "united-states", "abbreviation"),
        ("the US", "united-states", "abbreviation"),
        ("the United States'", "united-states", "name"),
        ("Britain", "united-kingdom", "name"),
        ("Burma", "myanmar", "name"),
        ("Naypyidaw", "myanmar", "capital"),
        ("Germany's", "germany", "name"),
        ("FRANCE", "france", "name"),
        ("the Élysée", "france", "seat"),
        ("Quai d’Orsay", "france", "seat"),
        ("Zhongnanhai", "china", "seat"),
        ("Türkiye", "turkey", "name"),
        ("Ankara", "turkey", "capital"),
        ("St. Lucia", "saint-lucia", "name"),
        ("Canberra", "australia", "capital"),
        ("Wien", None, None),
        ("Astana", "kazakhstan", "capital"),
        ("Ottawa", "canada", "capital"),
        ("Pretoria", "south-africa", "capital"),
        ("Dodoma", "tanzania", "capital"),
        ("Abuja", "nigeria", "capital"),
        ("Brasília", "brazil", "capital"),
        ("Ramallah", "palestine", "capital"),
        ("Pristina", "kosovo", "capital"),
        ("Taipei", "taiwan", "capital"),
        ("Edinburgh", "scotland", "capital"),
        ("Stormont", "northern-ireland", "seat"),
        ("Soviet Union", "soviet-union", "name"),
        ("Germans", "germany", "people"),
        ("the Danes", "denmark", "people"),
        ("Foggy Bottom", "us-state-department", "seat"),
        ("the Pentagon", "us-department-of-defense", "name"),
        ("Capitol Hill", "us-congress", "seat"),
        ("the Duma", "state-duma", "name"),
        ("Westminster", "uk-parliament", "seat"),
        ("NATO", "nato", "name"),
        ("Nato", "nato", "name"),
        ("W.H.O.", "world-health-organization", "abbreviation"),
        ("the E.U.", "european-union", "abbreviation"),
        ("the GOP", "republican-party", "abbreviation"),
        ("Tories", "conservative-party", "name"),
        ("al-Qaeda", "al-qaeda", "name"),
        ("the Fed", "federal-reserve", "name"),
    ],
)
def test_a_name_leads_to_its_entity(name: str, id: str | None, by: str | None) -> None:
    match = match_of(name)
    assert (match and match.entity.id, match and match.by) == (id, by)
    assert match is None or not match.ambiguous


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("us-senate", "us-congress"),
        ("federal-bureau-of-investigation", "us-department-of-justice"),
        ("knesset", "israel"),
        ("bundestag", "germany"),
        ("lok-sabha", "india"),
        ("european-commission", "european-union"),
        ("dail", "oireachtas"),
        ("greenland", "denmark"),
        ("puerto-rico", "united-states"),
    ],
)
def test_a_part_belongs_to_its_whole(part: str, whole: str) -> None:
    assert entities()[part].of == whole


@pytest.mark.parametrize(
    "name", ["Jordan Peters", "Chelsea Manning", "Paris Hilton", "Kyle France", "Berlin Wall", "German defence minister"]
)
def test_a_part_of_a_name_is_no_match(name: str) -> None:
    assert match_of(name) is None


@pytest.mark.parametrize("name", ["us", "Us", "turkey", "china", "Who", "who", "Ice", "Is", "it", "the", "", "'s", "’", "\ud800", "U", "."])
def test_everyday_words_and_scraps_are_no_match(name: str) -> None:
    assert match_of(name) is None


@pytest.mark.parametrize("name", ["Georgia", "Jordan", "Chad", "Congo", "Korean", "Hague", "Victoria", "Senate", "Supreme Court", "Labour"])
def test_a_name_of_several_meanings_is_marked_and_stands_for_nobody(name: str) -> None:
    match = match_of(name)
    assert match is not None
    assert match.ambiguous
    assert entity_of(name) is None


def test_adjectives_and_possessives_lead_to_the_state() -> None:
    for word, id in {
        "German": "germany",
        "Dutch": "netherlands",
        "U.S.": "united-states",
        "US": "united-states",
        "Scottish": "scotland",
    }.items():
        found = state_of_adjective(word)
        assert found is not None
        assert found.id == id
    assert state_of_adjective("Korean") is None
    assert state_of_adjective("polish") is None
    assert state_of_adjective("Germany") is None
    possessive = state_of_possessive("Germany’s")
    assert possessive is not None
    assert possessive.id == "germany"
    assert state_of_possessive("Germany") is None
    assert state_of_possessive("the Philippines'") is entities()["philippines"]


def test_an_adjective_alone_is_no_voice_but_a_people_is() -> None:
    assert entity_of("German") is None
    assert entity_of("Germans") is entities()["germany"]
