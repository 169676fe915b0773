"""`stancekit predict` by one engine or the other: what the words of the command line mean to each."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.inference.inputs import TableLayout
from stancekit.inference.places import refuse_urls
from stancekit.stages.predict import Outcome, predict
from stancekit.stages.predict_ray import Means, predict_ray
from stancekit.tables import Values


def predict_by(
    engine: str,
    bundle: Path,
    inputs: Sequence[str],
    proposals: Path | None,
    output: str | None,
    otherwise: Callable[[Iterable[Values]], int],
    layout: TableLayout,
    min_confidence: float,
    device: str,
    strict: bool,
    cache: Path | None,
    means: Means,
) -> Outcome:
    """engine: `ray`, or this machine. otherwise: takes the rows where no output is named.

    Raises StancekitError for what an engine cannot do: a cluster needs an output and keeps no cache, one machine reads no URLs.
    """
    if engine != "ray":
        refuse_urls(inputs if output is None else [*inputs, output])
        place = otherwise if output is None else Path(output)
        files, count = [Path(one) for one in inputs], means.workers or 1
        return predict(bundle, files, proposals, place, layout, min_confidence, device, strict, count, cache)
    if output is None:
        raise StancekitError("a cluster has no standard output", fix="name a file, folder or URL with --output")
    if cache is not None:
        raise StancekitError("--cache is a file of one machine", fix="leave it out, or use --engine local")
    return predict_ray(bundle, inputs, proposals, output, layout, min_confidence, device, strict, means)
