"""Report what is valid in a policy but cannot be what its owner meant.

Each module in this package is one rule: `CODE`, and `find`, from a validated policy to diagnostics. `no_unused_gap_because` and
`stable_names` take all versions of a policy.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from documents.diagnostics import Diagnostic, in_order
from engine.lint import (
    no_conflicting_rows,
    no_constant_condition,
    no_contradicting_message,
    no_cut_text,
    no_unreachable_rule,
    no_unset_output,
    no_unused_condition,
    no_unused_fact,
    no_unused_gap_because,
    no_unused_outcome,
    no_unused_parameter,
    no_unused_value,
    not_proven_unique,
    plain_spelling,
    portable_yaml,
    require_source,
    seamless_bands,
    stable_names,
)
from engine.policy.validated import ValidatedPolicy

RULES = (
    no_conflicting_rows,
    no_constant_condition,
    no_contradicting_message,
    no_cut_text,
    no_unreachable_rule,
    no_unset_output,
    no_unused_condition,
    no_unused_fact,
    no_unused_outcome,
    no_unused_parameter,
    no_unused_value,
    not_proven_unique,
    plain_spelling,
    portable_yaml,
    require_source,
    seamless_bands,
)


def lint(validated: ValidatedPolicy) -> tuple[Diagnostic, ...]:
    """Run every rule on one version of a policy."""
    return in_order(problem for rule in RULES for problem in rule.find(validated))


def lint_versions(
    versions: Sequence[ValidatedPolicy], released: Collection[str] = ()
) -> tuple[Diagnostic, ...]:
    """Run the rules on each version of a policy, and compare each version with the next. `released` has the digests of released
    versions."""
    alone = [problem for validated in versions for problem in lint(validated)]
    policies = [v.policy for v in versions]
    return in_order([*alone, *no_unused_gap_because.find(policies), *stable_names.find(policies, released)])
