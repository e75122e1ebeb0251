"""The report of a run of cases as JUnit XML, which CI systems show."""

from __future__ import annotations

from collections import defaultdict
from xml.etree import ElementTree as xml

from documents.diagnostics import Diagnostic
from engine.cases.run import CaseResult


def to_junit(results: list[CaseResult], problems: list[Diagnostic]) -> str:
    """One suite a policy; a case file that cannot be read is an error of its own."""
    root = xml.Element("testsuites", name="comity")
    by_policy: dict[str, list[CaseResult]] = defaultdict(list)
    for result in results:
        by_policy[result.case.policy].append(result)
    for policy, group in sorted(by_policy.items()):
        failed = sum(not r.passed for r in group)
        suite = xml.SubElement(
            root, "testsuite", name=policy, tests=str(len(group)), failures=str(failed), errors="0"
        )
        for result in group:
            _case(suite, result)
    if problems:
        count = str(len(problems))
        suite = xml.SubElement(root, "testsuite", name="case files", tests=count, failures="0", errors=count)
        for problem in problems:
            case = xml.SubElement(suite, "testcase", classname=problem.file, name=f"line {problem.line}")
            xml.SubElement(case, "error", message=problem.message, type=problem.code).text = problem.render()
    xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, encoding="unicode") + "\n"


def _case(suite: xml.Element, result: CaseResult) -> None:
    file, line = result.case.place
    case = xml.SubElement(
        suite, "testcase", classname=result.case.policy, name=result.case.name, file=file, line=str(line)
    )
    if not result.passed:
        told = [str(f) for f in result.failures] + [p.render() for p in result.problems]
        xml.SubElement(case, "failure", message=told[0].splitlines()[0]).text = "\n".join(told)
