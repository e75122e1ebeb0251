"""Each listed difference between an oracle's CEL and ours still exists. A failing test means that the oracle has changed."""

from typing import Any

import pytest

from engine.policy.validated import ValidatedPolicy
from tests.engine.generated.conditions import Condition
from tests.engine.kept.entry import Entry
from tests.engine.oracles.differences import AT, DIFFERENCES, FAILS, Difference
from tests.engine.oracles.oracle import Oracle, plain
from tests.engine.oracles.panel import Panel

by_name = pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: f"{d.oracle.name}-{d.name}")


def asked(difference: Difference) -> tuple[ValidatedPolicy, dict[str, Any], int]:
    condition = Condition(difference.condition, difference.declared, {}, {})
    version = condition.compiled()
    return version.validated, *Entry(difference.name, condition, difference.values, AT).asked_of(version)


def say(oracle: Oracle, text: str, values: dict[str, Any]) -> Any:
    try:
        return oracle.compile(text)({name: oracle.bind(value) for name, value in values.items()})
    except Exception:
        return FAILS


@by_name
def test_a_difference_is_still_there(difference: Difference) -> None:
    validated, checked, now = asked(difference)
    facts = {name: plain(checked[name], fact.type) for name, fact in validated.policy.facts.items()}
    text = difference.condition.replace("days(1)", 'duration("24h")')
    panel = Panel(validated, ())
    assert panel.compiler(checked, now)["asked"] is difference.ours
    assert panel.others["reference"](checked, now)["asked"] is difference.ours
    assert say(difference.oracle, text, facts) == difference.theirs
    assert difference.theirs != difference.ours


@by_name
def test_a_difference_is_mended_or_left_out_by_its_name(difference: Difference) -> None:
    validated, checked, now = asked(difference)
    panel = Panel(validated, (difference.oracle,))
    assert panel.left_out("asked") == (
        {difference.oracle.name: {difference.name}} if difference.left_out else {}
    )
    compared = panel.compare(checked, now, "differences")
    assert compared[difference.oracle.name] == (0 if difference.left_out else 2)
