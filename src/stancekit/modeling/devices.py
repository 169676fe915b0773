"""Device and precision: `auto` takes the best that is there, a name that is not there is an error."""

from pathlib import Path
from typing import Any, Literal

from stancekit.errors import StancekitError

Device = Literal["cpu", "cuda", "mps"]
Precision = Literal["fp32", "fp16", "bf16"]


def resolve_device(name: str) -> Device:
    """The device for `name` (auto, cpu, cuda, mps). Raises StancekitError when this machine has none such."""
    import torch

    there: dict[str, bool] = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return "cuda" if there["cuda"] else "mps" if there["mps"] else "cpu"
    if not there.get(name, False):
        raise StancekitError(
            f"device {name!r} is not on this machine",
            fix=f"use auto, or one of {', '.join(key for key, is_there in there.items() if is_there)}",
        )
    return "cuda" if name == "cuda" else "mps" if name == "mps" else "cpu"


def resolve_precision(name: str, device: Device) -> Precision:
    """The training precision for `name` (auto, fp32, fp16, bf16) on `device`. Raises StancekitError where it cannot be."""
    import torch

    bf16 = torch.cuda.is_bf16_supported() if device == "cuda" else device == "cpu" and cpu_multiplies_bf16()
    if name == "auto":
        return "bf16" if bf16 else "fp16" if device == "cuda" else "fp32"
    if name == "fp16" and device != "cuda":
        raise StancekitError(f"precision fp16 needs a CUDA device, this is {device}", fix="set hardware.precision to fp32, bf16 or auto")
    if name == "bf16" and device == "cuda" and not bf16:
        raise StancekitError("this GPU has no bf16", fix="set hardware.precision to fp16 or auto")
    return "fp16" if name == "fp16" else "bf16" if name == "bf16" else "fp32"


def cpu_multiplies_bf16() -> bool:
    """Whether the processor has instructions for bf16; where it emulates them, they are slower than fp32."""
    import torch

    # Absent in older releases of torch.
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def cuda_may_be_there() -> bool:
    """Whether it is worth importing torch to ask for a GPU; importing it takes longer than scoring a short file."""
    return any(Path(device).exists() for device in ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd"))
