"""`comity diff`, `comity prove` and `comity cases propose`."""

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.backends.smt.z3_solver import Z3
from engine.claims import extra
from tests.engine.cli.conftest import OTHER
from tests.engine.policies import RETURNS
from tests.needs import needs

CLAIMS = """\
claims:
  - {id: unpaid, policy: returns, because: we say so, never: outcome == "allow" && !paid}
  - {id: never-review, policy: returns, because: we say so, never: outcome == "review" && !closed}
"""


@pytest.fixture
def changed(shop: Path) -> str:
    """A file in which one limit has moved."""
    text = RETURNS.replace("amount > 1000", "amount > 2000")
    (shop / "changed.yaml").write_text(text)
    return "changed.yaml"


def test_a_difference_is_told_in_words_with_an_input(comity, changed):
    done = comity("diff", "policies", changed)
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert "returns: `review` becomes `allow`" in lines
    assert "   old: review by `large`" in lines and "   new: allow by `in-time`" in lines
    assert lines[-1] == "different"


def test_a_difference_as_json(comity, changed):
    told = json.loads(comity("diff", "policies", changed, "--format", "json").stdout)
    assert {"equal", "bounds", "changes", "not_proven"} <= told.keys()
    assert told["equal"] is False and told["not_proven"] == []
    change = next(c for c in told["changes"] if (c["old"], c["new"]) == ("review", "allow"))
    assert change["confirmed"] is True and change["kind"] == "outcome" and change["policy"] == "returns"
    assert change["facts"]["amount"] == 1001
    assert (change["old_decision"]["rule"], change["new_decision"]["rule"]) == ("large", "in-time")


def test_equal_policies(comity):
    done = comity("diff", "policies", "policies/returns.yaml")
    assert (done.exit_code, done.stdout) == (0, "equal\n")


@pytest.mark.parametrize(
    ("forbidden", "code"), [("allow->deny", 0), ("review->allow", 1), ("deny->allow", 0), ("deny->review", 0)]
)
def test_only_forbidden_changes_fail(comity, changed, forbidden, code):
    done = comity("diff", "policies", changed, "--forbid", forbidden)
    assert done.exit_code == code
    assert "returns: `review` becomes `allow`" in done.stdout


def test_a_forbidden_change_that_is_not_excluded_fails(comity, shop):
    rule = "{id: large, when: size(names) > amount, then: review}\n  - "
    text = RETURNS.replace("paid: bool\n", "paid: bool\n  names: {list: string}\n").replace(
        "{id: never-paid", rule + "{id: never-paid"
    )
    (shop / "one.yaml").write_text(text.replace("id: large, when: in_time", "id: larger, when: in_time"))
    (shop / "two.yaml").write_text(
        text.replace("id: large, when: in_time", "id: larger, when: in_time").replace(
            "size(names) > amount", '"!(size(names) <= amount)"'
        )
    )
    done = comity("diff", "one.yaml", "two.yaml", "--forbid", "review->allow")
    assert done.exit_code == 1
    assert "not proven that there is no change from `review` to `allow`" in done.stdout


def test_a_question_that_takes_too_long_is_not_proven(comity, shop, claims, monkeypatch):
    limits = []

    def late(_solver, *, effort, milliseconds):
        limits.append(milliseconds)
        return "unknown", "timeout"

    monkeypatch.setattr(Z3, "check", late)
    (shop / "same.yaml").write_text(RETURNS.replace("amount > 1000", "1000 < amount"))
    done = comity("diff", "policies", "same.yaml", "--timeout", "2")
    assert done.exit_code == 1 and done.stdout.splitlines()[-1] == "not proven"
    assert "the time was over" in done.stdout
    assert comity("diff", "policies", "same.yaml", "--timeout", "2", "--forbid", "deny->allow").exit_code == 1
    done = comity("prove", "unpaid", "--timeout", "2")
    assert done.exit_code == 1 and "the time was over" in done.stdout
    assert set(limits) == {2000}


SECOND = RETURNS.replace("version: 1", "version: 2").replace("2026-01-01", "2027-01-01")
DECLARES_REGION = ("  paid: bool\n", "  paid: bool\n  region: string\n")


@pytest.mark.parametrize(
    ("old", "new", "forbidden", "why"),
    [
        pytest.param(f"{RETURNS}---\n{OTHER}", RETURNS, "deny->allow", "the policy is gone", id="policy gone"),
        pytest.param(RETURNS, f"{RETURNS}---\n{OTHER}", "deny->allow", "the policy is new", id="policy new"),
        pytest.param(f"{RETURNS}---\n{SECOND}", SECOND, "deny->allow", "no version is in force", id="version gone"),
        pytest.param(SECOND, f"{RETURNS}---\n{SECOND}", "deny->allow", "where there was none", id="version new"),
        pytest.param(
            RETURNS.replace(*DECLARES_REGION), RETURNS, "deny->allow", "needs a fact", id="fact gone"
        ),
        pytest.param(
            RETURNS, RETURNS.replace(*DECLARES_REGION), "allow->deny", "needs a fact", id="fact new"
        ),
        pytest.param(
            RETURNS, RETURNS.replace("allow", "permit"), "deny->allow", "has another name", id="outcome renamed"
        ),
        pytest.param(
            RETURNS.replace("deny", "refuse"), RETURNS, "deny->allow", "has another name", id="old outcome renamed"
        ),
        pytest.param(
            RETURNS.replace("on_error: deny", "on_error: review"),
            RETURNS,
            "review->deny",
            "it is possible",
            id="facts that neither side accepts",
        ),
        pytest.param(
            RETURNS, RETURNS.replace("amount: {type: int", "amount: {type: double").replace("1000", "1000.0"),
            "deny->allow", "another type", id="fact of another type",
        ),
    ],
)  # fmt: skip
def test_a_forbidden_change_that_nothing_excludes_fails(comity, shop, old, new, forbidden, why):
    for side, text in (("old", old), ("new", new)):
        (shop / side).mkdir()
        returns, _, other = text.partition("---\npolicy: other")
        (shop / side / "returns.yaml").write_text(returns)
        if other:
            (shop / side / "other.yaml").write_text(OTHER)
    done = comity("diff", "old", "new", "--forbid", forbidden)
    assert done.exit_code == 1, done.stdout
    assert f"`{forbidden}` is forbidden and not excluded: " in done.stderr and why in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "forbidden"),
    [
        pytest.param(RETURNS.replace(*DECLARES_REGION), RETURNS, "review->allow", id="fact gone"),
        pytest.param(RETURNS, RETURNS.replace(*DECLARES_REGION), "deny->allow", id="fact new"),
        pytest.param(
            RETURNS, RETURNS.replace("amount > 1000, then: review", "amount > 1000, then: deny"), "deny->allow",
            id="outcome no longer used",
        ),
        pytest.param(RETURNS.replace("review", "look"), RETURNS, "deny->allow", id="third outcome renamed"),
        pytest.param(RETURNS, f"{RETURNS}---\n{SECOND}", "deny->allow", id="version new, after the first"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_the_forbidden_one_does_not_fail(comity, shop, old, new, forbidden):
    (shop / "old.yaml").write_text(old)
    (shop / "new.yaml").write_text(new)
    done = comity("diff", "old.yaml", "new.yaml", "--forbid", forbidden)
    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("policies",), "give both OLD and NEW"),
        (("policies", "nowhere.yaml"), "there is no `nowhere.yaml`"),
        (("returns@1..3",), "has no version 3"),
        (("refunds@1", "returns@1"), "there is no policy `refunds`"),
        (("policies", "policies", "--policy", "retruns"), "did you mean `returns`?"),
        (("policies", "policies", "--forbid", "deny"), "does not say what becomes what"),
        (("policies", "policies", "--forbid", "deny->alow"), "no policy has the outcome `alow`"),
        (("policies", "policies", "--strict", "--assume-items", "3"), "`--strict` refuses"),
        (("git:--output=x", "policies"), "names no revision"),
    ],
)
def test_wrong_use_exits_with_2(comity, arguments, message):
    done = comity("diff", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr


def test_versions_of_one_policy(comity, shop):
    second = RETURNS.replace("version: 1", "version: 2").replace("2026-01-01", "2027-01-01")
    path = shop / "policies" / "returns.yaml"
    path.write_text(f"{RETURNS}---\n{second.replace('amount > 1000', 'amount >= 1000')}")
    done = comity("diff", "returns@1..2")
    assert done.exit_code == 1 and '"amount": 1000' in done.stdout
    assert comity("diff", "returns@2", "returns@2").exit_code == 0


def test_a_version_in_force_earlier_is_a_difference(comity, shop, changed):
    second = RETURNS.replace("version: 1", "version: 2").replace("amount > 1000", "amount > 2000")
    for name, moment in (("one.yaml", "2027-01-01"), ("two.yaml", "2026-06-01")):
        (shop / name).write_text(f"{RETURNS}---\n{second.replace('2026-01-01', moment)}")
    told = json.loads(comity("diff", "one.yaml", "two.yaml", "--format", "json").stdout)
    moments = [c["now"] for c in told["changes"] if c["kind"] == "outcome"]
    assert moments and all("2026-06-01" <= moment < "2027-01-01" for moment in moments)


def test_a_revision_of_git(comity, shop):
    needs("git", packages="git")
    for command in (
        ["init", "-q"],
        ["add", "policies"],
        ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "x"],
    ):
        subprocess.run(["git", *command], cwd=shop, check=True)
    assert comity("diff", "git:HEAD", "policies").exit_code == 0
    path = shop / "policies" / "returns.yaml"
    path.write_text(RETURNS.replace("amount > 1000", "amount > 2000"))
    assert comity("diff", "git:HEAD", "policies").exit_code == 1
    assert comity("diff", "git:nowhere", "policies").exit_code == 2


def test_reports_for_ci(comity, changed):
    suites = ElementTree.fromstring(comity("diff", "policies", changed, "--format", "junit").stdout)
    assert suites.find("testsuite[@name='returns']/testcase/failure") is not None
    assert "**Decisions: different**" in comity("diff", "policies", changed, "--format", "markdown").stdout


def test_without_the_extra_it_says_what_to_install(comity, changed, monkeypatch):
    monkeypatch.setattr(extra, "is_installed", lambda: False)
    for arguments in (("diff", "policies", changed), ("prove",), ("cases", "propose", "returns")):
        done = comity(*arguments)
        assert done.exit_code == 2 and "install comity[proofs]" in done.stderr


@pytest.fixture
def claims(shop: Path) -> None:
    (shop / "policies" / "claims.yaml").write_text(CLAIMS)


def test_prove_shows_what_breaks_a_claim(comity, claims):
    done = comity("prove")
    assert done.exit_code == 1
    assert "`unpaid` is proven of returns version 1" in done.stdout
    assert "`never-review` is broken by returns version 1" in done.stdout
    assert "rule: large" in done.stdout
    assert comity("prove", "unpaid").exit_code == 0
    assert comity("prove", "unpiad").exit_code == 2


def test_prove_as_data(comity, claims):
    proofs = json.loads(comity("prove", "--format", "json").stdout)["proofs"]
    assert [p["status"] for p in proofs] == ["proven", "broken"]
    [result] = json.loads(comity("prove", "--format", "sarif").stdout)["runs"][0]["results"]
    assert result["ruleId"] == "claim-broken"
    suites = ElementTree.fromstring(comity("prove", "--format", "junit").stdout)
    assert [s.get("failures") for s in suites] == ["1"]


def test_check_proves_the_claims(comity, claims, shop):
    done = comity("check")
    assert done.exit_code == 1
    assert "claims.yaml:3:" in done.stdout and "error[claim-broken]" in done.stdout
    (shop / "policies" / "claims.yaml").write_text(CLAIMS.rpartition("  - ")[0])
    assert comity("check").stdout.splitlines()[-1] == "1 claim proven"


def test_check_without_the_extra_counts_the_claims(comity, claims, monkeypatch):
    monkeypatch.setattr(extra, "is_installed", lambda: False)
    done = comity("check")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "2 claims not proven: install comity[proofs]"


def test_check_type_checks_the_claims_without_the_extra(comity, claims, shop, monkeypatch):
    monkeypatch.setattr(extra, "is_installed", lambda: False)
    (shop / "policies" / "claims.yaml").write_text(CLAIMS.replace("!paid", "!payed"))
    done = comity("check")
    assert done.exit_code == 1
    assert "unknown name `payed`" in done.stdout


def test_proposed_cases_pass_and_cover_every_rule(comity, shop):
    (shop / "tests" / "policy_cases" / "returns.yaml").unlink()
    done = comity("cases", "propose", "returns", "--output", "tests/policy_cases/proposed.yaml")
    assert done.exit_code == 0
    told = comity("test")
    assert told.exit_code == 0, told.stdout
    assert "no case decides" not in told.stdout


def test_proposed_cases_never_replace_those_of_the_owner(comity, shop):
    path = shop / "tests" / "policy_cases" / "returns.yaml"
    before = path.read_text()
    done = comity("cases", "propose", "returns", "--output", str(path.relative_to(shop)))
    assert done.exit_code == 2 and path.read_text() == before
