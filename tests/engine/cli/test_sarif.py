"""The report that code hosts read."""

from documents.diagnostics import Diagnostic
from engine.cli.sarif import to_sarif


def test_result_names_rule_place_and_hint():
    found = [
        Diagnostic(
            "policies/chat.yaml", 3, 5, "unknown-name", "unknown name `x`", "did you mean `y`?", "error", 2
        ),
        Diagnostic(
            "policies/chat.yaml", 9, 1, "require-source", "the rule `a` has no source", None, "warning"
        ),
    ]
    [run] = to_sarif(found)["runs"]
    assert [r["id"] for r in run["tool"]["driver"]["rules"]] == ["require-source", "unknown-name"]
    assert run["results"][0] == {
        "ruleId": "unknown-name",
        "ruleIndex": 1,
        "level": "error",
        "message": {"text": "unknown name `x`; hint: did you mean `y`?"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "policies/chat.yaml"},
                    "region": {"startLine": 3, "startColumn": 5, "endColumn": 7},
                }
            }
        ],
    }
    assert (run["results"][1]["level"], run["results"][1]["message"]) == (
        "warning",
        {"text": "the rule `a` has no source"},
    )


def test_nothing_found_is_a_run_without_results():
    assert to_sarif([])["runs"] == [{"tool": {"driver": {"name": "comity", "rules": []}}, "results": []}]
