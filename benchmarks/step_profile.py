"""Where the time of a training's steps goes, and what this machine's matrix products reach at most."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile
from transformers import TrainerCallback
from transformers.trainer import DEFAULT_CALLBACKS

# The first that a name begins with; self times, so that nothing is counted twice.
PARTS: Mapping[str, tuple[str, ...]] = {
    "matrix products of the layers": ("aten::mm", "aten::addmm", "aten::linear", "mkldnn::"),
    "attention": ("aten::bmm", "aten::baddbmm", "aten::_scaled_dot_product"),
    "softmax": ("aten::softmax", "aten::_softmax", "aten::_log_softmax", "aten::log_softmax"),
    "random numbers": ("aten::random", "aten::bernoulli", "aten::dropout", "aten::native_dropout"),
    "optimizer": ("aten::_fused_adamw", "Optimizer.", "aten::linalg_vector_norm", "aten::_foreach"),
    "copies and conversions": ("aten::copy_", "aten::_to_copy", "aten::clone", "aten::contiguous"),
    "filling with zeros": ("aten::fill_", "aten::zero_"),
    "norms and activation": ("aten::native_layer_norm", "aten::layer_norm", "aten::gelu", "aten::tanh"),
    "element by element": ("aten::mul", "aten::add", "aten::div", "aten::sub", "aten::where", "aten::masked_fill", "aten::ge", "aten::sum"),
    "embedding": ("aten::embedding", "aten::index"),
    "data": ("enumerate(DataLoader)",),
}
REST = "rest"
# Whose floating point operations the profiler counts.
PRODUCTS = ("matrix products of the layers", "attention")


def part_of(name: str) -> str:
    """The part that an operation belongs to."""
    return next((part for part, beginnings in PARTS.items() if name.startswith(beginnings)), REST)


def profiled(train: Callable[[], object], skipped: int = 2) -> dict[str, Any]:
    """Run a training under the profiler from its step `skipped` on: shares of the parts, floating point operations."""
    profiler = profile(activities=[ProfilerActivity.CPU], with_flops=True, record_shapes=True)
    times: dict[str, float] = {}

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == skipped:
                profiler.start()
                times["began"] = time.perf_counter()
            if state.global_step == state.max_steps:
                times["ended"] = time.perf_counter()
                profiler.stop()
                times["steps"] = state.max_steps - skipped

    DEFAULT_CALLBACKS.append(Watch)
    train()
    seconds = times["ended"] - times["began"]
    events = profiler.key_averages()
    spent = dict.fromkeys((*PARTS, REST), 0.0)
    for event in events:
        spent[part_of(event.key)] += event.self_cpu_time_total / 1e6
    spent[REST] += max(0.0, seconds - sum(spent.values()))
    flops = float(sum(event.flops for event in events if part_of(event.key) in PRODUCTS))
    return {
        "shares": {part: value / seconds for part, value in spent.items()},
        "steps": times["steps"],
        "gflop_per_step": flops / times["steps"] / 1e9,
    }


def peak(precision: str, threads: int | None = None, seconds: float = 1.0) -> float:
    """GFLOP/s of torch's product of two square matrices, the best of several sizes. precision: fp32 or bf16. threads: None for all."""
    kind, before = torch.bfloat16 if precision == "bf16" else torch.float32, torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        return max(_product(size, kind, seconds) for size in (512, 1024, 2048))
    finally:
        torch.set_num_threads(before)


def _product(size: int, kind: torch.dtype, seconds: float) -> float:
    one, other, out = (torch.ones(size, size, dtype=kind) for _ in range(3))
    return fastest(lambda: torch.mm(one, other, out=out), 2 * size**3, seconds, torch.get_num_threads() == 1)


def fastest(multiply: Callable[[], object], operations: float, seconds: float, alone: bool) -> float:
    """The most billions of operations a second that a product reached in so many seconds. alone: timed by the CPU of its one thread."""
    multiply()
    best, until = 0.0, time.perf_counter() + seconds
    clock = time.process_time if alone else time.perf_counter
    while time.perf_counter() < until:
        began = clock()
        for _ in range(4):
            multiply()
        best = max(best, 4 * operations / max(clock() - began, 1e-9) / 1e9)
    return best
