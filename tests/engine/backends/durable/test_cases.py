"""The policies that ship, and every one of their cases, by durable-rules."""

from pathlib import Path

from engine import load_bundle
from engine.cases.reader import case_files, read_cases
from engine.cases.run import CaseResult, Settled, run_case
from tests.engine import voices
from tests.engine.backends.durable.both import DURABLE
from tests.engine.policies import shipped

ROOT = Path(__file__).parents[4]


def test_every_policy_case_is_decided_alike():
    durable = load_bundle(ROOT / "policies", compile=DURABLE).bundle
    assert durable is not None and durable.policies.keys() == shipped().policies.keys()
    settled: tuple[Settled, Settled] = ({}, {})
    for file in case_files([ROOT / "tests" / "policy_cases"]):
        cases, problems = read_cases(file)
        assert cases and not problems
        for case in cases:
            expected, found = run_case(shipped(), case, settled[0]), run_case(durable, case, settled[1])
            assert found.passed and found.decision == expected.decision
            assert decides_by_durable_rules(found)
            voices.agreed("durable-rules", "policy cases")


def decides_by_durable_rules(result: CaseResult) -> bool:
    """With the parameter values that a case assumes, too."""
    return result.version is not None and result.version.rules.__module__ == "engine.backends.durable.program"
