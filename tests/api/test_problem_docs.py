"""The `type` of every problem points to a page that explains it."""

import re
from pathlib import Path

import pytest

from api.error_mapping import TROUBLE_RULES
from api.problems import ADVICE, FINER, KINDS
from tests.api.callers import Caller, problem_of
from tests.engine.policies import shipped

ROOT = Path(__file__).resolve().parents[2]
# `Refused("sale-changed", …)`, `Guard(code="already-open", …)`, `_unavailable("media-busy")`, and tables of codes
WRITTEN = re.compile(
    r'(?:Refused|UnacceptableFile|_unavailable)\(\s*"([a-z-]+)"|code="([a-z-]+)"|\("(file-[a-z-]+)"'
)


def codes_in_the_source() -> set[str]:
    files = [path for folder in ("api", "marketplace") for path in (ROOT / folder).rglob("*.py")]
    return {
        code for path in files for groups in WRITTEN.findall(path.read_text()) for code in groups if code
    } - set(KINDS)


def test_every_kind_has_advice() -> None:
    assert list(ADVICE) == list(KINDS)


def test_every_finer_code_is_in_the_table() -> None:
    codes = codes_in_the_source()

    assert len(codes) > 15
    assert codes == set(FINER)


@pytest.mark.parametrize("code", [*KINDS, *FINER])
def test_type_of_a_problem_leads_to_its_page(code: str, anonymous: Caller, db: None) -> None:
    response = anonymous.get(f"/problems/{code}")

    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f"<code>{code}</code>" in response.content.decode()


RULES = {rule for rules in TROUBLE_RULES.values() for rule in rules} | {
    entry.reason
    for versions in shipped().policies.values()
    for version in versions.all
    for entry in version.entries
    if entry.status is not None
}


@pytest.mark.parametrize("code", sorted(RULES - set(FINER)))
def test_rule_of_a_policy_has_a_page(code: str, anonymous: Caller, db: None) -> None:
    response = anonymous.get(f"/problems/{code}")

    assert response.status_code == 200
    assert f"The rule `{code}` of the policy `" in response.content.decode()


def test_denial_leads_to_its_page(buyer: Caller, desk, anonymous: Caller) -> None:
    refusal = buyer.post("/api/v1/reviews", {"product_id": desk.pk, "rating": 5, "text": "Fine"})

    assert anonymous.get(problem_of(refusal)["type"]).status_code == 200


def test_list_links_to_all_of_them(anonymous: Caller, db: None) -> None:
    html = anonymous.get("/problems").content.decode()

    assert set(re.findall(r'href="/problems/([a-z-]+)"', html)) == {*KINDS, *FINER}


@pytest.mark.parametrize("code", ["nothing-of-ours", "..", "%3Cscript%3E", "x" * 3_000])
def test_unknown_code_has_no_page(code: str, anonymous: Caller, db: None) -> None:
    assert anonymous.get(f"/problems/{code}").status_code == 404
