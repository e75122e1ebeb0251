"""The whole decision, and JSON in and out, relative to an older build in the same run."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from benchmarks.agreement import Disagreement
from benchmarks.baseline import COMMIT, baseline
from benchmarks.clock import cpu_times, over, ratio
from benchmarks.result import Effort, Findings, Note, Result
from benchmarks.workloads import moderation_profiles, retention, review_eligibility
from benchmarks.workloads.workload import FROZEN, NOW, Workload
from documents.strict_json import parse_json
from engine import load_bundle
from engine.expression.values import to_json

WORKLOADS = (review_eligibility.WORKLOAD, moderation_profiles.WORKLOAD, retention.WORKLOAD)
MOST = {"review_eligibility": 0.55, "moderation_profiles": 0.35, "retention": 0.25}
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
        times = cpu_times(
            {
                "before": over(decided, [(facts,) for facts in given]),
                "now": over(decided_now, [(facts,) for facts in given]),
                "json before": over(answered, written),
                "json now": over(answered_now, written),
            },
            effort.rounds,
        )
        section = f"relative to build {COMMIT}"
        whole, texts = ratio(times, "now", "before"), ratio(times, "json now", "json before")
        findings += [
            Result(section, f"{name}, facts check + decision + object", whole, "{:.2f}×", MOST[name]),
            Result(section, f"{name}, JSON bytes to answer bytes", texts, "{:.2f}×", MOST_JSON.get(name)),
        ]
    return findings


def _check(workload: Workload, given: list[Any], before: Any, now: Any) -> None:
    for facts in given:
        one, other = before(facts), now(facts)
        different = [name for name in SAME if getattr(one, name) != getattr(other, name)]
        if different:
            raise Disagreement(f"{workload.name}: {', '.join(different)} of {facts}")
