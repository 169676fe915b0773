"""The model card, in the form that the Hub reads: YAML on top, Markdown below."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stancekit.modeling.embedded import EMBEDDED
from stancekit.modeling.spec import ModelSpec
from stancekit.stance import STANCES

HUB_NAMES = {EMBEDDED: "sentence-transformers/all-MiniLM-L6-v2"}


def model_card(
    spec: ModelSpec,
    manifest: Mapping[str, Any],
    metrics: Mapping[str, Any],
    evaluation: Mapping[str, Any] | None,
    licence: str,
    form: str,
    sets: Sequence[Mapping[str, Any]],
    teachers: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The card of a run. manifest, metrics: of the run; evaluation: a metrics.json of `stancekit evaluate`, if there is one.

    form: onnx, safetensors or compact. sets, teachers: what and whom it learned from, see export/sets.py.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    # Markdown, not HTML: escaping would garble it. Names are put into YAML as JSON strings, which YAML reads.
    environment = Environment(
        loader=PackageLoader("stancekit.export"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters["quoted"] = json.dumps
    # A single unit of resampling gives no interval.
    environment.filters["number"] = lambda value: "unknown" if value is None else f"{value:.3f}"
    encoder = HUB_NAMES.get(spec.encoder, spec.encoder)
    # A folder of some machine is of no use to a reader, and no Hub id.
    on_hub = encoder.count("/") == 1 and not Path(encoder).exists() and not encoder.startswith((".", "~", "/"))
    return environment.get_template("card.md.j2").render(
        spec=spec,
        encoder=encoder if on_hub else Path(encoder).name,
        encoder_is_on_hub=on_hub,
        manifest=manifest,
        metrics=metrics,
        fitted=metrics.get("calibration"),
        evaluation=evaluation,
        licence=licence,
        form=form,
        sets=sets,
        teachers=teachers,
        stances=[stance.value for stance in STANCES],
    )
