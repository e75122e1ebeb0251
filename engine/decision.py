"""The result of the engine: a decision, and the errors if facts were invalid."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from engine.expression.quantity import written_moment
from engine.expression.values import to_json

_quoted: Callable[[Any], str] = json.encoder.encode_basestring_ascii


_CONSTANTS = {None: "null", True: "true", False: "false"}


def _written(value: object) -> str:
    if value is None or value is True or value is False:
        return _CONSTANTS[value]
    if type(value) is str:
        return _quoted(value)
    if type(value) is datetime and value.tzinfo is UTC:
        return written_moment(value).decode()
    return json.dumps(to_json(value))


@lru_cache(1_024)
def _head(policy: str, version: int, revision: int, digest: str, outcome: str, rule: str, reason: str) -> str:
    """The members that are the same whenever a rule decides."""
    return (
        f'{{"policy": {_quoted(policy)}, "version": {version}, "revision": {revision}, '
        f'"digest": {_quoted(digest)}, "outcome": {_quoted(outcome)}, "rule": {_quoted(rule)}, '
        f'"reason": {_quoted(reason)}, "message": '
    )


@lru_cache(1_024)
def _key(name: str) -> str:
    return f"{_quoted(name)}: "


@lru_cache(1_024)
def _names(names: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, names))}]"


ON_ERROR = "on-error"
"""The rule of a decision on invalid facts. Its reason is a code and the fact, such as `missing-fact:closed_at`."""


class FactError(NamedTuple):
    """An invalid fact. `path` is like `confirmations[2].party`; `code` is missing, null, mistyped, …"""

    path: str
    code: str
    message: str


def not_in_force(fact: str) -> FactError:
    """The error of a fact that names, by `in_force_by`, a moment at which no version was in force."""
    return FactError(fact, "not-in-force", f"the fact `{fact}` is a moment at which no version was in force")


class Decision(NamedTuple):
    """An outcome and its reason. `matched` has every rule that applied. Timestamps and durations in `outputs` are Python
    objects."""

    policy: str
    version: int
    revision: int
    digest: str
    outcome: str
    rule: str
    reason: str
    message: str
    obligations: tuple[str, ...]
    outputs: Mapping[str, Any]
    matched: tuple[str, ...]
    errors: tuple[FactError, ...]
    evaluated_at: datetime
    in_force_at: datetime
    """The moment that chose the version: `evaluated_at`, or the earlier moment of the fact that `in_force_by` names."""
    permits: bool
    """Whether the outcome is the policy's most permissive one."""
    explanation: dict[str, Any] | None = None
    counterfactuals: dict[str, Any] | None = None
    status: str | None = None
    """For a refusal, the status that its rule declares: `conflict` or `forbidden`."""

    def to_json(self) -> bytes:
        """`to_dict` as JSON text in UTF-8, byte for byte what `json.dumps` writes, but several times faster."""
        (
            policy, version, revision, digest, outcome, rule, reason, message, obligations, given, matched, errors,
            evaluated_at, in_force_at, _, explanation, counterfactuals, status,
        ) = self  # fmt: skip
        if errors or explanation is not None or counterfactuals is not None:
            return json.dumps(self.to_dict()).encode()
        at = _written(evaluated_at)
        since = at if in_force_at is evaluated_at else _written(in_force_at)
        outputs = ", ".join([_key(name) + _written(value) for name, value in given.items()]) if given else ""
        end = "}" if status is None else f', "status": {_quoted(status)}}}'
        return (
            f"{_head(policy, version, revision, digest, outcome, rule, reason)}{_quoted(message)}, "
            f'"obligations": {_names(obligations)}, "outputs": {{{outputs}}}, "matched": {_names(matched)}, '
            f'"errors": [], "evaluated_at": {at}, "in_force_at": {since}{end}'
        ).encode()

    def to_dict(self) -> dict[str, Any]:
        """The decision as JSON, with `explanation` and `counterfactuals` only if they were requested."""
        shown: dict[str, Any] = {
            "policy": self.policy,
            "version": self.version,
            "revision": self.revision,
            "digest": self.digest,
            "outcome": self.outcome,
            "rule": self.rule,
            "reason": self.reason,
            "message": self.message,
            "obligations": list(self.obligations),
            "outputs": {name: to_json(value) for name, value in self.outputs.items()},
            "matched": list(self.matched),
            "errors": [error._asdict() for error in self.errors],
            "evaluated_at": to_json(self.evaluated_at),
            "in_force_at": to_json(self.in_force_at),
        }
        if self.status is not None:
            shown["status"] = self.status
        if self.explanation is not None:
            shown["explanation"] = self.explanation
        if self.counterfactuals is not None:
            shown["counterfactuals"] = self.counterfactuals
        return shown
