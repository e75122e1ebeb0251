"""Measures the peak memory growth of this process during a block. The maximum since process start is useless after a larger
test."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROCESS = Path("/proc/self")
FORGET_THE_PEAK = "5"


@dataclass
class Growth:
    bytes: int = 0


@contextmanager
def growth() -> Iterator[Growth]:
    """Set once the block is over. Memory that is freed within the block can hide as much growth."""
    gc.collect()
    (PROCESS / "clear_refs").write_text(FORGET_THE_PEAK)
    before, measured = kilobytes("VmRSS"), Growth()
    yield measured
    measured.bytes = (kilobytes("VmHWM") - before) * 1024


def kilobytes(name: str) -> int:
    """`VmRSS` is the memory of this process now, `VmHWM` its peak. `ru_maxrss` would begin with that of the parent process."""
    lines = (PROCESS / "status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1])
