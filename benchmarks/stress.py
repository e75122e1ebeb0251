"""Stress test: eight threads on shared bundles, every decision compared with the single-threaded one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice

from benchmarks.agreement import Disagreement
from benchmarks.peers.comity import bundle_of
from benchmarks.result import Effort, Findings, Result
from benchmarks.workloads import POLICIES, table
from benchmarks.workloads.workload import NOW, Facts
from engine import Bundle, Decision

THREADS = 8
SWITCH_SECONDS = 1e-5
"""Python's default is 5 ms, within which a decision is hardly ever interrupted."""

Expected = tuple[Bundle, str, Facts, Decision]


def measure(effort: Effort) -> Findings:
    """Raises Disagreement at the first wrong decision."""
    expected = list(_expected())
    each = effort.decisions // 10
    with _switching_often(), ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(_decide, expected, number, each) for number in range(THREADS)]
        compared = sum(done.result() for done in running)
    return [Result("stress", f"{compared:,} decisions of {THREADS} threads, wrong", 0, "{:.0f}", 0)]


def _expected() -> Iterator[Expected]:
    for workload in (*POLICIES, table.workload(100)):
        bundle = bundle_of(workload)
        (name,) = bundle.policies
        for facts in workload.samples(500):
            yield bundle, name, facts, bundle.decide(name, facts, now=NOW)


def _decide(expected: list[Expected], number: int, count: int) -> int:
    """Each thread starts at a different place, so that all policies are used at the same time."""
    begin = number * len(expected) // THREADS
    for bundle, name, facts, right in islice(_endlessly(expected[begin:] + expected[:begin]), count):
        decision = bundle.decide(name, facts, now=NOW)
        if decision != right:
            raise Disagreement(f"{name}, in thread {number}: {decision} instead of {right}")
    return count


def _endlessly(expected: list[Expected]) -> Iterator[Expected]:
    while True:
        yield from expected


@contextmanager
def _switching_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
