"""Count the newsroom corpus into data/README.md and data/card.svg, or check that both are up to date.

Every number of the card is counted here, none is written by hand.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple, get_args

import typer

from card_figure import ShareRow, share_figure
from stancekit.data.corpus import Label, LabelledArticle, Tag, read_corpus
from stancekit.errors import StancekitError
from stancekit.files import read_text, write_text
from stancekit.records import normalized
from stancekit.stance import STANCES, Stance

DATA = Path(__file__).resolve().parents[1] / "data"
BEGIN = "<!-- counts:begin -->"
END = "<!-- counts:end -->"
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


class CorpusCounts(NamedTuple):
    """All that the card tells."""

    whole: Tally
    proposals: int
    holders: int
    further: int
    rungs: Counter[str]
    voices: Counter[str]
    tags: Counter[str]
    fields: list[Tally]
    genres: list[Tally]
    files: list[Tally]


def card_files(corpus: Path, readme: Path, figure: Path) -> dict[Path, str]:
    """What `readme` and `figure` should hold for this corpus. Raises StancekitError for a faulty corpus or README."""
    counts = count_corpus(read_corpus(corpus))
    section = counts_markdown(counts, figure.name)
    rows = [ShareRow(tally.name, tuple(tally.stances[stance] for stance in STANCES)) for tally in [counts.whole, *counts.fields]]
    return {readme: with_counts(read_text(readme), section, str(readme)), figure: share_figure(rows, FIGURE_TITLE)}


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
        fields=_tallies((article.field, article) for article in articles),
        genres=_tallies((article.genre, article) for article in articles),
        files=_tallies((Path(where.rsplit(":", 1)[0]).name, article) for where, article in located),
    )


def voice_of(label: Label) -> str:
    """The voice of a label, with the writer's own position told from sentences that are nobody's."""
    if label.voice != "author":
        return label.voice
    return "author, the writer as holder" if label.holder_id == WRITER else "author, no holder"


def with_counts(text: str, section: str, where: str) -> str:
    """`text` with `section` between the two markers. Raises StancekitError unless each stands there once, in order."""
    before, begin, rest = text.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end or BEGIN in old or BEGIN in after or END in after:
        raise StancekitError(f"{where} lacks the place for the counts", fix=f"put {BEGIN} and {END} into it, once each, in this order")
    return f"{before}{BEGIN}\n{section}{END}{after}"


def counts_markdown(counts: CorpusCounts, figure: str) -> str:
    """The card as Markdown. figure: the path of the drawing, as seen from the README."""
    whole, sides = counts.whole, counts.rungs.total()
    summary = [
        f"**{whole.articles:,} articles, {whole.sentences:,} sentences, {whole.pairs:,} labelled pairs** over "
        f"{counts.proposals:,} distinct proposals; {counts.holders:,} holders besides the writers; "
        f"{counts.further:,} labels of further voices (`also`), which are in none of the counts below.",
        "Of all pairs, " + ", ".join(f"{_percent(whole.stances[stance], whole.pairs)} are {stance}" for stance in STANCES) + ". "
        f"Of the {sides:,} sides taken, {_percent(counts.rungs['explicit'], sides)} are explicit and "
        f"{_percent(counts.rungs['implicit'], sides)} implicit.",
        f"![{FIGURE_TITLE}]({figure})",
    ]
    voices = [[voice, f"{times:,}", _percent(times, whole.pairs)] for voice, times in counts.voices.most_common()]
    tags = [[f"`{tag}`", f"{counts.tags[tag]:,}", _percent(counts.tags[tag], whole.pairs)] for tag in get_args(Tag)]
    tables = [
        _tally_table("field", counts.fields),
        _tally_table("genre", counts.genres),
        _tally_table("file", counts.files),
        _table(["voice", "pairs", "share"], voices),
        _table(["tag", "pairs", "share"], tags),
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
        + [_percent(tally.stances[stance], tally.pairs) for stance in STANCES]
        for tally in tallies
    ]
    return _table([kind, "articles", "sentences", "pairs", *STANCES], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def main(
    corpus: Annotated[Path, typer.Option(help="Folder or file of the corpus.")] = DATA / "newsroom",
    readme: Annotated[Path, typer.Option(help="The data card; its counts stand between two markers.")] = DATA / "README.md",
    figure: Annotated[Path, typer.Option(help="The drawing that the data card shows.")] = DATA / "card.svg",
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 when a file is stale.")] = False,
) -> None:
    """Write what is stale, or with --check only name it."""
    try:
        wanted = card_files(corpus, readme, figure)
    except StancekitError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(error.exit_code) from error
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if not check:
            write_text(path, wanted[path])
        typer.echo(f"{path} {'is stale: run scripts/corpus_card.py' if check else 'written'}")
    if check and stale:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
