"""stancekit: train, judge and ship small models that say who supports and who opposes a proposal.

Importing this package loads neither torch nor transformers; `load` does so when a bundle needs them.
"""

from typing import TYPE_CHECKING, Any

from stancekit.errors import StancekitError
from stancekit.records import Article, Opinion, Prediction, Proposal
from stancekit.stance import Stance

if TYPE_CHECKING:
    from stancekit.inference.model import StanceModel, load
    from stancekit.reading.reader import ArticleReader

__version__ = "0.1.0"
__all__ = [
    "Article",
    "ArticleReader",
    "Opinion",
    "Prediction",
    "Proposal",
    "Stance",
    "StanceModel",
    "StancekitError",
    "__version__",
    "load",
]


def __getattr__(name: str) -> Any:
    # Looked up on first use, so that `import stancekit` stays instant.
    if name in ("load", "StanceModel"):
        from stancekit.inference import model

        return getattr(model, name)
    if name == "ArticleReader":
        from stancekit.reading.reader import ArticleReader

        return ArticleReader
    raise AttributeError(f"module 'stancekit' has no attribute {name!r}")
