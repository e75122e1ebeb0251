"""The bare decision, the whole one, and JSON in and out, relative to an older build in the same run."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from benchmarks.agreement import Disagreement
from benchmarks.baseline import COMMIT, baseline
from benchmarks.clock import Pass, cpu_times, over, ratio
from benchmarks.peers.comity import bare
from benchmarks.result import Effort, Findings, Note, Result
from benchmarks.workloads import moderation_profiles, retention, review_eligibility
from benchmarks.workloads.workload import FROZEN, NOW, Workload, micros
from documents.strict_json import parse_json
from engine import load_bundle
from engine.expression.values import to_json

PASSES = 10
"""A bare decision takes less than a microsecond, so one pass over the inputs would be too short to measure."""
WORKLOADS = (review_eligibility.WORKLOAD, moderation_profiles.WORKLOAD, retention.WORKLOAD)
MOST = {"review_eligibility": 0.55, "moderation_profiles": 0.35, "retention": 0.25}
MOST_BARE = 1.05
"""No slower, apart from what a measurement varies by."""
MOST_JSON = {"review_eligibility": 1 / 6, "retention": 1 / 6}
SAME = (
    "policy",
    "version",
    "outcome",
    "rule",
    "reason",
    "message",
    "obligations",
    "outputs",
    "matched",
    "errors",
)
"""What both builds say; later builds add more."""


def measure(effort: Effort) -> Findings:
    older = baseline()
    if older is None:
        return [Note(f"no commit {COMMIT} here, so nothing is compared with it")]
    before, now = older.load_bundle(FROZEN).bundle, load_bundle(FROZEN).bundle
    assert before is not None and now is not None
    findings: Findings = []
    for workload in WORKLOADS:
        name = workload.name
        now.policies[name].newest.fuse()
        given = workload.samples(effort.inputs)
        written = [(json.dumps(to_json(facts)).encode(),) for facts in given]

        decided, decided_now = (partial(build.decide, name, now=NOW) for build in (before, now))

        def answered(data: bytes, name: str = name) -> bytes:
            return json.dumps(before.decide(name, older.parse_json(data), now=NOW).to_dict()).encode()

        def answered_now(data: bytes, name: str = name) -> bytes:
            return now.decide(name, parse_json(data), now=NOW).to_json()

        _check(workload, given, decided, decided_now)
        versions = before.policies[name].all[-1], now.policies[name].newest
        times = cpu_times(
            {
                "before": over(decided, [(facts,) for facts in given]),
                "now": over(decided_now, [(facts,) for facts in given]),
                "bare before": _bare(versions[0], given),
                "bare now": _bare(versions[1], given),
                "json before": over(answered, written),
                "json now": over(answered_now, written),
            },
            effort.rounds,
        )
        section = f"relative to build {COMMIT}"
        whole, texts = ratio(times, "now", "before"), ratio(times, "json now", "json before")
        rules = ratio(times, "bare now", "bare before")
        findings += [
            Result(section, f"{name}, bare decision", rules, "{:.2f}×", MOST_BARE),
            Result(section, f"{name}, facts check + decision + object", whole, "{:.2f}×", MOST[name]),
            Result(section, f"{name}, JSON bytes to answer bytes", texts, "{:.2f}×", MOST_JSON.get(name)),
        ]
    return findings


def _bare(version: Any, given: list[Any]) -> Pass:
    """The rules alone, on facts as the version's own check returns them."""
    checked = [(version.facts_check.check(facts)[0], micros(NOW)) for facts in given]
    return over(bare(version).decide, checked * PASSES)


def _check(workload: Workload, given: list[Any], before: Any, now: Any) -> None:
    for facts in given:
        one, other = before(facts), now(facts)
        different = [name for name in SAME if getattr(one, name) != getattr(other, name)]
        if different:
            raise Disagreement(f"{workload.name}: {', '.join(different)} of {facts}")
