"""Generate a single random condition with the facts, parameters and named conditions that it can read."""

import json
import random
from dataclasses import dataclass
from typing import Any

from documents.source import Source
from engine import load_sources
from engine.compiled import CompiledPolicy
from engine.expression.types import Type
from tests.engine.generated.expressions import Names, Writer
from tests.engine.generated.policies import DEPTH, some_conditions, some_parameters
from tests.engine.generated.values import NOW, a_fact_type, declared


@dataclass(frozen=True)
class Condition:
    """A condition, and the declarations that it reads."""

    text: str
    facts: dict[str, Any]
    parameters: dict[str, Any]
    conditions: dict[str, str]

    def policy(self) -> str:
        """A policy in which the condition is named `asked` and the rule `asked-rule` uses it."""
        written: dict[str, Any] = {
            "policy": "generated",
            "version": 1,
            "effective_from": "1970-01-01T00:00:00Z",
            "facts": self.facts or {"nothing": "bool?"},
            "parameters": self.parameters,
            "conditions": {**self.conditions, "asked": self.text},
            "outcomes": ["no", "yes"],
            "on_error": "yes",
            "rules": [{"id": "asked-rule", "when": self.text, "then": "yes"}],
            "otherwise": {"id": "none-applies", "then": "no", "permit_because": "Nothing is permitted here."},
        }
        lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in written.items())
        return "".join(lines).replace("1e+300", "1.0e+300")

    def compiled(self) -> CompiledPolicy:
        loaded = load_sources([Source("generated.yaml", self.policy())])
        assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
        return loaded.bundle.version_at("generated", NOW)


def a_condition(chance: random.Random) -> tuple[Condition, dict[str, Type]]:
    """A condition and the types of its facts."""
    facts = {f"fact{n}": a_fact_type(chance) for n in range(chance.randrange(1, 5))}
    parameters, _ = some_parameters(chance)
    names = Names({**facts, **{name: type_ for name, (type_, _) in parameters.items()}})
    conditions, names = some_conditions(chance, names)
    text = Writer(chance).condition(names, DEPTH)
    shown = {name: declared(type_) for name, type_ in facts.items()}
    return Condition(text, shown, {name: value for name, (_, value) in parameters.items()}, conditions), facts
