"""What a policy does that is no error of its language, and still not what its owner can have meant.

Each module beside this one is one rule: `CODE`, and `find`, from a validated policy to diagnostics.
"""

from __future__ import annotations

from documents.diagnostics import Diagnostic, in_order
from engine.lint import (
    no_conflicting_rows,
    no_unreachable_rule,
    no_unset_output,
    no_unused_condition,
    no_unused_fact,
    no_unused_outcome,
    no_unused_parameter,
    require_source,
    seamless_bands,
)
from engine.policy.validated import ValidatedPolicy

RULES = (
    no_conflicting_rows,
    no_unreachable_rule,
    no_unset_output,
    no_unused_condition,
    no_unused_fact,
    no_unused_outcome,
    no_unused_parameter,
    require_source,
    seamless_bands,
)


def lint(validated: ValidatedPolicy) -> tuple[Diagnostic, ...]:
    """What every rule finds in one version of a policy."""
    return in_order(problem for rule in RULES for problem in rule.find(validated))
