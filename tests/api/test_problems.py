"""The problem table matches the documentation, and problem documents have the right form."""

import re
from pathlib import Path

from api.problems import KINDS, Problem, respond

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_documentation_has_the_same_table() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \| (.+?) \|", DOCUMENT.read_text(), re.MULTILINE)

    documented = {code: (int(status), title) for code, status, title in rows}
    assert documented == dict(KINDS)


def test_every_status_of_the_contract_has_a_problem() -> None:
    statuses = {status for status, _ in KINDS.values()}

    assert statuses == {400, 401, 403, 404, 405, 406, 408, 409, 411, 413, 415, 422, 429, 500, 503}


def test_the_document_has_errors_only_if_there_are_any() -> None:
    errors = [{"pointer": "/text", "message": "Field required"}]

    assert "errors" not in Problem("not-found", "Nothing.").to_document()
    assert Problem("invalid-request", "Unfit.", errors=errors).to_document()["errors"] == errors


def test_problem_in_any_script_is_sent_as_utf_8() -> None:
    response = respond(Problem("not-found", "Kein Stuhl 🪑"))

    assert "Kein Stuhl 🪑".encode() in response.content
