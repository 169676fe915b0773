"""The machine is named as its maker names it."""

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stancekit import machine as module
from stancekit.machine import cores, machine, peak_memory_mib, processor, saturates

X86 = "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel\t\t: 17\nmodel name\t: AMD EPYC 9354 32-Core Processor\ncpu MHz\t\t: 3250.0\n"
ARM = "processor\t: 0\nBogoMIPS\t: 108.00\n\nHardware\t: BCM2835\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n"
POWER = "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t\t: 2300MHz\n"


@pytest.mark.parametrize(
    ("told", "name"),
    [(X86, "AMD EPYC 9354 32-Core Processor"), (ARM, "Raspberry Pi 4 Model B Rev 1.4"), (POWER, "POWER9, altivec supported")],
)
def test_the_kernel_names_the_processor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: str, name: str) -> None:
    (tmp_path / "cpuinfo").write_text(told, encoding="utf-8")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(module, "CPUINFO", tmp_path / "cpuinfo")
    assert processor() == name


@pytest.mark.parametrize("told", [None, "processor\t: 0\nfeatures\t: fp asimd\n"])
def test_where_the_kernel_is_silent_the_architecture_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: str | None) -> None:
    if told is not None:
        (tmp_path / "cpuinfo").write_text(told, encoding="utf-8")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(module, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert processor() == "aarch64"


def test_macos_is_asked_with_sysctl(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(words: tuple[str, ...], **_: Any) -> subprocess.CompletedProcess[str]:
        assert words == ("sysctl", "-n", "machdep.cpu.brand_string")
        return subprocess.CompletedProcess(words, 0, "Apple M3 Pro\n", "")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", run)
    assert processor() == "Apple M3 Pro"


def test_cores_are_those_that_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whatever the container that this runs in may use.
    monkeypatch.setattr(module, "QUOTAS", ())
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 5, 9}, raising=False)
    assert cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cores() == 64


def test_a_machine_is_told_in_three_words() -> None:
    told = machine()
    assert list(told) == ["system", "processor", "cores"]
    assert told["system"].split()[0] in ("Linux", "Darwin", "Windows")
    assert told["cores"] >= 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems begin to count with the process")
def test_the_peak_is_of_this_process_and_not_of_the_one_that_started_it() -> None:
    held = bytearray(200 * 1024 * 1024)
    code = "from stancekit.machine import peak_memory_mib; print(peak_memory_mib())"
    environment = {"PYTHONPATH": str(Path(module.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert 5 < int(done.stdout) < 100
    assert peak_memory_mib() > len(held) // 2**20


def test_where_the_kernel_tells_no_peak_the_system_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "STATUS", tmp_path / "absent")
    assert peak_memory_mib() > 5


@pytest.mark.parametrize(
    ("files", "most"),
    [
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "max 100000\n"}, None),
        ({"quota": "50000\n", "period": "100000\n"}, 1),
        ({"quota": "-1\n", "period": "100000\n"}, None),
        ({}, None),
    ],
)
def test_a_container_has_the_cores_that_its_share_of_time_is_worth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], most: int | None
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(module, "QUOTAS", ((str(tmp_path / "cpu.max"),), (str(tmp_path / "quota"), str(tmp_path / "period"))))
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    assert cores() == (most or 64)


@pytest.mark.parametrize(
    ("architecture", "flags", "so"),
    [
        ("x86_64", "fma avx2 avx512f", True),
        ("x86_64", "fma avx2 avx512f avx512_vnni", False),
        ("AMD64", "fma avx2 avx_vnni abm", False),
        ("x86_64", None, True),
        ("arm64", None, False),
    ],
)
def test_a_processor_saturates_without_the_instructions_for_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, architecture: str, flags: str | None, so: bool
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: architecture)
    monkeypatch.setattr(module, "CPUINFO", tmp_path / "cpuinfo")
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nmodel name\t: X\nflags\t\t: fpu {flags}\nbugs\t\t: avx_vnni_none\n")
    assert saturates() == so
