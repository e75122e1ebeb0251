"""Policies as code: load a folder of policies, check it, decide by it, and explain a decision.

>>> import comity
>>> from datetime import UTC, datetime
>>> policies = comity.load("policies")
>>> facts = {"author_id": "7", "buyer_id": "7", "seller_id": "3", "locked_at": None}
>>> comity.decide(policies, "chat", facts, now=datetime(2026, 3, 1, 12, tzinfo=UTC)).outcome
'allow'

Nothing here needs Django; a Django project installs the app `decisions` as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from os import PathLike
from pathlib import Path

from documents.diagnostics import Diagnostic
from engine import Budget, Bundle, Decision, FactError, PolicyNotInForce, UnknownPolicy, load_bundle
from engine.check import check_paths
from engine.schema import case_schema, policy_schema
from engine.version import VERSION

__version__ = VERSION

__all__ = [
    "Bundle",
    "Decision",
    "Diagnostic",
    "FactError",
    "InvalidPolicies",
    "PolicyNotInForce",
    "UnknownPolicy",
    "case_schema",
    "check",
    "decide",
    "explain",
    "load",
    "policy_schema",
]


class InvalidPolicies(ValueError):
    """The policies do not load. `diagnostics` has every problem with its place; the text shows all of them."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(d.render() for d in diagnostics))
        self.diagnostics = diagnostics


def load(folder: str | PathLike[str]) -> Bundle:
    """Load every policy of a folder. Raises InvalidPolicies if any of them has an error.

    The bundle is immutable: threads may share it, and a later edit of the folder does not change it.

    >>> policies = load("policies")
    >>> sorted(policies.policies)[:3]
    ['appeals', 'assistant_session', 'chat']
    """
    loaded = load_bundle(Path(folder))
    if loaded.bundle is None:
        raise InvalidPolicies(loaded.diagnostics)
    return loaded.bundle


def check(folder: str | PathLike[str]) -> tuple[Diagnostic, ...]:
    """Find the errors and warnings that `comity check` prints, sorted by place. Empty means that all is well.

    Folders beside the policies are checked by installed readers, and by those that pyproject.toml in the current folder names.

    >>> check("policies")
    ()
    >>> [problem.message for problem in check("no/such/folder")]
    ['there is no such folder of policies']
    """
    return check_paths([Path(folder)]).diagnostics


def decide(policies: Bundle, policy: str, facts: Mapping[str, object], *, now: datetime) -> Decision:
    """Decide by the version of the policy that is in force at `now`, an aware datetime.

    Facts never raise: those that do not fit give the policy's `on_error`, and `errors` says what is wrong with them.
    Raises UnknownPolicy, PolicyNotInForce, and ValueError for a naive `now`.

    >>> from datetime import UTC, datetime
    >>> facts = {"author_id": "9", "buyer_id": "7", "seller_id": "3", "locked_at": None}
    >>> decision = decide(load("policies"), "chat", facts, now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    >>> decision.outcome, decision.rule
    ('deny', 'not-a-party')
    >>> decision.message
    'Only the buyer and the seller can write in this chat.'
    """
    return policies.decide(policy, facts, now=now)


def explain(
    policies: Bundle,
    policy: str,
    facts: Mapping[str, object],
    *,
    now: datetime,
    counterfactuals: bool = False,
) -> Decision:
    """Decide as `decide` does, and say why: `explanation` holds every rule and condition with its result.

    With `counterfactuals`, also search for the smallest changes of the facts that would give a more permissive outcome. The
    search does a bounded amount of work, and says in `complete` whether it tried everything.

    >>> from datetime import UTC, datetime
    >>> facts = {"author_id": "9", "buyer_id": "7", "seller_id": "3", "locked_at": None}
    >>> decision = explain(load("policies"), "chat", facts, now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    >>> assert decision.explanation is not None
    >>> {condition["name"]: condition["holds"] for condition in decision.explanation["conditions"]}
    {'is_party': False, 'locked': False}
    """
    budget = Budget() if counterfactuals else None
    return policies.decide(policy, facts, now=now, explain=True, counterfactuals=budget)
