"""Rewrite a condition for an oracle, changing it only for our extensions to CEL and for known differences of the oracle.

Facts, parameters, `now`, rows and named conditions keep their names and are bound to values, so the oracle parses the same text
as we do with its own parser.
"""

import re
from collections.abc import Iterable, Iterator

from engine.expression import typed as t
from engine.expression.arithmetic import DOWN
from tests.engine.oracles.differences import differing
from tests.engine.oracles.oracle import Oracle

_CLASSES = re.compile(r"\\[dDsSwWbB]")
UNLIKE_NULL = ("int", "double", "list")
MAX_TERMS = 20
"""The longest list that is added up by naming its items: CEL has no `sum`."""


class Rewriter:
    """Rewrite one text for one oracle. `left_out` has the differences that exclude it from the comparison."""

    def __init__(self, oracle: Oracle, text: str, optional: Iterable[str]) -> None:
        self.optional = set(optional)
        """The facts and items declared as optional."""
        self.mended = differing(oracle, left_out=False)
        self.refused = differing(oracle, left_out=True)
        self.text = text
        self.left_out: set[str] = set()

    def written(self, node: t.Typed) -> str:
        self.left_out |= set(self._differences(node)) & self.refused
        if isinstance(node, t.Row) or node.type.kind == "decimal" or _is_beyond_cel(node):
            self.left_out.add("not in CEL")
        if isinstance(node, t.Quantifier) and node.source.type.item and node.source.type.item.optional:
            self.optional.add(node.variable)
        return self._mended(node) or self._as_written(node)

    def _as_written(self, node: t.Typed) -> str:
        """The text of a node, with its children rewritten."""
        at, end = node.span
        pieces = []
        for child in sorted(_written_out(node), key=lambda child: child.span):
            pieces += [self.text[at : child.span[0]], self.written(child)]
            at = child.span[1]
        return "".join(pieces) + self.text[at:end]

    def _mended(self, node: t.Typed) -> str | None:
        match node:
            case t.Const(value=int(micros)) if node.type.kind == "duration":
                return f'duration("{micros // 1000}ms")'
            case t.Sum(left=t.Const(span=span), right=right) if span == node.span:
                if node.type.kind == "duration" and "minus-duration" in self.mended:
                    return f'(duration("0s") - {self.written(right)})'
            case t.Sum(left=left, right=right) if left.type.kind == "duration" != right.type.kind:
                if "duration-plus-timestamp" in self.mended:
                    return f"({self.written(right)} + {self.written(left)})"
            case t.Not(operand=t.IsNull(span=span, operand=operand)) if span == node.span:
                return self._null_test(operand, "!=")
            case t.IsNull(operand=operand):
                return self._null_test(operand, "==")
            case t.Apply(function=("min" | "max") as name, args=(one, other)):
                a, b = self.written(one), self.written(other)
                return f"({a} {'<=' if name == 'min' else '>='} {b} ? {a} : {b})"
            case t.Apply(function=("min" | "max") as name, args=(items,)):
                found, sign = self.written(items), "<=" if name == "min" else ">="
                least = f"{found}.filter(item, {found}.all(other, item {sign} other))[0]"
                return f"(size({found}) == 0 ? null : {least})"
            case t.Apply(function="sum", args=(items,)) if not _is_beyond_cel(node):
                found = self.written(items)
                terms = (f"(size({found}) > {n} ? {found}[{n}] : 0)" for n in range(items.type.max_items))
                return f"({' + '.join(terms)})"
            case t.Apply(function="divide", args=(one, other, *_)) if not _is_beyond_cel(node):
                return f"({self.written(one)} / {self.written(other)})"
            case t.Apply(function="size", args=(arg,)) if arg.type.item is None:
                if "size-of-text" in self.mended:
                    return f"characters({self.written(arg)})"
        return None

    def _null_test(self, operand: t.Typed, sign: str) -> str | None:
        if operand.type.kind not in UNLIKE_NULL or "null-and-number" not in self.mended:
            return None
        return f"(type({self.written(operand)}) {sign} type(null))"

    def _differences(self, node: t.Typed) -> list[str]:
        match node:
            case t.Apply(function="matches", args=(_, t.Const(value=str(pattern)))):
                return ["unicode-classes"] if _CLASSES.search(pattern) else []
            case t.In(container=container):
                item = container.type.item
                return ["in-list-with-null"] if item and item.optional and item.kind in UNLIKE_NULL else []
            case t.Const(span=(start, end)) if node.type.kind == "timestamp":
                small = re.search(r"[0-9][tz]", self.text[start:end])
                return ["small-letters-in-timestamps"] if small else []
            case t.Quantifier():
                return ["eager-null"] if self._fails_where_null(node) else []
        return []

    def _fails_where_null(self, node: t.Quantifier) -> bool:
        """Whether only a null check outside of this search may keep it from failing."""
        if self._may_be_null(node.source):
            return True
        inside = (part for part in node.body.walk() if _root(part) != node.variable)
        return node.kind not in ("exists", "all") and any(map(self._may_be_null, inside))

    def _may_be_null(self, node: t.Typed) -> bool:
        match node:
            case t.FactRef(name=name) | t.Variable(name=name):
                return name in self.optional
            case t.Field(record=record, name=name):
                field = record.type.field(name)
                return field is not None and field.optional
        return False


def _is_beyond_cel(node: t.Typed) -> bool:
    """CEL adds up no list, which can be written out if it is short, and divides ints only, toward zero."""
    match node:
        case t.Apply(function="sum", args=(items,)):
            return items.type.max_items > MAX_TERMS
        case t.Apply(function="divide", args=(_, _, t.Const(value=shift), t.Const(value=mode))):
            return (node.type.scale, shift, mode) != (0, 0, DOWN)
    return isinstance(node, t.Apply) and node.function == "round"


def _written_out(node: t.Typed) -> Iterator[t.Typed]:
    """The children, without the zero of `0 - x`, which represents `-x`."""
    return (c for c in node.children() if not (isinstance(c, t.Const) and c.span == node.span))


def _root(node: t.Typed) -> str | None:
    """The item itself, or the item whose field this is."""
    if isinstance(node, t.Field):
        return _root(node.record)
    return node.name if isinstance(node, t.Variable) else None
