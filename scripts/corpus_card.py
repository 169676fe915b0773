"""Count the newsroom corpus into data/README.md and its drawings, or check that they are up to date.

Every number of the card is counted here, none is written by hand.
"""

from pathlib import Path
from typing import Annotated

import typer

import card_agreement
import card_counts
from card_figure import ShareRow, interval_figure, share_figure
from stancekit.data.corpus import read_corpus
from stancekit.errors import StancekitError
from stancekit.files import read_text, write_text
from stancekit.stance import STANCES

DATA = Path(__file__).resolve().parents[1] / "data"
SHARES, AGREEMENT = "card.svg", "agreement.svg"


def card_files(corpus: Path, readme: Path) -> dict[Path, str]:
    """What `readme` and the drawings beside it should hold for this corpus. Raises StancekitError for a faulty corpus or README."""
    located = read_corpus(corpus)
    articles = [article for _, article in located]
    counts = card_counts.count_corpus(located)
    rows = [ShareRow(tally.name, tuple(tally.stances[stance] for stance in STANCES)) for tally in [counts.whole, *counts.fields]]
    text = with_section(read_text(readme), "counts", card_counts.counts_markdown(counts, SHARES), str(readme))
    text = with_section(text, "agreement", card_agreement.agreement_markdown(articles, AGREEMENT), str(readme))
    twice = card_agreement.figure_rows(card_agreement.twice_read(articles))
    return {
        readme: text,
        readme.parent / SHARES: share_figure(rows, card_counts.FIGURE_TITLE),
        readme.parent / AGREEMENT: interval_figure(twice, card_agreement.FIGURE_TITLE),
    }


def with_section(text: str, name: str, section: str, where: str) -> str:
    """`text` with `section` between its two markers. Raises StancekitError unless each stands there once, in order."""
    opening, closing = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, begin, rest = text.partition(opening)
    old, end, after = rest.partition(closing)
    if not begin or not end or opening in old or opening in after or closing in after:
        raise StancekitError(
            f"{where} lacks the place for the {name}", fix=f"put {opening} and {closing} into it, once each, in this order"
        )
    return f"{before}{opening}\n{section}{closing}{after}"


def main(
    corpus: Annotated[Path, typer.Option(help="Folder or file of the corpus.")] = DATA / "newsroom",
    readme: Annotated[Path, typer.Option(help="The data card; what is counted stands between markers, the drawings beside it.")] = DATA
    / "README.md",
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 when a file is stale.")] = False,
) -> None:
    """Write what is stale, or with --check only name it."""
    try:
        wanted = card_files(corpus, readme)
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
