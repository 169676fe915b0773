"""The pages that a browser opens, with long words and with texts that attack."""

from collections.abc import Callable

from comparisons import made_comparison
from doubting import made_doubts
from evaluations import agreement, error, metrics, proposal_row, trusted
from gates import made_report
from pages import report
from readings import collection, opinion, page_of
from searches import made_result
from stancekit.records import Article, Proposal
from stancekit.reports.comparison import comparison_page
from stancekit.reports.data import data_page
from stancekit.reports.doubts import doubts_page
from stancekit.reports.evaluation import evaluation_page
from stancekit.reports.gate import gate_page
from stancekit.reports.reading import reading_page
from stancekit.reports.search import search_page

ATTACK = '<script>document.title = "taken"; window.taken = true</script><img src="x" onerror="window.taken = true">'
LONG = "The old tannery should become a school, even if the market has to move to Unterwalderbruckenbergheimstettenfeldkirchenhausen"
ERRORS = [
    error("The ferry must stay, said the mayor of Vane.", "oppose", "support", 1, source=["a"], field=["transport"], tag=["irony"]),
    error(
        "A toll would ruin the market, said Ida Brandvold.", "oppose", "neutral", 2, source=["a"], field=["trade"], tag=["irony", "hedge"]
    ),
    error("The bridge is old. The ferry is older.", "neutral", "support", 3, source=["a"], field=["transport"], voice=["author"]),
    error(f"{ATTACK} {LONG}", "support", "oppose", 4, source=["a"], tag=[f"{ATTACK} {LONG}"]),
]
# A row that is all right and one that is all wrong have the strongest tints.
EXTREMES = [[130, 0, 0], [0, 0, 163], [23, 28, 67]]


SAID = {
    f"The harbour wants {ATTACK} the guards.": {0: "support", 1: "support"},
    "The mayor does not.": {1: "oppose", 2: "oppose"},
    "A vote is due on Friday.": {2: "oppose", 3: "oppose"},
    "Rather the old school than a new one.": {4: "support", 5: "oppose"},
}


def reading() -> str:
    article = Article("a", "\n\n".join(SAID), "wire.txt", "Ostrava Coast balks at guards")
    proposals = [Proposal(f"p{number}", f"{LONG} {number}") for number in range(6)]
    said = []
    for sentence, stances in SAID.items():
        start = article.text.index(sentence)
        for number, stance in stances.items():
            about = {"holder_id": "ida", "proposal_id": proposals[number].id, "proposal": proposals[number].text}
            said.append(opinion(article, start, start + len(sentence), stance, **about))
    return page_of([article], proposals, said, "Read in May")


PAGES: dict[str, Callable[[], str]] = {
    "data": lambda: data_page(report(f"{ATTACK} {LONG}")),
    "evaluation": lambda: evaluation_page(
        metrics("quick", per_proposal=[proposal_row(f"{LONG} {row}") for row in range(70)], errors=[error(ATTACK)])
    ),
    "trust": lambda: evaluation_page(metrics(agreement=agreement(), confusion=EXTREMES, **trusted(warning=True), errors=ERRORS)),
    "many": lambda: evaluation_page(metrics(errors=[error(f"Toll {row}. {ATTACK}", number=row) for row in range(60)])),
    "hostile": lambda: evaluation_page(metrics(f"{ATTACK} {LONG}", **trusted(f"{ATTACK} {LONG}"))),
    "reading": reading,
    "collection": lambda: reading_page(collection()),
    "attacked": lambda: reading_page(collection(f'</script>{ATTACK}" onmouseover="window.taken = true" {LONG}')),
    "search": lambda: search_page(made_result(ATTACK)),
    "comparison": lambda: comparison_page(*made_comparison(f"{LONG} {ATTACK}", seeds=3)),
    "gate": lambda: gate_page(*made_report(f"{LONG} {ATTACK}", noise=0.5)),
    "doubts": lambda: doubts_page(*made_doubts(f"{LONG} {ATTACK}")),
}
# A page that runs a script of the house, with the data it works on; all others run none.
SCRIPTS = {"evaluation": 1, "trust": 1, "hostile": 1, "many": 1, "reading": 2, "collection": 2, "attacked": 2}
# Pages without a text that attacks.
PEACEFUL = ("collection",)
