"""`comity test`: which cases run, what it prints, and its machine-readable reports."""

import io
import json
from pathlib import Path

import pytest
from junitparser import JUnitXml
from lxml import etree
from sarif import loader

from engine.cases import run
from engine.policy.parameter_settings import with_settings
from tests.engine.cli.conftest import CASES, OTHER

FILE = "tests/policy_cases/returns.yaml"


def write_cases(shop: Path, text: str) -> None:
    (shop / FILE).write_text(text)


def add_other(shop: Path) -> None:
    (shop / "policies" / "other.yaml").write_text(OTHER)


def test_single_file_is_about_its_own_policies(shop, comity):
    add_other(shop)
    done = comity("test", FILE, "--coverage")
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        ["returns version 1: rules 4/4, rows 0/0, conditions 4/4", "5 cases passed, 0 failed"],
    )


def test_all_cases_are_about_all_policies(shop, comity):
    add_other(shop)
    done = comity("test")
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [
            "no case decides the rule `was-paid` of `other`",
            "no case decides the rule `not-paid` of `other`",
            "5 cases passed, 0 failed",
        ],
    )
    assert comity("test", "--coverage").exit_code == 1
    assert comity("test", "--coverage", "--policy", "returns").exit_code == 0


@pytest.mark.parametrize(
    ("options", "passed"),
    [
        (["-k", "DEAR"], 1),
        (["-k", "dear", "-k", "late"], 2),
        (["--tag", "dear"], 1),
        (["--tag", "dear", "--tag", "money"], 2),
        (["--tag", "dear", "-k", "unpaid"], None),
        (["--policy", "returns"], 5),
        (["--policy", "retruns"], None),
        (["--tag", "deer"], None),
        (["-k", "nothing"], None),
        (["-k", "dear", "--coverage"], None),
    ],
)
def test_cases_are_chosen(comity, options, passed):
    done = comity("test", *options)
    if passed is None:
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith("comity: ")
    else:
        noun = "case" if passed == 1 else "cases"
        assert (done.exit_code, done.stdout) == (0, f"{passed} {noun} passed, 0 failed\n")


def test_unknown_policy_and_tag_come_with_a_hint(comity):
    assert (
        comity("test", "--tag", "deer").stderr == "comity: no case has the tag `deer`; did you mean `dear`?\n"
    )
    stderr = comity("test", "--policy", "retruns").stderr
    assert stderr == "comity: there is no policy `retruns`; did you mean `returns`?\n"


def test_bad_case_leaves_the_good_ones(shop, comity):
    write_cases(shop, CASES + "  - {name: a broken one, expects: {outcome: deny, rule: never-paid}}\n")
    done = comity("test")
    assert done.exit_code == 1
    assert f"{FILE}:10:26: error[unknown-key]: unknown key `expects` in a case" in done.stdout
    assert done.stdout.splitlines()[-1] == "5 cases passed, 0 failed; 1 problem in case files"


def test_mistake_that_all_cases_share_is_reported_once(shop, comity):
    write_cases(shop, CASES.replace("policy: returns", "policy: retruns"))
    done = comity("test")
    assert done.stdout.count("error[unknown-policy]") == 1
    lines = done.stdout.splitlines()
    assert lines[0] == f"{FILE}:1:9: error[unknown-policy]: unknown policy `retruns`"
    assert lines[4] == "   so it fails: `an ordinary one`, `a dear one`, `a late one` and 2 more"
    assert lines[-1] == "0 cases passed, 5 failed"


def test_skipped_cases_are_counted_apart(shop, comity):
    write_cases(shop, CASES.replace("a late one,", "a late one, skip: until June,"))
    assert comity("test").stdout.splitlines()[-1] == "4 cases passed, 0 failed, 1 skipped"
    report = json.loads(comity("test", "--format", "json").stdout)
    assert (report["passed"], report["failed"], report["skipped"]) == (4, 0, 1)
    assert [c["skipped"] for c in report["cases"] if c["skipped"]] == ["until June"]


def test_failure_shows_the_difference_and_why(shop, comity):
    write_cases(shop, CASES.replace("rule: in-time", "rule: large, message: null"))
    lines = comity("test").stdout.splitlines()
    assert lines[:6] == [
        f"FAILED {FILE}:5: returns: an ordinary one",
        "   rule: expected `large`, got `in-time`",
        "   message: expected `null`, got `Within 30 days.`",
        "   why: `large` does not apply",
        "      `amount > 1000` does not hold (amount = 10)",
        "no case decides the rule `in-time` of `returns`",
    ]


NO_RULE = f"{FILE}:6:93: error[unknown-rule]: the policy has no rule `lagre`"
BROKEN = CASES.replace("rule: large", "rule: lagre") + "  - {name: &a '1', expect: {outcome: deny}}\n"


def test_junit_is_read_by_other_programs(shop, comity):
    write_cases(shop, BROKEN.replace("a late one,", "a late one, skip: until June,"))
    done = comity("test", "--format", "junit", "--coverage")
    assert done.exit_code == 1
    etree.parse(io.BytesIO(done.stdout_bytes))
    suites = {suite.name: suite for suite in JUnitXml.fromstring(done.stdout_bytes)}
    counted = {name: (s.tests, s.failures, s.errors, s.skipped) for name, s in suites.items()}
    assert counted == {"returns": (5, 1, 0, 1), "files": (2, 0, 2, 0), "coverage": (1, 1, 0, 0)}
    [failed] = [case for case in suites["returns"] if case.is_failure]
    assert (failed.name, failed.result[0].message) == ("a dear one", NO_RULE)


def test_sarif_is_read_by_other_programs(shop, comity, tmp_path):
    write_cases(shop, BROKEN)
    done = comity("test", "--format", "sarif", "--coverage")
    assert done.exit_code == 1
    assert sarif_codes(tmp_path, done.stdout) == [
        ("missing-key", f"{FILE}:10"),
        ("not-covered", "policies/returns.yaml:20"),
        ("unknown-rule", f"{FILE}:6"),
        ("yaml-anchor", f"{FILE}:10"),
    ]


def sarif_codes(folder: Path, text: str) -> list[tuple[str, str]]:
    path = folder / "found.sarif"
    path.write_text(text)
    records = loader.load_sarif_file(str(path)).get_records()
    return sorted((r["Code"], f"{r['Location']}:{r['Line']}") for r in records)


@pytest.mark.parametrize("format", ["json", "junit", "sarif"])
def test_broken_policy_gives_a_document_too(shop, comity, tmp_path, format):
    path = shop / "policies" / "returns.yaml"
    path.write_text(path.read_text().replace("unless: paid", "unless: payd"))
    done = comity("test", "--format", format)
    assert (done.exit_code, done.stderr) == (1, "")
    if format == "json":
        assert [d["code"] for d in json.loads(done.stdout)["diagnostics"]] == ["unknown-name"]
    elif format == "junit":
        [suite] = JUnitXml.fromstring(done.stdout_bytes)
        assert (suite.name, suite.errors) == ("files", 1)
    else:
        assert [code for code, _ in sarif_codes(tmp_path, done.stdout)] == ["unknown-name"]


def test_rows_that_assume_parameters_share_one_compiled_policy(shop, comity, monkeypatch):
    assumed = []

    def count(*given):
        assumed.append(given)
        return with_settings(*given)

    monkeypatch.setattr(run, "with_settings", count)
    rows = "".join(f"    - [{number}, allow, in-time]\n" for number in range(50))
    head = CASES[: CASES.index("cases:")] + "with: {window: 20d}\n"
    write_cases(shop, f"{head}table:\n  facts: [amount]\n  expect: [outcome, rule]\n  rows:\n{rows}")
    assert comity("test").stdout.splitlines()[-1] == "50 cases passed, 0 failed"
    assert len(assumed) == 1
