"""The engine's share of a request, measured with stopwatches around the functions it calls."""

import types

from benchmarks import requests
from benchmarks.requests import Stopwatch


def test_stopwatch_adds_up_calls_and_passes_on_what_they_return(monkeypatch):
    now = iter([100, 130, 200, 205])
    monkeypatch.setattr(requests, "thread_time_ns", lambda: next(now))
    owner = types.SimpleNamespace(double=lambda number: 2 * number)
    watch = Stopwatch(owner, "double")
    assert [owner.double(2), owner.double(number=3)] == [4, 6]
    assert watch.spent == 35
