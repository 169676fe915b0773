"""What the corpus is made of, counted and as Markdown tables."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

from stancekit.data.corpus import LabelledArticle, Relation
from stancekit.data.labels import Label, Tag
from stancekit.records import normalized
from stancekit.stance import STANCES, Stance

WRITER = "author"
FIGURE_TITLE = "Class shares by field, in percent of the pairs"


class Tally(NamedTuple):
    """One row of a table: how many articles and sentences, and their pairs by stance."""

    name: str
    articles: int
    sentences: int
    stances: Counter[Stance]

    @property
    def pairs(self) -> int:
        """Labelled (sentence, proposal) pairs, the training examples; further voices are not among them."""
        return self.stances.total()


class RelationTally(NamedTuple):
    """How labels move from a proposal to one that stands in this relation to it, counted over their sentences."""

    kind: str
    proposals: int
    sides: int
    same: int
    swapped: int
    neutral: int


class CorpusCounts(NamedTuple):
    """All that the card tells."""

    whole: Tally
    proposals: int
    holders: int
    further: int
    rungs: Counter[str]
    voices: Counter[str]
    tags: Counter[str]
    splits: list[Tally]
    fields: list[Tally]
    genres: list[Tally]
    files: list[Tally]
    relations: list[RelationTally]


def count_corpus(located: Sequence[tuple[str, LabelledArticle]]) -> CorpusCounts:
    """Count a corpus as read_corpus gives it: each article with its place (`path:line`)."""
    articles = [article for _, article in located]
    labels = [label for article in articles for sentence in article.sentences for label in sentence.labels]
    further = [label for article in articles for sentence in article.sentences for label in sentence.also]
    return CorpusCounts(
        whole=_tally("all", articles),
        proposals=len({normalized(proposal.text) for article in articles for proposal in article.proposals}),
        holders=len({label.holder_id for label in [*labels, *further]} - {None, WRITER}),
        further=len(further),
        rungs=Counter(tag for label in labels for tag in label.tags if tag in ("explicit", "implicit")),
        voices=Counter(map(voice_of, labels)),
        tags=Counter(tag for label in labels for tag in label.tags),
        splits=_tallies((article.split or "none", article) for article in articles),
        fields=_tallies((article.field, article) for article in articles),
        genres=_tallies((article.genre, article) for article in articles),
        files=_tallies((Path(where.rsplit(":", 1)[0]).name, article) for where, article in located),
        relations=[_relation(kind, articles) for kind in get_args(Relation.model_fields["kind"].annotation)],
    )


def _relation(kind: str, articles: Sequence[LabelledArticle]) -> RelationTally:
    proposals, moves = 0, Counter[str]()
    for article in articles:
        for proposal in article.proposals:
            if proposal.relation is None or proposal.relation.kind != kind:
                continue
            proposals += 1
            for sentence in article.sentences:
                stances = {label.proposal: label.stance for label in sentence.labels}
                moves[_move(stances[proposal.relation.to], stances[proposal.id])] += 1
    sides = moves["same"] + moves["swapped"] + moves["neutral"]
    return RelationTally(kind, proposals, sides, moves["same"], moves["swapped"], moves["neutral"])


def _move(first: Stance, second: Stance) -> str:
    if first is Stance.NEUTRAL:
        return "no side"
    return "same" if first is second else "neutral" if second is Stance.NEUTRAL else "swapped"


def voice_of(label: Label) -> str:
    """The voice of a label, with the writer's own position told from sentences that are nobody's."""
    if label.voice != "author":
        return label.voice
    return "author, the writer as holder" if label.holder_id == WRITER else "author, no holder"


def counts_markdown(counts: CorpusCounts, figure: str) -> str:
    """The card as Markdown. figure: the path of the drawing, as seen from the README."""
    whole, sides = counts.whole, counts.rungs.total()
    summary = [
        f"**{whole.articles:,} articles, {whole.sentences:,} sentences, {whole.pairs:,} labelled pairs** over "
        f"{counts.proposals:,} distinct proposals; {counts.holders:,} holders besides the writers; "
        f"{counts.further:,} labels of further voices (`also`), which are in none of the counts below.",
        "Of all pairs, " + ", ".join(f"{percent(whole.stances[stance], whole.pairs)} are {stance}" for stance in STANCES) + ". "
        f"Of the {sides:,} sides taken, {percent(counts.rungs['explicit'], sides)} are explicit and "
        f"{percent(counts.rungs['implicit'], sides)} implicit.",
        f"![{FIGURE_TITLE}]({figure})",
    ]
    voices = [[voice, f"{times:,}", percent(times, whole.pairs)] for voice, times in counts.voices.most_common()]
    tags = [[f"`{tag}`", f"{counts.tags[tag]:,}", percent(counts.tags[tag], whole.pairs)] for tag in get_args(Tag)]
    relations = [
        [row.kind, f"{row.proposals:,}", f"{row.sides:,}", *(percent(part, row.sides) for part in (row.same, row.swapped, row.neutral))]
        for row in counts.relations
    ]
    tables = [
        _tally_table("split", counts.splits),
        table(["relation to an earlier proposal", "proposals", "sides on that one", "same side", "other side", "neutral"], relations),
        _tally_table("field", counts.fields),
        _tally_table("genre", counts.genres),
        _tally_table("file", counts.files),
        table(["voice", "pairs", "share"], voices),
        table(["tag", "pairs", "share"], tags),
    ]
    return "\n" + "\n\n".join([*summary, *tables, ""])


def _tally(name: str, articles: Sequence[LabelledArticle]) -> Tally:
    sentences = [sentence for article in articles for sentence in article.sentences]
    stances = Counter(label.stance for sentence in sentences for label in sentence.labels)
    return Tally(name, len(articles), len(sentences), stances)


def _tallies(named: Iterable[tuple[str, LabelledArticle]]) -> list[Tally]:
    groups: dict[str, list[LabelledArticle]] = {}
    for name, article in named:
        groups.setdefault(name, []).append(article)
    tallies = [_tally(name, articles) for name, articles in groups.items()]
    return sorted(tallies, key=lambda tally: (-tally.pairs, tally.name))


def _tally_table(kind: str, tallies: Sequence[Tally]) -> str:
    rows = [
        [tally.name, *(f"{number:,}" for number in (tally.articles, tally.sentences, tally.pairs))]
        + [percent(tally.stances[stance], tally.pairs) for stance in STANCES]
        for tally in tallies
    ]
    return table([kind, "articles", "sentences", "pairs", *STANCES], rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells as a Markdown table; all columns but the first are numbers."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])


def percent(part: int, whole: int) -> str:
    """A share in percent with one decimal, a dash where there is no whole."""
    return f"{100 * part / whole:.1f} %" if whole else "-"
