"""The config of `stancekit export`: on which rows a bundle is compared with its run, and how far it may be off."""

from pathlib import Path

from pydantic import Field, model_validator

from stancekit.config.loading import load_config, load_values
from stancekit.config.section import Section, Seed


class IntervalConfig(Section):
    """The paired bootstrap over proposals behind the intervals of differences."""

    resamples: int = Field(default=1000, ge=100)
    level: float = Field(default=0.95, gt=0.5, lt=1)
    seed: Seed = 13


class SpeedConfig(Section):
    """How run and bundle are timed, each in a fresh process of its own. turns: of each, in turn; 0 measures nothing.

    pairs: of a turn. singles: pairs that are asked one at a time, for p50 and p95.
    """

    turns: int = Field(default=5, ge=0)
    pairs: int = Field(default=200, gt=0)
    singles: int = Field(default=60, gt=0)


class FormLimits(Section):
    """How far a form may be off from its run; a limit that is not given is none.

    largest_logit_difference: in logits. flips: share of the rows with another answer. macro_f1_loss, ece_rise: shares of 1, so that
    0.003 are 0.3 points. size_mb: of the files that answer, in 10^6 bytes. p95_ms: of a single pair, on the machine that exports.
    """

    largest_logit_difference: float | None = Field(default=None, ge=0)
    flips: float | None = Field(default=None, ge=0, le=1)
    macro_f1_loss: float | None = Field(default=None, ge=0, le=1)
    ece_rise: float | None = Field(default=None, ge=0, le=1)
    size_mb: float | None = Field(default=None, gt=0)
    p95_ms: float | None = Field(default=None, gt=0)


class OnnxLimits(FormLimits):
    """The same numbers in another order of sums: nothing may change."""

    largest_logit_difference: float | None = Field(default=1e-4, ge=0)
    flips: float | None = Field(default=0, ge=0, le=1)


class CompactLimits(FormLimits):
    """float16 keeps 11 bits of a weight."""

    largest_logit_difference: float | None = Field(default=0.05, ge=0)


class Int8Limits(FormLimits):
    """Logits move, so that answers are held to: flips, and what they cost."""

    flips: float | None = Field(default=0.005, ge=0, le=1)
    macro_f1_loss: float | None = Field(default=0.003, ge=0, le=1)


class OpenVinoLimits(FormLimits):
    """bfloat16 keeps 8 bits of a number, but decides clear calls alone: fewer labels flip than by int8."""

    flips: float | None = Field(default=0.002, ge=0, le=1)
    macro_f1_loss: float | None = Field(default=0.002, ge=0, le=1)


class LimitsConfig(Section):
    """The limits of every form that is compared."""

    onnx: OnnxLimits = OnnxLimits()
    compact: CompactLimits = CompactLimits()
    int8: Int8Limits = Int8Limits()
    openvino: OpenVinoLimits = OpenVinoLimits()


class GateConfig(Section):
    """rows: the most held rows that run and bundle are compared on, spread over the file."""

    rows: int = Field(default=2000, gt=0)
    intervals: IntervalConfig = IntervalConfig()
    speed: SpeedConfig = SpeedConfig()
    limits: LimitsConfig = LimitsConfig()

    @model_validator(mode="after")
    def _timed(self) -> "GateConfig":
        if self.speed.turns == 0 and any(limits.p95_ms is not None for _, limits in self.limits):
            raise ValueError("a limit p95_ms is set, and speed.turns = 0 measures no speed")
        return self


def load_gate(path: Path | None, overrides: list[str] | None = None) -> GateConfig:
    """The gate of a file, or the one that is built in, with `--set KEY=VALUE` on top. Raises StancekitError with all faults."""
    return load_values({}, "the built-in gate", GateConfig, overrides) if path is None else load_config(path, GateConfig, overrides)
