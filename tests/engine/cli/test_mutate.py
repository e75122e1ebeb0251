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
    told = json.loads(comity("mutate", "--format", "json").stdout)
    [policy] = told["policies"]
    noticed, survived = policy["noticed"], len(policy["survivors"])
    assert (done.exit_code, told["score"], policy["score"]) == (
        1,
        policy["score"],
        int(1000 * noticed / (noticed + survived)) / 10,
    )
    assert lines[-1] == f"score {told['score']:g}%"
    first = told["first"][0]
    assert (first["policy"], first["version"], first["kind"], first["name"]) == (
        "returns",
        1,
        "rule",
        "large",
    )
    assert first["survivors"] == max(one["survivors"] for one in told["first"])
    assert sum(one["survivors"] for one in told["first"]) == survived
    at = lines.index("cases worth writing first:")
    assert lines[at + 1].startswith(
        f"   returns: a case about the rule `large` ({first['survivors']} changes: "
    )


def test_least_score_decides_where_it_is_given(bare, comity):
    score = json.loads(comity("mutate", "--format", "json").stdout)["score"]
    assert comity("mutate", "--min", str(score)).exit_code == 0
    assert comity("mutate", "--min", str(score + 0.1)).exit_code == 1
    assert comity("mutate", "--min", "101").exit_code == 2
