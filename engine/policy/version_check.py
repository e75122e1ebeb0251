"""Check the versions of one policy against each other: names, numbers, periods, and the fact that chooses the version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from documents.diagnostics import nearest, shortened
from documents.nodes import Mapping, Node, Scalar
from documents.reader import NAME, RESERVED, Reader
from engine.expression.quantity import format_timestamp
from engine.expression.types import article
from engine.policy.in_force import gaps, numbers_in_force, periods
from engine.policy.model import Policy
from engine.policy.text_position import index_of


def check_versions(reader: Reader, policies: Sequence[Policy]) -> None:
    """Report versions that do not fit together. Periods are checked only if everything else could be read."""
    for policy in policies[1:]:
        _check_name(reader, policies[0], policy)
    _check_numbers(reader, policies)
    for policy in policies:
        _check_end(reader, policy)
    if not reader.problems:
        _check_gaps(reader, policies)
        _check_choosing_facts(reader, policies)


def _check_name(reader: Reader, first: Policy, policy: Policy) -> None:
    if policy.name != first.name and policy.name and first.name:
        message = f"this file is about `{first.name}`, not `{policy.name}`"
        hint = f"write `{first.name}`, or move it into a file of its own"
        reader.report(_value_of(policy, "policy"), "another-policy", message, hint)


def _check_numbers(reader: Reader, policies: Sequence[Policy]) -> None:
    lines: dict[int, int] = {}
    for policy in policies:
        node = _value_of(policy, "version")
        if policy.version in lines:
            message = f"version {policy.version} is already on line {lines[policy.version]}"
            hint = f"write `{max(p.version for p in policies) + 1}`, the next free number"
            reader.report(node, "duplicate-version", message, hint)
        elif policy.version:
            lines[policy.version] = node.source.line_column(node.start)[0]


def _check_end(reader: Reader, policy: Policy) -> None:
    begin, end = policy.effective_from, policy.effective_until
    if begin and end and end <= begin:
        message = f"version {policy.version} ends before it takes effect"
        if end == begin:
            message = f"version {policy.version} ends at the moment it takes effect"
        hint = f"write a moment after `{format_timestamp(begin)}`, or say why in `withdrawn` if it is never to be in force"
        reader.report(_value_of(policy, "effective_until"), "bad-period", message, hint)


def _check_gaps(reader: Reader, policies: Sequence[Policy]) -> None:
    for ending, start, end in _ends(policies):
        if ending.gap_because is None:
            _report_gap(reader, ending, start, end)


def numbers_before_gaps(policies: Sequence[Policy]) -> set[int]:
    """The numbers of the versions that a period without a version follows."""
    return {ending.version for ending, _, _ in _ends(policies)}


def _ends(policies: Sequence[Policy]) -> Iterator[tuple[Policy, int, int | None]]:
    """The version before each gap, and the gap's start and end."""
    timeline = periods(policies)
    before = {after.start: earlier.version for earlier, after in pairwise(timeline)}
    for start, end in gaps(timeline):
        yield _before_gap(policies, start, before.get(start)), start, end


def _before_gap(policies: Sequence[Policy], start: int, number: int | None) -> Policy:
    """The version that was in force before a gap. A gap at the very beginning belongs to a withdrawn version."""
    if number is None:
        return max((p for p in policies if p.effective_from == start), key=lambda p: p.version)
    return next(p for p in policies if p.version == number)


def _report_gap(reader: Reader, ending: Policy, start: int, end: int | None) -> None:
    until = f" until {format_timestamp(end)}" if end is not None else " on"
    message = f"no version is in force from {format_timestamp(start)}{until}"
    begin = f"at `{format_timestamp(start)}`"
    hint = (
        f"let a version take effect {begin}, or give version {ending.version} a `gap_because` that says why"
    )
    key = "withdrawn" if ending.withdrawn is not None else "effective_until"
    if key == "effective_until" and end is not None:
        hint = f"write `{format_timestamp(end)}`, when the next version takes effect, or {hint.partition(', or ')[2]}"
    reader.report(_value_of(ending, key), "version-gap", message, hint)


def _check_choosing_facts(reader: Reader, policies: Sequence[Policy]) -> None:
    deciding = numbers_in_force(periods(policies))
    for policy in policies:
        if policy.in_force_by is not None and policy.version in deciding:
            others = [p for p in policies if p is not policy and p.version in deciding]
            _check_choosing_fact(reader, policy, policy.in_force_by, others)


def _check_choosing_fact(reader: Reader, policy: Policy, name: str, others: Sequence[Policy]) -> None:
    node = _value_of(policy, "in_force_by")
    fact = policy.facts.get(name)
    if fact is None:
        may_be_fact = NAME.fullmatch(name) and name not in RESERVED and not name.startswith("effective_")
        declared = f"declare it: `{name}: timestamp`" if may_be_fact else ""
        hint = "; or ".join(part for part in (_moments(policy), declared) if part)
        if near := nearest(name.rpartition(".")[2], policy.facts):
            hint = f"did you mean `{near}`?"
        message = f"unknown fact `{shortened(name)}`"
        record = policy.facts.get(name.partition(".")[0])
        if record is not None and record.type.field(name.partition(".")[2]) is not None:
            message = f"`{shortened(name)}` is a field, and `in_force_by` names a whole fact"
        reader.report(node, "bad-in-force-by", message, hint)
        return
    if fact.type.kind != "timestamp":
        message = f"`in_force_by` names a timestamp, and the fact `{name}` is {article(fact.type)}"
        hint = _moments(policy) or "declare a timestamp as a fact, which says when the case began"
        reader.report(node, "bad-in-force-by", message, hint)
        return
    if fact.type.optional:
        message = f"`in_force_by` needs a fact that is always given, and `{name}` is optional"
        required = "write `timestamp`, without the `?`"
        if not isinstance(fact.node, Scalar):
            required = "delete `optional: true`, or the `?` behind the type"
        if lines := _null_tests(policy, name):
            where = f"on line{'s' * (len(lines) > 1)} {' and '.join(map(str, lines[:3]))}"
            required += f", and delete the test against null {where}"
        if moments := _moments(policy):
            reader.report(
                node, "bad-in-force-by", message, f"{moments}; or, if each case has `{name}`, {required}"
            )
        else:
            reader.report(fact.node, "bad-in-force-by", message, required)
        return
    if fact.private:
        message = f"`in_force_by` names a fact that records and answers quote, and `{name}` is private"
        reader.report(node, "bad-in-force-by", message, "name another fact, or delete `private`")
        return
    for other in others:
        theirs = other.facts.get(name)
        if other.in_force_by == name and (theirs is None or theirs.type.optional or theirs.private):
            continue  # reported there
        if theirs is None or (theirs.type, theirs.private) != (fact.type, fact.private):
            message = (
                f"version {other.version} does not declare the fact `{name}` as version {policy.version} does"
            )
            hint = (
                f"declare it alike in each version that is ever in force; if version {other.version} is released, replace "
                "it by a version with the same `effective_from` that declares the fact"
            )
            reader.report(node, "bad-in-force-by", message, hint)
            return


def _moments(policy: Policy) -> str | None:
    """The facts that can choose a version."""
    names = [
        n
        for n, f in policy.facts.items()
        if f.type.kind == "timestamp" and not f.type.optional and not f.private
    ]
    return "name a fact such as " + " or ".join(f"`{name}`" for name in names[:3]) if names else None


def _null_tests(policy: Policy, name: str) -> list[int]:
    """The lines on which a fact is tested against null."""
    tested = re.compile(rf"(?<![\w.]){name}\s*[!=]=\s*null\b|\bnull\s*[!=]=\s*{name}(?![\w.])")
    texts = [
        *policy.named.values(),
        *(text for rule in policy.rules for text in (rule.when, rule.unless, *rule.sets.values())),
        *policy.otherwise.sets.values(),
        *(output.value for output in policy.outputs.values()),
    ]
    found = [
        text.node.source.line_column(index_of(text.node, match.start()))[0]
        for text in texts
        if text is not None
        for match in tested.finditer(text.text)
    ]
    return sorted(set(found))


def _value_of(policy: Policy, key: str) -> Node:
    node = policy.node.get(key) if isinstance(policy.node, Mapping) else None
    return node or policy.node
