"""Characters that XML does not allow are replaced, so that the report can be parsed whatever names and messages contain."""

import io
from dataclasses import replace
from pathlib import Path

from junitparser import JUnitXml
from lxml import etree

from documents.diagnostics import Diagnostic
from engine.cases.junit import to_junit
from engine.cases.reader import read_cases
from engine.cases.run import Failure, run_case
from tests.engine.cases.test_run import BUNDLE, HEAD

ODD = "a\x00\x1b\ufffe\uffff\ud800<&\"'>b"


def test_any_text_gives_a_document_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "returns.yaml"
    path.write_text(HEAD + "cases:\n  - {name: a, expect: {outcome: allow, rule: in-time}}\n")
    [case], _ = read_cases(path)
    result = run_case(BUNDLE, replace(case, name=ODD))
    failed = replace(result, failures=(Failure("message", ODD, ODD),))
    skipped = replace(result, case=replace(case, skip=ODD))
    text = to_junit([failed, skipped], [Diagnostic(ODD, 1, 1, "code", ODD, ODD)]).encode()
    assert etree.parse(io.BytesIO(text)).getroot().tag == "testsuites"
    shown = "a\ufffd\ufffd\ufffd\ufffd\ufffd<&\"'>b"
    returns, files = JUnitXml.fromstring(text)
    assert [case.name for case in returns] == [shown, "a"]
    assert [case.classname for case in files] == [shown]
