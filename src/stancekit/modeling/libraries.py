"""Keeping the libraries' own bars and advice out of our output."""

import logging
import os
import warnings


def quiet_libraries() -> None:
    """Silence progress bars and hints of transformers, datasets and the hub client; errors still come through."""
    # The fast tokenizer warns when a process forks after it was used; nothing here forks.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from datasets.utils.logging import disable_progress_bar as quiet_datasets
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    quiet_datasets()
    for name in ("onnxscript", "torch.onnx", "onnx_ir"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=UserWarning, module=r"torch\.|transformers\.")
