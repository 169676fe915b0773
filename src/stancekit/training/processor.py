"""What makes a step on a CPU cheaper and learns the same: memory that is kept, dropout from fewer draws, attention by plain products."""

import ctypes
import os
import shutil
import sys
from typing import TYPE_CHECKING

import torch
from torch.nn.functional import dropout

from stancekit.errors import StancekitError
from stancekit.modeling.devices import Device, Precision

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# mallopt's numbers, from glibc's malloc.h.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 1 << 30
# Beyond so many tokens the fused kernel is the faster one, and plain attention needs memory by the square.
PLAIN_ATTENTION = 256
LEVELS = 1 << 16
BACKEND = "inductor"


def quicken(model: "PreTrainedModel", compiled: bool) -> None:
    """Set a model up for training on a CPU. What it computes stays the same.

    compiled: it will be, and then draws in code of its own.
    """
    keep_memory()
    if not compiled:
        cheapen_dropout(model)


def keep_memory() -> None:
    """Let glibc keep up to a GiB of freed memory. Elsewhere, nothing is done.

    Every step frees and asks for the gradients again, and by default each time the kernel hands out all their pages anew.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(MMAP_THRESHOLD, KEPT_BYTES)


def cheapen_dropout(model: torch.nn.Module) -> None:
    """Have every dropout of the model draw as BitDropout does; what is a class of its own stays."""
    for module in model.modules():
        if type(module) is torch.nn.Dropout:
            module.__class__ = BitDropout


def choose_attention(model: "PreTrainedModel", precision: Precision, longest: int) -> None:
    """In bf16 and on short texts, plain products in place of torch's fused attention, which takes two to four times as long on a CPU.

    longest: tokens of a pair at most. What it computes stays the same, but for rounding. In fp32 the fused one is no slower.
    """
    if precision == "bf16" and longest <= PLAIN_ATTENTION and model.config._attn_implementation == "sdpa":
        model.set_attn_implementation("eager")


class BitDropout(torch.nn.Dropout):
    """Dropout that draws 16 random bits an element, where torch's own draws a number of its own for each on a CPU.

    The share is met to 1/65536, and what is kept is scaled by the share that is truly kept.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """`input` with a share of its elements at 0, and the others scaled up; in evaluation as it is."""
        dropped = round(self.p * LEVELS)
        if not self.training or not 0 < dropped < LEVELS:
            return dropout(input, self.p, self.training)
        words = torch.empty((input.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
        drawn = words.view(torch.int16)[: input.numel()].view(input.shape)
        mask = (drawn >= dropped - LEVELS // 2).to(input.dtype).mul_(LEVELS / (LEVELS - dropped))
        return input * mask


def check_compiler(wanted: bool, device: Device) -> None:
    """Raise StancekitError where compiling is wanted on a CPU and there is no C++ compiler, before anything is written."""
    compilers = [os.environ.get("CXX", ""), "g++", "clang++", "cl"]
    if wanted and device == "cpu" and not any(map(shutil.which, filter(None, compilers))):
        raise StancekitError(
            "hardware.compile needs a C++ compiler on a CPU, and there is none", fix="install g++, or set hardware.compile=false"
        )


def compile_encoder(model: "PreTrainedModel") -> None:
    """Have torch compile the encoder at its first step, for texts of any length. The names of its weights stay as they are."""
    model.base_model.compile(backend=BACKEND, dynamic=True)
