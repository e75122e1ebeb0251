"""The SARIF report for code hosts."""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from sarif import loader

from documents.diagnostics import Diagnostic
from documents.source import Source
from engine.cli.sarif import to_sarif


def test_result_names_rule_place_and_hint():
    diagnostics = [
        Diagnostic(
            "policies/chat.yaml", 3, 5, "unknown-name", "unknown name `x`", "did you mean `y`?", "error", 2
        ),
        Diagnostic(
            "policies/chat.yaml", 9, 1, "require-source", "the rule `a` has no source", None, "warning"
        ),
    ]
    [run] = to_sarif(diagnostics)["runs"]
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
    assert to_sarif([])["runs"] == [
        {
            "tool": {"driver": {"name": "comity", "rules": []}},
            "columnKind": "unicodeCodePoints",
            "results": [],
        }
    ]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("policies/chat.yaml", "policies/chat.yaml"),
        ("policies/who pays & why?.yaml", "policies/who%20pays%20%26%20why%3F.yaml"),
        ("policies/100%.yaml", "policies/100%25.yaml"),
        ("a:b/#1.yaml", "a%3Ab/%231.yaml"),
        ("policies/größe.yaml", "policies/gr%C3%B6%C3%9Fe.yaml"),
        ("../rules/chat.yaml", "../rules/chat.yaml"),
        (str(Path.cwd() / "policies" / "a b.yaml"), "policies/a%20b.yaml"),
        ("/elsewhere/a b.yaml", "file:///elsewhere/a%20b.yaml"),
    ],
)
def test_place_is_a_uri_that_leads_back_to_the_file(file, uri, tmp_path):
    text = json.dumps(to_sarif([Diagnostic(file, 3, 5, "code", "told", None, "error", 2)]))
    path = tmp_path / "found.sarif"
    path.write_text(text)
    [record] = loader.load_sarif_file(str(path)).get_records()
    assert (record["Location"], record["Line"], record["Code"]) == (uri, 3, "code")
    assert (Path.cwd() / unquote(urlsplit(uri).path)).resolve() == (Path.cwd() / file).resolve()


def test_columns_count_characters_beyond_the_basic_plane_once():
    source = Source("a.yaml", "a: '😀' x\n")
    diagnostic = source.diagnostic(source.text.index("x"), "code", "told")
    [run] = to_sarif([diagnostic])["runs"]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (run["columnKind"], region["startColumn"], region["endColumn"]) == ("unicodeCodePoints", 8, 9)
