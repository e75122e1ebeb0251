"""No test depends on the machine's speed: seconds are compared within one process, or are a timeout against hanging.

A test that something is fast counts work, or compares growth (tests/work.py).
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CLOCKS = {"time", "monotonic", "perf_counter", "process_time", "thread_time"}
SUSPECT = re.compile(r"(time|monotonic|perf_counter)(_ns)?\(\)|timeout=")
"""In the text of every module that can be accused. Only these are parsed, since that is most of the work."""
LEAST = 30
"""The minimum timeout in seconds, for a slow machine that is busy with other jobs."""


class Seconds(ast.NodeVisitor):
    """The names in a module that hold seconds or numbers; then the lines that depend on the machine's speed."""

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self.numbers: dict[str, float] = {}
        self.holding: set[str] = set()
        for module, names in imported_from_tests(self.tree):
            numbers = numbers_of(module)
            self.numbers |= {n.asname or n.name: numbers[n.name] for n in names if n.name in numbers}
        self.numbers |= numbers_in(self.tree)
        before = -1
        while before != len(self.holding):  # what is assigned from seconds holds seconds too
            before = len(self.holding)
            self.visit(self.tree)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.generic_visit(node)
        values = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value]
        if any(map(self.holds_seconds, values)):
            self.holding.add(node.name)

    def visit_Assign(self, node: ast.Assign) -> None:
        if self.holds_seconds(node.value):
            self.holding.update(
                n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)
            )

    def holds_seconds(self, expression: ast.expr) -> bool:
        return any(map(self.is_seconds, ast.walk(expression)))

    def is_seconds(self, node: ast.AST) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self.holding
            case ast.BinOp(op=ast.Sub(), left=left, right=right):
                return any(map(is_clock, [*ast.walk(left), *ast.walk(right)]))
        return False

    def long_enough(self, expression: ast.expr) -> bool:
        match expression:
            case ast.Constant(value=int() | float() as number):
                return number >= LEAST
            case ast.Name(id=name):
                return self.numbers.get(name, 0) >= LEAST
            case ast.BinOp(op=ast.Add() | ast.Mult(), left=left, right=right):
                return self.long_enough(left) or self.long_enough(right)
        return False

    def accused(self) -> Iterator[int]:
        for node in ast.walk(self.tree):
            match node:
                case ast.Compare(left=left, comparators=[right]) if self.holds_seconds(
                    left
                ) != self.holds_seconds(right):
                    number = right if self.holds_seconds(left) else left
                    if not self.long_enough(number):
                        yield node.lineno
                case ast.BinOp(op=ast.Add(), left=ast.Call() as call, right=limit) if is_clock(call):
                    if not self.long_enough(limit):
                        yield node.lineno
                case ast.keyword(arg="timeout", value=limit):
                    # A timeout of 0 does not wait.
                    if isinstance(limit, ast.Constant) and limit.value != 0 and not self.long_enough(limit):
                        yield limit.lineno


def imported_from_tests(tree: ast.Module) -> Iterator[tuple[Path, list[ast.alias]]]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
            path = TESTS.parent.joinpath(*(node.module or "").split(".")).with_suffix(".py")
            if path.exists():
                yield path, node.names


@cache
def numbers_of(module: Path) -> dict[str, float]:
    return numbers_in(ast.parse(module.read_text()))


def numbers_in(tree: ast.Module) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int() | float() as number)):
                numbers[name] = number
    return numbers


def is_clock(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[]):
            return name.removesuffix("_ns") in CLOCKS
    return False


def test_no_test_depends_on_the_speed_of_the_machine() -> None:
    texts = {path: path.read_text() for path in sorted(TESTS.rglob("*.py"))}
    assert len(texts) > 400
    assert [
        f"{path.relative_to(TESTS)}:{line}"
        for path, text in texts.items()
        if SUSPECT.search(text)
        for line in Seconds(text).accused()
    ] == []


@pytest.mark.parametrize(
    "source",
    [
        "assert time.monotonic() - began < 1",
        "assert 0.1 > process_time() - began",
        "assert time.monotonic() - began < LIMIT",
        "LIMIT = 29.9\nassert time.perf_counter_ns() - began < LIMIT",
        "took = time.time() - began\nassert took < 1",
        "def took():\n  return time.time() - began\nassert min(took() for _ in range(5)) <= 1",
        "def run():\n  return 200, time.time() - began\nran = [run()]\nassert max(s for _, s in ran) <= 1",
        "deadline = time.monotonic() + 2",
        "thread.join(timeout=5)",
    ],
)
def test_seconds_are_found(source: str) -> None:
    assert SUSPECT.search(source)
    assert list(Seconds(source).accused()) == [source.count("\n") + 1]


@pytest.mark.parametrize(
    "source",
    [
        "assert time.monotonic() - began < 30",
        "LIMIT = 60\ndeadline = time.monotonic() + LIMIT\nassert time.monotonic() < deadline",
        "small, large = (time.process_time() - began for _ in range(2))\nassert large < 8 * small",
        "assert now - began < 5",
        "thread.join(timeout=60)",
    ],
)
def test_growth_and_deadlines_are_not_reported(source: str) -> None:
    assert list(Seconds(source).accused()) == []
