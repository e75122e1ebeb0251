"""Report a run of cases as JUnit XML for CI systems."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from xml.etree import ElementTree as xml

from documents.diagnostics import Diagnostic
from engine.cases.coverage import PolicyCoverage
from engine.cases.run import CaseResult
from engine.cases.why import describe

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow, even escaped."""


def to_junit(
    results: Iterable[CaseResult],
    problems: Iterable[Diagnostic],
    coverage: Iterable[PolicyCoverage] = (),
) -> str:
    """One suite per policy. A problem in a file is an error, and missing coverage is a failure."""
    root = xml.Element("testsuites", name="comity")
    by_policy: dict[str, list[CaseResult]] = defaultdict(list)
    for result in results:
        by_policy[result.case.policy].append(result)
    for policy, group in sorted(by_policy.items()):
        suite = _suite(root, policy)
        for result in group:
            _case(suite, result)
    broken = list(problems)
    if broken:
        suite = _suite(root, "files")
        for problem in broken:
            case = _element(suite, "testcase", classname=problem.file, name=f"line {problem.line}")
            _element(case, "error", message=problem.message, type=problem.code).text = _xml(problem.render())
    measured = list(coverage)
    if measured:
        suite = _suite(root, "coverage")
        for policy_coverage in measured:
            _coverage(suite, policy_coverage)
    for suite in root:
        cases = list(suite)
        for kind in ("failures", "errors", "skipped"):
            tag = {"failures": "failure", "errors": "error"}.get(kind, kind)
            suite.set(kind, str(sum(case.find(tag) is not None for case in cases)))
        suite.set("tests", str(len(cases)))
    xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, encoding="unicode") + "\n"


def _suite(root: xml.Element, name: str) -> xml.Element:
    return _element(root, "testsuite", name=name)


def _case(suite: xml.Element, result: CaseResult) -> None:
    file, line = result.case.place
    case = _element(
        suite, "testcase", classname=result.case.policy, name=result.case.name, file=file, line=str(line)
    )
    if result.case.skip is not None:
        _element(case, "skipped", message=result.case.skip)
    elif not result.passed:
        lines = [*describe(result), *(p.render() for p in result.problems)]
        _element(case, "failure", message=lines[0].splitlines()[0]).text = _xml("\n".join(lines))


def _coverage(suite: xml.Element, measured: PolicyCoverage) -> None:
    case = _element(suite, "testcase", classname=measured.policy, name=measured.of.number)
    missing = [f"{kind} `{name}`: {missing}" for kind, name, missing in measured.uncovered()]
    if missing:
        _element(case, "failure", message=missing[0]).text = _xml("\n".join(missing))


def _element(parent: xml.Element, tag: str, **attributes: str) -> xml.Element:
    return xml.SubElement(parent, tag, {name: _xml(value) for name, value in attributes.items()})


def _xml(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
