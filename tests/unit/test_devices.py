"""`auto` takes what is there; what is named and not there is an error, before anything is done."""

import pytest
import torch

from stancekit.errors import StancekitError
from stancekit.modeling.devices import Device, resolve_device, resolve_precision


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a CPU and nothing else, whatever this one has."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_f": True, "avx512_bf16": False}, raising=False)


@pytest.fixture
def gpu(machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)


@pytest.mark.usefixtures("machine")
def test_auto_falls_back_to_the_cpu() -> None:
    assert resolve_device("auto") == "cpu"
    assert resolve_device("cpu") == "cpu"


@pytest.mark.usefixtures("gpu")
def test_auto_takes_the_gpu() -> None:
    assert resolve_device("auto") == "cuda"
    assert resolve_device("cpu") == "cpu"


def test_auto_takes_an_apple_gpu(machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert resolve_device("auto") == "mps"
    assert resolve_precision("auto", "mps") == "fp32"


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("name", ["cuda", "mps", "tpu"])
def test_a_named_device_that_is_not_there_is_an_error(name: str) -> None:
    with pytest.raises(StancekitError, match=f"device '{name}' is not on this machine") as fault:
        resolve_device(name)
    assert "cpu" in fault.value.fix


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_half_precision_needs_a_gpu(device: Device) -> None:
    assert resolve_precision("auto", device) == "fp32"
    assert resolve_precision("fp32", device) == "fp32"
    assert resolve_precision("bf16", device) == "bf16"
    with pytest.raises(StancekitError, match=f"fp16 needs a CUDA device, this is {device}"):
        resolve_precision("fp16", device)


@pytest.mark.parametrize("instructions", ["avx512_bf16", "amx_bf16"])
def test_a_processor_with_bf16_uses_it(instructions: str, machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {instructions: True}, raising=False)
    assert resolve_precision("auto", "cpu") == "bf16"
    assert resolve_precision("auto", "mps") == "fp32"
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert resolve_precision("auto", "cpu") == "fp32"


@pytest.mark.usefixtures("gpu")
def test_a_gpu_with_bf16_uses_it() -> None:
    assert resolve_precision("auto", "cuda") == "bf16"
    assert resolve_precision("fp16", "cuda") == "fp16"


def test_a_gpu_without_bf16_uses_fp16(gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    assert resolve_precision("auto", "cuda") == "fp16"
    with pytest.raises(StancekitError, match="no bf16"):
        resolve_precision("bf16", "cuda")
