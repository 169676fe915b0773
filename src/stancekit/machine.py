"""The machine that a stage runs on: processor, cores, and how much memory this process took. Loads no torch."""

import math
import os
import platform
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

CPUINFO = Path("/proc/cpuinfo")
STATUS = Path("/proc/self/status")
# Microseconds of all cores that a container may use, then of the clock: the newer kind of control groups, and the older one.
QUOTAS = (("/sys/fs/cgroup/cpu.max",), ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"))
HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
# The instructions that add products of 8 bits in 32.
VNNI = re.compile(r"^flags\s*:.*\s(avx(?:512)?_vnni)\b", re.MULTILINE)
# x86 has the first, some ARM and PowerPC kernels one of the others.
NAMED = re.compile(r"^(?:model name|Model|Processor|cpu)\s*:\s*(\S.*)$", re.MULTILINE)


def machine() -> dict[str, Any]:
    """System, processor and cores, as they go into a manifest."""
    return {"system": f"{platform.system()} {platform.machine()}", "processor": processor(), "cores": cores()}


def processor() -> str:
    """The processor's name as its maker gives it; where nobody tells, its architecture."""
    if sys.platform == "darwin":
        named = _said("sysctl", "-n", "machdep.cpu.brand_string")
    else:
        named = _read_by(NAMED, CPUINFO)
    return named or platform.processor() or platform.machine()


def saturates() -> bool:
    """Whether the processor adds products of 8 bits in 16, and cuts off what is larger: x86 without VNNI, or not known to have it."""
    return platform.machine().lower() in ("x86_64", "amd64") and _read_by(VNNI, CPUINFO) is None


def cores() -> int:
    """Logical cores that this process may use; a container or a batch system may give it fewer than there are."""
    # Not on macOS.
    allowed = getattr(os, "sched_getaffinity", None)
    there = len(allowed(0)) if allowed is not None else os.cpu_count() or 1
    return min([there, *filter(None, (_quota(*paths) for paths in QUOTAS))])


def _quota(*paths: str) -> int | None:
    """How many cores a container's share of time is worth, rounded up; None where there is no limit."""
    try:
        used, period = " ".join(Path(path).read_text(encoding="ascii") for path in paths).split()
        # No limit is the word max, or -1.
        return math.ceil(int(used) / int(period)) if int(used) > 0 else None
    except (OSError, ValueError):
        return None


def peak_memory_mib() -> int:
    """Largest resident memory of this process so far, in MiB."""
    # Linux lets a process begin with the peak of the one that started it, in getrusage and not here.
    if (own := _read_by(HIGH_WATER, STATUS)) is not None:
        return int(own) // 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))


def _read_by(pattern: re.Pattern[str], path: Path) -> str | None:
    try:
        found = pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return found[1].strip() if found else None


def _said(*words: str) -> str | None:
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
