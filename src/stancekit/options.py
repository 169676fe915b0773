"""Options that several commands share: one wording, one meaning."""

from typing import Annotated, Literal

import typer

Device = Literal["auto", "cpu", "cuda", "mps"]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a config key, e.g. optim.epochs=1. Repeatable.")
]
DeviceOption = Annotated[Device, typer.Option(help="Where to run the model.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]


def _quieten(asked: bool) -> bool:
    from stancekit.progress import configure

    if asked:
        configure(quiet=True)
    return asked


Quiet = Annotated[bool, typer.Option("--quiet", callback=_quieten, help="No progress and no notes, only results and errors.")]
