"""Mutants of when a version is in force: which there are, and what notices them."""

from pathlib import Path

import pytest

from engine.cases.reader import read_cases
from engine.mutation.judge import Verdicts, judge
from engine.mutation.lifetimes import lifetime_mutants
from tests.engine.policies import bundle_of

VERSION = """\
policy: fee
version: {number}
effective_from: {start}
{more}facts: {{booked_at: timestamp, paid_at: timestamp, seen_at: timestamp?, price: int}}
outcomes: [free, due]
on_error: due
rules:
  - {{id: small, when: price < 5, then: free}}
otherwise: {{id: large, then: due}}
"""
FIRST, SECOND, END = "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z"
ONE = VERSION.format(number=1, start=FIRST, more="")
WEEK = VERSION.format(number=2, start=SECOND, more=f"effective_until: {END}   # a week\n# Facts\n")
WITHDRAWN = VERSION.format(number=3, start="2026-02-01T00:00:00Z", more="withdrawn: it was wrong\n")
KEPT = "in_force_by: booked_at\n"
GIVEN = "given: {booked_at: 2026-01-01T00:00:00Z, paid_at: 2026-01-01T00:00:00Z, seen_at: null, price: 1}"
CASES = f"policy: fee\nat: 2026-02-15T00:00:00Z\n{GIVEN}\ncases:\n"


def mutants_of(*texts: str) -> list[tuple[str, str]]:
    text = "---\n".join(texts)
    versions = [v.validated.policy for v in bundle_of(text).policies["fee"].all]
    return [(m.summary, m.mutated().text) for m in lifetime_mutants(versions)]


def verdicts_of(folder: Path, *texts: str, cases: dict[str, int]) -> Verdicts:
    """The cases expect the version that decides at a moment."""
    rows = [
        f"  - {{name: c{n}, at: {at}, expect: {{outcome: free, rule: small, version: {version}}}}}\n"
        for n, (at, version) in enumerate(cases.items())
    ]
    (folder / "fee.yaml").write_text(CASES + "".join(rows))
    parsed, problems = read_cases(folder / "fee.yaml")
    assert problems == ()
    return judge(bundle_of("---\n".join(texts)), "fee", parsed)


def survivors(verdicts: Verdicts) -> list[tuple[str, str]]:
    """Those of the keys that say when a version is in force, by the key that a case is wanted for."""
    wanted = [w for w in verdicts.first if w.kind == "key"]
    return sorted((f"{w.version} {w.name}", mutant.summary) for w in wanted for mutant in w.survivors)


def test_first_start_stays_and_everything_else_is_moved_or_dropped():
    made = mutants_of(ONE, WEEK, WITHDRAWN)
    assert sorted(summary for summary, _ in made) == [
        "`2026-02-01T00:00:00Z` becomes `2026-01-31T23:59:59Z`",
        "`2026-02-01T00:00:00Z` becomes `2026-02-01T00:00:01Z`",
        "`2026-03-01T00:00:00Z` becomes `2026-02-28T23:59:59Z`",
        "`2026-03-01T00:00:00Z` becomes `2026-03-01T00:00:01Z`",
        "`2026-03-08T00:00:00Z` becomes `2026-03-07T23:59:59Z`",
        "`2026-03-08T00:00:00Z` becomes `2026-03-08T00:00:01Z`",
        "`effective_until` is dropped",
        "`withdrawn` is dropped",
    ]
    assert dict(made)["`effective_until` is dropped"].split("---\n")[1] == VERSION.format(
        number=2, start=SECOND, more=""
    )


def test_choosing_fact_is_dropped_or_becomes_another_that_could_choose():
    kept = VERSION.format(number=1, start=FIRST, more=KEPT)
    assert dict(mutants_of(kept)) == {
        "`booked_at` becomes `paid_at`": kept.replace(KEPT, "in_force_by: paid_at\n"),
        "`in_force_by` is dropped": ONE,
    }


def test_key_is_dropped_in_flow_style_and_at_the_end():
    parts = ONE.replace("rules:\n  - ", "rules: [").replace("free}\n", "free}]\n").rstrip().splitlines()
    flow = "{" + ", ".join([*parts, "in_force_by: booked_at"]) + "}\n"
    assert dict(mutants_of(flow))["`in_force_by` is dropped"] == "{" + ", ".join(parts) + "}\n"
    last = ONE + KEPT
    assert dict(mutants_of(last))["`in_force_by` is dropped"] == ONE


BEFORE = {"2026-02-28T23:59:59Z": 1, SECOND: 2, "2026-03-07T23:59:59Z": 2, END: 1}


def test_cases_at_both_sides_of_each_moment_leave_no_survivor(tmp_path):
    assert survivors(verdicts_of(tmp_path, ONE, WEEK, cases=BEFORE)) == []


@pytest.mark.parametrize(
    ("missing", "wanted"),
    [
        ("2026-02-28T23:59:59Z", [("2 effective_from", f"`{SECOND}` becomes `2026-02-28T23:59:59Z`")]),
        (SECOND, [("2 effective_from", f"`{SECOND}` becomes `2026-03-01T00:00:01Z`")]),
        ("2026-03-07T23:59:59Z", [("2 effective_until", f"`{END}` becomes `2026-03-07T23:59:59Z`")]),
        (
            END,
            [
                ("2 effective_until", f"`{END}` becomes `2026-03-08T00:00:01Z`"),
                ("2 effective_until", "`effective_until` is dropped"),
            ],
        ),
    ],
)
def test_missing_case_at_a_moment_is_a_survivor(tmp_path, missing, wanted):
    cases = {at: version for at, version in BEFORE.items() if at != missing}
    assert survivors(verdicts_of(tmp_path, ONE, WEEK, cases=cases)) == wanted


def test_dropped_withdrawal_is_noticed_only_by_a_case_in_its_time(tmp_path):
    told = survivors(verdicts_of(tmp_path, ONE, WITHDRAWN, cases={FIRST: 1}))
    assert told == [("3 withdrawn", "`withdrawn` is dropped")]
    assert survivors(verdicts_of(tmp_path, ONE, WITHDRAWN, cases={"2026-02-01T00:00:00Z": 1})) == []


def test_wanted_case_is_about_the_version_that_changes(tmp_path):
    verdicts = verdicts_of(tmp_path, WEEK, ONE, cases={FIRST: 1})
    places = {(w.version, w.kind, w.name) for w in verdicts.first}
    assert {(1, "rule", "small"), (2, "rule", "small"), (2, "key", "effective_until")} <= places


def test_withdrawn_version_can_be_marked(tmp_path):
    marked = WITHDRAWN.replace("was wrong", "was wrong  # mutant: equivalent, because nobody ever saw it")
    verdicts = verdicts_of(tmp_path, ONE, marked, cases={FIRST: 1})
    assert (survivors(verdicts), verdicts.marked, verdicts.problems) == ([], 1, [])


def test_moment_that_decides_nothing_is_equivalent(tmp_path):
    covered = VERSION.format(number=2, start=FIRST, more="")
    early = VERSION.format(number=1, start=FIRST, more=f"effective_until: {END}\n")
    verdicts = verdicts_of(tmp_path, early, covered, cases={FIRST: 2})
    assert survivors(verdicts) == []
    assert verdicts.equivalent >= 3


def test_dropped_choosing_fact_is_noticed_only_by_a_case_that_began_earlier(tmp_path):
    old, new = ONE.replace("facts:", f"{KEPT}facts:"), VERSION.format(number=2, start=SECOND, more=KEPT)
    cases = {"2026-02-28T23:59:59Z": 1, SECOND: 1}
    told = survivors(verdicts_of(tmp_path, old, new, cases=cases))
    assert ("2 in_force_by", "`in_force_by` is dropped") not in told
    assert ("2 in_force_by", "`booked_at` becomes `paid_at`") in told
