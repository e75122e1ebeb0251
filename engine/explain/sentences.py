"""Rules, conditions and values as sentences, made from the typed tree.

INVARIANT: a sentence reads back to the same tree. A test parses the sentences of many policies and compares the meanings, so
every kind of node has words of its own, and what would be ambiguous stands in parentheses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, assert_never

from engine.expression import typed as t
from engine.expression.quantity import format_decimal, to_datetime
from engine.expression.types import SECOND, Type
from engine.expression.values import duration_words
from engine.policy.model import Parameter, Policy
from engine.policy.validated import TypedRule, ValidatedPolicy

NameKind = Literal["fact", "parameter", "named", "variable", "field"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name that the policy declares. `named` is a condition or a value."""

    kind: NameKind
    name: str

    @property
    def text(self) -> str:
        return self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Given:
    """A value that is written in the policy, or the name of an outcome."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """An aside for the reader, which is no part of the meaning."""

    text: str


Piece = str | Name | Given | Note


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line, and the list below it if it ends with a colon."""

    pieces: tuple[Piece, ...]
    items: tuple[Sentence, ...] = ()

    def lines(self, depth: int = 0) -> Iterator[str]:
        """As plain text: names in backticks, lists indented."""
        yield "  " * depth + "- " * bool(depth) + "".join(map(_plain, self.pieces))
        for item in self.items:
            yield from item.lines(depth + 1)


def _plain(piece: Piece) -> str:
    match piece:
        case str():
            return piece
        case Name(name=name):
            return f"`{name}`"
        case Given(text=text) | Note(text=text):
            return text
        case _:
            assert_never(piece)


def rule_sentences(validated: ValidatedPolicy, rule: TypedRule) -> list[Sentence]:
    """When a rule applies, to which outcome it leads, and what it sets."""
    write = _Writer(validated.policy)
    lead = [*_each(rule), *_outcome(rule.rule.then, rule.rule.status)]
    sentences = []
    if rule.when is not None:
        sentences.append(write.condition([*lead, " if "], rule.when))
        lead = ["but not if "]
    elif rule.unless is not None:
        lead = [*lead, " unless "]
    if rule.unless is not None:
        sentences.append(write.condition(lead, rule.unless))
    if not sentences:
        sentences.append(Sentence((*lead, " in every case")))
    return sentences + write.sets(rule.sets)


def otherwise_sentences(validated: ValidatedPolicy) -> list[Sentence]:
    otherwise = validated.policy.otherwise
    lead = Sentence((*_outcome(otherwise.then, otherwise.status), " if no rule applies"))
    return [lead, *_Writer(validated.policy).sets(validated.otherwise_sets)]


def named_sentence(validated: ValidatedPolicy, name: str) -> Sentence:
    """What a condition or value means."""
    tree = validated.conditions[name]
    write = _Writer(validated.policy)
    if name in validated.policy.conditions:
        return write.condition([Name("named", name), " holds if "], tree)
    return write.value([Name("named", name), " is "], tree)


def output_sentence(validated: ValidatedPolicy, name: str) -> Sentence:
    """How an output is computed that has a value of its own."""
    tree = validated.outputs[name]
    write = _Writer(validated.policy)
    if tree.type.kind == "bool" and not tree.type.optional and not isinstance(tree, t.IfElse | t.Const):
        return write.condition([Name("field", name), " is yes if "], tree)
    return write.value([Name("field", name), " is "], tree)


def condition_sentence(policy: Policy, lead: Iterable[Piece], tree: t.Typed) -> Sentence:
    """`lead`, and a condition that reads the names of the policy and those of the decision."""
    return _AboutDecisions(policy).condition(lead, tree)


def part_sentence(validated: ValidatedPolicy, rule: TypedRule, text: str, holds: bool) -> Sentence | None:
    """What an explanation says about the part of a rule's condition with this source text; None if the rule has none."""
    write = _Writer(validated.policy)
    for tree, source in ((rule.when, rule.rule.when), (rule.unless, rule.rule.unless)):
        for node in tree.walk() if tree is not None and source is not None else ():
            start, end = node.span
            if (
                node.type.kind == "bool"
                and source is not None
                and " ".join(source.text[start:end].split()) == text
            ):
                return Sentence(tuple(write.claim(node) if holds else write.opposite(node)))
    return None


def _each(rule: TypedRule) -> list[Piece]:
    each = rule.rule.for_each
    if each is None:
        return []
    return [
        "for each row of ",
        Name("parameter", each.parameter),
        ", called ",
        Name("variable", each.variable),
        ": ",
    ]


def _outcome(then: str, status: str | None) -> list[Piece]:
    return [Given(then), *([f" ({status})"] if status else [])]


ORDER: Final = {
    "timestamp": {"<": "is before", ">": "is after", "<=": "is at or before", ">=": "is at or after"},
    "duration": {"<": "is shorter than", ">": "is longer than", "<=": "is at most", ">=": "is at least"},
    "": {"<": "is less than", ">": "is more than", "<=": "is at most", ">=": "is at least"},
}
QUANTIFIERS: Final = {
    "exists": "for at least one ",
    "all": "for every ",
    "exists_one": "for exactly one ",
}
OPPOSITES: Final = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
TESTS: Final = {
    "startsWith": " starts with ",
    "endsWith": " ends with ",
    "contains": " contains ",
    "matches": " matches the pattern ",
}
LISTS: Final = {
    (t.And, True): "all of these hold:",
    (t.Or, True): "at least one of these holds:",
    (t.And, False): "not all of these hold:",
    (t.Or, False): "none of these holds:",
}
_LONG: Final = 60


class _Writer:
    def __init__(self, policy: Policy) -> None:
        self.parameters = policy.parameters

    def sets(self, values: Mapping[str, t.Typed]) -> list[Sentence]:
        return [self.value(["sets ", Name("field", name), " to "], tree) for name, tree in values.items()]

    def condition(self, lead: Iterable[Piece], tree: t.Typed) -> Sentence:
        """`lead` and the condition; its parts are a list, unless they are two short ones."""
        positive = not isinstance(tree, t.Not)
        inner = tree.operand if isinstance(tree, t.Not) else tree
        if isinstance(inner, t.And | t.Or) and not (positive and _is_short(inner)):
            items = tuple(self.condition((), operand) for operand in inner.operands)
            return Sentence((*lead, LISTS[type(inner), positive]), items)
        if isinstance(tree, t.Quantifier) and tree.kind in QUANTIFIERS:
            return self.condition([*lead, *self._for(tree)], tree.body)
        return Sentence((*lead, *self.claim(tree)))

    def value(self, lead: Iterable[Piece], tree: t.Typed) -> Sentence:
        """`lead` and the value; one that depends on conditions is a list."""
        if not isinstance(tree, t.IfElse):
            return Sentence((*lead, *self.term(tree)))
        items = []
        while isinstance(tree, t.IfElse):
            items.append(self.condition([*self.operand(tree.then), " if "], tree.condition))
            tree = tree.otherwise
        items.append(Sentence(("otherwise ", *self.term(tree))))
        return Sentence((*lead, "the first of these that fits:"), tuple(items))

    def claim(self, tree: t.Typed) -> list[Piece]:
        """A condition in one line."""
        match tree:
            case t.And(operands=operands):
                return _joined([self.part(o) for o in operands], " and ")
            case t.Or(operands=operands):
                return _joined([self.part(o) for o in operands], " or ")
            case t.Not(operand=operand):
                return self.denied(operand)
            case t.Const(value=value):
                return ["always" if value else "never"]
            case t.ConditionRef(name=name):
                return [Name("named", name), " holds"]
            case t.FactRef() | t.ParameterRef() | t.Variable() | t.Field():
                return [*self.operand(tree), " is yes"]
            case t.IsNull(operand=operand):
                return [*self.operand(operand), " has no value"]
            case t.Compare(operator=sign, left=left, right=right):
                return [*self.side(left), f" {_comparison(sign, left.type)} ", *self.side(right)]
            case t.In(item=item, container=container):
                return [*self.operand(item), " is one of ", *self.operand(container)]
            case t.Quantifier(body=body):
                return [*self._for(tree), *self.claim(body)]
            case t.IfElse(condition=condition, then=then, otherwise=otherwise):
                parts = self.part(condition), self.part(then), self.part(otherwise)
                return ["if ", *parts[0], " then ", *parts[1], ", otherwise ", *parts[2]]
            case t.Apply(function=function, args=args) if function in TESTS:
                return [*self.operand(args[0]), TESTS[function], *self.operand(args[1])]
            case t.Now() | t.Row() | t.ListOf() | t.Sum() | t.Product() | t.Apply():
                raise TypeError(f"{type(tree).__name__} is no condition")
            case _:
                assert_never(tree)

    def opposite(self, tree: t.Typed) -> list[Piece]:
        """That a condition does not hold, as people say it. It reads back to a condition of the same meaning, not to the same
        tree."""
        if isinstance(tree, t.Compare):
            return self.claim(replace(tree, operator=OPPOSITES[tree.operator]))
        return self.claim(tree.operand) if isinstance(tree, t.Not) else self.denied(tree)

    def denied(self, operand: t.Typed) -> list[Piece]:
        """That a condition does not hold."""
        match operand:
            case t.ConditionRef(name=name):
                return [Name("named", name), " does not hold"]
            case t.FactRef() | t.ParameterRef() | t.Variable() | t.Field():
                return [*self.operand(operand), " is no"]
            case t.IsNull(operand=inner):
                return [*self.operand(inner), " has a value"]
            case t.In(item=item, container=container):
                return [*self.operand(item), " is none of ", *self.operand(container)]
            case (
                t.Const() | t.Now() | t.Row() | t.Not() | t.And() | t.Or() | t.Compare() | t.ListOf() | t.Sum() | t.Product()
                | t.IfElse() | t.Quantifier() | t.Apply()
            ):  # fmt: skip
                return ["it is not true that ", *self.part(operand)]
            case _:
                assert_never(operand)

    def part(self, tree: t.Typed) -> list[Piece]:
        """A condition within a longer one."""
        compound = isinstance(tree, t.And | t.Or | t.Quantifier | t.IfElse)
        return ["(", *self.claim(tree), ")"] if compound else self.claim(tree)

    def _for(self, tree: t.Quantifier) -> list[Piece]:
        variable = Name("variable", tree.variable)
        return [QUANTIFIERS[tree.kind], variable, " in ", *self.operand(tree.source), ", "]

    def side(self, tree: t.Typed) -> list[Piece]:
        """A side of a comparison, whose words show where it ends."""
        return self.term(tree) if isinstance(tree, t.Sum | t.Product) else self.operand(tree)

    def operand(self, tree: t.Typed) -> list[Piece]:
        """A value within a longer expression."""
        return self.term(tree) if _is_simple(tree) else ["(", *self.term(tree), ")"]

    def term(self, tree: t.Typed) -> list[Piece]:
        """A value in one line."""
        match tree:
            case t.Const(value=value, type=type_):
                return [Given(given(value, type_))]
            case t.FactRef(name=name):
                return [Name("fact", name)]
            case t.ParameterRef(name=name):
                return [Name("parameter", name), *_now(self.parameters[name])]
            case t.ConditionRef(name=name, type=type_) if type_.kind != "bool":
                return [Name("named", name)]
            case t.Now():
                return ["now"]
            case t.Variable(name=name):
                return [Name("variable", name)]
            case t.Field(record=record, name=name):
                return [*self.operand(record), "’s ", Name("field", name)]
            case t.Row(table=table, keys=keys):
                parts = _joined([self.operand(key) for key in keys], ", ")
                return ["the row of ", Name("parameter", table), " for [", *parts, "]"]
            case t.ListOf(items=items):
                return ["[", *_joined([self.operand(item) for item in items], ", "), "]"]
            case t.Sum(operator="-", left=left, right=right) if (
                left.type.kind == right.type.kind == "timestamp"
            ):
                return ["the time from ", *self.operand(right), " to ", *self.operand(left)]
            case t.Sum(operator=sign, left=left, right=right):
                return [*self.operand(left), " plus " if sign == "+" else " minus ", *self.operand(right)]
            case t.Product(left=left, right=right):
                return [*self.operand(left), " times ", *self.operand(right)]
            case t.IfElse(condition=condition, then=then, otherwise=otherwise):
                choice = [*self.operand(then), " if ", *self.part(condition)]
                return [*choice, ", otherwise ", *self.operand(otherwise)]
            case t.Quantifier(kind="filter", source=source, body=body):
                variable = Name("variable", tree.variable)
                return ["the ", variable, " in ", *self.operand(source), " where ", *self.part(body)]
            case t.Quantifier(kind="map", source=source, body=body):
                variable = Name("variable", tree.variable)
                return [*self.operand(body), " for each ", variable, " in ", *self.operand(source)]
            case t.Apply(function=function, args=args) if function not in TESTS:
                return self._applied(function, args)
            case (
                t.Not() | t.And() | t.Or() | t.IsNull() | t.Compare() | t.In() | t.ConditionRef() | t.Quantifier() | t.Apply()
            ):  # fmt: skip
                return ["whether ", *self.part(tree)]
            case _:
                assert_never(tree)

    def _applied(self, function: str, args: tuple[t.Typed, ...]) -> list[Piece]:
        first, *others = (self.operand(arg) for arg in args)
        match function:
            case "size":
                return [
                    "the number of items in " if args[0].type.kind == "list" else "the length of ",
                    *first,
                ]
            case "lowerAscii":
                return [*first, " in lower case"]
            case "trim":
                return [*first, " without spaces around it"]
            case "sum":
                return ["the total of ", *first]
            case "min" | "max":
                least = "smallest" if function == "min" else "largest"
                if not others:
                    return [f"the {least} in ", *first]
                return [f"the {least} of [", *_joined([first, *others], ", "), "]"]
            case "divide":
                return [
                    *first,
                    " divided by ",
                    *others[0],
                    " (shifted by ",
                    *others[1],
                    ", rounding ",
                    *others[2],
                    ")",
                ]
            case "round":
                return [*first, " rounded (shifted by ", *others[0], ", rounding ", *others[1], ")"]
        raise ValueError(f"the function `{function}` has no words")


class _AboutDecisions(_Writer):
    def term(self, tree: t.Typed) -> list[Piece]:
        if (
            isinstance(tree, t.Field)
            and isinstance(tree.record, t.Variable)
            and tree.record.name == "outputs"
        ):
            return [Name("field", tree.name)]
        return super().term(tree)


def given(value: t.Value, type_: Type) -> str:
    """A value from the policy, in words that tell its type."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return "“" + value.replace("\\", "\\\\").replace("”", "\\”").replace("\n", "\\n") + "”"
    if isinstance(value, float):
        return repr(value)
    if type_.kind == "duration":
        return duration_words(value)
    if type_.kind == "decimal":
        return format_decimal(value, type_.scale)
    return moment_words(value) if type_.kind == "timestamp" else f"{value:,}"


def moment_words(micros: int) -> str:
    """A moment to the minute, or as exactly as it is."""
    moment = to_datetime(micros)
    if micros % (60 * SECOND):
        return f"{moment:%Y-%m-%d %H:%M:%S}{f'.{micros % SECOND:06}' if micros % SECOND else ''} UTC"
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _now(parameter: Parameter) -> list[Piece]:
    value = parameter.value
    if parameter.table is not None or isinstance(value, tuple):
        return []
    words = given(value, parameter.type)
    return [Note(f" (currently {words})")] if len(words) <= _LONG else []


def _comparison(sign: str, type_: Type) -> str:
    if sign in ("==", "!="):
        if type_.kind == "bool":
            return "equals" if sign == "==" else "does not equal"
        return "is" if sign == "==" else "is not"
    return ORDER.get(type_.kind, ORDER[""])[sign]


def _is_simple(tree: t.Typed) -> bool:
    """Whether a value needs no parentheses, since its words show where it ends."""
    match tree:
        case t.ConditionRef(type=type_):
            return type_.kind != "bool"
        case t.Apply(function=function):
            return function in ("size", "sum", "min", "max")
        case t.Sum(operator=sign, left=left, right=right):
            return sign == "-" and left.type.kind == right.type.kind == "timestamp"
        case (
            t.Const() | t.FactRef() | t.ParameterRef() | t.Now() | t.Variable() | t.Field() | t.ListOf() | t.Row()
        ):  # fmt: skip
            return True
        case (
            t.Not() | t.And() | t.Or() | t.IsNull() | t.Compare() | t.In() | t.Product() | t.IfElse() | t.Quantifier()
        ):  # fmt: skip
            return False
        case _:
            assert_never(tree)


def _is_short(tree: t.And | t.Or) -> bool:
    """Whether it is best said in one line: two parts that are no lists themselves."""
    return len(tree.operands) == 2 and not any(
        isinstance(node, t.And | t.Or | t.Quantifier | t.IfElse) for o in tree.operands for node in o.walk()
    )


def _joined(parts: Iterable[list[Piece]], between: str) -> list[Piece]:
    joined: list[Piece] = []
    for number, part in enumerate(parts):
        joined += [between, *part] if number else part
    return joined
