"""Reports a reason for a gap where no gap follows."""

import pytest

from engine.lint import lint_versions, no_unused_gap_because
from tests.engine.policies import bundle_of

TEXT = """\
policy: plain
version: {version}
effective_from: 202{version}-01-01T00:00:00Z{more}
source: Board
facts: {{count: int}}
outcomes: [allow, deny]
on_error: deny
rules: [{{id: allowed, when: count > 3, then: allow}}]
otherwise: {{id: not-allowed, then: deny}}
"""
REASON = "\ngap_because: the campaign is over"


def found_in(*more: str) -> list[tuple[int, str, str | None]]:
    texts = [TEXT.format(version=number, more=text) for number, text in enumerate(more, start=1)]
    versions = [v.validated for v in bundle_of("---\n".join(texts)).policies["plain"].all]
    return [
        (d.line, d.message, d.hint) for d in lint_versions(versions) if d.code == no_unused_gap_because.CODE
    ]


def test_a_version_that_never_ends_is_told_how_to_end():
    message = "version 1 never ends, so no gap follows it"
    hint = "add the `effective_until` at which it ends, or delete `gap_because`"
    assert found_in(REASON) == [(4, message, hint)]


def test_the_next_version_begins_when_this_one_ends():
    ended = "\neffective_until: 2022-01-01T00:00:00Z" + REASON
    assert found_in(ended, "") == [(5, "no gap follows version 1", "delete `gap_because`")]


def test_an_earlier_version_returns_when_this_one_ends():
    message = "version 1 is in force again when version 2 ends, so no gap follows it"
    hint = "end version 1 too, or delete `gap_because`"
    ended = "\neffective_until: 2022-06-01T00:00:00Z" + REASON
    assert found_in("", ended) == [(15, message, hint)]


@pytest.mark.parametrize(
    "more",
    [
        [""],
        ["\neffective_until: 2021-06-01T00:00:00Z" + REASON],
        ["\neffective_until: 2021-06-01T00:00:00Z" + REASON, ""],
        ["\nwithdrawn: a mistake" + REASON, ""],
    ],
    ids=["no reason", "no later version", "a later version", "a withdrawn one"],
)
def test_a_reason_for_a_gap_is_silent(more: list[str]):
    assert found_in(*more) == []
