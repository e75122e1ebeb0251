"""Proofs for CI systems: JUnit XML and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as xml

from engine.claims import words
from engine.claims.difference import Difference


@dataclass(frozen=True, slots=True)
class Result:
    """One test case of a report. `failed` is the first line of what is wrong, `error` why it is not known."""

    suite: str
    name: str
    failed: str | None = None
    error: str | None = None
    details: str = ""


def to_junit(results: Iterable[Result]) -> str:
    """One suite for each policy."""
    root = xml.Element("testsuites", name="comity")
    suites: dict[str, xml.Element] = {}
    for result in results:
        if result.suite not in suites:
            suites[result.suite] = xml.SubElement(root, "testsuite", name=_printable(result.suite))
        case = xml.SubElement(
            suites[result.suite], "testcase", classname=_printable(result.suite), name=_printable(result.name)
        )
        for tag, message in (("failure", result.failed), ("error", result.error)):
            if message is not None:
                xml.SubElement(case, tag, message=_printable(message)).text = _printable(result.details)
    for suite in root:
        suite.set("tests", str(len(suite)))
        for key, tag in (("failures", "failure"), ("errors", "error")):
            suite.set(key, str(sum(case.find(tag) is not None for case in suite)))
        suite.set("skipped", "0")
    xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, encoding="unicode") + "\n"


def junit_of(difference: Difference) -> str:
    return to_junit(_results(difference))


def _results(difference: Difference) -> Iterator[Result]:
    for change in difference.changes:
        details = json.dumps(change.to_dict(), ensure_ascii=False, indent=2)
        yield Result(change.policy, change.kind, failed=words.sentence(change), details=details)
    for missing in difference.not_proven:
        yield Result(missing.policy, missing.kind, error=words.not_proven(missing))
    if difference.equal:
        yield Result("comity", "equal")


def markdown_of(difference: Difference) -> str:
    """For a comment on a pull request."""
    lines = []
    for change in difference.changes:
        lines.append(f"- {words.sentence(change)}")
        if change.facts is not None:
            facts = json.dumps(change.facts, ensure_ascii=False)
            lines += [f"  - at `{change.now}`, given", "    ```json", f"    {facts}", "    ```"]
    lines += [f"- {words.not_proven(missing)}" for missing in difference.not_proven]
    lines += [f"- {name}: only texts changed, every decision stays" for name in difference.texts]
    verdict = "equal" if difference.equal else "different" if difference.changes else "not proven"
    return "\n".join([f"**Decisions: {verdict}**", "", *lines]).rstrip() + "\n"


def _printable(text: str) -> str:
    """Without the characters that XML does not allow."""
    return "".join(c if c.isprintable() or c in "\t\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
