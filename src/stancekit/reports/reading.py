"""The page about articles that were read: who stands where, and the sentences that show it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stancekit.errors import StancekitError
from stancekit.records import Article, Opinion, Position, Proposal
from stancekit.reports.evidence import NumberedOpinion, Stretch, body, numbered
from stancekit.reports.matrix import HolderRow, holder_rows, spot
from stancekit.reports.page import counted, render

# These keep a page under 3 MB: a mailbox and a browser must still take it.
ROOM_FOR_ARTICLES = 2_000_000
BYTES_OF_AN_OPINION = 1_000
HOLDERS_SHOWN = 200
CELLS_SHOWN = 30_000
FILLED_CELLS_SHOWN = 3_000


class ReadArticle(NamedTuple):
    """An article as it is drawn. key: made from its position, so that ids never hold text from outside."""

    key: str
    title: str
    source: str | None
    paragraphs: list[list[Stretch]]
    opinions: Sequence[NumberedOpinion]


def reading_page(
    articles: Sequence[Article],
    proposals: Sequence[Proposal],
    opinions: Sequence[Opinion],
    positions: Sequence[Position],
    note: str | None = None,
) -> str:
    """One HTML page: a matrix of holders and proposals, then every article with its evidence marked.

    positions: the opinions summed up, which the matrix shows as they are. note: stands under the title. As many articles as
    fit into about 3 MB are drawn, in the order given, and the page says how many are not. Raises StancekitError for an
    opinion on an article or a proposal that was not given, and for one that lies outside of its text.
    """
    _check(articles, proposals, [*opinions, *positions])
    listed = _listed(articles, opinions)
    keys = {article.id: f"a{place}" for place, article in enumerate(_drawn(articles, listed), 1)}
    titles = {article.id: article.title or article.id for article in articles}
    rows = holder_rows(positions, proposals, titles, _anchors(listed, keys))
    shown = _shown(rows)
    return render(
        "reading.html.j2",
        kicker="stancekit · reading",
        title="Who stands where",
        contents=[("matrix", "Overview"), ("articles", "Articles"), ("words", "How to read this")],
        note=note,
        sizes=[counted(len(articles), "article"), counted(len(proposals), "proposal"), counted(len(rows), "holder")],
        proposals=proposals,
        rows=shown,
        more_rows=len(rows) - len(shown),
        found=Counter(opinion.stance.value for opinion in opinions),
        articles=[_read(keys[article.id], article, listed[article.id]) for article in articles if article.id in keys],
        more_articles=len(articles) - len(keys),
    )


def _check(articles: Sequence[Article], proposals: Sequence[Proposal], opinions: Sequence[Opinion | Position]) -> None:
    article_ids = {article.id for article in articles}
    proposal_ids = {proposal.id for proposal in proposals}
    for opinion in opinions:
        for kind, name, ids in (("article", opinion.article, article_ids), ("proposal", opinion.proposal_id, proposal_ids)):
            if name not in ids:
                raise StancekitError(
                    f"an opinion is about the {kind} {name!r}, which is not given", fix=f"give every {kind} that has opinions"
                )


def _listed(articles: Sequence[Article], opinions: Sequence[Opinion]) -> dict[str, list[NumberedOpinion]]:
    own: dict[str, list[Opinion]] = defaultdict(list)
    for opinion in opinions:
        own[opinion.article].append(opinion)
    return {article.id: numbered(article, own[article.id]) for article in articles}


def _drawn(articles: Sequence[Article], listed: Mapping[str, Sequence[NumberedOpinion]]) -> list[Article]:
    room = ROOM_FOR_ARTICLES
    drawn: list[Article] = []
    for article in articles:
        opinions = (one.opinion for one in listed[article.id])
        quoted = sum(BYTES_OF_AN_OPINION + len((one.sentence + 2 * one.proposal).encode()) for one in opinions)
        room -= len(article.text.encode()) + quoted
        if room < 0 and drawn:
            break
        drawn.append(article)
    return drawn


def _anchors(listed: Mapping[str, Sequence[NumberedOpinion]], keys: Mapping[str, str]) -> dict[tuple[object, ...], str]:
    return {spot(one.opinion): f"{key}-{one.number}" for article, key in keys.items() for one in listed[article]}


def _shown(rows: Sequence[HolderRow]) -> list[HolderRow]:
    filled = 0
    columns = len(rows[0].cells) if rows else 1
    most = min(HOLDERS_SHOWN, max(1, CELLS_SHOWN // columns))
    for place, row in enumerate(rows[:most]):
        filled += sum(cell is not None for cell in row.cells)
        if filled > FILLED_CELLS_SHOWN and place:
            return list(rows[:place])
    return list(rows[:most])


def _read(key: str, article: Article, opinions: Sequence[NumberedOpinion]) -> ReadArticle:
    return ReadArticle(
        key=key,
        title=article.title or article.id,
        source=article.source,
        paragraphs=body(article, opinions),
        opinions=opinions,
    )
