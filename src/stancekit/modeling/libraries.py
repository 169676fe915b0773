"""Keeping the libraries' own bars and advice out of our output, without changing the process we are called in."""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Within the block: no progress bars, hints or user warnings of transformers and torch; errors still come through."""
    from transformers.utils import logging as theirs

    verbosity, bars = theirs.get_verbosity(), theirs.is_progress_bar_enabled()
    theirs.set_verbosity_error()
    theirs.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        theirs.set_verbosity(verbosity)
        if bars:
            theirs.enable_progress_bar()


@contextmanager
def silent_exporters() -> Iterator[None]:
    """Within the block nothing is printed or warned: exporters and quantizers tell of their passes, and of steps that change nothing."""
    # Torch gives its loggers levels and handlers of their own, so only switching logging off reaches them.
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
