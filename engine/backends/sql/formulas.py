"""Conditions as formulas over tests of a row or of an item, and CASE expressions that ask as few tests as possible.

INVARIANT: a test that the engine would skip may be NULL in SQL. Since the engine skips it, a formula has the same value whatever
such a test says: so it may be taken for false, and tests may be asked in another order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import prod
from operator import itemgetter

from engine.backends.sql.dialects.dialect import Dialect

MOST_BOUNDS = 16
"""The bounds of one number between which a CASE may distinguish."""
MOST_PARTS = 2_000
"""The parts of one CASE; beyond this, tests are asked one by one."""
MOST_REPEATED = 500
"""Conditions that a CASE may repeat in all of its branches."""
WORTH_A_BRANCH = 4
WORTH_A_TABLE = 60
"""The parts of a CASE from which on a table is faster."""
MOST_CELLS = 8_192


@dataclass(frozen=True, slots=True)
class Plain:
    """Any condition. `column` and `bit` say which bit of a number it asks about, if it does."""

    text: str
    column: str = ""
    bit: int = 0


@dataclass(frozen=True, slots=True)
class Equal:
    """Whether the subject is one of these constants, written as SQL."""

    subject: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Above:
    """Whether the subject is at least a constant, or more than it if `beyond`. `written` is the constant as SQL."""

    subject: str
    bound: float
    beyond: bool
    written: str


@dataclass(frozen=True, slots=True)
class Negated:
    of: Formula


@dataclass(frozen=True, slots=True)
class All:
    of: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Some:
    of: tuple[Formula, ...]


Asked = Plain | Equal | Above
Formula = bool | Asked | Negated | All | Some


@dataclass(frozen=True, slots=True)
class Case:
    branches: tuple[tuple[str, Written], ...]
    otherwise: Written
    of: str = ""


Written = str | Case
Key = tuple[str, str]
"""What is asked about: a subject and the kind of its tests, or a single test."""
Conditions = Sequence[Formula]
Given = Callable[[Callable[[Asked], bool]], Written]
"""Writes what is left after the tests of a key were answered."""


class TooLarge(Exception):
    pass


def negated(formula: Formula) -> Formula:
    if isinstance(formula, bool):
        return not formula
    return formula.of if isinstance(formula, Negated) else Negated(formula)


def both(parts: Iterable[Formula]) -> Formula:
    return _joined(All, parts, neutral=True)


def either(parts: Iterable[Formula]) -> Formula:
    return _joined(Some, parts, neutral=False)


def _joined(kind: type[All] | type[Some], parts: Iterable[Formula], *, neutral: bool) -> Formula:
    kept: dict[Formula, None] = {}
    for part in parts:
        if part is (not neutral):
            return not neutral
        if part is not neutral:
            kept.update(dict.fromkeys(part.of if isinstance(part, kind) else (part,)))
    if not kept:
        return neutral
    return next(iter(kept)) if len(kept) == 1 else kind(tuple(kept))


def in_sql(formula: Formula) -> str:
    match formula:
        case bool():
            return "TRUE" if formula else "FALSE"
        case Plain(text=text):
            return text
        case Equal(subject=subject, values=(value,)):
            return f"({subject} = {value})"
        case Equal(subject=subject, values=values):
            return f"({subject} IN ({', '.join(values)}))"
        case Above(subject=subject, beyond=beyond, written=written):
            return f"({subject} {'>' if beyond else '>='} {written})"
        case Negated(of=Equal(subject=subject, values=(value,))):
            return f"({subject} <> {value})"
        case Negated(of=Above(subject=subject, beyond=beyond, written=written)):
            return f"({subject} {'<=' if beyond else '<'} {written})"
        case Negated(of=inner):
            return f"(NOT {in_sql(inner)})"
        case All(of=parts):
            return f"({' AND '.join(map(in_sql, parts))})"
        case Some(of=parts):
            return f"({' OR '.join(map(in_sql, parts))})"


def _asked(formula: Formula) -> Iterator[Asked]:
    match formula:
        case Negated(of=inner):
            yield from _asked(inner)
        case All(of=parts) | Some(of=parts):
            for part in parts:
                yield from _asked(part)
        case Plain() | Equal() | Above():
            yield formula


def _key(asked: Asked) -> Key:
    match asked:
        case Plain(text=text):
            return "", text
        case Equal(subject=subject):
            return "=", subject
        case Above(subject=subject):
            return ">", subject


def _assumed(formula: Formula, key: Key, answer: Callable[[Asked], bool]) -> Formula:
    """The formula after the tests of one key were answered."""
    match formula:
        case bool():
            return formula
        case Negated(of=inner):
            return negated(_assumed(inner, key, answer))
        case All(of=parts):
            return both(_assumed(part, key, answer) for part in parts)
        case Some(of=parts):
            return either(_assumed(part, key, answer) for part in parts)
        case _:
            return answer(formula) if _key(formula) == key else formula


def _values(conditions: Conditions, key: Key) -> list[str]:
    """The constants that a subject is compared with."""
    tests = (test for condition in conditions for test in _asked(condition))
    equal = (test.values for test in tests if isinstance(test, Equal) and _key(test) == key)
    return list(dict.fromkeys(value for values in equal for value in values))


def _split(conditions: Conditions, key: Key, write: Callable[[Conditions], Written]) -> Written:
    """A CASE over the answers of a key. `write` gets the conditions that are left."""

    def given(answer: Callable[[Asked], bool]) -> Written:
        return write([_assumed(condition, key, answer) for condition in conditions])

    if key[0] == "=":
        return _by_value(conditions, key, given)
    if key[0] == ">":
        return _by_bound(conditions, key, given)
    return _case([(key[1], given(lambda _: True))], given(lambda _: False))


def _by_value(conditions: Conditions, key: Key, given: Given) -> Written:
    def equals(value: str | None) -> Written:
        return given(lambda test: isinstance(test, Equal) and value in test.values)

    values, otherwise = _values(conditions, key), equals(None)
    if len(values) == 1:
        return _case([(f"({key[1]} = {values[0]})", equals(values[0]))], otherwise)
    return _case([(value, equals(value)) for value in values], otherwise, of=key[1])


def _by_bound(conditions: Conditions, key: Key, given: Given) -> Written:
    found = {test for condition in conditions for test in _asked(condition) if _key(test) == key}
    bounds = sorted((t.bound, t.beyond, t) for t in found if isinstance(t, Above))
    passed: list[tuple[Above | None, Written]] = []
    for number in range(len(bounds) + 1):
        below = {test for _, _, test in bounds[:number]}
        written = given(lambda test, below=below: test in below)  # type: ignore[misc]
        if not passed or passed[-1][1] != written:
            passed.append((bounds[number - 1][2] if number else None, written))

    def between(low: int, high: int) -> Written:
        if low == high:
            return passed[low][1]
        middle = (low + high + 1) // 2
        bound = passed[middle][0]
        assert bound is not None
        return _case([(in_sql(bound), between(middle, high))], between(low, middle - 1))

    return between(0, len(passed) - 1)


def _case(branches: Iterable[tuple[str, Written]], otherwise: Written, of: str = "") -> Written:
    """A CASE without branches that change nothing. One behind ELSE is merged into it, which is faster."""
    kept = list(branches)
    if isinstance(otherwise, Case) and not of and not otherwise.of:
        kept += otherwise.branches
        otherwise = otherwise.otherwise
    if of:
        kept = [branch for branch in kept if branch[1] != otherwise]
    while kept and kept[-1][1] == otherwise:
        kept.pop()
    same = [list(group) for _, group in groupby(kept, key=itemgetter(1))]
    if not of:
        kept = [(" OR ".join(condition for condition, _ in group), group[0][1]) for group in same]
    return Case(tuple(kept), otherwise, of) if kept else otherwise


def _shown(written: Written) -> str:
    if isinstance(written, str):
        return written
    cases = " ".join(f"WHEN {condition} THEN {_shown(value)}" for condition, value in written.branches)
    return f"CASE {written.of and written.of + ' '}{cases} ELSE {_shown(written.otherwise)} END"


def bits(sql: Dialect, asked: Sequence[tuple[Formula, int]]) -> str:
    """A number with the bit of each condition that is true."""
    cases = _Bits(sql)
    try:
        written = _shown(cases.write(asked, 0))
    except TooLarge:
        alone = (f"CASE WHEN {in_sql(formula)} THEN {sql.whole(bit)} ELSE 0 END" for formula, bit in asked)
        written = " | ".join(alone)
    table = _table(sql, asked) if sql.columnar and cases.parts > WORTH_A_TABLE else None
    return table or written


def _table(sql: Dialect, asked: Sequence[tuple[Formula, int]]) -> str | None:
    """The same number from a list with one for each combination of answers, so that each test is asked once, instead of in each
    branch of a CASE; None if there are too many combinations."""
    conditions = [formula for formula, _ in asked]
    keys = [
        _Answers(conditions, key) for key in dict.fromkeys(_key(t) for c in conditions for t in _asked(c))
    ]
    if prod(key.count for key in keys) > MOST_CELLS:
        return None

    def cells(left: Sequence[tuple[Formula, int]], at: int) -> list[int]:
        known = sum(bit for formula, bit in left if formula is True)
        left = [(formula, bit) for formula, bit in left if not isinstance(formula, bool)]
        if not left:
            return [known] * prod(key.count for key in keys[at:])
        key = keys[at]
        given = ([(_assumed(f, key.key, key.answer(n)), bit) for f, bit in left] for n in range(key.count))
        return [known | cell for some in given for cell in cells(some, at + 1)]

    first_, *others = cells(asked, 0)
    strides = [prod(key.count for key in keys[n + 1 :]) for n in range(len(keys))]
    position = " + ".join(key.position(stride) for key, stride in zip(keys, strides, strict=True))
    return sql.pick([sql.whole(first_), *map(str, others)], f"({position})")


class _Answers:
    """The possible answers to the tests of one key, numbered."""

    def __init__(self, conditions: Conditions, key: Key) -> None:
        self.key = key
        self.values = _values(conditions, key) if key[0] == "=" else []
        found = {test for condition in conditions for test in _asked(condition) if _key(test) == key}
        bounds = sorted((t.bound, t.beyond, t) for t in found if isinstance(t, Above))
        self.bounds = [test for _, _, test in bounds]
        self.count = 1 + (len(self.values) or len(self.bounds) or 1)

    def answer(self, number: int) -> Callable[[Asked], bool]:
        if self.values:
            value = self.values[number - 1] if number else None
            return lambda test: isinstance(test, Equal) and value in test.values
        passed = self.bounds[:number]
        return lambda test: test in passed if self.bounds else number == 1

    def position(self, stride: int) -> str:
        """The number of the answer, times the stride."""
        if self.values:
            branches = " ".join(f"WHEN {value} THEN {n * stride}" for n, value in enumerate(self.values, 1))
            return f"CASE {self.key[1]} {branches} ELSE 0 END"
        asked = map(in_sql, self.bounds) if self.bounds else [self.key[1]]
        return " + ".join(f"CASE WHEN {condition} THEN {stride} ELSE 0 END" for condition in asked)


class _Bits:
    def __init__(self, sql: Dialect) -> None:
        self.sql = sql
        self.parts = 0

    def write(self, asked: Iterable[tuple[Formula, int]], known: int) -> Written:
        """`known` has the bits that are set anyway."""
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise TooLarge
        left: list[tuple[Formula, int]] = []
        for formula, bit in asked:
            if formula is True:
                known |= bit
            elif formula is not False:
                left.append((formula, bit))
        if not left:
            return self.sql.whole(known)
        key = _most_asked(formula for formula, _ in left)
        with_it = [one for one in left if any(_key(test) == key for test in _asked(one[0]))]
        rest = [one for one in left if one not in with_it]
        numbers = [bit for _, bit in with_it]
        written = _split(
            [formula for formula, _ in with_it],
            key,
            lambda conditions: self.write(zip(conditions, numbers, strict=True), known),
        )
        return f"{_shown(written)} | {_shown(self.write(rest, 0))}" if rest else written


def _most_asked(formulas: Iterable[Formula]) -> Key:
    """The key that most conditions ask about. A subject that is compared with several constants comes first: its answer leaves
    the least to ask."""
    uses: Counter[Key] = Counter()
    values: dict[Key, set[str]] = {}
    bounds: dict[Key, set[tuple[float, bool]]] = {}
    count = 0
    for formula in formulas:
        count += 1
        tests = list(_asked(formula))
        uses.update(dict.fromkeys(map(_key, tests), 1))
        for test in tests:
            if isinstance(test, Equal):
                values.setdefault(_key(test), set()).update(test.values)
            elif isinstance(test, Above):
                bounds.setdefault(_key(test), set()).add((test.bound, test.beyond))

    def rank(key: Key) -> tuple[bool, bool, int, Key]:
        many = len(values.get(key, ())) > 1 and uses[key] * 2 >= count
        few = len(bounds.get(key, ())) <= MOST_BOUNDS
        return many, few, uses[key], key

    return max(uses, key=rank)


def first(asked: Sequence[tuple[Formula, str]], otherwise: str) -> str:
    """What belongs to the first condition that is true."""
    return _shown(_first(asked, otherwise))


def _first(asked: Sequence[tuple[Formula, str]], otherwise: str) -> Written:
    left: list[tuple[Formula, str]] = []
    for formula, value in asked:
        if formula is True:
            otherwise = value
            break
        if formula is not False:
            left.append((formula, value))
    key = _most_compared([formula for formula, _ in left])
    if key is None:
        return _case(_branches(left), otherwise)
    values = [value for _, value in left]
    return _split(
        [formula for formula, _ in left],
        key,
        lambda conditions: _first(list(zip(conditions, values, strict=True)), otherwise),
    )


def _most_compared(conditions: Conditions) -> Key | None:
    """The subject whose value rules out most conditions, if a branch for each of its values is worth it."""
    uses = Counter(
        key for c in conditions for key in {_key(test) for test in _asked(c) if isinstance(test, Equal)}
    )
    for key, count in sorted(uses.items(), key=lambda use: (-use[1], use[0])):
        values = len(_values(conditions, key))
        if count >= WORTH_A_BRANCH and values > 1 and (len(conditions) - count) * values <= MOST_REPEATED:
            return key
    return None


def _branches(asked: Sequence[tuple[Formula, str]]) -> list[tuple[str, Written]]:
    """Conditions that follow each other and ask about bits of one number are asked at once whether any of them is true."""
    branches: list[tuple[str, Written]] = []
    run: list[tuple[Plain, str]] = []

    def close() -> None:
        if len(run) < WORTH_A_BRANCH:
            branches.extend((test.text, value) for test, value in run)
        else:
            mask = sum({test.bit for test, _ in run})
            *others, (_, last) = ((test.text, value) for test, value in run)
            branches.append((f"(({run[0][0].column} & {mask}) <> 0)", _case(others, last)))
        run.clear()

    for formula, value in asked:
        if not (isinstance(formula, Plain) and formula.bit) or (run and run[0][0].column != formula.column):
            close()
        if isinstance(formula, Plain) and formula.bit:
            run.append((formula, value))
        else:
            branches.append((in_sql(formula), value))
    close()
    return branches
