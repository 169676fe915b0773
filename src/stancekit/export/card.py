"""The model card, in the form that the Hub reads: YAML on top, Markdown below."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancekit.export.seeds import judged_seeds
from stancekit.modeling.embedded import EMBEDDED
from stancekit.modeling.spec import ModelSpec
from stancekit.stance import STANCES

if TYPE_CHECKING:
    from jinja2 import Environment

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
    seeds: Mapping[str, Any] | None = None,
    gate: Mapping[str, Any] | None = None,
) -> str:
    """The card of a run. manifest, metrics: of the run; evaluation: a metrics.json of `stancekit evaluate`, if there is one.

    sets, teachers: what and whom it learned from, see export/sets.py. seeds: of `all_seeds`. gate: its report, empty where there is none.
    """
    encoder = HUB_NAMES.get(spec.encoder, spec.encoder)
    # A folder of some machine is of no use to a reader, and no Hub id.
    on_hub = encoder.count("/") == 1 and not Path(encoder).exists() and not encoder.startswith((".", "~", "/"))
    return (
        _environment()
        .get_template("card.md.j2")
        .render(
            spec=spec,
            encoder=encoder if on_hub else Path(encoder).name,
            encoder_is_on_hub=on_hub,
            manifest=manifest,
            metrics=metrics,
            fitted=metrics.get("calibration"),
            evaluation=evaluation,
            scores=None if evaluation is None else judged_seeds(evaluation, manifest["seed"])[str(manifest["seed"])],
            seeds=seeds,
            licence=licence,
            form=form,
            gate=gate or None,
            sets=sets,
            teachers=teachers,
            stances=[stance.value for stance in STANCES],
        )
    )


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    # Markdown, not HTML: escaping would garble it. Names are put into YAML as JSON strings, which YAML reads.
    environment = Environment(
        loader=PackageLoader("stancekit.export"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters["quoted"] = json.dumps
    # A single unit of resampling gives no interval.
    environment.filters["number"] = lambda value: "unknown" if value is None else f"{value:.3f}"
    return environment
