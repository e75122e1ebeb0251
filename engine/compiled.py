"""The fourth verb: a compiled policy decides. Its inputs are its text, the facts and `now`; it reads and changes nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from engine.decision import ON_ERROR, Decision, FactError
from engine.expression.quantity import FIRST, LAST, from_datetime
from engine.expression.values import shown_as_it_is, to_python
from engine.facts.check import FactsCheck
from engine.policy.messages import Part, Place, render
from engine.policy.private import private_outputs
from engine.policy.validated import ValidatedPolicy

Facts = dict[str, Any]


class Entry(NamedTuple):
    """The answer of a rule, or of one row of a table rule."""

    id: str
    reason: str
    outcome: str
    obligations: tuple[str, ...]
    message: tuple[Part, ...]
    status: str | None


Rules = Callable[[Facts, int], Any]
"""Return the position of the deciding entry with `hit: first`, or those of all entries that apply with `hit: worst`."""
Explainer = Callable[[Mapping[str, Any], int, list[int], int], dict[str, Any]]
"""Take facts, `now`, the positions of all entries that apply, and that of the deciding one. Return rules and conditions."""
Outputs = Callable[[Facts, int, int], tuple[Any, ...]]
"""Take facts, `now` and the position of the deciding entry. Return the values of all outputs in declaration order."""
Fused = Callable[[object, datetime, str, bool], Decision | None]
"""Take facts, `now` in UTC, the digest of the bundle, and whether other facts are ignored. Return the
decision, or None if the facts are not clearly valid."""
Explanation = tuple[Rules, Explainer]
"""The rules compiled as for `hit: worst`, and the function that explains them."""


FUSED_AFTER = 100
"""The decisions after which a policy is compiled to one function, since that costs as much as many decisions."""


class CompiledPolicy:
    """Decides for one version of a policy. Immutable except for caches, and safe to share between threads."""

    def __init__(
        self,
        validated: ValidatedPolicy,
        check: FactsCheck,
        rules: Rules,
        entries: tuple[Entry, ...],
        outputs: Outputs | None,
        compile_explanation: Callable[[], Explanation],
        fuse: Callable[[CompiledPolicy], Fused] | None = None,
    ) -> None:
        policy = validated.policy
        self.validated = validated
        self.name = policy.name
        self.version = policy.version
        self.revision = policy.revision
        self.in_force_by = policy.in_force_by
        self.digest = policy.digest
        self.summary = policy.summary or ""
        self.outcomes = policy.outcomes
        self.facts_check = check
        self.rules = rules
        self.entries = entries
        self.outputs = outputs
        self._compile_explanation = compile_explanation
        self._fuse = fuse
        self._before_fusing = FUSED_AFTER
        self.fused: Fused | None = None
        """The check, the rules, the outputs and the decision as one function, once there were enough decisions."""
        self._output_types = tuple(
            (o.name, None if shown_as_it_is(o.type) else o.type) for o in policy.outputs.values()
        )
        """None for an output whose value is a Python object already."""
        self._all = policy.finds_all
        self._unique = policy.hit == "unique"
        self.constant_messages = tuple(_constant(e.message, self) for e in entries)
        rank = {outcome: rank for rank, outcome in enumerate(policy.outcomes)}
        self._weight = tuple(rank[e.outcome] * len(entries) - i for i, e in enumerate(entries))
        """The entry with the largest weight decides: the most restrictive one, or the first of several."""
        self._falling = all(a > b for a, b in pairwise(self._weight[:-1]))
        """Whether the rules are already sorted by weight, as most owners write them. Then the first that applies decides."""

    def deciding_by(self, rules: Rules, outputs: Outputs | None) -> CompiledPolicy:
        """The same policy with other, equivalent rules and outputs."""
        return CompiledPolicy(
            self.validated, self.facts_check, rules, self.entries, outputs, self._compile_explanation
        )

    def decide(
        self,
        facts: object,
        *,
        now: datetime,
        bundle_digest: str,
        superset: bool = False,
        explain: bool = False,
    ) -> Decision:
        """Decide. Invalid facts give `on_error`, without an explanation; only a `now` that is not an aware datetime raises
        ValueError."""
        if not explain and self.fused is not None and now.tzinfo is UTC and FIRST <= now <= LAST:
            decision = self.fused(facts, now, bundle_digest, superset)
            if decision is not None:
                return decision
        return self.decide_in_steps(
            facts, now=now, bundle_digest=bundle_digest, superset=superset, explain=explain
        )

    def decide_in_steps(
        self,
        facts: object,
        *,
        now: datetime,
        bundle_digest: str,
        superset: bool = False,
        explain: bool = False,
    ) -> Decision:
        """Decide with the separate check, rules and outputs, which also report errors. Raises as `decide` does."""
        micros = from_datetime(now)
        if micros is None:
            raise ValueError("`now` must be an aware datetime from 1970 to 2200")
        self._count_down()
        checked, errors = self.facts_check.check(facts, superset=superset)
        if errors:
            return self.refuse(errors, now, bundle_digest)
        matches = self.rules(checked, micros)
        if self._unique and len(matches) > 1 and (pair := self._differ(matches, checked, micros)):
            return self._overlapping(pair, now, bundle_digest)
        chosen = self.deciding(matches)
        matched, obligations = self._matched(matches, chosen)
        entry = self.entries[chosen]
        values = self.outputs(checked, micros, chosen) if self.outputs is not None else ()
        message = self.constant_messages[chosen]
        if message is None:
            message = self.render(chosen, checked, values)
        outputs = self._outputs(values) if values else {}
        explanation = self._why(checked, micros, matches, chosen) if explain else None
        return Decision(
            self.name, self.version, self.revision, bundle_digest, entry.outcome, entry.id, entry.reason, message,
            obligations, outputs, matched, (), now, now, entry.outcome == self.outcomes[0], explanation, None, entry.status,
        )  # fmt: skip

    def _why(self, facts: Facts, now: int, matches: Any, chosen: int) -> dict[str, Any]:
        """The explanation of what `rules` found. With `hit: first`, all rules are tried again."""
        applying, explainer = self._explanation
        return explainer(facts, now, matches if self._all else applying(facts, now), chosen)

    def _count_down(self) -> None:
        self._before_fusing -= 1
        if self._before_fusing <= 0:
            self.fuse()

    def fuse(self) -> None:
        """Compile the whole decision to one function, unless the backend has none."""
        fuse, self._fuse = self._fuse, None  # first, since another thread may be doing the same
        if fuse is not None:
            self.fused = fuse(self)

    @cached_property
    def private_outputs(self) -> frozenset[str]:
        return private_outputs(self.validated)

    @cached_property
    def _explanation(self) -> Explanation:
        """Compiled on the first request for an explanation."""
        return self._compile_explanation()

    def explanation_for(self, facts: Facts, now: int) -> dict[str, Any]:
        """The explanation for checked facts and a time in microseconds."""
        applying, explainer = self._explanation
        applied = applying(facts, now)
        if self._unique and self._differ(applied, facts, now):
            chosen = len(self.entries)
        else:
            chosen = self.deciding(applied) if self._all else min(applied, default=len(self.entries) - 1)
        return explainer(facts, now, applied, chosen)

    def entry_for(self, facts: Facts, now: int) -> Entry:
        """The deciding entry for checked facts and a time in microseconds."""
        matches = self.rules(facts, now)
        if self._unique and self._differ(matches, facts, now):
            return Entry(ON_ERROR, ON_ERROR, self.validated.policy.on_error, (), (), None)
        return self.entries[self.deciding(matches)]

    def _differ(self, matches: list[int], facts: Facts, now: int) -> tuple[int, int] | None:
        """The first two of the entries that apply with different answers. For `hit: unique`, `comity check` proves that there
        are none."""
        if len(matches) < 2:
            return None
        answers = [
            (
                self.entries[i].outcome,
                self.entries[i].status,
                self.outputs(facts, now, i) if self.outputs else (),
            )
            for i in matches
        ]
        other = next((i for i, answer in zip(matches, answers, strict=True) if answer != answers[0]), None)
        return None if other is None else (matches[0], other)

    def _overlapping(self, pair: tuple[int, int], now: datetime, bundle_digest: str) -> Decision:
        one, other = (self.entries[i] for i in pair)
        difference = f"they give `{one.outcome}` and `{other.outcome}`"
        if one.outcome == other.outcome:
            what = "the same status" if one.status != other.status else "the same outputs"
            difference = f"both give `{one.outcome}`, but not {what}"
        message = f"the rules `{one.id}` and `{other.id}` both apply: {difference}"
        return self._failed(f"not-unique:{one.id}/{other.id}", message, (), now, bundle_digest)

    def deciding(self, matches: Any) -> int:
        """The position of the deciding entry in the result of `rules`."""
        if not self._all:
            return matches  # type: ignore[no-any-return]
        if not matches:
            return len(self.entries) - 1
        return matches[0] if self._falling else max(matches, key=self._weight.__getitem__)  # type: ignore[no-any-return]

    def _matched(self, matches: Any, chosen: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The ids of all entries that applied, and their obligations."""
        entry = self.entries[chosen]
        if not self._all or len(matches) < 2:
            return () if chosen == len(self.entries) - 1 else (entry.id,), entry.obligations
        entries = [self.entries[i] for i in matches]
        obligations = tuple(dict.fromkeys(o for e in entries for o in e.obligations))
        return tuple(e.id for e in entries), obligations

    def answer_of(self, chosen: int) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        """The position, what matched, and the obligations, if a single entry applies."""
        return chosen, *self._matched([chosen] if self._all else chosen, chosen)

    def answer_of_all(self, matches: list[int]) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        """The position of the deciding entry, what matched, and the obligations."""
        chosen = self.deciding(matches)
        return chosen, *self._matched(matches, chosen)

    def render(self, chosen: int, facts: Mapping[str, Any], outputs: tuple[Any, ...]) -> str:
        """The message of an entry, from checked facts and values of outputs."""
        return self._render(self.entries[chosen].message, facts, outputs)

    def _render(self, parts: tuple[Part, ...], facts: Mapping[str, Any], outputs: tuple[Any, ...]) -> str:
        return render(parts, lambda place: self._value(place, facts, outputs))

    def _value(self, place: Place, facts: Mapping[str, Any], outputs: tuple[Any, ...]) -> Any:
        if place.kind == "parameter":
            return self.validated.policy.parameters[place.name].value
        if place.kind == "output":
            return outputs[list(self.validated.policy.outputs).index(place.name)]
        name, _, field = place.name.partition(".")
        value = facts[name]
        return value[field] if field and value is not None else value

    def _outputs(self, values: tuple[Any, ...]) -> dict[str, Any]:
        named = zip(self._output_types, values, strict=True)
        return {name: value if type_ is None else to_python(value, type_) for (name, type_), value in named}

    def refuse(self, errors: tuple[FactError, ...], now: datetime, bundle_digest: str) -> Decision:
        """The decision on invalid facts."""
        first = errors[0]
        reason = f"{first.code}-fact:{first.path}"
        return self._failed(reason, first.message, errors, now, bundle_digest)

    def _failed(
        self, reason: str, message: str, errors: tuple[FactError, ...], now: datetime, bundle_digest: str
    ) -> Decision:
        outcome = self.validated.policy.on_error
        return Decision(
            self.name, self.version, self.revision, bundle_digest, outcome, ON_ERROR, reason, message, (), {}, (), errors,
            now, now, False,
        )  # fmt: skip


def _constant(parts: tuple[Part, ...], policy: CompiledPolicy) -> str | None:
    """The message if it inserts no fact and no output, so that it is rendered only once."""
    if any(isinstance(p, Place) and p.kind in ("fact", "output") for p in parts):
        return None
    return policy._render(parts, {}, ())
