"""Reports a version that drops or renames facts, outcomes or rules of the previous one."""

from textwrap import dedent

import pytest

from engine.lint import lint_versions, stable_names
from engine.policy.validated import ValidatedPolicy
from tests.engine.policies import bundle_of

TEXT = """\
policy: plain
version: {version}
effective_from: 202{version}-01-01T00:00:00Z
source: Board
facts: {{count: int, kind: {{enum: [a, b]}}}}
outcomes: [allow, hold, deny]
on_error: deny
rules:
  - {{id: too-many, when: count > 3, then: deny}}
  - {{id: odd-kind, when: kind == "b", then: hold}}
otherwise: {{id: not-allowed, then: deny}}
"""


def versions_of(*changes: tuple[str, str]) -> list[ValidatedPolicy]:
    later = TEXT.format(version=2)
    for before, after in changes:
        assert before in later
        later = later.replace(before, after)
    bundle = bundle_of(dedent(TEXT.format(version=1)) + "---\n" + later)
    return [v.validated for v in bundle.policies["plain"].all]


def found_in(*changes: tuple[str, str]) -> list[tuple[int, str, str | None]]:
    return [
        (d.line, d.message, d.hint)
        for d in lint_versions(versions_of(*changes))
        if d.code == stable_names.CODE
    ]


def test_a_renamed_outcome_is_reported_at_the_list_of_outcomes():
    assert found_in(("hold", "holds")) == [
        (
            18,
            "version 2 has no outcome `hold`, which version 1 has",
            "if `holds` means the same, call it `hold`",
        )
    ]


def test_a_dropped_fact_and_the_rule_that_read_it_are_reported():
    dropped = [
        ('  - {id: odd-kind, when: kind == "b", then: hold}\n', ""),
        (", kind: {enum: [a, b]}", ""),
        ("hold, ", ""),
    ]
    assert [message for _, message, _ in found_in(*dropped)] == [
        "version 2 has no fact `kind`, which version 1 has",
        "version 2 has no outcome `hold`, which version 1 has",
        "version 2 has no rule `odd-kind`, which version 1 has",
    ]


def test_a_renamed_rule_is_reported():
    [(line, message, hint)] = found_in(("too-many", "too-much"))
    assert (line, message) == (20, "version 2 has no rule `too-many`, which version 1 has")
    assert hint == "if `too-much` means the same, call it `too-many`"


@pytest.mark.parametrize(
    "change",
    [
        ("[allow, hold", "[allow, wait, hold"),
        ("count: int,", "count: int, more: int,"),
        ("count > 3", "count > 4"),
    ],
)
def test_additions_and_changed_decisions_are_not_reported(change: tuple[str, str]):
    assert found_in(change) == []


def test_a_released_version_is_not_reported():
    versions = versions_of(("hold", "holds"))
    released = [versions[1].policy.digest]
    assert [d for d in lint_versions(versions, released) if d.code == stable_names.CODE] == []


CHOOSING = "facts: {count: int,", "in_force_by: began_at\nfacts: {began_at: timestamp, count: int,"


@pytest.mark.parametrize(
    ("later", "found"),
    [
        ("in_force_by: began_at\n", []),
        (
            "",
            [
                (
                    14,
                    "version 2 has no `in_force_by: began_at`, which version 1 has",
                    "add `in_force_by: began_at`, or the version also decides what began before it takes effect",
                )
            ],
        ),
    ],
    ids=["kept", "dropped"],
)
def test_the_fact_that_chooses_the_version_stays(later, found):
    before, after = CHOOSING
    first = TEXT.format(version=1).replace(before, after)
    second = TEXT.format(version=2).replace(before, after.replace("in_force_by: began_at\n", later))
    bundle = bundle_of(first + "---\n" + second)
    versions = [v.validated for v in bundle.policies["plain"].all]
    assert [
        (d.line, d.message, d.hint) for d in lint_versions(versions) if d.code == stable_names.CODE
    ] == found
