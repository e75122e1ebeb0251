"""Messages for people: text with placeholders such as `{name}` for parameters, and for facts marked with `show: true`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from documents.diagnostics import Diagnostic, did_you_mean, nearest, shortened
from documents.nodes import Node, Scalar
from engine.expression.types import ERROR, Type
from engine.expression.values import show_value
from engine.policy.model import Policy, Rule, Text, Value
from engine.policy.text_position import index_of

MAX_PROBLEMS = 20
_PLACE = re.compile(r"\{\{+[^{}]*\}\}+|\{([^{}]*)\}|[{}]")
_ITEM = re.compile(r"\(\s*row\s*,")
_COLUMN = re.compile(r"(?<![\w.\"'])row\.(\w+)")


def rows_read(rule: Rule) -> Iterator[tuple[Text, re.Match[str]]]:
    """Where the expressions of a rule read a column of `row`; a list item called `row` is not a row."""
    for text in (rule.when, rule.unless, *rule.sets.values()):
        if text is not None and not _ITEM.search(text.text):
            yield from ((text, match) for match in _COLUMN.finditer(text.text))


def columns_read(rule: Rule) -> set[str]:
    return {match[1] for _, match in rows_read(rule)}


@dataclass(frozen=True, slots=True)
class Place:
    """A placeholder. `kind` is fact, parameter, row or output."""

    kind: str
    name: str
    type: Type


Part = str | Place


def parse_message(
    text: Text | None, policy: Policy, rule: Rule | None, private: Collection[str] = ()
) -> tuple[tuple[Part, ...], list[Diagnostic]]:
    """The parts of a message, and a diagnostic for each placeholder that is not allowed. `private` are the outputs that reveal
    private facts."""
    if text is None:
        return (), []
    parts: list[Part] = []
    problems: list[Diagnostic] = []
    end = 0
    for match in _PLACE.finditer(text.text):
        parts.append(text.text[end : match.start()])
        end = match.end()
        part = _resolve(match[1], policy, rule, private) if match[1] else _lone_brace(match, text.text)
        if isinstance(part, Place):
            parts.append(part)
        else:
            if len(problems) == MAX_PROBLEMS:
                break
            at = index_of(text.node, match.start())
            problems.append(text.node.source.diagnostic(at, *part, length=match.end() - match.start()))
    parts.append(text.text[end:])
    return tuple(p for p in parts if p != ""), problems


def _lone_brace(match: re.Match[str], text: str) -> tuple[str, str, str]:
    """The problem with braces that are not a placeholder."""
    doubled = match.group().strip("{} ")
    if doubled:
        return "message-brace", "one pair of braces quotes a value", f"write `{{{doubled}}}`"
    word = re.match(r"[a-z][a-z0-9_.]*", text[match.end() :]) if match.group() == "{" else None
    if word:
        return "message-brace", "this brace is never closed", f"write `{{{word.group()}}}`"
    hint = "write a name in braces, or leave the brace out"
    return "message-brace", "a brace in a message quotes a value", hint


def _resolve(
    name: str, policy: Policy, rule: Rule | None, private: Collection[str]
) -> Place | tuple[str, str, str | None]:
    fact, parameter = policy.facts.get(name.partition(".")[0]), policy.parameters.get(name)
    field = name.partition(".")[2]
    if fact and fact.private:
        return (
            "private-in-message",
            f"the fact `{fact.name}` is private and cannot be quoted",
            "delete it from the message",
        )
    if fact and not fact.show and fact.type.kind != "error":
        hint = _show(fact.name, fact.node)
        if fact.type.kind == "record" and not field:
            hint += f", and quote one field: `{{{name}.{fact.type.fields[0][0]}}}`, for example"
        return "hidden-in-message", f"the fact `{fact.name}` is not marked as safe to show", hint
    if fact and fact.type.kind == "record":
        type_ = fact.type.field(field)
        if type_ is not None:
            return Place("fact", name, type_)
        first = f"write `{{{fact.name}.{fact.type.fields[0][0]}}}`, for example"
        if not field:
            return "record-in-message", f"`{name}` is a record, and a message quotes one field of it", first
        near = did_you_mean(field, [known for known, _ in fact.type.fields])
        return "unknown-name", f"unknown name `{shortened(name)}` in a message", near or first
    if fact and not field:
        return Place("fact", name, fact.type)
    if parameter and not parameter.show and parameter.type.kind != "error":
        return (
            "hidden-in-message",
            f"the parameter `{name}` is not marked as safe to show",
            "add `show: true` to it",
        )
    if parameter:
        return Place("parameter", name, parameter.type)
    columns = _columns(policy, rule)
    if columns is not None and name in columns:
        return Place("row", name.partition(".")[2], columns[name])
    if name in private:
        message = f"the output `{name}` tells of a private fact and cannot be quoted"
        return "private-in-message", message, "delete it from the message"
    if name in policy.outputs:
        return Place("output", name, policy.outputs[name].type)
    if name in policy.unread or policy.incomplete or columns is None or _is_told(name, rule):
        return Place("fact", name, ERROR)
    hint = _hint(name.strip(), policy, columns)
    if rule is None and name.strip().startswith("row."):
        hint = "`otherwise` has no row: quote an output, or leave it out"
    return "unknown-name", f"unknown name `{shortened(name)}` in a message", hint


def _is_told(name: str, rule: Rule | None) -> bool:
    """Whether the rule reads `row` without a `for_each`, which is already reported at the rule."""
    other = rule is not None and (rule.for_each is None or rule.for_each.variable != "row")
    return name.startswith("row.") and rule is not None and other and bool(columns_read(rule))


def _show(name: str, node: Node) -> str:
    """How to mark a fact that people may see."""
    if not isinstance(node, Scalar):
        return "add `show: true` to it"
    type_ = f'"{node.text}"' if "?" in node.text else node.text
    return f"declare it as `{name}: {{type: {type_}, show: true}}`"


def _columns(policy: Policy, rule: Rule | None) -> dict[str, Type] | None:
    """The columns that a message can insert as `row.column`; None if the table could not be read."""
    if rule is None or rule.for_each is None:
        return {}
    parameter = policy.parameters.get(rule.for_each.parameter)
    if parameter is None or parameter.table is None:
        return None
    return {f"{rule.for_each.variable}.{name}": type_ for name, type_ in parameter.table.columns}


def _hint(name: str, policy: Policy, columns: dict[str, Type]) -> str:
    formatted = re.fullmatch(r"([a-z][a-z0-9_.]*)\s*(?:[:|%!,].*)", name)
    known = {*policy.facts, *policy.parameters, *policy.outputs, *columns}
    if formatted and formatted[1] in known:
        return f"write `{{{formatted[1]}}}`: it prints with the decimal places or the unit of its type"
    words = re.findall(r"[a-z][a-z0-9_.]*", name)
    if len(words) == 1 and words[0] != name and words[0] in known:
        return f"write only a name between the braces: `{{{words[0]}}}`"
    if re.search(r"[()+*/<>=?!-]", name) and words:
        return (
            f"write only a name between the braces: declare an output with the value `{name}`, and quote that"
        )
    if len(words) > 1 or not words:
        return "write one name between the braces: give each value its own braces"
    if name == "now":
        return "the moment of the decision is not quoted: leave it out, or declare the moment as a fact"
    if name.startswith("row.") and not columns:
        tables = {n: dict(p.table.columns) for n, p in policy.parameters.items() if p.table}
        if not tables:
            return (
                "only a rule with `for_each` has a `row`: declare a table under `parameters`, or leave it out"
            )
        read = name.partition(".")[2]
        table = next((n for n, declared in tables.items() if read in declared), next(iter(tables)))
        return f"add `for_each: {{row: {table}}}` to the rule, or leave it out"
    column = next((c for c in columns if c.partition(".")[2] == name), None)
    if column is not None:
        return f"write `{{{column}}}`"
    if name in policy.named:
        kind = "condition" if name in policy.conditions else "value"
        return f"a {kind} cannot be quoted: make it an output, and quote that"
    shown = [n for n, f in policy.facts.items() if f.show]
    shown += [n for n, p in policy.parameters.items() if p.show]
    hidden = [n for n, f in policy.facts.items() if not f.private] + list(policy.parameters)
    shown += policy.outputs
    near = nearest(name, [*shown, *columns]) or nearest(name, hidden)
    if near in hidden and near not in shown:
        return f"did you mean `{near}`? it needs `show: true`"
    return (
        did_you_mean(name, [*shown, *columns]) or "quote an output, or a fact or parameter with `show: true`"
    )


def render(parts: tuple[Part, ...], value_of: Callable[[Place], Value]) -> str:
    return "".join(p if isinstance(p, str) else show_value(value_of(p), p.type) for p in parts)
