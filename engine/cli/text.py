"""Format the output of commands, as text for people and as data for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from documents.diagnostics import Diagnostic
from documents.plurals import counted
from engine.bundle import Bundle, Loaded, PolicyNotInForce
from engine.cases.values import in_yaml
from engine.cases.why import describe, why
from engine.claims import extra
from engine.decision import Decision
from engine.expression.quantity import format_timestamp
from engine.expression.values import to_json
from engine.policy.model import version_number

if TYPE_CHECKING:  # each command imports only what it runs
    from engine.cases.coverage import PolicyCoverage
    from engine.cases.report import Report
    from engine.cases.run import CaseResult
    from engine.check import Proved


def names(listed: str) -> list[str]:
    """The names of an option, separated by commas."""
    return list(dict.fromkeys(name.strip() for name in listed.split(",") if name.strip()))


def moment(value: datetime) -> str:
    return str(to_json(value))


def diagnostics(console: Console, problems: Iterable[Diagnostic]) -> None:
    for diagnostic in problems:
        console.print(diagnostic.render() + "\n")


def checked(console: Console, loaded: Loaded) -> None:
    if loaded.bundle is not None:
        count = len(loaded.bundle.policies)
        good = "policy is" if count == 1 else "policies are"
        console.print(f"{count} {good} good, bundle {loaded.bundle.digest[:19]}")
    counts = Counter(d.severity for d in loaded.diagnostics)
    if counts:
        files = len({d.file for d in loaded.diagnostics})
        tally = ", ".join(f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in sorted(counts.items()))
        console.print(f"{tally} in {files} file{'' if files == 1 else 's'}")


def claims_proved(console: Console, proved: Proved) -> None:
    if not proved.claims:
        return
    if proved.proofs is None:
        console.print(f"{counted(len(proved.claims), 'claim')} not proven: {extra.INSTALL}")
    else:
        broken = {proof.claim.id for proof in proved.proofs if proof.status != "proven"}
        console.print(f"{counted(len(proved.claims) - len(broken), 'claim')} proven")


def check_report(loaded: Loaded) -> dict[str, Any]:
    return {
        "ok": loaded.bundle is not None,
        "digest": loaded.bundle.digest if loaded.bundle else None,
        "diagnostics": [d.to_dict() for d in loaded.diagnostics],
    }


def test_report(report: Report) -> dict[str, Any]:
    coverage = {"coverage": [_coverage(c) for c in report.coverage]} if report.coverage is not None else {}
    return {
        "passed": report.passed,
        "failed": report.failed,
        "skipped": report.skipped,
        "cases": [_case(r) for r in report.results],
        "diagnostics": [d.to_dict() for d in (*report.broken, *report.problems)],
        "undecided": [{"policy": policy, "rule": rule} for policy, rule in report.undecided],
        **coverage,
    }


def _coverage(coverage: PolicyCoverage) -> dict[str, Any]:
    counts = {kind: {"covered": covered, "all": all_} for kind, (covered, all_) in coverage.counts().items()}
    uncovered = [
        {"kind": kind, "name": name, "missing": missing} for kind, name, missing in coverage.uncovered()
    ]
    version = {"version": coverage.version, "revision": coverage.of.revision}
    return {"policy": coverage.policy, **version, **counts, "uncovered": uncovered}


def _case(result: CaseResult) -> dict[str, Any]:
    file, line = result.case.place
    return {
        "file": file,
        "line": line,
        "policy": result.case.policy,
        "name": result.case.name,
        "passed": result.passed,
        "skipped": result.case.skip,
        "failures": [{"key": f.key, "expected": f.expected, "actual": f.actual} for f in result.failures],
        "why": why(result),
        "diagnostics": [d.to_dict() for d in result.problems],
    }


def tested(console: Console, report: Report) -> None:
    diagnostics(console, report.problems)
    for result in report.results:
        if result.failures:
            file, line = result.case.place
            console.print(f"FAILED {file}:{line}: {result.case.policy}: {result.case.name}")
            for detail in describe(result):
                console.print(f"   {detail}")
            diagnostics(console, result.problems)
    _mistaken(console, [r for r in report.results if r.problems and not r.failures])
    for policy, rule in _news(report):
        console.print(f"no case decides the rule `{rule}` of `{policy}`")
    for measured in report.coverage or []:
        counts = ", ".join(f"{kind} {covered}/{all_}" for kind, (covered, all_) in measured.counts().items())
        console.print(f"{measured.policy} {measured.of.number}: {counts}")
        for kind, name, missing in measured.uncovered():
            console.print(f"   {kind} `{name}`: {missing}")
    skipped = f", {report.skipped} skipped" if report.skipped else ""
    problems = f"; {counted(len(report.problems), 'problem')} in case files" if report.problems else ""
    console.print(f"{counted(report.passed, 'case')} passed, {report.failed} failed{skipped}{problems}")


def _news(report: Report) -> list[tuple[str, str]]:
    """The rules that no case decides, without those that only follow from mistakes in case files or from failing cases."""
    failed = [r for r in report.results if r.failed]
    if report.problems or any(r.decision is None for r in failed):
        return []
    meant = {(r.case.policy, str(r.case.expect.get("rule")).partition("[")[0]) for r in failed}
    return [pair for pair in report.undecided if pair not in meant]


def _mistaken(console: Console, results: list[CaseResult]) -> None:
    """Print each mistake in cases once, with the cases that it fails."""
    failed: dict[Diagnostic, list[str]] = {}
    for result in results:
        for problem in result.problems:
            failed.setdefault(problem, []).append(result.case.name)
    for problem, names in failed.items():
        more = f" and {len(names) - 3} more" if names[3:] else ""
        listed = ", ".join(f"`{name}`" for name in names[:3])
        console.print(f"{problem.render()}\n   so it fails: {listed}{more}\n")


def decided(console: Console, decision: Decision, errors: Sequence[str]) -> None:
    """Print a decision, and its errors with their places."""
    console.print(f"{decision.outcome}: {_reason(decision)}")
    version = version_number(decision.version, decision.revision)
    chosen = (
        f", in force at {moment(decision.in_force_at)}"
        if decision.in_force_at != decision.evaluated_at
        else ""
    )
    console.print(f"   rule {decision.rule} of {decision.policy} {version}{chosen}")
    if decision.obligations:
        console.print(f"   obligations: {', '.join(decision.obligations)}")
    for name, value in decision.outputs.items():
        console.print(f"   {name}: {in_yaml(to_json(value))}")
    for error in errors:
        console.print(f"   {error}")
    if decision.explanation is not None:
        explained(console, decision.explanation)
    if decision.counterfactuals is not None:
        flips(
            console,
            [f["text"] for f in decision.counterfactuals["found"]],
            decision.counterfactuals["complete"],
        )


def _reason(decision: Decision) -> str:
    if not decision.errors:
        return decision.message or decision.rule
    count = len(decision.errors)
    return f"{counted(count, 'fact')} {'does' if count == 1 else 'do'} not fit"


def flips(console: Console, texts: Iterable[str], complete: bool) -> None:
    """Print what would give a more permissive outcome, and whether the search was complete."""
    for text in texts:
        console.print(f"   {text}")
    if not complete:
        console.print("   the search for changes stopped at its limit")


def told_to_party(console: Console, view: dict[str, Any]) -> None:
    console.print(f"{view['outcome']}: {view['message'] or view['rule']}")
    for name, holds in view["conditions"].items():
        console.print(f"   {name.replace('_', ' ')}: {'yes' if holds else 'no'}")
    for name, value in view["values"].items():
        console.print(f"   {name.replace('_', ' ')}: {value}")
    if "would_change" in view:
        flips(console, view["would_change"], view["complete"])


def explained(console: Console, explanation: dict[str, Any]) -> None:
    for rule in explanation["rules"]:
        console.print(_rule_line(rule))
        for name, expression in rule.get("sets", {}).items():
            console.print(f"        sets {name} to `{expression['text']}`{_values(expression['values'])}")
        stopped = rule.get("stopped_by")
        while stopped:
            state = "holds" if stopped["holds"] else "does not hold"
            inner = stopped.get("because")
            console.print(f"        `{stopped['text']}` {state}{'' if inner else _values(stopped['values'])}")
            stopped = inner
    for value in explanation.get("values", ()):
        console.print(f"   {value['name']} is {in_yaml(value['value'])}{_values(value['values'])}")
    if explanation["conditions"]:
        console.print("   conditions")
    for condition in explanation["conditions"]:
        state = "holds" if condition["holds"] else "does not hold"
        console.print(f"      {condition['name']} {state}{_values(condition['values'])}")


def _rule_line(rule: dict[str, Any]) -> str:
    if rule["decides"]:
        state = f"decides: {rule['outcome']}"
    elif not rule["reached"]:
        state = "was not reached"
    else:
        state = "applies" if rule["applies"] else "does not apply"
    return f"   {rule['id']} {state}"


def _values(values: dict[str, Any]) -> str:
    listed = ", ".join(f"{name} = {in_yaml(value)}" for name, value in values.items())
    return f" ({listed})" if listed else ""


def policy_rows(bundle: Bundle, now: datetime) -> list[dict[str, Any]]:
    """One row per policy: its versions, and the one in force, which is None before the first and in a gap."""
    rows = []
    for name, versions in sorted(bundle.policies.items()):
        try:
            current: int | None = versions.at(now).version
        except PolicyNotInForce:
            current = None
        history = [
            {
                "version": v.version,
                "revision": v.revision,
                "effective_from": format_timestamp(v.validated.policy.effective_from),
                "effective_until": _until(v.validated.policy.effective_until),
                "withdrawn": v.validated.policy.withdrawn,
                "digest": v.digest,
            }
            for v in versions.all
        ]
        newest = versions.newest
        owner = newest.validated.policy.owner
        rows.append(
            {
                "name": name,
                "in_force": current,
                "owner": owner,
                "summary": newest.summary,
                "versions": history,
            }
        )
    return rows


def _until(moment: int | None) -> str | None:
    return None if moment is None else format_timestamp(moment)


def listed(console: Console, rows: list[dict[str, Any]], digest: str) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("policy", "in force", "versions", "owner", "summary"):
        table.add_column(column, overflow="fold")
    for row in rows:
        versions = ", ".join(map(_listed_version, row["versions"]))
        in_force = str(row["in_force"]) if row["in_force"] is not None else "none"
        table.add_row(row["name"], in_force, versions, row["owner"] or "", row["summary"])
    console.print(table)
    console.print(f"bundle {digest}")


def _listed_version(version: dict[str, Any]) -> str:
    notes = [f"revision {version['revision']}"] if version["revision"] else []
    notes += ["withdrawn"] if version["withdrawn"] else []
    return f"{version['version']} ({', '.join(notes)})" if notes else str(version["version"])
