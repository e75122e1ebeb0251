"""`comity mutate`: the score, the passing threshold, and the suggested cases."""

import json

import pytest

from tests.engine.cli.conftest import CASES


@pytest.fixture
def bare(shop):
    """Without the case for the expensive item, no case detects changes to its rule."""
    path = shop / "tests/policy_cases/returns.yaml"
    path.write_text("\n".join(line for line in CASES.splitlines() if "large" not in line) + "\n")


def test_score_and_the_cases_worth_writing_first(bare, comity):
    done = comity("mutate")
    lines = done.stdout.splitlines()
    report = json.loads(comity("mutate", "--format", "json").stdout)
    [policy] = report["policies"]
    noticed, survived = policy["noticed"], len(policy["survivors"])
    assert (done.exit_code, report["score"], policy["score"]) == (
        1,
        policy["score"],
        int(1000 * noticed / (noticed + survived)) / 10,
    )
    assert lines[-1] == f"score {report['score']:g}%"
    first = report["first"][0]
    assert (first["policy"], first["version"], first["kind"], first["name"]) == (
        "returns",
        1,
        "rule",
        "large",
    )
    assert first["survivors"] == max(one["survivors"] for one in report["first"])
    assert sum(one["survivors"] for one in report["first"]) == survived
    at = lines.index("cases worth writing first:")
    assert lines[at + 1].startswith(
        f"   returns: a case about the rule `large` ({first['survivors']} changes: "
    )


def test_least_score_decides_where_it_is_given(bare, comity):
    score = json.loads(comity("mutate", "--format", "json").stdout)["score"]
    assert comity("mutate", "--min", str(score)).exit_code == 0
    assert comity("mutate", "--min", str(score + 0.1)).exit_code == 1
    assert comity("mutate", "--min", "101").exit_code == 2
