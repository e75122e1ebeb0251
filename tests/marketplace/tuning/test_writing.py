from datetime import UTC, datetime
from difflib import unified_diff

import pytest

from decisions import bundles, trial
from documents.source import Source
from engine import Bundle, load_sources
from marketplace.moderation.services import POLICY
from marketplace.tuning.writing import add_version, written
from tests.engine.policies import shipped

NOW = datetime(2026, 11, 29, 10, 7, 31, 5, tzinfo=UTC)
FILE = """\
# What this file is for.
policy: fees
version: 3      # the third
revision: 2
effective_from: 2026-01-01T00:00:00Z
facts: {size: double, amount: int}
parameters:
  limit: {type: double, value: 0.5, min: 0.1, max: 0.9, help: "A limit, of 0.5."}   # 0.5 since May
  steps:
    table: {size: double, fee: int, note: string}
    rows:
      # size  fee
      - [0.50, 7, "0.50 is small"]   # small
      - [1.25, 9, "large"]
outcomes: [free, fee]
on_error: fee
rules:
  - id: small
    when: size <= limit || amount < 1
    then: free
  - id: step
    for_each: {row: steps}
    when: size <= row.size && amount < row.fee
    then: free
otherwise: {id: large, then: fee}
# The end of version 3.
---
policy: fees
version: 1
effective_from: 2025-01-01T00:00:00Z
facts: {size: double, amount: int}
outcomes: [free, fee]
on_error: fee
rules: [{id: small, when: size < 1.0 && amount > 0, then: free}]
otherwise: {id: large, then: fee}
"""


def load(text: str) -> Bundle:
    loaded = load_sources([Source("fees.yaml", text)])
    assert loaded.bundle is not None, loaded.diagnostics
    return loaded.bundle


def changed_lines(before: str, after: str) -> list[str]:
    diff = list(unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return [line for line in diff if not line.startswith("@@")]


def test_only_the_numbers_of_the_copy_change() -> None:
    version = load(FILE).version_at("fees", NOW)
    values = {"limit": 0.25, "steps[0.5].fee": 12, "steps[1.25].fee": 8}
    text = add_version(version, values, number=4, effective_from=NOW)
    assert text.startswith(FILE.rstrip() + "\n---\n")
    copy = text.removeprefix(FILE.rstrip() + "\n---\n")
    original = FILE[FILE.index("policy:") : FILE.index("---")]
    assert changed_lines(original, copy) == [
        "-version: 3      # the third",
        "-revision: 2",
        "-effective_from: 2026-01-01T00:00:00Z",
        "+version: 4      # the third",
        "+effective_from: 2026-11-29T10:07:31Z",
        '-  limit: {type: double, value: 0.5, min: 0.1, max: 0.9, help: "A limit, of 0.5."}   # 0.5 since May',
        '+  limit: {type: double, value: 0.25, min: 0.1, max: 0.9, help: "A limit, of 0.5."}   # 0.5 since May',
        '-      - [0.50, 7, "0.50 is small"]   # small',
        '-      - [1.25, 9, "large"]',
        '+      - [0.50, 12, "0.50 is small"]   # small',
        '+      - [1.25, 8,  "large"]',
    ]


def test_a_number_that_the_policy_does_not_have_is_refused() -> None:
    version = load(FILE).version_at("fees", NOW)
    with pytest.raises(LookupError, match="limits"):
        add_version(version, {"limit": 0.25, "limits": 0.3}, number=4, effective_from=NOW)


def test_the_new_version_is_in_force_from_its_moment_on() -> None:
    version = load(FILE).version_at("fees", NOW)
    bundle = load(add_version(version, {"limit": 0.25}, number=4, effective_from=NOW))
    assert bundle.version_at("fees", NOW).version == 4
    assert bundle.version_at("fees", datetime(2026, 11, 29, 10, 7, 30, tzinfo=UTC)).version == 3
    assert bundle.policies["fees"].by_number[4].validated.policy.revision == 0


def test_a_version_of_an_edited_file_can_be_copied_again() -> None:
    text = FILE
    for number, limit in ((4, 0.3), (5, 0.4)):
        version = load(text).version_at("fees", NOW)
        text = add_version(version, {"limit": limit}, number=number, effective_from=NOW)
    assert text.startswith(FILE.rstrip())
    found = load(text).policies["fees"].by_number
    assert [found[n].validated.policy.parameters["limit"].value for n in (3, 4, 5)] == [0.5, 0.3, 0.4]


@pytest.mark.parametrize(("value", "text"), [(0.5, "0.50"), (2.0, "2.00"), (0.125, "0.125"), (7, "7")])
def test_numbers_are_written_as_in_the_shipped_tables(value: float | int, text: str) -> None:
    assert written(value) == text


def test_every_number_of_the_shipped_profiles_can_be_changed() -> None:
    version = shipped().version_at(POLICY, NOW)
    with bundles.pinned(shipped()):
        tunables = trial.tunables(POLICY, now=NOW)
    values = {t.name: t.value + 1 if isinstance(t.value, int) else (t.maximum or 0.77) for t in tunables}
    text = add_version(version, values, number=2, effective_from=NOW)
    loaded = load_sources([Source("moderation_profiles.yaml", text)])
    assert loaded.bundle is not None
    with bundles.pinned(loaded.bundle):
        assert {t.name: t.value for t in trial.tunables(POLICY, now=NOW)} == values
    copy = text.partition("\n---\n")[2]
    source = version.validated.policy.node.source.text
    original = source[source.index("policy:") :]
    assert [line for line in copy.splitlines() if line.strip().startswith("#")] == [
        line for line in original.splitlines() if line.strip().startswith("#")
    ]
    assert len(copy.splitlines()) == len(original.splitlines())
    assert len(tunables) > 40
