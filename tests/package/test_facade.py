"""The facade's doctests pass, and its errors are clear."""

import doctest
from datetime import UTC, datetime
from pathlib import Path

import pytest

import comity
from tests.engine.policies import shipped

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
VERBS = ("load", "check", "decide", "explain")


def test_every_verb_has_a_doctest_that_holds() -> None:
    tests = {test.name: test for test in doctest.DocTestFinder().find(comity, "comity")}
    assert all(tests[f"comity.{verb}"].examples for verb in VERBS)
    ran = [doctest.DocTestRunner().run(test) for test in tests.values()]
    assert sum(result.failed for result in ran) == 0


def test_policies_with_a_mistake_do_not_load_and_every_problem_has_its_place(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"policy: {name}\n")
    with pytest.raises(comity.InvalidPolicies) as refused:
        comity.load(tmp_path)
    assert {Path(problem.file).name for problem in refused.value.diagnostics} == {"a.yaml", "b.yaml"}
    assert str(refused.value).startswith(f"{tmp_path}/a.yaml:1:1: error[")
    assert comity.check(tmp_path) == refused.value.diagnostics


def test_check_finds_what_lint_doubts(tmp_path: Path) -> None:
    text = Path("policies/chat.yaml").read_text().replace("facts:\n", "facts:\n  unread: int\n")
    (tmp_path / "chat.yaml").write_text(text)
    assert [(p.severity, p.code) for p in comity.check(tmp_path)] == [("warning", "no-unused-fact")]


def test_unknown_policy_is_named_with_the_nearest_one() -> None:
    with pytest.raises(comity.UnknownPolicy, match=r"there is no policy `chta`; did you mean `chat`\?$"):
        comity.decide(shipped(), "chta", {}, now=NOW)


def test_explanation_says_what_would_change_only_if_asked() -> None:
    policies = shipped()
    facts = {"author_id": "9", "buyer_id": "7", "seller_id": "3", "locked_at": None}
    assert comity.decide(policies, "chat", facts, now=NOW).explanation is None
    assert comity.explain(policies, "chat", facts, now=NOW).counterfactuals is None
    asked = comity.explain(policies, "chat", facts, now=NOW, counterfactuals=True)
    assert asked.counterfactuals is not None and asked.counterfactuals["complete"]
