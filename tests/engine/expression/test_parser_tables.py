"""The kept tables of the parser are those that lark makes of the grammar today, and are not used for another one."""

import json
from collections.abc import Callable

import lark
import pytest

from engine.expression import parser
from engine.expression.problem import ExpressionProblem
from tests.engine.policies import shipped

CONDITIONS = 12


def test_kept_tables_are_of_this_grammar(update_golden: bool) -> None:
    if update_golden:
        parser.TABLES.write_text(parser.make_tables())
    kept = json.loads(parser.TABLES.read_text())["of"]
    assert kept == parser.version_of(parser._grammar()), "run this test with --update-golden"


def texts() -> list[str]:
    """Some conditions, as a whole and broken off at every character."""
    policies = (version.validated for versions in shipped().policies.values() for version in versions.all)
    conditions = {rule.when.text for policy in policies for rule in policy.policy.rules if rule.when}
    chosen = sorted(conditions, key=len)[:: max(1, len(conditions) // CONDITIONS)]
    return [text[:end] for text in chosen for end in range(1, len(text) + 1)]


def results(parse: Callable[[str], object]) -> list[object]:
    found: list[object] = []
    for text in texts():
        try:
            found.append(parse(text))
        except ExpressionProblem as problem:
            found.append((problem.span, problem.code, problem.message, problem.hint))
    return found


def test_parser_of_kept_tables_is_the_one_that_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = results(parser.parse)
    built = parser.build_parser(parser._grammar()).parse
    monkeypatch.setattr(parser, "_parser", lambda: built)
    assert results(parser.parse) == kept
    assert {isinstance(result, tuple) for result in kept} == {True, False}


def test_another_lark_builds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lark, "__version__", "another")
    monkeypatch.setattr(parser, "build_parser", lambda _: pytest.fail("built"))
    with pytest.raises(pytest.fail.Exception, match="built"):
        parser._parser.__wrapped__()
