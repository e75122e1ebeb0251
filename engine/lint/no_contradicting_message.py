"""A message states the same amount as its rule sets.

Bad: the fee was raised but not the amount in the message; and each row of a table has its own share, but the message states a
fixed one.

    rules:
      - {id: late, when: days > 3, then: deny, set: {fee: 700}, message: You pay 500 cents.}
      - {id: tier, for_each: {row: tiers}, when: days < row.to, then: deny, set: {share: row.share}, message: You pay 50 percent.}

Good: the message inserts the output.

    rules:
      - {id: late, when: days > 3, then: deny, set: {fee: 700}, message: 'You pay {fee} cents.'}
      - {id: tier, for_each: {row: tiers}, when: days < row.to, then: deny, set: {share: row.share}, message: '{share} percent.'}

A message is reported only if it contains exactly one number and the rule sets exactly one. Hundredths count as the same amount:
500 cents are 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from documents.diagnostics import Diagnostic
from engine.expression import typed as t
from engine.expression.types import Type
from engine.expression.values import show_value
from engine.lint.finding import warning
from engine.policy.messages import Part
from engine.policy.model import Text, Value
from engine.policy.validated import TypedRule, ValidatedPolicy

CODE = "no-contradicting-message"
_NUMBER = re.compile(r"(?<![\w.,])[0-9]+(?:\.[0-9]+)?(?![\w]|[.,][0-9])")
_KINDS = ("int", "decimal", "double", "duration")


Amounts = Mapping[str, list[tuple[Value, Type]]]
"""The values that each output is set to: a single value, or one per row."""


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    for rule in validated.rules:
        yield from _find(rule.rule.message, rule.message, _amounts(rule, validated), f"`{rule.rule.id}`")
    otherwise = validated.policy.otherwise
    amounts: dict[str, list[tuple[Value, Type]]] = {}
    for name, tree in validated.otherwise_sets.items():
        if isinstance(tree, t.Const):
            amounts[name] = [(tree.value, tree.type)]
    yield from _find(otherwise.message, validated.otherwise_message, amounts, f"`{otherwise.id}`")


def _amounts(rule: TypedRule, validated: ValidatedPolicy) -> Amounts:
    amounts: dict[str, list[tuple[Value, Type]]] = {}
    table = validated.table_of(rule)
    for name, tree in rule.sets.items():
        if isinstance(tree, t.Const):
            amounts[name] = [(tree.value, tree.type)]
        elif isinstance(tree, t.Field) and isinstance(tree.record, t.Variable) and table is not None:
            amounts[name] = [(table.named(row)[tree.name], tree.type) for row in table.rows]
    return amounts


def _find(text: Text | None, message: tuple[Part, ...], amounts: Amounts, rule: str) -> Iterator[Diagnostic]:
    written = [number for part in message if isinstance(part, str) for number in _NUMBER.findall(part)]
    numbers = {
        name: _numbers(values) for name, values in amounts.items() if values and values[0][1].kind in _KINDS
    }
    if text is None or len(written) != 1 or len(numbers) != 1:
        return
    [(name, values)] = numbers.items()
    said = Decimal(written[0])
    if len(values) == 1 and not {said, said * 100} & values:
        shown = show_value(*amounts[name][0])
        what = f"the message says {written[0]}, and {rule} sets `{name}` to {shown}"
    elif len(values) > 1 and said in values:
        what = f"the message says {written[0]} for every row, and {rule} sets `{name}` to what its row says"
    else:
        return
    yield warning(text.node, CODE, what, f"quote the output: `{{{name}}}`")


def _numbers(values: list[tuple[Value, Type]]) -> set[Decimal]:
    matches = (_NUMBER.search(show_value(value, type_)) for value, type_ in values)
    return {Decimal(match[0]) for match in matches if match is not None}
