"""The whole decision as one function: it checks the facts, finds what applies, and builds the decision.

INVARIANT: it decides as `CompiledPolicy.decide` does with the separate check, rules and outputs, or returns None. It returns None
for whatever is not clearly valid: only the separate functions report errors. A property test compares them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from engine.backends.python.emitter import Emitter
from engine.backends.python.item_loops import ItemLoops, KeptRows, item_name, quantifiers_of
from engine.backends.python.outputs import emit_outputs
from engine.backends.python.python_times import (
    moment,
    policy_with_times,
    presented,
    span,
    with_times,
    without_times,
)
from engine.backends.python.rules import RuleEmitter, applied
from engine.backends.python.table_index import ItemTest, TableIndex
from engine.backends.python.tables import both
from engine.decision import Decision
from engine.expression import typed as t
from engine.expression.quantity import FIRST, LAST
from engine.expression.types import MAX_STRING, Type
from engine.facts.fast import (
    CONSTANTS,
    GIVE_UP,
    CheckWriter,
    at_most,
    has_type,
    is_,
    kept_as_it_is,
)
from engine.policy.messages import Place
from engine.policy.validated import TypedRule, ValidatedPolicy
from engine.python_ast import call, function, load, run, store

if TYPE_CHECKING:
    from engine.compiled import CompiledPolicy, Fused

MOST_KNOWN = 4_096
"""The sets of entries that applied together whose answer is kept."""
_ANSWER = ("outcome", "rule", "reason", "message", "obligations", "matched", "permits", "status")
"""The local variables that depend on the deciding entry only."""
_BUILTINS: dict[str, Any] = {
    "datetime": datetime,
    "UTC": UTC,
    "first_moment": FIRST,
    "last_moment": LAST,
    "moment": moment,
    "span": span,
}


def fuse(version: CompiledPolicy) -> Fused:
    """The function for one version. It expects `now` in UTC and within bounds."""
    validated = policy_with_times(version.validated)
    rules = _FusedRules(validated)
    body = rules.body()
    check = _FusedCheck(rules, _names_read(body))
    lines = check.facts(validated)
    decided: list[ast.stmt] = [*lines, *body]
    handler = ast.ExceptHandler(load("Exception"), None, [GIVE_UP])
    decide = function("decide", ["facts", "now", "digest", "superset"], [ast.Try(decided, [handler], [], [])])
    constants = {
        **CONSTANTS,
        **_BUILTINS,
        **rules.constants,
        **check.constants,
        **_constants_of(version),
    }
    fused: Fused = run([*rules.functions, decide], constants)["decide"]
    return fused


def _constants_of(version: CompiledPolicy) -> dict[str, Any]:
    answers = tuple(_answer(version, version.answer_of(i)) for i in range(len(version.entries)))
    return {
        "answers": answers,
        "several": _several(version),
        "rendered": _rendered(version),
        "are_text": are_text,
        "longest": _longest,
        "policy": version.name,
        "version": version.version,
        "revision": version.revision,
        "Decision": Decision,
        "new": tuple.__new__,
        "Exception": Exception,
    }


def _answer(version: CompiledPolicy, found: tuple[int, tuple[str, ...], tuple[str, ...]]) -> tuple[Any, ...]:
    chosen, matched, obligations = found
    entry = version.entries[chosen]
    permits = entry.outcome == version.outcomes[0]
    message = version.constant_messages[chosen]
    return entry.outcome, entry.id, entry.reason, message, obligations, matched, permits, entry.status


def _several(version: CompiledPolicy) -> Callable[[list[int]], tuple[Any, ...]]:
    """The position of the deciding entry of several that apply, and its answer."""
    known: dict[tuple[int, ...], tuple[Any, ...]] = {}

    def several(hits: list[int]) -> tuple[Any, ...]:
        key = tuple(hits)
        answer = known.get(key)
        if answer is None:
            found = version.answer_of_all(hits)
            answer = (found[0], *_answer(version, found))
            if len(known) < MOST_KNOWN:
                known[key] = answer
        return answer

    return several


def _rendered(version: CompiledPolicy) -> Callable[[int, dict[str, Any], tuple[Any, ...]], str]:
    policy = version.validated.policy
    types = [output.type for output in policy.outputs.values()]

    def rendered(chosen: int, facts: dict[str, Any], outputs: tuple[Any, ...]) -> str:
        quoted = {name: without_times(value, policy.facts[name].type) for name, value in facts.items()}
        return version.render(chosen, quoted, tuple(map(without_times, outputs, types)))

    return rendered


def are_text(texts: list[Any]) -> bool:
    """Whether all are texts that the facts check accepts, apart from a declared maximum length."""
    if [*map(type, texts)].count(str) != len(texts):
        return False
    text = "".join(texts)
    if len(text) > MAX_STRING and _longest(texts) > MAX_STRING:
        return False
    return "\0" not in text and (text.isascii() or _encodable(text))


def _longest(texts: list[str]) -> int:
    return max(map(len, texts), default=0)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _names_read(body: list[ast.stmt]) -> set[str]:
    return {n.id for line in body for n in ast.walk(line) if isinstance(n, ast.Name)}


def _literal(emitter: Emitter, value: Any, type_: Type) -> ast.expr:
    """Times cannot be written into the code, so they are constants with a name."""
    if type_.kind not in ("timestamp", "duration") or value is None:
        return ast.Constant(value)
    if type(value) is not int:
        value = without_times(value, type_)
    name = f"{type_.kind}_{value}".replace("-", "minus_")
    return emitter.constant(name, with_times(value, type_))


class _PlainTimes(Emitter):
    def literal(self, value: Any, type_: Type) -> ast.expr:
        return _literal(self, value, type_)

    def plain(self) -> Emitter:
        inner = _PlainTimes(self.conditions, self.parameters)
        inner.constants, inner.functions = self.constants, self.functions
        return inner


class _FusedRules(_PlainTimes, RuleEmitter):
    """The rules, the outputs and the decision. Facts are local variables; questions about list items are answered already."""

    def __init__(self, validated: ValidatedPolicy) -> None:
        self.finds_all = validated.policy.finds_all
        super().__init__(validated, "worst" if self.finds_all else "first")
        values = [*validated.outputs.values(), *validated.set_values()]
        self.shared = self.used_more_than_once([*applied(validated), *values])
        self.loops = ItemLoops(dict(validated.policy.facts), self)
        self.kept: dict[int, KeptRows] = {}
        first = 0
        for rule in validated.rules:
            kept = self._kept_rows(rule, first)
            if kept is not None:
                self.kept[id(rule)] = kept
            first += validated.count_of(rule)
        for node in quantifiers_of(validated.trees()):
            self.loops.ask(node)

    def condition(self, name: str) -> ast.expr:
        again = name in self.unsure and name not in self.sure and not self.branching
        if not again:
            return super().condition(name)
        with self.branch():
            computed = super().condition(name)
        self.sure.add(name)
        return computed

    def quantifier(self, node: t.Quantifier) -> ast.expr:
        flag = self.loops.flags.get(id(node))
        return super().quantifier(node) if flag is None else load(flag)

    def _kept_rows(self, rule: TypedRule, first: int) -> KeptRows | None:
        table = self.validated.table_of(rule)
        each = rule.rule.for_each
        if each is None or table is None:
            return None
        columns = tuple(name for name, _ in table.columns)

        def rows(keys: tuple[str, ...], asked: ItemTest) -> ast.expr | None:
            index = TableIndex(tuple(map(columns.index, keys)), columns.index(asked.column))
            return self.index_of(each.parameter, index, table) if index.unique(table.rows) else None

        return self.loops.ask_rows(rule, first, columns, rows, each.variable)

    def rule(self, rule: TypedRule, first: int) -> list[ast.stmt]:
        kept = self.kept.get(id(rule))
        if kept is None:
            return super().rule(rule, first)
        with self.branch():
            tests = self.emit_in_turn(kept.outside)
        return [ast.If(both([load(kept.name), *tests]), self.take_kept(kept.name), [])]

    def take(self, entry: ast.expr) -> list[ast.stmt]:
        if self.finds_all:
            return super().take(entry)
        return [ast.Assign([store("chosen")], entry), ast.Break()]

    def after_rows(self) -> list[ast.stmt]:
        if self.finds_all:
            return []
        chosen = ast.Compare(load("chosen"), [ast.IsNot()], [ast.Constant(None)])
        return [ast.If(chosen, [ast.Break()], [])]

    def body(self) -> list[ast.stmt]:
        """What follows the check. With `hit: first`, the rules are in a loop that ends when one applies."""
        rules = self.all_rules()
        otherwise = ast.Constant(self.count)
        if not self.finds_all:
            rules = [ast.While(ast.Constant(True), [*rules, *self.take(otherwise)], [])]
            self.unsure |= self.sure
            self.sure = set()
        self.rows = {}
        lines, values = emit_outputs(self.validated, self)
        return [
            *self._prologue(),
            *rules,
            *self._chosen(otherwise),
            *lines,
            *self._decision({name: self._presented(name, value) for name, value in values.items()}),
        ]

    def _prologue(self) -> list[ast.stmt]:
        lines: list[ast.stmt] = []
        empty = [f"c_{name}" for name in sorted(self.unsure)] + ([] if self.finds_all else ["chosen"])
        if empty:
            lines.append(ast.Assign([store(name) for name in empty], ast.Constant(None)))
        if self.finds_all:
            lines.append(ast.Assign([store("hits")], ast.List([], ast.Load())))
        return lines

    def _chosen(self, otherwise: ast.expr) -> list[ast.stmt]:
        """Set `chosen`, and what depends on it only."""
        answer = ast.Tuple([store(name) for name in _ANSWER], ast.Store())
        known = ast.Assign([answer], ast.Subscript(load("answers"), load("chosen"), ast.Load()))
        if not self.finds_all:
            return [known]
        one = ast.Subscript(load("hits"), ast.Constant(0), ast.Load())
        single = ast.Assign([store("chosen")], ast.IfExp(load("hits"), one, otherwise))
        many = ast.Compare(call(load("len"), load("hits")), [ast.Gt()], [ast.Constant(1)])
        if self.validated.policy.hit == "unique":
            return [ast.If(many, [GIVE_UP], []), single, known]
        several = ast.Assign(
            [ast.Tuple([store("chosen"), *(store(name) for name in _ANSWER)], ast.Store())],
            call(load("several"), load("hits")),
        )
        return [ast.If(many, [several], [single, known])]

    def _presented(self, name: str, value: ast.expr) -> ast.expr:
        convert = presented(self.validated.policy.outputs[name].type)
        return value if convert is None else call(self.constant(f"presented_{name}", convert), value)

    def _decision(self, values: dict[str, ast.expr]) -> list[ast.stmt]:
        messages = [*(r.message for r in self.validated.rules), self.validated.otherwise_message]
        places = [part for message in messages for part in message if isinstance(part, Place)]
        quoted = sorted({p.name.partition(".")[0] for p in places if p.kind == "fact"})
        lines: list[ast.stmt] = []
        if any(place.kind in ("fact", "output") for place in places):
            given = ast.Dict([ast.Constant(name) for name in quoted], [load(f"f_{name}") for name in quoted])
            lines = [ast.Assign([store(f"o_{name}")], value) for name, value in values.items()]
            values = {name: load(f"o_{name}") for name in values}
            told = ast.Tuple(list(values.values()), ast.Load())
            rendered = call(load("rendered"), load("chosen"), given, told)
            missing = is_(load("message"), ast.Constant(None))
            lines.append(ast.If(missing, [ast.Assign([store("message")], rendered)], []))
        outputs = ast.Dict([ast.Constant(name) for name in values], list(values.values()))
        none, nothing = ast.Constant(None), ast.Tuple([], ast.Load())
        parts: dict[str, ast.expr] = {
            **{name: load(name) for name in ("policy", "version", "revision", "digest", *_ANSWER)},
            "outputs": outputs,
            "errors": nothing,
            "evaluated_at": load("now"),
            "in_force_at": load("now"),
            "explanation": none,
            "counterfactuals": none,
        }
        made = ast.Tuple([parts[name] for name in Decision._fields], ast.Load())
        return [*lines, ast.Return(call(load("new"), load("Decision"), made))]


class _FusedCheck(CheckWriter):
    """Write the check of the facts into local variables. Texts are collected, and checked together at the end."""

    def __init__(self, rules: _FusedRules, read: set[str]) -> None:
        super().__init__()
        self.rules = rules
        self.read = read
        self.texts: list[str] = []
        self.collects = False

    def facts(self, validated: ValidatedPolicy) -> list[ast.stmt]:
        """Lists come last, since the questions about their items read other facts."""
        facts = sorted(validated.policy.facts.values(), key=lambda fact: fact.name in self.rules.loops.loops)
        given = load("facts")
        self.demand(has_type(given, "dict"))
        count: ast.expr = ast.Constant(len(facts))
        if any(fact.type.optional for fact in facts):
            self.assign("count", count)
            count = load("count")
        for fact in facts:
            if fact.name in self.rules.loops.loops:
                self._flush()
            local = f"f_{fact.name}"
            checked = self.field(given, fact.name, fact.type, "count", local)
            if not (isinstance(checked, ast.Name) and checked.id == local):
                self.assign(local, checked)
        self._flush()
        right = ast.Compare(call(load("len"), given), [ast.Eq()], [count])
        self.demand(ast.BoolOp(ast.Or(), [right, load("superset")]))
        if not self.collects:
            return self.lines
        self.demand(call(load("are_text"), load("texts")))
        return [ast.Assign([store("texts")], ast.List([], ast.Load())), *self.lines]

    @contextmanager
    def block(self) -> Iterator[list[ast.stmt]]:
        outer, self.texts = self.texts, []
        with super().block() as lines:
            yield lines
            self._flush()
        self.texts = outer

    def _flush(self) -> None:
        if self.texts:
            self._collect(ast.Tuple([load(name) for name in self.texts], ast.Load()))
            self.texts = []

    def _collect(self, texts: ast.expr) -> None:
        self.collects = True
        self.lines.append(ast.AugAssign(store("texts"), ast.Add(), texts))

    def value(self, local: str, type_: Type) -> ast.expr:
        value = load(local)
        match type_.kind:
            case "string":
                self._text(value, type_)
                self.texts.append(local)
            case "enum":
                self.demand(has_type(value, "str"))
                self._text(value, type_)
            case "timestamp":
                self._moment(local)
                self._bounds(value, type_)
            case "duration":
                self.assign(local, call(load("span"), value))
                self.demand(ast.Compare(value, [ast.IsNot()], [ast.Constant(None)]))
                self._bounds(value, type_)
            case _:
                return super().value(local, type_)
        return value

    def _text(self, value: ast.expr, type_: Type) -> None:
        if type_.kind == "enum":
            self.demand(ast.Compare(value, [ast.In()], [self._members(type_)]))
        elif type_.max_length != MAX_STRING:
            self.demand(at_most(value, type_.max_length))

    def _members(self, type_: Type) -> ast.expr:
        name = f"members{len(self.constants)}"
        self.constants[name] = frozenset(type_.members)
        return load(name)

    def _moment(self, local: str) -> None:
        """A datetime in UTC stays what it is; anything else is converted."""
        value = load(local)
        with self.block() as usual:
            self.demand(
                ast.Compare(load("first_moment"), [ast.LtE(), ast.LtE()], [value, load("last_moment")])
            )
        with self.block() as other:
            self.assign(local, call(load("moment"), value))
            self.demand(ast.Compare(value, [ast.IsNot()], [ast.Constant(None)]))
        in_utc = is_(ast.Attribute(value, "tzinfo", ast.Load()), load("UTC"))
        self.lines.append(ast.If(both([has_type(value, "datetime"), in_utc]), usual, other))

    def _bounds(self, value: ast.expr, type_: Type) -> None:
        for bound, test in ((type_.minimum, ast.GtE()), (type_.maximum, ast.LtE())):
            if bound is not None:
                limit = f"limit{len(self.constants)}"
                self.constants[limit] = with_times(bound, type_)
                self.demand(ast.Compare(value, [test], [load(limit)]))

    def list(self, local: str, type_: Type) -> ast.expr:
        item_type, fact = type_.item, local.removeprefix("f_")
        assert item_type is not None
        loop = self.rules.loops.loops.get(fact) if local.startswith("f_") else None
        if loop is None:
            return super().list(local, type_)
        self.demand(has_type(load(local), "list"), at_most(load(local), type_.max_items))
        asked = loop.emitted()
        if item_type.kind in ("string", "enum") and not asked and not item_type.optional:
            self._texts(load(local), item_type)
            return load(local)
        self.lines += loop.before
        kept = kept_as_it_is(item_type) or local not in self.read
        item = item_name(fact)
        with self.block() as body:
            checked = self._item(item, fact, item_type)
            if not kept:
                add = ast.Attribute(load("checked"), "append", ast.Load())
                self.lines.append(ast.Expr(call(add, checked)))
            self.lines += asked
        if not kept:
            self.assign("checked", ast.List([], ast.Load()))
        self.lines.append(ast.For(store(item), load(local), body or [ast.Pass()], []))
        return load(local) if kept else load("checked")

    def _texts(self, items: ast.expr, type_: Type) -> None:
        """A list of texts is checked as a whole."""
        if type_.kind == "enum":
            self.demand(call(ast.Attribute(self._members(type_), "issuperset", ast.Load()), items))
        elif type_.max_length != MAX_STRING:
            self.demand(
                ast.Compare(call(load("longest"), items), [ast.LtE()], [ast.Constant(type_.max_length)])
            )
        self._collect(items)

    def _item(self, item: str, fact: str, type_: Type) -> ast.expr:
        """Unpack an item into local variables: all fields of a record at once, if they are plain and required."""
        fields = type_.fields
        if type_.kind != "record" or type_.optional:
            return self.value(item, type_)
        plain = len(fields) > 1 and not any(f.optional or f.kind in ("list", "record") for _, f in fields)
        if not plain:
            return self._fields(item, fact, type_)
        self.demand(has_type(load(item), "dict"))
        self.demand(ast.Compare(call(load("len"), load(item)), [ast.Eq()], [ast.Constant(len(fields))]))
        get = f"get{len(self.constants)}"
        self.constants[get] = itemgetter(*(name for name, _ in fields))
        locals_ = [item_name(fact, name) for name, _ in fields]
        together = ast.Tuple([store(name) for name in locals_], ast.Store())
        values = store("values")
        self.lines.append(ast.Assign([together, values], call(load(get), load(item))))
        if all(f.kind in ("string", "enum") for _, f in fields):
            for local, (_, field) in zip(locals_, fields, strict=True):
                self._text(load(local), field)
            self._collect(load("values"))
        else:
            for local, (_, field) in zip(locals_, fields, strict=True):
                self.value(local, field)
        names: list[ast.expr | None] = [ast.Constant(name) for name, _ in fields]
        return load(item) if kept_as_it_is(type_) else ast.Dict(names, [load(name) for name in locals_])

    def _fields(self, item: str, fact: str, type_: Type) -> ast.expr:
        self.demand(has_type(load(item), "dict"))
        count = self.fresh()
        self.assign(count, ast.Constant(len(type_.fields)))
        checked = [
            (name, self.field(load(item), name, field, count, item_name(fact, name)))
            for name, field in type_.fields
        ]
        self.demand(ast.Compare(call(load("len"), load(item)), [ast.Eq()], [load(count)]))
        return ast.Dict([ast.Constant(name) for name, _ in checked], [value for _, value in checked])
