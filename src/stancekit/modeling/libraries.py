"""Keeping the libraries' own bars and advice out of our output, without changing the process we are called in."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

NOISY = ("onnxscript", "torch.onnx", "onnx_ir")


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Within the block: no progress bars, hints or user warnings of transformers and torch; errors still come through."""
    from transformers.utils import logging as theirs

    verbosity, bars = theirs.get_verbosity(), theirs.is_progress_bar_enabled()
    levels = {name: logging.getLogger(name).level for name in NOISY}
    theirs.set_verbosity_error()
    theirs.disable_progress_bar()
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        theirs.set_verbosity(verbosity)
        if bars:
            theirs.enable_progress_bar()
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
