"""The facts check: Comity's compared with pydantic's, and engines with and without the same check in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.bare import agreeing, inputs_of
from benchmarks.beside import Beside, Contender, beside
from benchmarks.peers.comity import bundle_of, version_of
from benchmarks.peers.peer import Built
from benchmarks.pydantic_check import pydantic_check
from benchmarks.result import Cell, Effort, Findings, Result
from benchmarks.workloads import POLICIES
from benchmarks.workloads.workload import NOW, Facts, Workload, micros

CHECK = "facts check"
CHECK_AND_RULES = "facts check + rules"
NEAREST = "datalogic-py"
MOST_BESIDE_NEAREST = {"review_eligibility": 1.3, "moderation": 1.0, "retention": 1.0}
IN_FRONT = "with Comity's facts check in front, / hand-written with it"
AS_THEY_COME = "as they come, / Comity with its facts check"


def measure(effort: Effort) -> Findings:
    findings: Findings = []
    for workload in POLICIES:
        findings += _checks(workload, effort)
    for workload in POLICIES:
        findings += _decisions(workload, effort)
    return findings


def _checks(workload: Workload, effort: Effort) -> Findings:
    version = version_of(bundle_of(workload))
    inputs = [(facts,) for facts in workload.samples(effort.inputs)]
    ours = Contender(version.facts_check.check, inputs)
    theirs = Contender(pydantic_check(version.validated.policy.facts), inputs)
    ratio = beside(theirs, {"comity": ours}, effort.rounds)["comity"].ratio
    return [Result(CHECK, f"{workload.name}, comity / pydantic", ratio, "{:.2f}×", 1.0)]


def _decisions(workload: Workload, effort: Effort) -> Findings:
    built, _ = agreeing(workload, effort)
    check = version_of(bundle_of(workload)).facts_check.check
    now = micros(NOW)
    given = [(facts, now) for facts in workload.samples(effort.inputs)]
    checking = {name: Contender(_checking(check, b), given) for name, b in built.items()}
    bare = {name: Contender(b.decide, inputs_of(workload, effort)) for name, b in built.items()}
    comity = checking["comity"]
    by_hand, _ = checking.pop("hand-written"), bare.pop("comity")
    as_they_come = beside(comity, bare, effort.rounds)
    return [
        *_nearest(workload, as_they_come),
        *_cells(IN_FRONT, workload, beside(by_hand, checking, effort.rounds)),
        *_cells(AS_THEY_COME, workload, as_they_come),
    ]


def _nearest(workload: Workload, compared: Mapping[str, Beside]) -> Findings:
    if NEAREST not in compared:
        return []
    what = f"{workload.name}, comity / {NEAREST}, which checks nothing"
    most = MOST_BESIDE_NEAREST[workload.name]
    return [Result(CHECK_AND_RULES, what, 1 / compared[NEAREST].ratio, "{:.2f}×", most)]


def _cells(section: str, workload: Workload, compared: Mapping[str, Beside]) -> Findings:
    return [Cell(section, name, workload.name, c.ratio) for name, c in compared.items()]


def _checking(check: Callable[[Any], Any], built: Built) -> Callable[[Facts, int], Any]:
    decide = built.decide

    def checked(facts: Facts, now: int) -> Any:
        return decide(check(facts)[0], now)

    return checked
