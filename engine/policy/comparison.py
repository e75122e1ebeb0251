"""What changed from one version of a policy to another, in words, from their trees.

Names, declarations and expressions are compared, not decisions: two versions that differ here may still decide alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from documents.diagnostics import nearest
from engine.expression import typed as t
from engine.expression.quantity import format_timestamp
from engine.expression.types import MAX_ITEMS, MAX_STRING, Type
from engine.expression.values import format_value
from engine.policy import digests
from engine.policy.messages import Part, Place
from engine.policy.model import Fact, Otherwise, Output, Parameter, Rule, Text, Value
from engine.policy.validated import TypedRule, ValidatedPolicy

Kind = Literal["added", "dropped", "renamed", "changed", "moved"]


class Aspect(NamedTuple):
    """One property of a part: what is compared, and how people write it."""

    meant: Any
    written: str


Aspects = Mapping[str, Aspect]
Parts = Mapping[str, Mapping[str, Aspects]]
"""The aspects of each part of a policy, by kind and name."""


class Change(NamedTuple):
    """One part that differs. `details` says how."""

    kind: Kind
    part: str
    name: str
    new_name: str | None = None
    details: tuple[str, ...] = ()

    def sentence(self) -> str:
        what = f"the {self.part} `{self.name}`" if self.name else f"`{self.part}`"
        return f"{what} is now called `{self.new_name}`" if self.new_name else f"{what} was {self.kind}"


def compare(old: ValidatedPolicy, new: ValidatedPolicy) -> list[Change]:
    """Everything that was added, dropped, renamed, changed or moved, kind by kind."""
    before, after = _parts(old), _parts(new)
    changes: list[Change] = []
    for part in before:
        for name, new_name in _renamed(before, after, part):
            before = _rename(before, part, name, new_name)
            changes.append(Change("renamed", part, name, new_name))
    for part, old_parts in before.items():
        new_parts = after[part]
        changes += [Change("dropped", part, name) for name in old_parts if name not in new_parts]
        changes += [Change("added", part, name) for name in new_parts if name not in old_parts]
        for name in new_parts:
            if name in old_parts and (details := tuple(_differences(old_parts[name], new_parts[name]))):
                changes.append(Change("changed", part, name, None, details))
    return changes + list(_moved(list(before["rule"]), list(after["rule"])))


def _differences(old: Aspects, new: Aspects) -> Iterator[str]:
    for label in dict.fromkeys([*old, *new]):
        was, is_ = old.get(label), new.get(label)
        if was is None or is_ is None:
            aspect = was or is_
            assert aspect is not None
            yield f"{label} `{aspect.written}` was {'added' if was is None else 'dropped'}"
        elif was.meant != is_.meant:
            yield f"{label} was `{was.written}`, and is `{is_.written}`"


def _moved(old: list[str], new: list[str]) -> Iterator[Change]:
    """The rules that are in another place among those that both versions have: as few as possible."""
    order = {name: position for position, name in enumerate(old)}
    common = [name for name in new if name in order]
    kept = _longest_rise([order[name] for name in common])
    for position, name in enumerate(common):
        if order[name] not in kept:
            place = f"after `{common[position - 1]}`" if position else "first"
            yield Change("moved", "rule", name, None, (f"it is now {place}",))


def _longest_rise(numbers: list[int]) -> set[int]:
    """The longest subsequence whose numbers rise."""
    best: list[tuple[int, int | None]] = []
    for position, number in enumerate(numbers):
        before = max(
            (p for p in range(position) if numbers[p] < number), key=lambda p: best[p][0], default=None
        )
        best.append((1 + (best[before][0] if before is not None else 0), before))
    at = max(range(len(numbers)), key=lambda p: best[p][0], default=None)
    kept = set()
    while at is not None:
        kept.add(numbers[at])
        at = best[at][1]
    return kept


def _renamed(before: Parts, after: Parts, part: str) -> Iterator[tuple[str, str]]:
    """Dropped parts for which an added one is declared alike and used alike."""
    free = [name for name in after[part] if name not in before[part]]
    for name in [name for name in before[part] if name not in after[part]]:
        for new_name in free:
            renamed = _rename(before, part, name, new_name)
            alike = not list(_differences(renamed[part][new_name], after[part][new_name]))
            if alike and _used_alike(renamed, after, part, name, new_name):
                free.remove(new_name)
                yield name, new_name
                break


def _used_alike(renamed: Parts, after: Parts, part: str, name: str, new_name: str) -> bool:
    """Whether the parts that refer to the new name are the same; where none does, whether the names are similar."""
    if part == "rule":
        return True
    ours, theirs = _users(renamed, part, new_name), _users(after, part, new_name)
    return any(use in theirs for use in ours) or (
        not ours and not theirs and nearest(name, [new_name]) is not None
    )


def _users(parts: Parts, part: str, name: str) -> list[Any]:
    return [
        (kind, user, label, aspect.meant)
        for kind, named in parts.items()
        for user, aspects in named.items()
        for label, aspect in aspects.items()
        if _replaced(aspect.meant, part, name, "") != aspect.meant
    ]


def _rename(parts: Parts, part: str, name: str, new_name: str) -> Parts:
    return {
        kind: {
            new_name if (kind, own) == (part, name) else own: {
                label: Aspect(_replaced(aspect.meant, part, name, new_name), aspect.written)
                for label, aspect in aspects.items()
            }
            for own, aspects in named.items()
        }
        for kind, named in parts.items()
    }


_TAGS = {"fact": "fact", "parameter": "parameter", "value": "named", "condition": "named", "output": "set"}


def _replaced(meant: Any, part: str, name: str, new_name: str) -> Any:
    """An aspect with another name for a part. References are `[tag, name, …]`, those of messages `["quote", kind, name]`."""
    if not isinstance(meant, list) or meant[:1] == ["const"]:
        return meant
    tag, *rest = meant or [None]
    tag = _replaced(tag, part, name, new_name)
    if (
        rest
        and rest[0] == name
        and (tag == _TAGS.get(part) or (tag, part) in {("row", "parameter"), ("table", "parameter")})
    ):
        rest[0] = new_name
    elif tag == "quote" and rest[0] == part:
        owner, dot, field = rest[1].partition(".")
        rest = [part, (new_name if owner == name else owner) + dot + field]
    return [tag, *(_replaced(item, part, name, new_name) for item in rest)] if meant else []


def _parts(validated: ValidatedPolicy) -> Parts:
    policy, named = validated.policy, validated.conditions
    return {
        "policy": {"": _header(validated)},
        "parameter": {p.name: _parameter(p) for p in policy.parameters.values()},
        "fact": {f.name: _fact(f) for f in policy.facts.values()},
        "value": {name: _expression(named[name], text) for name, text in policy.values.items()},
        "condition": {name: _expression(named[name], text) for name, text in policy.conditions.items()},
        "output": {o.name: _output(o, validated.outputs) for o in policy.outputs.values()},
        "rule": {rule.rule.id: _rule(rule) for rule in validated.rules},
        "otherwise": {"": _otherwise(validated)},
    }


def _header(validated: ValidatedPolicy) -> Aspects:
    policy = validated.policy
    words = {
        "outcomes": ", ".join(policy.outcomes),
        "on_error": policy.on_error,
        "hit": policy.hit,
        "obligations": ", ".join(policy.obligations),
        "effective_from": format_timestamp(policy.effective_from),
        "owner": policy.owner,
        "summary": policy.summary,
        "source": policy.source,
    }
    fact = policy.in_force_by
    chosen = {} if fact is None else {"in_force_by": Aspect(["fact", fact], fact)}
    return _words(words) | chosen


def _words(given: Mapping[str, str | None]) -> dict[str, Aspect]:
    return {label: Aspect(text, text) for label, text in given.items() if text}


def _fact(fact: Fact) -> Aspects:
    marks = " and ".join(mark for mark in ("private", "show", "fixed") if getattr(fact, mark))
    return _type(fact.type) | _words({"mark": marks, "help": fact.help})


def _type(type_: Type) -> dict[str, Aspect]:
    limits = {"min": type_.minimum, "max": type_.maximum}
    own = replace(type_, minimum=None, maximum=None)
    aspects = {"type": Aspect(digests.type_meaning(own), _type_in_words(own))}
    return aspects | {k: _value(v, type_) for k, v in limits.items() if v is not None}


def _type_in_words(type_: Type) -> str:
    if type_.kind == "record":
        words = "{" + ", ".join(f"{name}: {_type_in_words(field)}" for name, field in type_.fields) + "}"
    elif type_.item is not None:
        words = f"list of {_type_in_words(type_.item)}"
    else:
        words = str(type_.required())
    bounds = {"min": type_.minimum, "max": type_.maximum}
    limits = [f"{key} {format_value(bound, type_)}" for key, bound in bounds.items() if bound is not None]
    limits += [f"max_length {type_.max_length}"] * (type_.max_length != MAX_STRING)
    limits += [f"max_items {type_.max_items}"] * (type_.max_items != MAX_ITEMS)
    return words + "?" * type_.optional + (f" ({', '.join(limits)})" if limits else "")


def _value(value: Value, type_: Type) -> Aspect:
    return Aspect(value, _written(value, type_))


def _written(value: Value, type_: Type) -> str:
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return "[" + ", ".join(_written(item, type_.item or type_) for item in value) + "]"
    return format_value(value, type_)


def _parameter(parameter: Parameter) -> Aspects:
    words = _words({"mark": "show" if parameter.show else "", "help": parameter.help})
    table = parameter.table
    if table is None:
        type_ = parameter.type
        limits = {"value": parameter.value, "min": parameter.minimum, "max": parameter.maximum}
        return _type(type_) | {k: _value(v, type_) for k, v in limits.items() if v is not None} | words
    columns = ", ".join(f"{name}: {type_}" for name, type_ in table.columns)
    rows: dict[str, Aspect] = {}
    for row in table.rows:
        cells = zip(table.columns, row, strict=True)
        written = ", ".join(format_value(cell, type_) for (_, type_), cell in cells)
        rows[f"row {table.row_name(row)}"] = Aspect(row, written)
    order = ", ".join(table.row_name(row) for row in table.rows)
    return (
        _words({"columns": columns, "key": ", ".join(table.key)})
        | rows
        | {"rows": Aspect(order, order)}
        | words
    )


def _expression(tree: t.Typed, text: Text) -> dict[str, Aspect]:
    return {"expression": Aspect(digests.tree_meaning(tree), text.text)}


def _output(output: Output, trees: Mapping[str, t.Typed]) -> Aspects:
    if output.value is not None:
        return _type(output.type) | _expression(trees[output.name], output.value)
    return _type(output.type) | {"default": _value(output.default, output.type)}


def _rule(typed: TypedRule) -> Aspects:
    rule = typed.rule
    conditions = {"when": (typed.when, rule.when), "unless": (typed.unless, rule.unless)}
    aspects = {
        label: Aspect(digests.tree_meaning(tree), text.text)
        for label, (tree, text) in conditions.items()
        if tree is not None and text is not None
    }
    each = rule.for_each
    if each is not None:
        aspects["for_each"] = Aspect(
            [["table", each.parameter], each.variable], f"{each.variable}: {each.parameter}"
        )
    return aspects | _answer(rule, typed.message, typed.sets) | _words({"source": rule.source})


def _otherwise(validated: ValidatedPolicy) -> Aspects:
    part = validated.policy.otherwise
    answer = _answer(part, validated.otherwise_message, validated.otherwise_sets)
    return _words({"id": part.id, "permit_because": part.permit_because}) | answer


def _answer(
    part: Rule | Otherwise, message: Iterable[Part], sets: Mapping[str, t.Typed]
) -> dict[str, Aspect]:
    aspects = _words({"then": part.then, "status": part.status, "obligations": ", ".join(part.obligations)})
    if sets:
        given = [["set", name, digests.tree_meaning(tree)] for name, tree in sorted(sets.items())]
        written = ", ".join(f"{name}: {text.text}" for name, text in sorted(part.sets.items()))
        aspects["set"] = Aspect([None, *given], written)
    if part.message is not None:
        parts = [p if isinstance(p, str) else _quoted(p) for p in message]
        aspects["message"] = Aspect([None, *parts], part.message.text)
    return aspects


def _quoted(place: Place) -> list[str]:
    return ["quote", place.kind, place.name]
