"""Type-check `exists`, `all`, `filter`, `map` and the other functions that evaluate an expression for each item of a list."""

from __future__ import annotations

import re

from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.base_checker import BaseChecker
from engine.expression.functions import (
    QUANTIFIERS,
)
from engine.expression.scope import Scope
from engine.expression.types import (
    BOOL,
    ERROR,
    Type,
    article,
)

MAX_NESTING = 2


class ListChecker(BaseChecker):
    def quantifier(self, node: s.Call, target: s.Syntax, scope: Scope) -> t.Typed:
        source = self.check(target, scope)
        item = self.require(source).item
        if source.type.kind != "error" and item is None:
            message = f"`{node.function}` needs a list, but {self.quote(source)} is {article(source.type)}"
            hint = "a condition about one value needs no list: write it without `exists` and `all`"
            return self.fail(source.span, "not-a-list", message, hint)
        variable = node.args[0] if len(node.args) == 2 else None
        if not isinstance(variable, s.Name):
            hint = f"write `{self._quantified(node, target, item)}`"
            return self.fail(node.span, "wrong-call", f"`{node.function}` takes a name and a condition", hint)
        if scope.taken(variable.name):
            message = f"the name `{variable.name}` is already taken"
            self.fail(variable.span, "name-taken", message, "choose another name for the item")
        if self.nesting >= MAX_NESTING:
            message = f"lists are searched at most {MAX_NESTING} deep"
            return self.fail(
                node.span, "nested-too-deep", message, "name the inner part, or pass a flatter fact"
            )
        return self._body(node, source, variable.name, item or ERROR, scope)

    def _quantified(self, node: s.Call, target: s.Syntax, item: Type | None) -> str:
        """An example of the corrected call for one that does not name its loop variable."""
        body = self.shown(node.args[-1]) if node.args else "…"
        fields = "|".join(name for name, _ in item.fields) if item is not None else ""
        named = re.search(rf"(?<![\w.])([a-z]\w*)\.({fields})\b", body) if fields else None
        if named:
            return f"{self.shown(target)}.{node.function}({named[1]}, {body})"
        if fields:
            body = re.sub(rf"(?<![\w.\"'])({fields})\b", r"x.\1", body)
        return f"{self.shown(target)}.{node.function}(x, {body})"

    def _body(self, node: s.Call, source: t.Typed, variable: str, item: Type, scope: Scope) -> t.Typed:
        self.nesting += 1
        body = self.check(node.args[1], scope.binding(variable, item))
        self.nesting -= 1
        if source.type.kind == "error":
            return t.Const(ERROR, node.span, None)
        if node.function == "map":
            result = Type("list", item=self.require(body), max_items=source.type.max_items)
            if body.type.kind in ("list", "record"):
                numbers = re.search(r"\b(?:sum|min|max)\(\s*$", self.written[: node.span[0]]) is not None
                fields = sorted(
                    body.type.fields, key=lambda f: numbers and f[1].kind not in ("int", "decimal")
                )
                hint = "choose one field of the item"
                if fields:
                    hint = f"write `{self.shown(body)}.{fields[0][0]}`"
                    others = ", ".join(f"`{name}`" for name, _ in fields[1:5])
                    hint += f"; other fields are {others}" if others else ""
                self.fail(body.span, "wrong-type", "`map` gives a list of plain values", hint)
                return t.Const(ERROR, node.span, None)
        else:
            self.expect(body, BOOL)
            result = source.type if node.function == "filter" else BOOL
        return t.Quantifier(result, node.span, QUANTIFIERS[node.function], variable, source, body)
