"""Every evaluator gives the expected value for each regression condition."""

import pytest
import yaml

from tests.engine.kept.entry import Entry, entries
from tests.engine.oracles.panel import Panel


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_kept_conditions_come_to_the_same_for_all_voices(entry: Entry) -> None:
    version = entry.condition.compiled()
    checked, now = entry.asked_of(version)
    panel = Panel(version.validated)
    assert panel.compiler(checked, now)["asked"] is entry.holds
    panel.compare(checked, now, "kept conditions", entry.written())


def test_kept_conditions_are_written_as_they_are_read() -> None:
    kept = entries()
    assert [yaml.safe_load(entry.written())[0]["condition"] for entry in kept] == [
        e.condition.text for e in kept
    ]
    assert len({entry.name for entry in kept}) == len(kept)
