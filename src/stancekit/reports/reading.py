"""The page about articles that were read: who stands where, and the sentences that show it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from stancekit.errors import StancekitError
from stancekit.records import Article, ArticleFacts, Opinion, Position, Proposal
from stancekit.reports.evidence import AboutProposal, NumberedOpinion, Stretch, numbered, stands_of, titled
from stancekit.reports.filters import choices_of, filter_data, kept_for_filters
from stancekit.reports.matrix import fitting, holder_rows, spot
from stancekit.reports.outlets import fitting_outlets, outlet_tables, ranged
from stancekit.reports.page import counted, render
from stancekit.reports.sides import cards, changed_minds, quoter
from stancekit.reports.timeline import scale_of
from stancekit.tallies import Change, Tally, day_of, groups_of

# These keep a page under 3 MB: a mailbox and a browser must still take it.
ROOM_FOR_ARTICLES = 1_900_000
BYTES_OF_AN_OPINION = 1_300
PROBLEMS_SHOWN = COPIES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a page shows. Only proposals, articles and opinions are needed; what is empty has no section.

    articles: with their texts, in the order in which they are drawn. facts: of all that was read, those of `articles` where empty.
    opinions: what copies of an article say in the same words is in it once (`said_once`). positions, tallies, changes: what they come to.
    problems: (source, what is wrong with it) of what could not be read. note: stands under the title. verdict: what the evaluation
    found of the model. unasked: how many pairs of an article and a proposal were not asked, as they are not near each other. form: the
    ending of the tables beside the page.
    """

    proposals: Sequence[Proposal]
    articles: Sequence[Article]
    opinions: Sequence[Opinion]
    positions: Sequence[Position]
    facts: Sequence[ArticleFacts] = ()
    tallies: Sequence[Tally] = ()
    changes: Sequence[Change] = ()
    problems: Sequence[tuple[str, str]] = ()
    note: str | None = None
    verdict: str | None = None
    unasked: int = 0
    form: str = "jsonl"

    @property
    def known(self) -> Sequence[ArticleFacts]:
        """The facts of all articles."""
        return self.facts or [article.facts for article in self.articles]


class ReadArticle(NamedTuple):
    """An article as it is drawn. key: made from its position, so that ids never hold text from outside.

    rows: the id of the line in the table, by the number of an opinion.
    """

    key: str
    facts: ArticleFacts
    copies: Sequence[ArticleFacts]
    heading: list[Stretch]
    paragraphs: list[list[Stretch]]
    opinions: Sequence[NumberedOpinion]
    stands: list[AboutProposal]
    rows: Mapping[int, str]


class Copies(NamedTuple):
    """Articles with nearly the same text, the one that counts first."""

    first: ArticleFacts
    others: list[ArticleFacts]


def reading_page(reading: Reading) -> str:
    """One HTML page: for many articles an overview that can be filtered, then every article with its evidence marked.

    As many articles as fit into about 3 MB are drawn, in the order given, and the page says how many are not. Raises StancekitError for
    an opinion on an article or a proposal that was not given, and for one that lies outside of its text.
    """
    _check(reading)
    facts = {one.id: one for one in reading.known}
    listed = _listed(reading)
    copies = _copies(reading.known)
    drawn = _drawn(reading, listed)
    keys = {article.id: f"a{place}" for place, article in enumerate(drawn, 1)}
    shown = [_read(keys[one.id], one, facts[one.id], listed[one.id], _columns(reading), copies) for one in drawn]
    single = len(facts) == 1
    overview = _overview(reading, facts, _anchors(listed, keys), single)
    return render(
        "reading.html.j2",
        script="reading.js.j2",
        kicker="stancekit · reading",
        title=_title(reading.known),
        single=single,
        note=reading.note,
        trust=reading.note is not None,
        verdict=reading.verdict,
        unasked=reading.unasked,
        proposals=reading.proposals,
        found=Counter(opinion.stance.value for opinion in reading.opinions),
        articles=shown,
        more_articles=len({one.article for one in reading.opinions} - keys.keys()),
        form=reading.form,
        copies=[one for one in copies.values() if one.others][:COPIES_SHOWN],
        problems=reading.problems,
        problems_shown=PROBLEMS_SHOWN,
        ranged=ranged,
        **overview,
    )


def _overview(
    reading: Reading, facts: Mapping[str, ArticleFacts], anchors: Mapping[tuple[object, ...], str], single: bool
) -> dict[str, Any]:
    titles = {one.id: one.title or one.id for one in facts.values()}
    changed = {(one.holder_id, one.proposal_id) for one in reading.changes if one.kind == "change"}
    rows = holder_rows(reading.positions, reading.proposals, titles, anchors, changed, groups_of(reading.known))
    shown = fitting(rows)
    filtered = kept_for_filters(reading.opinions)
    places = {spot(one): place for place, one in enumerate(filtered)}
    quote = quoter(facts, anchors, places, spot)
    tables = [] if single else fitting_outlets(outlet_tables(reading.tallies, reading.proposals))
    minds = changed_minds(reading.changes, quote)
    sizes = [counted(len(facts), "article"), counted(len(reading.proposals), "proposal"), counted(len(rows), "holder")]
    return {
        "contents": _contents(reading, single, bool(tables), bool(minds)),
        "sizes": sizes,
        "rows": shown,
        "more_rows": len(rows) - len(shown),
        "cards": [] if single else cards(reading.proposals, reading.tallies, reading.known, reading.opinions, quote),
        "minds": minds,
        "more_minds": len(reading.changes) - len(minds),
        "outlets": tables,
        "unplaced": sum(not one.outlet for one in facts.values()),
        "undated": sum(day_of(one.date) is None for one in facts.values()),
        "corrected": any(one.corrected for one in reading.tallies),
        "choices": choices_of(reading.proposals, shown, reading.known),
        "unfiltered": len(reading.opinions) - len(filtered),
        "data": filter_data(filtered, reading.known, reading.proposals, shown, anchors, scale_of(reading.tallies, reading.known)),
    }


def _title(known: Sequence[ArticleFacts]) -> str:
    return known[0].title or known[0].id if len(known) == 1 else "Who stands where"


def _contents(reading: Reading, single: bool, outlets: bool, minds: bool) -> list[tuple[str, str]]:
    many = not single
    found = [
        (many and bool(reading.proposals), "proposals", "Proposals"),
        (many, "matrix", "Holders"),
        (minds, "changes", "Both sides"),
        (outlets, "outlets", "Outlets"),
        (True, "articles", "The article" if single else "Articles"),
        (any(one.copy_of for one in reading.known), "copies", "Copies"),
        (bool(reading.problems), "problems", "Not read"),
        (True, "words", "How to read this"),
    ]
    there = [(key, name) for shown, key, name in found if shown]
    # One article and how to read it need no list.
    return there if len(there) > 2 else []


def _check(reading: Reading) -> None:
    article_ids = {one.id for one in reading.known} | {one.id for one in reading.articles}
    proposal_ids = {proposal.id for proposal in reading.proposals}
    for said in (reading.opinions, reading.positions):
        for one in said:
            for kind, name, ids in (("article", one.article, article_ids), ("proposal", one.proposal_id, proposal_ids)):
                if name not in ids:
                    raise StancekitError(
                        f"an opinion is about the {kind} {name!r}, which is not given", fix=f"give every {kind} that has opinions"
                    )


def _columns(reading: Reading) -> dict[str, int]:
    return {proposal.id: place for place, proposal in enumerate(reading.proposals)}


def _listed(reading: Reading) -> dict[str, list[NumberedOpinion]]:
    own: dict[str, list[Opinion]] = defaultdict(list)
    for opinion in reading.opinions:
        own[opinion.article].append(opinion)
    return {article.id: numbered(article, own[article.id]) for article in reading.articles}


def _worth_drawing(reading: Reading, listed: Mapping[str, Sequence[NumberedOpinion]]) -> list[Article]:
    # A copy that adds nothing would be the same text again.
    copies = {one.id for one in reading.known if one.copy_of}
    return [article for article in reading.articles if article.id not in copies or listed[article.id]]


def _drawn(reading: Reading, listed: Mapping[str, Sequence[NumberedOpinion]]) -> list[Article]:
    room = ROOM_FOR_ARTICLES
    drawn: list[Article] = []
    for article in _worth_drawing(reading, listed):
        quoted = sum(BYTES_OF_AN_OPINION + len((one.holder + one.opinion.proposal).encode()) for one in listed[article.id])
        room -= len(article.text.encode()) + quoted
        if room < 0 and drawn:
            break
        drawn.append(article)
    return drawn


def _anchors(listed: Mapping[str, Sequence[NumberedOpinion]], keys: Mapping[str, str]) -> dict[tuple[object, ...], str]:
    return {spot(one.opinion): f"{key}-{one.number}" for article, key in keys.items() for one in listed[article]}


def _copies(facts: Sequence[ArticleFacts]) -> dict[str, Copies]:
    by_id = {one.id: one for one in facts}
    found = {one.id: Copies(one, []) for one in facts if one.copy_of is None}
    for one in facts:
        if one.copy_of is not None:
            found.setdefault(one.copy_of, Copies(by_id.get(one.copy_of, one), [])).others.append(one)
    return found


def _read(
    key: str,
    article: Article,
    facts: ArticleFacts,
    opinions: Sequence[NumberedOpinion],
    columns: Mapping[str, int],
    copies: Mapping[str, Copies],
) -> ReadArticle:
    stands = stands_of(key, opinions, columns)
    rows = {one.number: stand.row for about in stands for stand in about.stands for one in stand.shown}
    own = copies[article.id].others if article.id in copies else []
    return ReadArticle(key, facts, own, *titled(article, opinions), opinions, stands, rows)
