"""Generate random conditions that the checker must accept: names have their types, and a null check comes before optional
values."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.expression.types import ORDERED, Type
from tests.engine.generated.values import BROKEN, MOMENTS, SPANS, TEXTS, WHOLE

BOOL = Type("bool")
MAX_LOOPS = 2


@dataclass(frozen=True)
class Named:
    """A named condition: its depth of list searches, and the optional names that are not null if it is true."""

    loops: int = 0
    proves: frozenset[str] = frozenset()


Shape = tuple[tuple[str, ...], Mapping[str, Type]]


@dataclass(frozen=True)
class Names:
    """The texts that an expression can use, such as `closed_at` or `c.party`, with their types. `loops` is the current loop
    depth."""

    readable: Mapping[str, Type]
    conditions: Mapping[str, Named] = field(default_factory=dict)
    loops: int = 0
    values: Mapping[str, Type] = field(default_factory=dict)
    tables: Mapping[str, Shape] = field(default_factory=dict)
    """The key columns and all columns of tables."""
    rows: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    """Values that are rows, with their columns."""

    def of(self, kind: str, *, optional: bool = False) -> list[str]:
        return [t for t, type_ in self.readable.items() if type_.kind == kind and type_.optional is optional]

    def optional(self) -> list[str]:
        return [text for text, type_ in self.readable.items() if type_.optional]

    def lists(self) -> list[str]:
        return self.of("list")

    def knowing(self, *texts: str) -> "Names":
        known = {t: replace(self.readable[t], optional=False) for t in texts if t in self.readable}
        return replace(self, readable={**self.readable, **known})

    def binding(self, variable: str, item: Type) -> "Names":
        fields = item.fields or ((None, item),)
        bound = {variable if name is None else f"{variable}.{name}": type_ for name, type_ in fields}
        return replace(self, readable={**self.readable, **bound}, loops=self.loops + 1)


class Writer:
    """Write expressions; `depth` counts down to leaves. `loops` is the depth of list searches in the last condition."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.variables = 0
        self.deepest = 0

    def condition(self, names: Names, depth: int) -> str:
        """An expression of type bool."""
        forms = [self.comparison, self.comparison, self.membership, self.plain_bool]
        if names.optional():
            forms += [self.null_test, self.narrowed, self.narrowed]
        if depth > 0:
            forms += [self.joined, self.joined, self.unbracketed, self.negation, self.choice, self.text_test]
            if names.lists() and names.loops < MAX_LOOPS:
                forms += [self.quantifier] * 4
        if names.conditions:
            forms += [self.named, self.named]
        if names.values:
            forms += [self.named_value, self.named_value]
        return self.chance.choice(forms)(names, depth)

    def plain_bool(self, names: Names, depth: int) -> str:
        return self.chance.choice([*names.of("bool"), "true", "false"])

    def joined(self, names: Names, depth: int) -> str:
        sign = self.chance.choice((" && ", " || "))
        parts = [self.condition(names, depth - 1) for _ in range(self.chance.choice((2, 2, 3)))]
        return f"({sign.join(parts)})"

    def unbracketed(self, names: Names, depth: int) -> str:
        """An expression without parentheses, structured only by precedence."""
        a, b, c, d = (self.condition(names, depth - 2) for _ in range(4))
        forms = (
            f"({a} || {b} && {c} || {d})",
            f"({a} && {b} || {c} && !{d})",
            f"({a} == {b} && {c} != {d})",
            f"({a} || {b} ? {c} : {d})",
            f"({a} ? {b} : {c} ? {d} : {a})",
        )
        return self.chance.choice(forms)

    def negation(self, names: Names, depth: int) -> str:
        return f"!({self.condition(names, depth - 1)})"

    def choice(self, names: Names, depth: int) -> str:
        test, then, otherwise = (self.condition(names, depth - 1) for _ in range(3))
        return f"({test} ? {then} : {otherwise})"

    def null_test(self, names: Names, depth: int) -> str:
        return f"({self.chance.choice(names.optional())} {self.chance.choice(('==', '!='))} null)"

    def narrowed(self, names: Names, depth: int) -> str:
        """Every form of null check that proves that a value is present."""
        text = self.chance.choice(names.optional())
        there, otherwise = self.condition(names.knowing(text), depth - 1), self.condition(names, depth - 1)
        forms = (
            f"({text} != null && {there})",
            f"({text} == null || {there})",
            f"({text} != null ? {there} : {otherwise})",
            f"(!({text} != null) || {there})",
            f"({text} == null ? {otherwise} : {there})",
        )
        return self.chance.choice(forms)

    def named(self, names: Names, depth: int) -> str:
        name = self.chance.choice(list(names.conditions))
        named = names.conditions[name]
        if names.loops + named.loops > MAX_LOOPS:
            return self.plain_bool(names, depth)
        self.deepest = max(self.deepest, names.loops + named.loops)
        if named.proves and depth > 0:
            return f"({name} && {self.condition(names.knowing(*named.proves), depth - 1)})"
        return name

    def named_value(self, names: Names, depth: int) -> str:
        """Compare a named value on its own, so that no sum becomes too long."""
        name = self.chance.choice(list(names.values))
        type_ = names.values[name]
        signs = ("==", "!=", "<", "<=", ">", ">=") if type_.kind in ORDERED else ("==", "!=")
        test = f"{name} {self.chance.choice(signs)} {self.value(type_.kind, names, 0)}"
        if not type_.optional:
            return f"({test})"
        forms = (f"{name} != null && {test}", f"{name} == null || {test}", f"{name} == null")
        return f"({self.chance.choice(forms)})"

    def comparison(self, names: Names, depth: int) -> str:
        kind = self.chance.choice(("bool", "int", "double", "string", "enum", "timestamp", "duration"))
        if kind == "enum":
            return self.enum_test(names, depth)
        signs = ("==", "!=", "<", "<=", ">", ">=") if kind in ORDERED else ("==", "!=")
        left, right = self.value(kind, names, depth), self.value(kind, names, depth - 1)
        return f"({left} {self.chance.choice(signs)} {right})"

    def enum_test(self, names: Names, depth: int) -> str:
        enums = names.of("enum")
        if not enums:
            return self.plain_bool(names, depth)
        text = self.chance.choice(enums)
        members = [json.dumps(m) for m in names.readable[text].members]
        alike = [e for e in enums if names.readable[e].members == names.readable[text].members]
        if self.chance.random() < 0.3:
            return f"({text} in [{', '.join(members[:-1])}])"
        return f"({text} {self.chance.choice(('==', '!='))} {self.chance.choice([*members, *alike])})"

    def membership(self, names: Names, depth: int) -> str:
        kind = self.chance.choice(("int", "double", "string", "timestamp", "duration"))
        item = self.value(kind, names, depth - 1)
        items = [self.literal(kind) for _ in range(self.chance.randrange(1, 4))]
        lists = [t for t in names.lists() if self.item(names, t).kind == kind]
        if names.lists() and names.loops < MAX_LOOPS and depth > 0:
            lists.append(self.mapped(kind, names, depth))
        return f"({item} in {self.chance.choice([*lists, '[' + ', '.join(items) + ']'])})"

    def item(self, names: Names, text: str) -> Type:
        item = names.readable[text].item
        assert item is not None
        return item

    def quantifier(self, names: Names, depth: int) -> str:
        text = self.chance.choice(names.lists())
        item = self.item(names, text)
        kind = self.chance.choice(("exists", "exists", "all", "exists_one"))
        source = text
        if self.chance.random() < 0.3:
            source = f"{text}.filter({self.loop(names, item, depth)})"
        return f"{source}.{kind}({self.loop(names, item, depth)})"

    def mapped(self, kind: str, names: Names, depth: int) -> str:
        """A list of values computed from the items of another list."""
        text = self.chance.choice(names.lists())
        variable, inner = self.bound(names, self.item(names, text))
        return f"{text}.map({variable}, {self.value(kind, inner, depth - 1)})"

    def loop(self, names: Names, item: Type, depth: int) -> str:
        variable, inner = self.bound(names, item)
        return f"{variable}, {self.condition(inner, depth - 1)}"

    def bound(self, names: Names, item: Type) -> tuple[str, Names]:
        """A fresh name for a loop variable; sometimes the name that rules give to a row, which has no special meaning here."""
        self.variables += 1
        free = not any(text.partition(".")[0] == "row" for text in names.readable)
        variable = "row" if free and self.chance.random() < 0.2 else f"v{self.variables}"
        inner = names.binding(variable, item)
        self.deepest = max(self.deepest, inner.loops)
        return variable, inner

    def text_test(self, names: Names, depth: int) -> str:
        text = self.value("string", names, depth - 1)
        if self.chance.random() < 0.3:
            pattern = self.chance.choice(("^a", "b$", "[ab]+", "(?i)A", "^$"))
            return f'{text}.matches("{pattern}")'
        return (
            f"{text}.{self.chance.choice(('startsWith', 'endsWith', 'contains'))}({self.literal('string')})"
        )

    def literal(self, kind: str) -> str:
        match kind:
            case "bool":
                return self.chance.choice(("true", "false"))
            case "int":
                return str(self.chance.choice(WHOLE))
            case "double":
                return repr(self.chance.choice(BROKEN)).replace("e+", "e")
            case "timestamp":
                return f'timestamp("{self.chance.choice(MOMENTS).isoformat()}")'
            case "duration":
                return self.chance.choice(
                    ("days(90)", "hours(36)", "minutes(15)", f'duration("{self.span()}")')
                )
        return json.dumps(self.chance.choice(TEXTS), ensure_ascii=False)

    def cells(self, kind: str, names: Names, otherwise: str) -> list[str]:
        """A cell of the row with the given key, if there is one."""
        looked_up = {self.look_up(table, names): columns for table, (_, columns) in names.tables.items()}
        return [
            f"({row} != null ? {row}.{column} : {otherwise})"
            for row, columns in {**looked_up, **names.rows}.items()
            for column, type_ in columns.items()
            if type_.kind == kind
        ]

    def look_up(self, table: str, names: Names) -> str:
        """Keys are plain, so that a null check on the row is known to be about the same row."""
        keys, columns = names.tables[table]
        return f"{table}.row({', '.join(self.key(columns[key], names) for key in keys)})"

    def key(self, type_: Type, names: Names) -> str:
        alike = [t for t in names.of(type_.kind) if names.readable[t].members == type_.members]
        if type_.kind == "enum":
            return self.chance.choice([json.dumps(m) for m in type_.members] + alike * 3)
        return self.chance.choice([self.literal(type_.kind), *alike * 3])

    def span(self) -> str:
        return self.chance.choice(list(SPANS))

    def value(self, kind: str, names: Names, depth: int) -> str:
        """An expression of a plain kind."""
        leaves = [*names.of(kind), self.literal(kind)] + (["now"] if kind == "timestamp" else [])
        if depth <= 0 or self.chance.random() < 0.5:
            return self.chance.choice(leaves)
        one, other = self.value(kind, names, depth - 1), self.value(kind, names, depth - 2)
        forms = [f"({self.condition(names, depth - 2)} ? {one} : {other})"]
        if kind in ORDERED:
            forms += [f"{self.chance.choice(('min', 'max'))}({one}, {other})"]
        if kind in ("int", "double", "duration"):
            forms += [
                f"({one} + {other})",
                f"({one} - {other})",
                f"-({one})",
                f"(-{one} - {self.literal(kind)} + {other})",
            ]
        if kind == "int":
            forms += [f"size({t})" for t in [*names.lists(), *names.of("string"), *names.of("enum")]]
        forms += self.cells(kind, names, other)
        if kind == "string":
            forms += [f"{one}.lowerAscii()", f"{one}.trim()"]
        if kind == "timestamp":
            forms += [f"({one} {self.chance.choice('+-')} {self.value('duration', names, depth - 2)})"]
        if kind == "duration":
            moments = self.value("timestamp", names, depth - 2), self.value("timestamp", names, depth - 2)
            forms += [f"({moments[0]} - {moments[1]})"]
        return self.chance.choice(forms)
