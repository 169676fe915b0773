"""The behaviour tests that ship are sound as texts; others of the same format are read, and faults in them are told."""

import random
import re
import tomllib
from pathlib import Path

import pytest

from stancekit.errors import StancekitError
from stancekit.evaluation.behaviours import (
    SHIPPED,
    Block,
    Capability,
    CapabilityFile,
    Case,
    Kind,
    SlotsFile,
    read_behaviours,
    read_capability,
)
from stancekit.evaluation.grammar import draw, fill, names_in
from stancekit.stance import STANCES, Stance

EXAMPLE = Path(__file__).resolve().parents[1] / "data" / "behaviours-quarry.toml"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "behaviours.md"
FILES = sorted(path for path in SHIPPED.glob("*.toml") if not path.name.startswith("_"))
SENTENCE = re.compile(r"""["“]?[A-Z0-9].*[.!?]["”]?""", re.DOTALL)


@pytest.fixture(scope="module")
def shipped() -> list[Capability]:
    return read_behaviours()


def cases_of(capabilities: list[Capability]) -> list[Case]:
    return [case for one in capabilities for case in one.cases]


def test_there_are_as_many_as_promised(shipped: list[Capability]) -> None:
    cases = cases_of(shipped)
    assert len(shipped) >= 18
    assert len(shipped) == len(FILES)
    assert sum(case.made for case in cases) >= 1500
    assert sum(not case.made for case in cases) >= 300
    assert {one.kind for one in shipped} == set(Kind)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_capability_has_enough_of_both(path: Path) -> None:
    one = read_capability(path)
    assert sum(case.made for case in one.cases) >= 60
    assert sum(not case.made for case in one.cases) >= 10
    # Only what never takes a side may lack a stance.
    stances = {case.stance for case in one.cases}
    assert {Stance.SUPPORT, Stance.OPPOSE} <= stances or one.name == "off-topic"


def test_no_case_stands_twice(shipped: list[Capability]) -> None:
    pairs = [case.pairs for case in cases_of(shipped)]
    assert len(set(pairs)) == len(pairs)


def test_a_pair_has_one_label_wherever_it_stands(shipped: list[Capability]) -> None:
    labels: dict[tuple[str, str], Stance] = {}
    for case in cases_of(shipped):
        assert case.expected is not None
        for pair, stance in zip(case.pairs, case.expected, strict=True):
            assert labels.setdefault(pair, stance) is stance, pair


def test_texts_are_whole_sentences(shipped: list[Capability]) -> None:
    for one in shipped:
        for case in one.cases:
            # What tests capitals, or a noun phrase, is no sentence in its second pair.
            pairs = case.pairs[:1] if one.name in ("casing", "noun-phrase-proposal") else case.pairs
            for text in (text for pair in pairs for text in pair):
                assert SENTENCE.fullmatch(text), text
            for text in (text for pair in case.pairs for text in pair):
                assert not re.search(r"[{}]|  |\s[.,;?!]|\.\.|\ba (?!ewe|one)[aeio]\w|\b(\w+) \1\b", text), text
                assert text.count('"') % 2 == 0, text


def test_pairs_of_a_case_differ(shipped: list[Capability]) -> None:
    assert all(len(set(case.pairs)) == len(case.pairs) == (1 if one.kind is Kind.MINIMUM else 2) for one in shipped for case in one.cases)


def test_every_shared_slot_and_field_is_used() -> None:
    shared = SlotsFile.model_validate(tomllib.loads((SHIPPED / "_plans.toml").read_text(encoding="utf-8"))).slots
    texts = [text.read_text(encoding="utf-8") for text in FILES]
    assert set(shared) <= set(names_in(texts))
    for name, values in shared.items():
        fields = values[0] if isinstance(values[0], dict) else {}
        unused = [field for field in fields if not any(f"{name}.{field}}}" in text.lower() for text in texts)]
        assert unused == []


def test_proposals_and_negations_are_apart() -> None:
    plans = SlotsFile.model_validate(tomllib.loads((SHIPPED / "_plans.toml").read_text(encoding="utf-8"))).slots["plan"]
    assert len(plans) >= 15
    for plan in plans:
        assert isinstance(plan, dict)
        assert not re.search(r"\b(not|no)\b", plan["claim"] + plan["clause"], re.IGNORECASE)
        assert re.search(r"\b(not|no)\b", plan["not"], re.IGNORECASE)
        assert re.search(r"\b(not|no)\b", plan["denied"], re.IGNORECASE)
        assert len(set(plan.values())) == len(plan)


def test_a_seed_gives_the_same_cases_and_another_gives_others() -> None:
    path = SHIPPED / "plain-verbs.toml"
    first, again, other = read_capability(path, 13), read_capability(path, 13), read_capability(path, 14)
    assert first == again
    assert first.cases != other.cases
    assert [case for case in first.cases if not case.made] == [case for case in other.cases if not case.made]


def test_drawing_puts_nothing_back() -> None:
    slots = {"who": ["a", "b"], "what": ["x", "y", "z"]}
    drawn = [fill("{who}-{what}", values) for values in draw(["{who}-{what}"], slots, 6, random.Random(1))]
    assert sorted(drawn) == ["a-x", "a-y", "a-z", "b-x", "b-y", "b-z"]
    with pytest.raises(ValueError, match="larger than population"):
        list(draw(["{who}-{what}"], slots, 7, random.Random(1)))


def test_the_documented_example_reads_as_it_says() -> None:
    one = read_capability(EXAMPLE)
    assert (one.name, one.kind, len(one.cases)) == ("behaviours-quarry", Kind.MINIMUM, 7)
    made = [case for case in one.cases if case.made]
    assert [sum(case.stance is stance for case in made) for stance in STANCES] == [2, 2, 2]
    for case in made:
        statement, proposal = case.pairs[0]
        place = "Orlin" if "Orlin" in proposal else "Tolm"
        assert place in statement
        assert statement.startswith(("The mayor", "The quarrymen", "The parish council"))


def test_a_second_pair_repeats_the_first(tmp_path: Path) -> None:
    path = tmp_path / "loud.toml"
    path.write_text(
        'title = "t"\nkind = "invariance"\n[[written]]\nproposal = "Close it."\nother_proposal = "{proposal.lower}"\n'
        'other_statement = "Well. {statement.upper}"\nsupport = ["Yes, do."]\n',
        encoding="utf-8",
    )
    (case,) = read_capability(path).cases
    assert case.pairs == (("Yes, do.", "Close it."), ("Well. YES, DO.", "close it."))
    assert case.expected == (Stance.SUPPORT, Stance.SUPPORT)


HEAD = 'title = "t"\nkind = "minimum"\n'
MADE = '[[made]]\ncount = 1\nproposal = "Close {place}."\nsupport = ["{Who} would close {place}."]\n'
SLOTS = '[slots]\nwho = ["she", "he"]\nplace = ["Orlin"]\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            HEAD + '[slots]\nwho = ["she"]\nplaces = ["Orlin"]\n' + MADE,
            r"names \{place\}, and there is no slot place; did you mean places\?",
        ),
        (HEAD + SLOTS + 'when = ["now"]\n' + MADE, r"slots.when  is named by no text; take it out, or use it"),
        (HEAD + SLOTS + MADE.replace("count = 1", "count = 3"), r"made 1  asks for 3 cases of .*make 2; lower count"),
        (HEAD + SLOTS + MADE.replace("count = 1\n", ""), r"made 1  has no count"),
        (HEAD + SLOTS + MADE + 'oppose = ["{Who} spared {place}."]\n', r"made 1  has 2 texts and a count of 1; each text needs a case"),
        (HEAD + SLOTS + MADE.replace("{Who}", "{Who"), r"has a brace that belongs to no slot"),
        (HEAD + SLOTS + MADE.replace("{Who}", "{Who.name}"), r"the values of who have no fields; write \{who\}"),
        (
            HEAD + '[slots]\nplace = ["Orlin"]\nwho = [{ name = "she" }]\n' + MADE.replace("{Who}", "{Who.nam}"),
            r"who has the fields name; did you mean name\?",
        ),
        (HEAD + '[slots]\nplace = ["Orlin"]\nwho = [{ a = "she" }, { b = "he" }]\n' + MADE, r"slots.who  value 2 has other fields"),
        (HEAD + '[slots]\nplace = []\nwho = ["she"]\n' + MADE, r"slots.place  holds no value"),
        (HEAD + '[slots]\nplace = ["a {hole}"]\nwho = ["she"]\n' + MADE, r"slots.place  holds 'a \{hole\}'"),
        (HEAD + '[slots]\nStatement = ["x"]\n', r"slots.Statement  is no name for a slot"),
        (HEAD + '[[written]]\nproposal = "P."\nstatement = "S."\n', r"written 1  has no stance; give one of oppose, neutral, support"),
        (HEAD + '[[written]]\nproposal = "P."\n', r"written 1  needs either statement or lists"),
        (HEAD + '[[written]]\nproposal = "P."\nsupport = ["S."]\ncount = 2\n', r"has a count; what is written is taken whole"),
        (HEAD + '[[written]]\nproposal = "P."\nsupport = ["S {who}."]\n', r"there is no slot who"),
        (HEAD + '[[written]]\nproposal = "P."\nsupport = ["S.", "S."]\n', r"'S\.'  stands beside 'P\.' twice"),
        (HEAD + '[[written]]\nproposal = "P."\nsupport = ["S."]\nother_statement = "T."\n', r"the kind minimum does not compare"),
        (
            'title = "t"\nkind = "invariance"\n[[written]]\nproposal = "P."\nsupport = ["S."]\n',
            r"has one pair, and invariance compares two",
        ),
        (HEAD, r"made, written  are both missing"),
        (HEAD.replace("minimum", "median") + SLOTS + MADE, r"kind +.*'minimum', 'invariance' or 'directional'"),
        (HEAD + SLOTS + MADE.replace("support", "suport"), r"suport.*did you mean support"),
        (HEAD + "[slots\n", "is not TOML"),
        ('use = "elsewhere.toml"\n' + HEAD, "elsewhere.toml does not exist"),
    ],
)
def test_faults_are_told_with_file_place_and_cure(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StancekitError, match=told) as caught:
        read_capability(path)
    assert "mine.toml" in str(caught.value) or "elsewhere" in told
    assert caught.value.fix


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + SLOTS + 'when = ["now"]\n' + MADE.replace("count = 1\n", ""), encoding="utf-8")
    with pytest.raises(StancekitError, match=r"mine.toml \(capability mine\) has 2 problems"):
        read_capability(path)


def test_a_folder_without_capabilities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match="holds no capability"):
        read_behaviours(tmp_path)


OWN = """title = "t"
kind = "minimum"
use = "_plans.toml"

[[made]]
count = 3
proposal = "{plan.claim}"
neutral = ["{Holder} has yet to read about {plan.doing}."]

[[written]]
proposal = "Our own mill should be sold."
statement = "The miller will not sell, ever."
stance = "oppose"
"""


def test_a_capability_of_ones_own_takes_the_shipped_slots_and_proposals_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(OWN, encoding="utf-8")
    (mine,) = read_behaviours(path)
    claims = {plan["claim"] for plan in tomllib.loads((SHIPPED / "_plans.toml").read_text(encoding="utf-8"))["slots"]["plan"]}
    proposals = [proposal for case in mine.cases for _, proposal in case.pairs]
    assert set(proposals[:3]) <= claims
    assert proposals[3:] == ["Our own mill should be sold."]
    assert read_behaviours(tmp_path) == [mine]


def test_shared_slots_beside_a_file_come_before_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "_plans.toml").write_text(
        '[slots]\nholder = ["the smith", "the nun", "the cook"]\n[[slots.plan]]\nclaim = "Bells should ring."\ndoing = "ringing bells"\n',
        encoding="utf-8",
    )
    (tmp_path / "mine.toml").write_text(OWN, encoding="utf-8")
    (mine,) = read_behaviours(tmp_path)
    assert {case.pairs[0][1] for case in mine.cases if case.made} == {"Bells should ring."}


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match=r"nowhere.toml does not exist"):
        read_behaviours(tmp_path / "nowhere.toml")


def test_the_page_shows_the_example_and_the_counts(shipped: list[Capability]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    block = page.split("```toml\n")[1].split("```")[0]
    assert block == EXAMPLE.read_text(encoding="utf-8").split("\n", 1)[1]
    cases = cases_of(shipped)
    made = sum(case.made for case in cases)
    assert f"{len(shipped)}\ncapabilities, {made:,} cases made from grammars and {len(cases) - made} written by hand" in page


def test_the_page_names_each_kind_rightly(shipped: list[Capability]) -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (minimum|invariance|directional) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows == {one.name: one.kind.value for one in shipped}


def test_every_key_of_the_format_is_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [key for model in (CapabilityFile, Block) for key in model.model_fields if f"`{key}`" not in page]
    missing += [path.stem for path in FILES if f"`{path.stem}`" not in page]
    assert missing == []
