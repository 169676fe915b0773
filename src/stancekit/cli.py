"""The console command: its faults as one message and an exit code, whatever command was given."""

import errno
import os
import sys
from typing import NoReturn

import typer

from stancekit.commands import app
from stancekit.errors import StancekitError

INTERRUPTED = 130
# What the user can mend about a disk, whether or not the system names the file.
DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


def main(command: str | None = None) -> None:
    """Run the command line. A StancekitError becomes one message and its exit code; anything else is a bug and shows its trace.

    command: the one command that a script stands for; the words of the command line are then its own.
    """
    try:
        if command is None:
            app()
        else:
            app([command, *sys.argv[1:]], prog_name="stancekit")
    except StancekitError as fault:
        _end(fault.exit_code, f"error: {fault}")
    except OSError as fault:
        if fault.filename is None and fault.errno not in DISK_FAULTS:
            raise
        place = fault.filename or "the output"
        _end(2, f"error: {place}: {fault.strerror}\n  fix: check this place, its permissions and the space left")
    except SystemExit as end:
        # Typer and rich end on their own, after ctrl-C (130) and where the reader of our output has left: no fault of anybody.
        interrupted = "interrupted; nothing half-written is left (train goes on with --resume, predict and read when started again)"
        code = 0 if isinstance(end.__context__, BrokenPipeError) else end.code
        _end(code, interrupted if code == INTERRUPTED else None)


def _end(code: int | str | None, message: str | None) -> NoReturn:
    if message is not None:
        typer.echo(message, err=True)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter must not try again as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
