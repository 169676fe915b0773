"""Device, precision and TF32: `auto` takes the best that is there, a name that is not there is an error."""

from pathlib import Path
from typing import Any, Literal

from stancekit.config import HardwareConfig
from stancekit.errors import StancekitError

Device = Literal["cpu", "cuda", "mps"]
Precision = Literal["fp32", "fp16", "bf16"]


def check_hardware(hardware: HardwareConfig) -> None:
    """Raise StancekitError for a named choice that this machine does not have. Where none is named, torch is not loaded."""
    flash = hardware.attention == "flash_attention_2"
    if hardware.device in ("auto", "cpu") and hardware.precision in ("auto", "fp32") and hardware.tf32 is not True and not flash:
        return
    device = resolve_device(hardware.device)
    precision = resolve_precision(hardware.precision, device)
    resolve_tf32(hardware.tf32, device, precision)
    if flash:
        _check_flash(device, precision)


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


def resolve_tf32(choice: bool | Literal["auto"], device: Device, precision: Precision) -> bool:
    """Whether float32 is multiplied in TF32. Raises StancekitError where it is asked for and cannot be.

    `auto` takes it beside half precision, for the few products that are left in float32; who asks for fp32 gets fp32.
    """
    from transformers.utils import is_torch_tf32_available

    there = device == "cuda" and bool(is_torch_tf32_available())
    if choice is True and not there:
        found = "this GPU is none of them" if device == "cuda" else f"this is {device}"
        raise StancekitError(f"TF32 needs an NVIDIA GPU from Ampere on, and {found}", fix="set hardware.tf32 to auto or false")
    return there and (precision != "fp32" if choice == "auto" else choice)


def _check_flash(device: Device, precision: Precision) -> None:
    from transformers.utils import is_flash_attn_2_available

    otherwise = "set hardware.attention to auto or sdpa"
    if device != "cuda":
        raise StancekitError(f"flash_attention_2 needs a CUDA device, this is {device}", fix=otherwise)
    if precision == "fp32":
        raise StancekitError("flash_attention_2 computes in half precision, and precision is fp32", fix=f"use bf16 or fp16, or {otherwise}")
    if not is_flash_attn_2_available():
        raise StancekitError("flash_attention_2 needs the package flash-attn from 2.3.3 on", fix=f"pip install flash-attn, or {otherwise}")


def gpu_facts(device: Device) -> dict[str, Any]:
    """Names of the GPUs that this process sees, and the most memory that its tensors took on one of them, in MiB."""
    import torch

    if device != "cuda":
        return {"gpus": [], "peak_gpu_memory_mib": None}
    every = range(torch.cuda.device_count())
    peak = max(torch.cuda.max_memory_allocated(number) for number in every)
    return {"gpus": [torch.cuda.get_device_name(number) for number in every], "peak_gpu_memory_mib": peak // 2**20}


def cpu_multiplies_bf16() -> bool:
    """Whether the processor has instructions for bf16; where it emulates them, they are slower than fp32."""
    import torch

    # Absent in older releases of torch.
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def cuda_may_be_there() -> bool:
    """Whether it is worth importing torch to ask for a GPU; importing it takes longer than scoring a short file."""
    return any(Path(device).exists() for device in ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd"))
