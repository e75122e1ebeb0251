"""The row that a rule reads: of its `for_each`, or one that it forgot to ask for."""

from __future__ import annotations

from collections.abc import Mapping as Map

from documents.diagnostics import Diagnostic, did_you_mean
from engine.expression.problem import ExpressionProblem
from engine.expression.scope import Scope, TableShape
from engine.expression.types import ERROR, Type
from engine.policy.messages import columns_read, rows_read
from engine.policy.model import Policy, Rule
from engine.policy.text_position import to_diagnostic

Variables = dict[str, Type]


def row_variable(
    rule: Rule, policy: Policy, tables: Map[str, TableShape], scope: Scope
) -> tuple[Variables, list[Diagnostic]]:
    """The variable for the row, and what is wrong with it. After a problem its type is an error, so that it is told once."""
    each = rule.for_each
    if each is None:
        return _forgotten(rule, tables, scope)
    unknown = {each.variable: ERROR}
    if not each.parameter or (policy.incomplete and each.parameter not in policy.parameters):
        return unknown, []
    exchanged = policy.parameters.get(each.variable)
    if exchanged is not None and exchanged.table is not None and each.parameter not in policy.parameters:
        hint = f"the name of the row comes first: `{{{each.parameter}: {each.variable}}}`"
        problem = each.node.diagnostic("unknown-table", f"`{each.parameter}` is not a table", hint)
        return {each.parameter: exchanged.type.item or ERROR}, [problem]
    parameter = policy.parameters.get(each.parameter)
    if each.parameter in policy.unread or (parameter is not None and parameter.type.kind == "error"):
        return unknown, []
    if parameter is None or parameter.table is None or parameter.type.item is None:
        hint_ = did_you_mean(each.parameter, [n for n, p in policy.parameters.items() if p.table])
        return unknown, [each.node.diagnostic("unknown-table", f"`{each.parameter}` is not a table", hint_)]
    problems = []
    if scope.taken(each.variable):
        message = f"the name `{each.variable}` is already taken"
        problems.append(each.node.diagnostic("name-taken", message, "choose another for the row"))
    variables = {each.variable: tables[each.parameter].row}
    if each.variable != "row" and columns_read(rule) and not scope.taken("row"):
        message = f"the row is called `{each.variable}` in the `for_each` of the rule `{rule.id}`"
        hint = f"write `{each.variable}`, or call it `row` there: `{{row: {each.parameter}}}`"
        problems.append(_first_read(rule, message, hint))
        variables["row"] = ERROR
    return variables, problems


def _forgotten(rule: Rule, tables: Map[str, TableShape], scope: Scope) -> tuple[Variables, list[Diagnostic]]:
    """A rule that reads `row` without a `for_each`."""
    columns = columns_read(rule)
    if not columns or scope.taken("row"):
        return {}, []
    message = f"there is no `row` here: the rule `{rule.id}` has no `for_each`"
    tests_column = any(text in (rule.when, rule.unless) for text, _ in rows_read(rule))
    hint = for_each_hint(columns, tables, scope, tests_column=tests_column)
    return {"row": ERROR}, [_first_read(rule, message, hint)]


def _first_read(rule: Rule, message: str, hint: str) -> Diagnostic:
    text, match = next(rows_read(rule))
    span = (match.start(), match.start(1) - 1)
    return to_diagnostic(text, ExpressionProblem(span, "unknown-name", message, hint))


def for_each_hint(
    columns: set[str], tables: Map[str, TableShape], scope: Scope, *, tests_column: bool = True
) -> str:
    """How a rule gets a `row` with these columns."""
    found = [name for name, table in tables.items() if columns <= {column for column, _ in table.row.fields}]
    if not found:
        known = ", ".join(f"`{name}`" for name in tables)
        if not known:
            return "declare a table under `parameters`, and name it in a `for_each` of the rule"
        wanted = " and ".join(f"`{column}`" for column in sorted(columns))
        return f"add a `for_each` with a table that has {wanted} as a column; tables here: {known}"
    test = "" if tests_column else ", and test a column of `row` in `when`"
    keys = (name if scope.taken(name) else "…" for name, _ in tables[found[0]].key)
    one = f"{found[0]}.row({', '.join(keys)})"
    return f"add `for_each: {{row: {found[0]}}}` to the rule{test}; or read one row: `{one}`"
