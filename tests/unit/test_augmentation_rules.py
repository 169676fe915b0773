"""The rules that rewrite proposals: what they make, and what they refuse to touch."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stancekit.data.augmentation.negation import third_person
from stancekit.data.augmentation.wordings import Wordings, bare, small_words, wordings_of
from stancekit.news.parser import parse

ROOT = Path(__file__).resolve().parents[2]
SMALL = frozenset({"boxing", "rents", "refugees", "farmers", "cotton", "flights", "people", "capital", "food"})
Read = Callable[[str], Wordings]

NEGATED = [
    ("Boxing should be banned.", "Boxing should not be banned."),
    ("We should lower the voting age to sixteen", "We should not lower the voting age to sixteen"),
    ("The turbines ought to be refused.", "The turbines ought not to be refused."),
    ("Rents must be capped by law.", "Rents need not be capped by law."),
    ("The bear release has to be called off.", "The bear release does not have to be called off."),
    ("We have to cut the subsidy.", "We do not have to cut the subsidy."),
    ("We need to invest in railways.", "We do not need to invest in railways."),
    ("A rent freeze would be a mistake.", "A rent freeze would not be a mistake."),
    ("The new bridge will create jobs.", "The new bridge will not create jobs."),
    ("The war can be won.", "The war cannot be won."),
    ("The tax is unfair.", "The tax is not unfair."),
    ("It is right to drill in the valley.", "It is not right to drill in the valley."),
    ("The clearing of the quarter was justified.", "The clearing of the quarter was not justified."),
    ("The operation has been a success.", "The operation has not been a success."),
    ("The town is becoming intolerant.", "The town is not becoming intolerant."),
    ("Violent games cause crime.", "Violent games do not cause crime."),
    ("The plan deserves approval.", "The plan does not deserve approval."),
    ("The council neglected its bridges.", "The council did not neglect its bridges."),
    ("Lendrick has the right to close the strait.", "Lendrick does not have the right to close the strait."),
    ("Women are better managers than men.", "Women are not better managers than men."),
    ("There should be a ban on fireworks.", "There should not be a ban on fireworks."),
    ("There must be a common army.", "There need not be a common army."),
    ("Riders who work long hours should get a contract.", "Riders who work long hours should not get a contract."),
    ("The club should be banned and dissolved.", "The club should not be banned and dissolved."),
    ("Home Schooling Should Be Banned", "Home Schooling Should Not Be Banned"),
    ("This house would cancel the project.", "This house would not cancel the project."),
    ("This house believes that advertising is harmful", "This house believes that advertising is not harmful"),
    # A negation taken away.
    ("Rents should not be frozen.", "Rents should be frozen."),
    ("Norrahav must not join the pact.", "Norrahav should join the pact."),
    ("The turbines ought not to be refused.", "The turbines ought to be refused."),
    ("States ought not possess such weapons.", "States ought to possess such weapons."),
    ("The port shouldn’t be sold.", "The port should be sold."),
    ("Peace cannot be kept by force.", "Peace can be kept by force."),
    ("The hotel is not a solution.", "The hotel is a solution."),
    ("We do not need a second bridge.", "We need a second bridge."),
    ("The town does not deserve its name.", "The town deserves its name."),
    ("Blasphemy has no place on the statute books.", "Blasphemy has a place on the statute books."),
    ("The cape is no place for a reactor.", "The cape is a place for a reactor."),
    # A quantifier at the front takes the negation.
    ("Every village should have a cash machine.", "Not every village should have a cash machine."),
    ("All zoos should close", "Not all zoos should close"),
    # No clause at all.
    ("Abolish the monarchy.", "Do not abolish the monarchy."),
    ("a tax on sugary drinks", "no tax on sugary drinks"),
    ("an amnesty for farm hands", "no amnesty for farm hands"),
    ("freedom for landlords to set their own prices", "no freedom for landlords to set their own prices"),
]
OPPOSITES = [
    ("We should ban telemarketing", "We should allow telemarketing"),
    ("Boxing should be banned.", "Boxing should be allowed."),
    ("Refugees should be allowed to work.", "Refugees should be forbidden to work."),
    ("This house would allow doctors to help patients die.", "This house would forbid doctors to help patients die."),
    ("Britain should scrap the levy.", "Britain should keep the levy."),
    ("Capital punishment should be abolished.", "Capital punishment should be kept."),
    ("Fishing crews should keep the right to trawl.", "Fishing crews should give up the right to trawl."),
    ("Kestria should withdraw from the treaty.", "Kestria should stay in the treaty."),
    ("Lorvenia should join the alliance.", "Lorvenia should stay out of the alliance."),
    ("Velmora should stop changing its clocks.", "Velmora should go on changing its clocks."),
    ("Passengers should go on paying their fares.", "Passengers should stop paying their fares."),
    ("Cannabis should be legalised.", "Cannabis should be kept illegal."),
    ("Voting should be compulsory.", "Voting should be optional."),
    ("Fast Food Advertising Should Be Banned", "Fast Food Advertising Should Be Allowed"),
]
REWORDED = [
    ("Boxing should be banned.", "Boxing ought to be banned."),
    ("Boxing should be banned.", "Boxing should not be allowed."),
    ("Boxing should be banned.", "It would be right for boxing to be banned."),
    ("We should keep our neutrality.", "The right thing would be to keep our neutrality."),
    ("The turbines ought to be refused.", "The turbines should be refused."),
    ("Rents should not be frozen.", "Rents ought not to be frozen."),
    ("Rents should not be frozen.", "It would be wrong for rents to be frozen."),
    ("Rents should not be frozen.", "It would be a mistake for rents to be frozen."),
    ("Refugees should not be allowed to work.", "Refugees should be forbidden to work."),
    ("Kestria should stay in the treaty.", "It would be right for Kestria to stay in the treaty."),
    ("South Ossetia should be independent.", "It would be right for South Ossetia to be independent."),
    ("There should be a common army.", "It would be right to have a common army."),
    ("We need to invest in railways.", "We should invest in railways."),
    ("It would be right to replace the old estate.", "We should replace the old estate."),
    ("Abolish the monarchy.", "We should abolish the monarchy."),
    ("This house would cancel the canal.", "It would be right to cancel the canal."),
    ("This house believes that advertising is harmful", "Advertising is harmful"),
]
# No sound negation: scope, several clauses, conditions, questions, fronted parts, no verb of one's own, and texts that are no claim.
NOT_NEGATED = [
    "Workers should always wear a helmet.",
    "Asylum seekers should only apply from abroad.",
    "The state should never sell its ports.",
    "Nobody should be locked up for weeks.",
    "Some drugs should be legal.",
    "Most people are lazy.",
    "Small works should need no permit.",
    "There should be no illegal migration.",
    "The state should pay for every lost animal.",
    "We should neither sell nor lease the port.",
    "This is not the only way.",
    "Europe still needs a constitution.",
    "The EU should immediately close the camp.",
    "The council should raise fares and cut the service.",
    "The union must be loose, and it must not grow.",
    "The bridge fell because its bolts had rusted.",
    "Boycott the games unless she is released.",
    "The ferry should stay until the tunnel is open.",
    "If rents rise, the state should step in.",
    "Although it is dear, the canal should be built.",
    "Should Turkey be accepted in the union?",
    "Should Turkey be accepted in the union",
    "Instead of a raise, pickers should get a share.",
    "Ferries rather than a bridge should link the towns.",
    "The right should begin at eighteen, as it does now.",
    "The law must be federal and not central.",
    "It will not happen anytime soon.",
    "The deal may fail.",
    "We won't sell.",
    "The mayor did not lie.",
    "Competition is healthy: an issue",
    "the handing back of the abbey to its monks",
    "a roof and a nurse for addicts",
    "twelve pens of salmon",
    "Fund needle exchanges",
    "",
]
# The opposite of these verbs would say too much, or would not fit the words behind it.
NO_OPPOSITE = [
    "We should raise the tax.",
    "We should lower the voting age.",
    "India should accept more refugees.",
    "Telvona must keep its masts on the air.",
    "The state should keep ferries public.",
    "Children should be banned from watching shows.",
    "China should be allowed more control.",
    "The civil code should allow for divorce.",
    "There must be compulsory identity cards.",
    "The road should be closed and sold.",
    "Bottom trawling should end.",
    "The state should end poverty.",
    "The council should stop the dealers from selling.",
    "The town should ban cars from the square.",
    "The plant should be shut down.",
    "The two towns should join forces.",
    "Serbia should join the union immediately.",
    "Sanctions should stay in place.",
    "The union ought not",
    "We should support a basic income.",
    "The council banned boxing.",
]
NOT_REWORDED = [
    "The tax is unfair.",
    "Women are better managers than men.",
    "It would be a pity to sell.",
    "A rent freeze would be a mistake.",
    "a tax on sugary drinks",
    "Should Turkey be accepted in the union",
    "Home Schooling Is Good",
    "It would not be right to sell the port.",
]


VOICED = [
    ("The council should keep the wool tax.", ["the council should keep the wool tax"]),
    ("Turkey should be accepted in the union", ["Turkey should be accepted in the union"]),
    ("Boxing should be banned.", ["boxing should be banned"]),
    ("Abolish the monarchy", []),
    ("Should Turkey be accepted in the union?", []),
    ("The toll is a burden: it falls on islanders", []),
]


@pytest.fixture(scope="module")
def read() -> Read:
    """The wordings of one proposal; all proposals of this module are parsed at once."""
    pairs = [proposal for table in (NEGATED, OPPOSITES, REWORDED, VOICED) for proposal, _ in table]
    known = wordings_of([*pairs, *NOT_NEGATED, *NO_OPPOSITE, *NOT_REWORDED], SMALL, parse)
    return known.__getitem__


@pytest.mark.parametrize(("proposal", "negation"), NEGATED)
def test_a_proposal_is_negated(read: Read, proposal: str, negation: str) -> None:
    assert read(proposal).negated[0] == negation


@pytest.mark.parametrize(("proposal", "opposite"), OPPOSITES)
def test_verbs_with_an_opposite_have_a_second_negation(read: Read, proposal: str, opposite: str) -> None:
    assert read(proposal).negated[1:] == [opposite]


@pytest.mark.parametrize(("proposal", "wording"), REWORDED)
def test_a_proposal_is_reworded(read: Read, proposal: str, wording: str) -> None:
    assert wording in read(proposal).reworded


@pytest.mark.parametrize("proposal", NOT_NEGATED)
def test_what_no_rule_fits_is_not_negated(read: Read, proposal: str) -> None:
    assert read(proposal).negated == []


@pytest.mark.parametrize("proposal", NO_OPPOSITE)
def test_what_leaves_a_middle_has_no_opposite(read: Read, proposal: str) -> None:
    assert len(read(proposal).negated) <= 1
    assert not any("not" in wording.split() for wording in read(proposal).reworded)


@pytest.mark.parametrize("proposal", NOT_REWORDED)
def test_what_no_frame_fits_is_not_reworded(read: Read, proposal: str) -> None:
    assert read(proposal).reworded == []


@pytest.mark.parametrize("proposal", [proposal for table in (NEGATED, OPPOSITES, REWORDED) for proposal, _ in table])
def test_no_wording_is_the_proposal_itself_or_both_for_and_against(read: Read, proposal: str) -> None:
    negated, reworded, _ = read(proposal)
    texts = [*negated, *reworded]
    assert len(set(texts)) == len(texts)
    assert proposal not in texts


@pytest.mark.parametrize(
    ("verb", "form"), [("deserve", "deserves"), ("have", "has"), ("pass", "passes"), ("deny", "denies"), ("say", "says"), ("go", "goes")]
)
def test_third_person(verb: str, form: str) -> None:
    assert third_person(verb) == form


def test_a_word_is_small_when_texts_mostly_write_it_so() -> None:
    texts = ["They like boxing, and rents in London fell.", "The rents rose; london grew, London shrank, Rents stood."]
    assert {"boxing", "rents"} <= small_words([*texts, "our rents"])
    assert not {"london", "they"} & small_words(texts)


def test_marks_and_case_make_no_other_proposal() -> None:
    assert bare("Boxing should be banned.") == bare("boxing  should be “banned”") != bare("Boxing should not be banned.")


def documented(heading: str) -> list[tuple[str, str]]:
    """(proposal, wording) of each row of the table under a heading of docs/augmentation.md."""
    section = (ROOT / "docs" / "augmentation.md").read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")][2:]
    # An empty cell stands for the proposal above.
    found: list[tuple[str, str]] = []
    for proposal, wording in cells:
        found.append((proposal or found[-1][0], wording))
    return found


@pytest.mark.parametrize("kind", ["negated", "reworded"])
def test_the_examples_of_the_documentation_hold(kind: str) -> None:
    examples = documented(kind)
    assert len(examples) > 10
    made = wordings_of([proposal for proposal, _ in examples], SMALL | {"owls"}, parse)
    assert [example for example in examples if example[1] not in getattr(made[example[0]], kind)] == []


@pytest.mark.parametrize(("proposal", "clauses"), VOICED)
def test_a_plain_sentence_goes_into_a_report_and_nothing_else_does(read: Read, proposal: str, clauses: list[str]) -> None:
    assert read(proposal).voiced == clauses
