"""Whether a bundle keeps the limits of its gate, in numbers and in words."""

import math
from collections.abc import Iterator, Mapping
from statistics import NormalDist
from typing import Any, NamedTuple

from stancekit.config import FormLimits
from stancekit.errors import Refusal

SENTENCES_TOLD = 5
NAMES = {
    "largest_logit_difference": "largest logit difference",
    "flips": "flipped labels",
    "macro_f1_loss": "loss of macro-F1",
    "ece_rise": "rise of the calibration error",
    "size_mb": "size",
    "p95_ms": "p95 of a single pair",
}


class Check(NamedTuple):
    """One limit and what was found. worst: the bad end of the interval, None where there is none.

    The value decides. Where it is within its limit and `worst` is not, other rows may be beyond it.
    """

    name: str
    value: float
    limit: float
    worst: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the value is within the limit."""
        return self.value <= self.limit

    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        return {**self._asdict(), "passed": self.passed, "told": self.told()}

    def told(self) -> str:
        """In words, such as `flipped labels 1.20 % (up to 2.31 %), limit 0.50 %`."""
        worst = "" if self.worst is None else f" (up to {written(self.name, self.worst)})"
        return f"{NAMES[self.name]} {written(self.name, self.value)}{worst}, limit {written(self.name, self.limit)}"


def written(name: str, value: float) -> str:
    """A value of a check with its unit."""
    if name in ("flips", "macro_f1_loss", "ece_rise"):
        # A loss of minus nothing would keep its sign.
        return f"{round(100 * value, 2) + 0.0:.2f} {'%' if name == 'flips' else 'points'}"
    return {"size_mb": f"{value:.1f} MB", "p95_ms": f"{value:.1f} ms"}.get(name, f"{value:.2g}")


def checks(report: Mapping[str, Any], limits: FormLimits) -> list[Check]:
    """One check a limit that is set. report: of the gate, with `size_mb` and `measured`."""
    return [check for check in _possible(report, limits) if check is not None]


def _possible(report: Mapping[str, Any], limits: FormLimits) -> Iterator[Check | None]:
    flips, score, error = report["flips"]["share"], report["macro_f1"]["change"], report["ece"]["change"]
    timed = report["measured"]
    yield _check("largest_logit_difference", report["largest_logit_difference"], limits.largest_logit_difference)
    yield _check("flips", flips["value"], limits.flips, flips["high"])
    yield _check("macro_f1_loss", -score["value"], limits.macro_f1_loss, None if score["low"] is None else -score["low"])
    yield _check("ece_rise", error["value"], limits.ece_rise, error["high"])
    yield _check("size_mb", report["size_mb"]["export"], limits.size_mb)
    yield None if timed is None else _check("p95_ms", timed["export"]["p95_ms"], limits.p95_ms)


def _check(name: str, value: float, limit: float | None, worst: float | None = None) -> Check | None:
    return None if limit is None else Check(name, value, limit, worst)


def doubts(report: Mapping[str, Any], found: list[Check]) -> list[str]:
    """What limits that were kept do not show, in sentences: there are too few rows, or the interval reaches beyond the limit."""
    told = []
    for check in found:
        limit = written(check.name, check.limit)
        if check.name == "flips" and check.limit > 0 and (wanted := rows_wanted(check.limit, report["interval"]["level"])) > report["rows"]:
            told.append(
                f"{report['rows']} rows are too few for a limit of {limit}: even where none flips, more than that may flip elsewhere; "
                f"{wanted} rows would do."
            )
        elif check.passed and check.worst is not None and check.worst > check.limit > 0:
            told.append(f"Other rows may be beyond the limit: {check.told()}.")
        elif check.passed and check.worst is None and check.name in ("macro_f1_loss", "ece_rise"):
            told.append(f"There are too few proposals for an interval of the {NAMES[check.name]}.")
    return told


def rows_wanted(limit: float, level: float) -> int:
    """On how many rows without a flip the upper end of the share's interval (Wilson) is within the limit, above 0."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    return math.ceil(z * z * (1 - limit) / limit)


def refuse(report: Mapping[str, Any], key: str) -> None:
    """Raise Refusal for a report that is over a limit. key: the form's name under [limits]."""
    if report["passed"]:
        return
    flips = report["flipped"]
    lines = [f"the {report['form']} form was not exported: on {report['rows']} held rows it is over its limits"]
    lines += [f"  {told}" for told in report["broken"]]
    if flips:
        shown = min(len(flips), SENTENCES_TOLD)
        lines.append(f"labels that flipped, {f'the {shown} clearest of {len(flips)}' if shown < len(flips) else 'all'}:")
        lines += [f"  {sentence(row)}" for row in flips[:shown]]
    other = "safetensors" if report["form"] == "onnx" else "onnx"
    broken = next(check for check in report["checks"] if not check["passed"])
    raised = f"--set limits.{key}.{broken['name']}={_room(broken['value'])}"
    raise Refusal("\n".join(lines), fix=f"export with --format {other}, allow more ({raised}), or write it with --force, which marks it")


def sentence(row: Mapping[str, Any]) -> str:
    """A flipped row in a line."""
    run, export = (f"{row[side]['stance']} {row[side]['confidence']:.2f}" for side in ("run", "export"))
    return f"“{row['statement']}” on “{row['proposal']}”: run {run}, export {export}, label {row['gold']}"


def _room(value: float) -> str:
    """A number of two digits that is not below `value`."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return f"{math.ceil(round(value / step, 6)) * step:.2g}"
