"""`comity release` locks versions that their cases cover, or that have a reason for missing coverage; never only some of them."""

import json

import pytest

from engine.policy.released import read_lock
from tests.engine.cli.conftest import CASES, OTHER

REASON = "agreed in the meeting of March 3"


def leave_out_the_late_one(shop):
    path = shop / "tests/policy_cases/returns.yaml"
    path.write_text("\n".join(line for line in CASES.splitlines() if "too-late" not in line) + "\n")


def test_covered_policy_is_released(comity):
    done = comity("release")
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        ["released returns version 1", "1 new version in policies/released.lock"],
    )


def test_policy_without_a_case_is_not_released(shop, comity):
    (shop / "policies" / "other.yaml").write_text(OTHER)
    done = comity("release")
    assert (done.exit_code, (shop / "policies/released.lock").exists()) == (1, False)
    assert done.stdout.splitlines() == [
        "other version 1 is not covered by its cases:",
        "   rule `was-paid`: no case is decided by it",
        "   rule `not-paid`: no case is decided by it",
        "nothing is released: write these cases, or say why there are none with `--without-cases REASON`",
    ]


def test_rule_without_a_case_keeps_its_policy_from_being_released(shop, comity):
    leave_out_the_late_one(shop)
    assert comity("release", "returns").exit_code == 1
    assert not (shop / "policies/released.lock").exists()


def test_lock_keeps_the_reason_and_later_releases_keep_it_too(shop, comity):
    leave_out_the_late_one(shop)
    assert comity("release", "--without-cases", REASON).exit_code == 0
    (shop / "policies" / "other.yaml").write_text(OTHER)
    assert comity("release", "other", "--without-cases", "a trial").exit_code == 0
    released, problems = read_lock(shop / "policies")
    assert (released.without_cases, problems) == ({("returns", 1): REASON, ("other", 1): "a trial"}, [])
    assert comity("check").exit_code == 0


def test_reason_is_kept_only_where_it_is_needed(shop, comity):
    assert comity("release", "--without-cases", REASON).exit_code == 0
    assert read_lock(shop / "policies")[0].without_cases == {}


def test_what_is_released_needs_no_cases_again(shop, comity):
    assert comity("release").exit_code == 0
    leave_out_the_late_one(shop)
    assert comity("release").stdout == "0 new versions in policies/released.lock\n"


def test_folder_of_cases_may_be_missing_where_a_reason_is_given(shop, comity):
    assert comity("release", "--cases", "nowhere").exit_code == 2
    assert comity("release", "--cases", "nowhere", "--without-cases", REASON).exit_code == 0


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "a\u2028b"])
def test_reason_must_be_one(shop, comity, reason):
    done = comity("release", "--without-cases", reason)
    assert (done.exit_code, done.stderr) == (2, "comity: `--without-cases` needs a reason on one line\n")


def test_failing_case_is_not_excused(shop, comity):
    path = shop / "tests/policy_cases/returns.yaml"
    path.write_text(CASES.replace("outcome: allow", "outcome: deny"))
    assert comity("release", "--without-cases", REASON).exit_code == 1


def test_lock_that_cannot_be_written_is_a_sentence_and_leaves_nothing(shop, comity):
    """A folder with the name of the temporary lock file stands for any reason that writing fails; root can write anywhere."""
    blocked = shop / "policies" / ".released.lock.new"
    blocked.mkdir()
    done = comity("release")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "comity: `policies/.released.lock.new` cannot be written: is a directory\n"
    blocked.rmdir()
    (shop / "policies" / "released.lock").mkdir()
    done = comity("release")
    assert (done.exit_code, done.stdout) == (1, "")
    assert not blocked.exists()


def test_schema_and_tidied_files_that_cannot_be_written_are_a_sentence(shop, comity, monkeypatch):
    done = comity("schema", "policies/returns.yaml")
    assert (done.exit_code, done.stderr) == (
        1,
        "comity: `policies/returns.yaml` cannot be written: file exists\n",
    )
    path = shop / "policies" / "returns.yaml"
    path.write_text(path.read_text() + "\n\n\n")

    def refuse(path, content):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    done = comity("fmt", "policies")
    assert (done.exit_code, done.stderr) == (
        1,
        "comity: `policies/returns.yaml` cannot be written: permission denied\n",
    )


def test_release_as_json(comity):
    report = json.loads(comity("release", "--format", "json").stdout)
    assert report == {"released": [{"policy": "returns", "version": 1}]}
