"""Generated and shipped conditions have the same value in the compiler, the reference and independent CEL implementations.

Known differences of an oracle, by definition or by mistake, are listed in `oracles/differences.py` and excluded by name.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.cases.case import Case
from engine.cases.reader import read_cases
from engine.cases.run import Settled, run_case
from engine.compiled import CompiledPolicy
from engine.expression.quantity import from_datetime
from tests.engine.generated.chance import EXAMPLES, FULL
from tests.engine.generated.conditions import a_condition
from tests.engine.generated.values import MOMENTS, some_facts
from tests.engine.kept.entry import Entry
from tests.engine.kept.reduced import reduced
from tests.engine.oracles.cel_cpp import CEL_CPP
from tests.engine.oracles.cel_python import CEL_PYTHON
from tests.engine.oracles.cel_rust import CEL_RUST
from tests.engine.oracles.panel import Disagreement, Panel
from tests.engine.policies import shipped

FACTS = 1 if FULL else 3
"""The number of sets of facts to try each condition with. A full run tries more conditions instead: cel-python takes most of the
time, for its compilation and for each evaluation."""
CONDITIONS = EXAMPLES if FULL else EXAMPLES // 3
SHARDS = 4 if FULL else 1
"""A full run shares its conditions among this many tests, so that workers can share them too."""
CASES = sorted((Path(__file__).parents[2] / "policy_cases").glob("*.yaml"))
compared = Counter[str]()


def compare_a_condition(chance: random.Random) -> None:
    condition, types = a_condition(chance)
    version = condition.compiled()
    panel = Panel(version.validated)
    for _ in range(FACTS):
        facts, at = some_facts(chance, types), chance.choice(MOMENTS).isoformat()
        entry = Entry("found by chance", condition, facts, at)
        try:
            compared.update(compare(entry, version, panel))
        except Disagreement:
            compare_anew(reduced(entry, disagree))
            raise


def compare(entry: Entry, version: CompiledPolicy, panel: Panel) -> Counter[str]:
    return panel.compare(*entry.asked_of(version), "generated conditions", entry.written())


def compare_anew(entry: Entry) -> None:
    version = entry.condition.compiled()
    compare(entry, version, Panel(version.validated))


def disagree(entry: Entry) -> bool:
    try:
        compare_anew(entry)
    except Disagreement:
        return True
    return False


@pytest.mark.fuzz
@pytest.mark.parametrize("shard", range(SHARDS))
def test_generated_conditions_come_to_the_same_for_all_voices(
    shard: int, record_property: Callable[[str, object], None]
) -> None:
    """Use seeds rather than Hypothesis, whose draws repeat: only 100 of 300 conditions that it drew were distinct."""
    compared.clear()
    conditions = CONDITIONS // SHARDS
    first = random.getrandbits(64) if FULL else 0
    for seed in range(first, first + conditions):
        compare_a_condition(random.Random(seed))
    for voice, count in compared.items():
        record_property(voice, count)
    assert compared["compiler"] >= conditions * FACTS
    assert compared["reference"] == compared["compiler"]
    assert compared[CEL_CPP.name] == compared["compiler"]
    assert compared[CEL_RUST.name] > compared["compiler"] * 0.99
    assert compared[CEL_PYTHON.name] > compared["compiler"] * 0.85


MOST = 60
"""The approximate number of cases per policy in a small run."""


def cases_that_fit(path: Path) -> Iterator[tuple[Case, CompiledPolicy, dict[str, Any]]]:
    """Cases with valid facts, each with the version that decides it and the parameters that it assumes."""
    settled: Settled = {}
    for case in read_cases(path)[0]:
        version = run_case(shipped(), case, settled).version
        assert version is not None
        checked, errors = version.facts_check.check(case.facts)
        if not errors:
            yield case, version, checked


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_conditions_of_the_policy_cases_come_to_the_same_for_all_voices(path: Path) -> None:
    """The rows of the long tables take seconds, so a small run tries only some of their cases, and even fewer with cel-python."""
    panels: dict[tuple[int, bool], Panel] = {}
    compared = Counter[str]()
    unsaid = 0
    fitting = list(cases_that_fit(path))
    tried = fitting if FULL else fitting[:: max(1, len(fitting) // MOST)]
    for number, (case, version, checked) in enumerate(tried):
        slow = FULL or number % max(1, len(version.entries) // 4) == 0
        oracles = (CEL_RUST, CEL_CPP, CEL_PYTHON) if slow else (CEL_RUST, CEL_CPP)
        if (id(version), slow) not in panels:
            panels[id(version), slow] = Panel(version.validated, oracles)
        now = from_datetime(case.at)
        assert now is not None
        context = f"{case.name}: {case.facts} at {case.at}"
        panel = panels[id(version), slow]
        compared.update(panel.compare(checked, now, "conditions of the policy cases", context))
        unsaid += len(panel.oracles[0].left_out.keys() - version.validated.policy.values.keys())
    assert compared["compiler"] == compared["reference"] > 0
    assert compared[CEL_RUST.name] == compared[CEL_CPP.name] == compared["compiler"] - unsaid
    assert compared[CEL_PYTHON.name] > compared["compiler"] // (10 if FULL else 25)


NOT_IN_CEL = {
    "appeals": {"breach", "no_breach", "unlisted", "reason-not-listed"},
    "moderation_queue": {"listed", "reason-not-listed"},
    "policy_change": {"needed", "approvals-missing"},
}
"""What CEL cannot say: the row of a table."""


def test_nothing_else_of_the_shipped_policies_is_left_out() -> None:
    for name, policy in shipped().policies.items():
        expected = {written: {"not in CEL"} for written in NOT_IN_CEL.get(name, ())}
        for version in policy.all:
            assert [voice.left_out for voice in Panel(version.validated).oracles] == [expected] * 3
