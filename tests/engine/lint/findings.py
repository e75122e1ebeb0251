"""The findings of one lint rule in a policy. Sections that a test does not specify get minimal defaults."""

from textwrap import dedent, indent
from types import ModuleType

from documents.diagnostics import Diagnostic
from documents.source import Source
from engine.lint import lint
from engine.policy.loader import load
from engine.policy.validated import ValidatedPolicy
from engine.policy.validator import validate

HEAD = """\
policy: plain
version: 1
effective_from: 2026-01-01T00:00:00Z
outcomes: [allow, deny]
on_error: deny
otherwise: {id: not-allowed, then: deny}
"""


def policy_of(sections: str) -> ValidatedPolicy:
    """A policy with the given sections, and minimal defaults for all others."""
    given = dedent(sections).strip("\n")
    names = {line.partition(":")[0] for line in given.splitlines() if line[:1].isalpha()}
    plain = [line for line in HEAD.splitlines() if line.partition(":")[0] not in names]
    policies, problems = load(Source("plain.yaml", "\n".join([given, *plain]) + "\n"))
    assert not problems, "\n".join(d.render() for d in problems)
    validated, problems = validate(policies[0])
    assert validated is not None, "\n".join(d.render() for d in problems)
    return validated


def policy_with(facts: str, *rules: str, rest: str = "") -> ValidatedPolicy:
    """A policy with one fact per line and one rule per line."""
    parts = [
        "facts:",
        indent(dedent(facts).strip("\n"), "  "),
        "rules:",
        *(f"  - {r}" for r in rules),
        dedent(rest),
    ]
    return policy_of("\n".join(parts))


def found_by(rule: ModuleType, validated: ValidatedPolicy) -> list[Diagnostic]:
    return [d for d in lint(validated) if d.code == rule.CODE]


def messages(problems: list[Diagnostic]) -> list[tuple[str, str]]:
    """The severity and message of each diagnostic."""
    return [(d.severity, d.message) for d in problems]
