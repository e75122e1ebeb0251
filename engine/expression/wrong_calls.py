"""Report calls of functions that do not exist, and calls in another form, with the call that was probably meant."""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import nearest
from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.base_checker import BaseChecker
from engine.expression.functions import (
    FUNCTIONS,
    QUANTIFIERS,
    ROW,
    Function,
)
from engine.expression.hints import (
    CALENDAR,
    ELSEWHERE,
    INSTEAD,
    call_hint,
)
from engine.expression.quantity_checker import QUANTITIES
from engine.expression.scope import Scope
from engine.expression.types import (
    BOOL,
    article,
)


def names_in(node: s.Syntax) -> Iterator[s.Name]:
    """The names in an expression, in their order."""
    if isinstance(node, s.Name):
        yield node
    for part in s.parts(node):
        yield from names_in(part)


def did_you_mean_table(scope: Scope) -> str:
    tables = ", ".join(f"`{name}`" for name in scope.tables)
    return f"tables here: {tables}" if tables else "declare the table under `parameters`"


_NEAR = 0.75
"""Minimum similarity for suggesting a function name: a wrong suggestion is worse than none."""


class WrongCalls(BaseChecker):
    def called_differently(self, node: s.Call, before: str, within: str) -> t.Typed:
        message = f"`{node.function}` is called differently"
        hint = f"write `{before}{node.function}({within})`"
        return self.fail(node.span, "wrong-call", message, hint)

    def _way_to_call(self, node: s.Call) -> tuple[str, str]:
        """For a method called as a function, or the reverse, the text before the function's name and between its parentheses."""
        parts = [self.shown(a) for a in node.args]
        if node.target is None:
            return (f"{parts[0]}.", ", ".join(parts[1:])) if parts else ("….", "…")
        target = self.shown(node.target)
        if node.function in ("sum", "min", "max") and len(parts) == 2:
            return "", f"{target}.map({parts[0]}, {parts[1]})"
        return "", ", ".join([target, *parts])

    def unknown_function(self, node: s.Call, scope: Scope) -> t.Typed:
        if (tested := self._presence(node, scope)) is not None:
            return tested
        if isinstance(node.target, s.Name) and node.target.name in scope.tables:
            keys = ", ".join(self.shown(arg) for arg in node.args) or "…"
            hint = f"write `{node.target.name}.{ROW}({keys})`"
            return self.fail(node.span, "unknown-function", f"unknown function `{node.function}`", hint)
        if node.args and isinstance(node.args[0], s.Name) and node.args[0].name in scope.tables:
            keys = ", ".join(self.shown(arg) for arg in node.args[1:]) or "…"
            hint = f"write `{node.args[0].name}.{ROW}({keys})`"
            return self.fail(node.span, "unknown-function", f"unknown function `{node.function}`", hint)
        if node.target is not None and node.function == ROW:
            table = self.check(node.target, scope)
            if table.type.kind == "error":
                return table
            message = f"{self.quote(table)} is {article(table.type)}, not a table"
            return self.fail(node.target.span, "unknown-function", message, did_you_mean_table(scope))
        if node.function in QUANTIFIERS and len(node.args) == 2:
            return self.fail(
                node.span,
                "wrong-call",
                f"`{node.function}` is called differently",
                f"write `{self._as_method(node, scope)}`",
            )
        if node.function in QUANTIFIERS:
            listed, *rest = [self.shown(a) for a in node.args] if len(node.args) == 3 else ["…", "x", "…"]
            return self.called_differently(node, f"{listed}.", ", ".join(rest))
        if node.function in QUANTITIES:
            return self.called_differently(node, "", "…")
        message, rewritten = f"unknown function `{node.function}`", self._rewritten(node)
        if rewritten is not None and not scope.taken(node.function):
            return self.fail(node.span, "unknown-function", message, rewritten)
        return self.fail(node.function_span, "unknown-function", message, self._function_hint(node, scope))

    def _as_method(self, node: s.Syntax, scope: Scope) -> str:
        """`filter(list, x.paid)` as a method, `list.filter(x, x.paid)`, also where the list is itself such a call."""
        text = self.shown(node)
        if (
            not isinstance(node, s.Call)
            or node.function not in QUANTIFIERS
            or len(node.args) != 2
            or node.target
        ):
            return text
        source, body = node.args
        named = next((n.name for n in names_in(body) if not scope.taken(n.name)), None)
        shown = self.shown(body)
        within = f"{named}, {shown}" if named else "x, …"
        return f"{self._as_method(source, scope)}.{node.function}({within})"

    def _presence(self, node: s.Call, scope: Scope) -> t.Typed | None:
        """Report `has(x)` and `exists(x)`, and read them as the test against null that was meant."""
        functions = {"exists": "`exists` looks into a list", "has": "unknown function `has`"}
        message = functions.get(node.function)
        if message is None or len(node.args) != 1 or not isinstance(node.args[0], s.Name | s.Select):
            return None
        tested = self.check(node.args[0], scope)
        if tested.type.kind == "error" or (node.function == "exists" and tested.type.item is not None):
            return None
        code = "wrong-call" if node.function == "exists" else "unknown-function"
        self.fail(node.span, code, message, f"write `{self.shown(node.args[0])} != null`")
        return t.Not(BOOL, node.span, t.IsNull(BOOL, node.span, tested))

    def _rewritten(self, node: s.Call) -> str | None:
        parts = [self.text(part.span) for part in s.parts(node)]
        return call_hint(node.function.lower().replace("_", ""), [part for part in parts if part])

    def _function_hint(self, node: s.Call, scope: Scope) -> str | None:
        name = node.function
        if node.target is None and scope.taken(name):
            return f"`{name}` is a value: write it without the brackets"
        small = name.lower().replace("_", "")
        if small.startswith("get") and name[3:4].isupper():
            return CALENDAR
        if small in ELSEWHERE:
            return f"did you mean `{ELSEWHERE[small]}`?"
        if small in INSTEAD:
            return INSTEAD[small]
        methods = [*QUANTIFIERS, *(f.name for f in FUNCTIONS.values() if f.method)]
        plain = [*QUANTITIES, *(f.name for f in FUNCTIONS.values() if not f.method)]
        known = methods if node.target is not None else plain
        near = nearest(name, known, _NEAR)
        return (
            f"did you mean `{near}`?" if near else "known here: " + ", ".join(f"`{f}`" for f in sorted(known))
        )

    def compared_within(self, node: s.Call, inner: s.Binary | s.Logical) -> t.Typed:
        """Report `size(list > 0)`: the comparison belongs after the closing parenthesis."""
        hint = "close the bracket before the comparison: `size(…) > 0`"
        if isinstance(inner, s.Binary):
            hint = f"write `size({self.shown(inner.left)}) {inner.operator} {self.shown(inner.right)}`"
        return self.fail(node.span, "wrong-call", "`size` counts a list or a text, not a comparison", hint)

    def arguments_hint(self, node: s.Call, function: Function) -> str:
        if node.target is not None:
            target = self.shown(node.target)
            if len(function.arguments) == 1:
                return f"write `{target}.{function.name}()`"
            texts = [self.shown(a) for a in node.args] or ['"…"']
            joined = " || ".join(f"{target}.{function.name}({text})" for text in texts)
            return f"write `({joined})`" if texts[1:] else f"write `{joined}`"
        return f"write `{function.name}({self.shown(node.args[0]) if node.args else '…'})`"
