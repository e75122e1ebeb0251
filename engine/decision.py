"""The result of the engine: a decision, and the errors if facts were invalid."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from engine.expression.values import to_json

_quoted: Callable[[Any], str] = json.encoder.encode_basestring_ascii


def _written(value: object) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is str:
        return _quoted(value)
    if type(value) is datetime and value.tzinfo is UTC:
        return f'"{value.isoformat()[:-6]}Z"'  # less the offset
    return json.dumps(to_json(value))


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
        if self.errors or self.explanation is not None or self.counterfactuals is not None:
            return json.dumps(self.to_dict()).encode()
        at = _written(self.evaluated_at)
        in_force_at = at if self.in_force_at is self.evaluated_at else _written(self.in_force_at)
        status = "" if self.status is None else f', "status": {_quoted(self.status)}'
        outputs = ", ".join([f"{_quoted(name)}: {_written(value)}" for name, value in self.outputs.items()])
        return (
            f'{{"policy": {_quoted(self.policy)}, "version": {self.version}, "revision": {self.revision}, '
            f'"digest": {_quoted(self.digest)}, "outcome": {_quoted(self.outcome)}, "rule": {_quoted(self.rule)}, '
            f'"reason": {_quoted(self.reason)}, "message": {_quoted(self.message)}, '
            f'"obligations": [{", ".join(map(_quoted, self.obligations))}], "outputs": {{{outputs}}}, '
            f'"matched": [{", ".join(map(_quoted, self.matched))}], "errors": [], '
            f'"evaluated_at": {at}, "in_force_at": {in_force_at}{status}}}'
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
