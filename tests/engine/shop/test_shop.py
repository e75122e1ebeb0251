"""Policies of a shop, and published decision tables and policies: every engine decides their cases as expected."""

import re
from pathlib import Path

import pytest
import yaml

from documents.source import Source
from engine.backends.registry import backend
from engine.bundle import load_bundle, load_sources
from engine.cases.reader import case_files, read_cases
from engine.cases.run import run_case
from engine.lint import lint
from engine.mutation.judge import judge
from tests.needs import ENGINES

FOLDER = Path(__file__).parent
CASES = [case for file in case_files([FOLDER / "cases"]) for case in read_cases(file)[0]]
FILES = sorted((FOLDER / "policies").glob("*.yaml"))
NOT_IN_DURABLE_RULES = {"coupon_stacking": "matches", "loan_strategy": "*"}
BEFORE = {"payout_hold": 198, "cancellation_fee": 326, "coupon_stacking": 214}
"""The number of YAML scalars that a newcomer needed in the first version of the language."""


def test_there_are_cases_of_every_policy():
    assert {case.policy for case in CASES} == {path.stem for path in FILES}
    assert len(CASES) > 170


@pytest.mark.parametrize("engine", ENGINES)
def test_every_case_passes(engine: str):
    compile_ = backend(engine)
    for path in FILES:
        loaded = load_sources([Source(path.name, path.read_text("utf-8"))], compile=compile_)
        if engine == "durable" and path.stem in NOT_IN_DURABLE_RULES:
            [problem, *_] = loaded.diagnostics
            assert problem.code == "not-in-durable-rules"
            assert f"`{NOT_IN_DURABLE_RULES[path.stem]}`" in problem.message
            continue
        assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
        for case in CASES:
            if case.policy == path.stem:
                result = run_case(loaded.bundle, case)
                assert [str(f) for f in (*result.failures, *result.problems)] == [], (case.policy, case.name)


def test_lint_finds_nothing():
    bundle = load_bundle(FOLDER / "policies").bundle
    assert bundle is not None
    problems = [
        d.render() for versions in bundle.policies.values() for v in versions.all for d in lint(v.validated)
    ]
    assert problems == []


FACTS = re.compile(r"^facts:.*\n(?:[ #].*\n|\n)*", re.MULTILINE)
BOUND = re.compile(r", (?:min|max): -?[0-9.]+[a-z]*(?=[,}])")
SHIPPED = [path for path in sorted(Path("policies").glob("*.yaml")) if path.name != "claims.yaml"]


def test_no_policy_needs_the_bounds_of_its_facts():
    """They are there for the facts check. Arithmetic stays exact without them, so no owner has to write one for its sake."""
    removed = 0
    for path in [*FILES, *SHIPPED]:
        text = path.read_text("utf-8")
        without = FACTS.sub(lambda facts: BOUND.sub("", facts[0]), text)
        removed += len(BOUND.findall(text)) - len(BOUND.findall(without))
        loaded = load_sources([Source(path.name, without)])
        assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    assert removed > 40


def scalars(name: str) -> int:
    text = (FOLDER / "policies" / f"{name}.yaml").read_text("utf-8")
    return sum(isinstance(event, yaml.ScalarEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader))


def test_each_tier_is_written_once_in_at_most_seven_tenths_of_the_yaml():
    assert scalars("payout_hold") <= 0.7 * BEFORE["payout_hold"]
    assert scalars("cancellation_fee") <= 0.7 * BEFORE["cancellation_fee"]
    assert scalars("coupon_stacking") <= BEFORE["coupon_stacking"]


@pytest.mark.full
@pytest.mark.parametrize("name", BEFORE)
def test_no_mutant_of_the_shop_survives(name: str):
    bundle = load_bundle(FOLDER / "policies").bundle
    assert bundle is not None
    verdicts = judge(bundle, name, [case for case in CASES if case.policy == name])
    assert [mutant.summary for mutant in verdicts.survivors] == []
    assert verdicts.problems == []
