"""Count the newsroom corpus into data/README.md and data/card.svg, or check that both are up to date."""

from pathlib import Path
from typing import Annotated

import typer

from stancekit.data.card import card_files
from stancekit.errors import StancekitError
from stancekit.files import write_text

DATA = Path(__file__).resolve().parents[1] / "data"


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
