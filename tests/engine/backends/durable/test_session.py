"""Threads that share a bundle, processes forked from it, and the cleanup of sessions and rulesets."""

import gc
import multiprocessing
import os
import random
import threading
from pathlib import Path

import durable_rules_engine
import pytest

from engine import Bundle
from engine.backends.durable import session
from engine.backends.durable.ruleset import Rule, write_rulesets
from engine.backends.durable.session import DurableRulesFailed, Sessions
from engine.backends.durable.terms import ALWAYS
from tests.engine.backends.durable.both import Both, both, example, load_durable
from tests.engine.backends.test_differential import bundle_of
from tests.engine.generated.policies import a_policy
from tests.engine.generated.values import NOW, some_facts

THREADS = 8
ROUNDS = 5
DECISIONS = 3_000
FACTS = {"a": "string", "b": "int?", "l": "{list: {n: int, s: string}}"}
CONDITIONS = ("l.exists(x, x.s == a && (b == null || x.n > b))", "size(l) > 3", "l.all(x, x.n != 1)")


def asked(number: int) -> list[dict[str, object]]:
    chance = random.Random(number)
    return [
        {
            "a": chance.choice("xyz"),
            "b": chance.choice((None, 1, 2)),
            "l": [{"n": chance.randrange(4), "s": chance.choice("xyz")} for _ in range(chance.randrange(6))],
        }
        for _ in range(100)
    ]


@pytest.fixture
def pairs() -> Both:
    return both(example(FACTS, *CONDITIONS))


def answers(bundle: Bundle) -> list[tuple[str, ...]]:
    return [bundle.decide("example", facts, now=NOW).matched for facts in asked(1)]


def test_threads_that_share_a_bundle_get_what_the_compiler_decides(pairs):
    expected = answers(pairs.compiler)
    results: list[list[tuple[str, ...]]] = []
    start = threading.Barrier(THREADS)

    def ask() -> None:
        start.wait()
        for _ in range(ROUNDS):
            results.append(answers(pairs.durable))

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == THREADS * ROUNDS
    assert all(decisions == expected for decisions in results)


def test_a_forked_process_decides_for_itself(pairs):
    """The lock is held during the fork, as it is when another thread is deciding."""
    expected = answers(pairs.compiler)
    rulesets = [s.sessions for s in pairs.durable.version_at("example", NOW).rules.__self__.rules]

    def ask() -> None:
        os._exit(0 if answers(pairs.durable) == expected else 1)

    with rulesets[0]._opened._lock:
        forked = multiprocessing.get_context("fork").Process(target=ask)
        forked.start()
        forked.join(timeout=30)
    assert forked.exitcode == 0


def test_no_session_is_left(pairs):
    """durable-rules holds about a thousand sessions; this test makes more decisions than that."""
    for _ in range(11):
        answers(pairs.durable)
    assert answers(pairs.durable) == answers(pairs.compiler)


def test_memory_does_not_grow_with_decisions_nor_with_bundles(pairs):
    def work() -> None:
        for _ in range(DECISIONS // 100):
            answers(pairs.durable)
        for _ in range(50):
            load_durable(example(FACTS, *CONDITIONS))
        gc.collect()

    work()
    before = resident()
    work()
    assert resident() - before < 4_000_000


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_a_ruleset_goes_with_its_bundle(monkeypatch):
    deleted = []
    monkeypatch.setattr(durable_rules_engine, "delete_ruleset", deleted.append)
    bundle = load_durable(example(FACTS, *CONDITIONS)).bundle
    assert bundle is not None and deleted == []
    del bundle
    gc.collect()
    assert len(deleted) == len(set(deleted)) == 2


def test_facts_that_are_not_taken_are_an_error(monkeypatch):
    [ruleset] = write_rulesets([Rule(7, ALWAYS[0])])
    sessions = Sessions(ruleset)
    assert sessions.ask(["", ""]) == [(7, 1), (7, 0), (None, 1), (None, 0)]
    monkeypatch.setattr(session, "ALWAYS_THERE", "off")
    with pytest.raises(DurableRulesFailed, match="durable-rules answers 1 to facts"):
        sessions.ask([""])


def test_generated_policies_in_threads():
    chance = random.Random(5)
    work = []
    while len(work) < 40:
        generated = a_policy(chance)
        durable = load_durable(generated.text).bundle
        if durable is not None:
            compiler, _ = bundle_of(generated)
            facts = [some_facts(chance, generated.facts) for _ in range(5)]
            work += [(durable, f, compiler.decide("generated", f, now=NOW)) for f in facts]
    wrong: list[object] = []

    def ask() -> None:
        wrong.extend(
            f for durable, f, expected in work if durable.decide("generated", f, now=NOW) != expected
        )

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
