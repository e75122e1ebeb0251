"""`comity new` writes files that pass, or nothing."""

import pytest


def test_new_policy_passes_everything(shop, comity):
    done = comity("new", "travel_costs")
    assert (done.exit_code, done.stdout.splitlines()[:2]) == (
        0,
        ["wrote policies/travel_costs.yaml", "wrote tests/policy_cases/travel_costs.yaml"],
    )
    checked = comity("check")
    assert (checked.exit_code, "travel_costs" in checked.stdout) == (0, False)  # not even a warning
    tested = comity("test", "--policy", "travel_costs", "--coverage")
    assert (tested.exit_code, tested.stdout.splitlines()[0]) == (
        0,
        "travel_costs version 1: rules 3/3, rows 0/0, conditions 2/2",
    )
    files = ["policies/travel_costs.yaml", "tests/policy_cases/travel_costs.yaml"]
    assert comity("fmt", "--check", *files).exit_code == 0
    mutated = comity("mutate", "travel_costs")
    assert (mutated.exit_code, mutated.stdout.splitlines()[-1]) == (0, "score 100%")
    assert comity("release", "travel_costs").exit_code == 0


def test_first_policy_makes_its_folders(shop, comity):
    done = comity("new", "first", "--policies", "rules", "--cases", "rules/cases")
    assert done.exit_code == 0
    case = (shop / "rules/cases/first.yaml").read_text()
    assert case.startswith("# yaml-language-server: $schema=../.schema/case.json\n")


@pytest.mark.parametrize("name", ["Travel", "travel-costs", "9lives", "", "../x", "now", "a" * 65])
def test_name_must_be_one(shop, comity, name):
    done = comity("new", name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"`{name}` is not a name" in done.stderr


@pytest.mark.parametrize("taken", ["policies/travel.yaml", "tests/policy_cases/travel.yaml"])
def test_nothing_is_overwritten(shop, comity, taken):
    (shop / taken).write_text("mine")
    done = comity("new", "travel")
    assert (done.exit_code, done.stderr) == (2, f"comity: there is a `{taken}` already\n")
    assert (shop / taken).read_text() == "mine"
    both = {"policies/travel.yaml", "tests/policy_cases/travel.yaml"}
    assert [path for path in both if (shop / path).exists()] == [taken]


def test_policy_of_another_file_is_not_made_twice(shop, comity):
    (shop / "policies/returns.yaml").rename(shop / "policies/back.yaml")
    (shop / "tests/policy_cases/returns.yaml").unlink()
    done = comity("new", "returns")
    assert (done.exit_code, done.stderr) == (2, "comity: there is a policy `returns` already\n")


def test_failure_halfway_leaves_nothing(shop, comity):
    (shop / "cases").write_text("a file where a folder should be")
    done = comity("new", "travel", "--cases", "cases")
    assert (done.exit_code, (shop / "policies/travel.yaml").exists()) == (1, False)
    assert done.stderr == "comity: `cases` cannot be written: file exists\n"
