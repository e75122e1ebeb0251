"""The same policy compiled by the default compiler and for durable-rules, for comparing decisions."""

from dataclasses import dataclass
from datetime import datetime
from textwrap import dedent
from typing import Any

from documents.source import Source
from engine import Bundle, Loaded, load_sources
from engine.backends.registry import backend
from engine.decision import Decision
from tests.engine.policies import NOW

DURABLE = backend("durable")


def load_durable(text: str) -> Loaded:
    return load_sources([Source("example.yaml", dedent(text))], compile=DURABLE)


def refusals(text: str) -> list[tuple[str, str]]:
    loaded = load_durable(text)
    assert loaded.bundle is None
    return [(d.code, d.message) for d in loaded.diagnostics]


@dataclass(frozen=True)
class Both:
    compiler: Bundle
    durable: Bundle

    def decide(self, facts: Any, now: datetime = NOW) -> Decision:
        """The decision, after checking that both agree."""
        decisions = [b.decide("example", facts, now=now) for b in (self.compiler, self.durable)]
        assert decisions[0] == decisions[1]
        return decisions[0]

    def matched(self, **facts: Any) -> tuple[str, ...]:
        return self.decide(facts).matched


def both(text: str) -> Both:
    compiled, durable = load_sources([Source("example.yaml", dedent(text))]), load_durable(text)
    assert compiled.bundle is not None, "\n".join(d.render() for d in compiled.diagnostics)
    assert durable.bundle is not None, "\n".join(d.render() for d in durable.diagnostics)
    return Both(compiled.bundle, durable.bundle)


def example(facts: dict[str, str], *conditions: str, hit: str = "worst") -> str:
    """A policy with one rule for each condition: rule-0, rule-1, …"""
    rules = "".join(
        f"  - {{id: rule-{n}, when: '{text}', then: deny}}\n" for n, text in enumerate(conditions)
    )
    declared = "".join(f"  {name}: {type_}\n" for name, type_ in facts.items())
    return (
        "policy: example\nversion: 1\neffective_from: 2020-01-01T00:00:00Z\n"
        f"facts:\n{declared}outcomes: [allow, deny]\non_error: deny\nhit: {hit}\n"
        f"rules:\n{rules}otherwise: {{id: none, then: deny}}\n"
    )
