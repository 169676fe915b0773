"""The results of `inference_speed.py` in Markdown: a table a set of pairs, then cold starts, memory, and matrix products."""

from collections.abc import Iterator, Mapping
from typing import Any

from inference_arms import CROSS_ENCODER, PIPELINE

Results = Mapping[str, Any]
TITLES = {"newsroom": "the newsroom's validation and test parts", "perspectrum": "PERSPECTRUM's test part"}


def tables(results: Results) -> Iterator[str]:
    """All that there is, part by part, under a heading."""
    yield "## Speed of inference"
    for part, lines in (("speed", _speed), ("cold", _cold), ("memory", _memory), ("peak", _peak)):
        if part in results:
            yield from lines(results)


def _speed(results: Results) -> Iterator[str]:
    part = results["speed"]
    best = _best(results)
    for name, of in part["sets"].items():
        yield ""
        pairs = f"{of['timed']:,} pairs of {TITLES.get(name, name)}, {of['tokens']:.1f} tokens a pair"
        compared = f"flips and logits on {of['answered']:,}, against float32 by torch"
        yield f"`{part['model']}` on {pairs}, {part['rounds']} rounds in turns; {compared}."
        yield ""
        heads = ["pairs/s (least, most)", f"times {PIPELINE}", f"times {CROSS_ENCODER}", "flips", "largest difference of a logit"]
        heads += [f"of the {kind} peak" for kind in best]
        yield f"| | {' | '.join(heads)} |"
        yield f"| --- |{' ---: |' * len(heads)}"
        for arm, one in of["arms"].items():
            yield f"| {arm} | {' | '.join([*_fast(one), *_near(one, of['multiply_adds'], best)])} |"
        yield ""
        yield f"Targets of stancekit {part['form']}: {_met(part['met'][name])}."
    missing = part["skipped_arms"] | part["skipped_sets"]
    if missing:
        yield ""
        yield f"Skipped: {', '.join(f'{name} ({why})' for name, why in missing.items())}."


def _fast(one: Mapping[str, Any]) -> Iterator[str]:
    speed = one["pairs_per_second"]
    yield f"{speed['median']:.0f} ({speed['least']:.0f}, {speed['most']:.0f})"
    for peer in (PIPELINE, CROSS_ENCODER):
        times = one["times_as_fast_as"].get(peer)
        yield "–" if times is None else f"{times['median']:.2f} ({times['least']:.2f}, {times['most']:.2f})"
    yield f"{one['flips']:.2%}"
    yield f"{one['largest_difference']:.2g}"


def _best(results: Results) -> dict[str, float]:
    """Operations a second at most with the cores that an arm has, by precision; empty where they were not measured."""
    if "peak" not in results:
        return {}
    most = results["peak"]["threads"].get(str(results["speed"]["threads"]), {})
    return {kind: 1e9 * most[kind] for kind in ("fp32", "int8") if kind in most}


def _near(one: Mapping[str, Any], multiply_adds: float, best: Mapping[str, float]) -> Iterator[str]:
    for most in best.values():
        yield f"{2 * multiply_adds * one['pairs_per_second']['median'] / most:.0%}"


def _cold(results: Results) -> Iterator[str]:
    part = results["cold"]
    yield ""
    yield f"A process of `stancekit predict` that answers one sentence, {part['rounds']} times in turns:"
    yield ""
    yield "| form | seconds (least, most) | loads torch | peak MiB |"
    yield "| --- | ---: | --- | ---: |"
    for form, one in part["forms"].items():
        seconds = one["seconds"]
        spread = f"{seconds['median']:.2f} ({seconds['least']:.2f}, {seconds['most']:.2f})"
        yield f"| {form} | {spread} | {'yes' if one['torch'] else 'no'} | {one['peak_mib']} |"
    yield ""
    yield f"Targets of {part['form']}: {_met(part['met'])}."
    if part["skipped_forms"]:
        yield f"Skipped: {', '.join(f'{name} ({why})' for name, why in part['skipped_forms'].items())}."


def _memory(results: Results) -> Iterator[str]:
    part = results["memory"]
    yield ""
    yield f"Memory of `stancekit predict --output` with {part['form']}, all pairs distinct:"
    yield ""
    yield "| pairs | peak MiB | seconds | pairs/s |"
    yield "| ---: | ---: | ---: | ---: |"
    for one in part["sizes"]:
        yield f"| {one['pairs']:,} | {one['peak_mib']} | {one['seconds']:,.0f} | {one['pairs_a_second']:.0f} |"
    yield ""
    yield f"Targets: {_met(part['met'])}."


def _peak(results: Results) -> Iterator[str]:
    yield ""
    yield "Matrix products at their best, in billions of operations a second (a multiply-add is two):"
    yield ""
    yield "| threads | float32 | bf16 | int8 | int8 by |"
    yield "| ---: | ---: | ---: | ---: | --- |"
    for threads, one in results["peak"]["threads"].items():
        yield f"| {threads} | {one['fp32']:.0f} | {one['bf16']:.0f} | {one['int8']:.0f} | {one['int8_by']} |"
    yield ""
    yield "The products with weights in stancekit's graphs, in one thread, by onnxruntime's profiler:"
    yield ""
    yield "| form | products | share of the time | billions a second | of the peak of one thread |"
    yield "| --- | --- | ---: | ---: | ---: |"
    for form, one in results["peak"]["graphs"].items():
        yield f"| {form} | {one['products']} | {one['share_of_time']:.0%} | {one['gop_per_second']:.0f} | {one['of_peak']:.0%} |"


def _met(met: Mapping[str, bool]) -> str:
    return ", ".join(f"{name} {'met' if yes else 'missed'}" for name, yes in met.items())
