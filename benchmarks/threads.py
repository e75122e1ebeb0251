"""Compares the throughput of two threads that share one bundle with that of one thread. Because of the GIL, only one runs at a
time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median

from benchmarks.clock import Pass, over
from benchmarks.peers.comity import bundle_of
from benchmarks.result import Effort, Findings, Result
from benchmarks.workloads import POLICIES
from benchmarks.workloads.workload import NOW

PASSES = 10


def measure(effort: Effort) -> Findings:
    workload = POLICIES[0]
    bundle = bundle_of(workload)
    decide = partial(bundle.decide, workload.name, now=NOW)
    work = over(decide, [(facts,) for facts in workload.samples(effort.inputs)])
    gains = []
    for _ in range(effort.rounds):
        one = _passes_per_second(work, 1)
        gains.append(_passes_per_second(work, 2) / one)
    return [Result("threads", f"{workload.name}, 2 threads / 1 thread", median(gains), "{:.2f}×")]


def _passes_per_second(work: Pass, threads: int) -> float:
    with ThreadPoolExecutor(threads) as pool:
        begun = time.perf_counter()
        for done in [pool.submit(_repeat, work) for _ in range(threads)]:
            done.result()
        return threads * PASSES / (time.perf_counter() - begun)


def _repeat(work: Pass) -> None:
    for _ in range(PASSES):
        work()
