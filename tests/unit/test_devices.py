"""`auto` takes what is there; what is named and not there is an error, before anything is done."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import TrainingArguments
from transformers.utils.import_utils import enable_tf32

from stancekit.config import HardwareConfig, TrainConfig
from stancekit.errors import StancekitError
from stancekit.modeling import devices
from stancekit.modeling.devices import Device, check_hardware, resolve_device, resolve_precision, resolve_tf32
from stancekit.stages.train import train

# What torch declares of it varies.
BACKENDS: Any = torch.backends


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


@pytest.fixture
def ampere(gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transformers.utils.is_torch_tf32_available", lambda: True)
    monkeypatch.setattr("transformers.utils.is_flash_attn_2_available", lambda: True)


@pytest.mark.usefixtures("ampere")
def test_auto_takes_tf32_beside_half_precision_alone() -> None:
    assert [resolve_tf32("auto", "cuda", precision) for precision in ("bf16", "fp16", "fp32")] == [True, True, False]
    assert resolve_tf32(True, "cuda", "fp32") is True
    assert resolve_tf32(False, "cuda", "bf16") is False
    assert resolve_tf32("auto", "cpu", "bf16") is False


def test_tf32_is_an_error_on_an_older_gpu(gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transformers.utils.is_torch_tf32_available", lambda: False)
    assert resolve_tf32("auto", "cuda", "bf16") is False
    with pytest.raises(StancekitError, match="from Ampere on, and this GPU is none of them"):
        resolve_tf32(True, "cuda", "fp32")


@pytest.fixture
def tf32_put_back() -> Iterator[None]:
    """transformers remembers what it was asked, and torch what it was told."""
    before = BACKENDS.fp32_precision
    enable_tf32.cache_clear()
    yield
    BACKENDS.fp32_precision = before
    enable_tf32.cache_clear()


@pytest.mark.usefixtures("ampere", "tf32_put_back")
@pytest.mark.parametrize(("choice", "mode"), [(True, "tf32"), (False, "ieee"), ("auto", "ieee")])
def test_the_choice_reaches_torch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, choice: bool | str, mode: str) -> None:
    from stancekit.training.arguments import training_arguments

    monkeypatch.setattr("transformers.training_args.is_torch_tf32_available", lambda: True)
    BACKENDS.fp32_precision = "none"
    data = {"train": "a.jsonl", "validation": "b.jsonl"}
    hardware = {"tf32": choice, "precision": "fp32"}
    config = TrainConfig.model_validate({"encoder": "x", "output": str(tmp_path), "data": data, "hardware": hardware})
    # On the CPU of this machine, as far as the Trainer is concerned.
    monkeypatch.setattr(TrainingArguments, "_setup_devices", torch.device("cpu"))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    training_arguments(config, 60, "cuda", "fp32")
    assert BACKENDS.fp32_precision == mode


NAMED: list[tuple[dict[str, Any], str]] = [
    ({"device": "cuda"}, "device 'cuda' is not on this machine"),
    ({"precision": "fp16"}, "fp16 needs a CUDA device"),
    ({"tf32": True}, "from Ampere on, and this is cpu"),
    ({"attention": "flash_attention_2"}, "flash_attention_2 needs a CUDA device, this is cpu"),
]


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(("hardware", "message"), NAMED)
def test_what_is_named_and_not_there_is_told_before_data_is_read(hardware: dict[str, Any], message: str) -> None:
    data = {"train": "no-such.jsonl", "validation": "no-such.jsonl"}
    config = TrainConfig.model_validate({"encoder": "x", "output": "out", "data": data, "hardware": hardware})
    with pytest.raises(StancekitError, match=message):
        train(config)


def test_flash_attention_is_checked_for_its_package_and_precision(ampere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    flash = HardwareConfig(attention="flash_attention_2")
    check_hardware(flash)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    check_hardware(flash)
    monkeypatch.setattr("transformers.utils.is_flash_attn_2_available", lambda: False)
    with pytest.raises(StancekitError, match="needs the package flash-attn"):
        check_hardware(flash)


@pytest.mark.parametrize(
    ("hardware", "message"),
    [
        ({"device": "cpu", "tf32": True}, "tf32 is of CUDA devices, and device is cpu"),
        ({"device": "mps", "attention": "flash_attention_2"}, "needs a CUDA device, and device is mps"),
        ({"attention": "flash_attention_2", "precision": "fp32"}, "computes in half precision, and precision is fp32"),
    ],
)
def test_choices_that_cannot_be_together_are_faults_of_the_config(hardware: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HardwareConfig.model_validate(hardware)


def test_where_nothing_is_named_the_machine_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolve(name: str) -> Device:
        asked.append(name)
        return "cpu"

    monkeypatch.setattr(devices, "resolve_device", resolve)
    for hardware in ({}, {"device": "cpu", "precision": "fp32", "tf32": False, "attention": "eager"}):
        check_hardware(HardwareConfig.model_validate(hardware))
    assert asked == []
    check_hardware(HardwareConfig(precision="bf16"))
    assert asked == ["auto"]
