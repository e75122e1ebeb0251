"""Prometheus metrics of decisions and of the bundle in force."""

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

if TYPE_CHECKING:
    from decisions.status import Status
    from engine import Decision

DECISIONS = Counter("comity_decisions", "Decisions made.", ["policy", "outcome", "rule"])
DURATION = Histogram(
    "comity_decision_seconds",
    "Time for one decision: checking the facts and evaluating the policy.",
    ["policy"],
    buckets=(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1),
)
RELOADS = Counter("comity_policy_reloads", "Attempts to load the policies.", ["result"])
LAST_SUCCESS = Gauge(
    "comity_policy_last_success_timestamp_seconds",
    "The last successful load of the policies, in the worker where it was longest ago.",
    multiprocess_mode="livemin",
)
BROKEN = Gauge(
    "comity_policies_broken",
    "1 while any worker uses an older bundle because the policy files have a problem.",
    multiprocess_mode="livemax",
)


def observe_decision(decision: "Decision", seconds: float) -> None:
    DECISIONS.labels(decision.policy, decision.outcome, decision.rule).inc()
    DURATION.labels(decision.policy).observe(seconds)


def observe_reload(status: "Status") -> None:
    RELOADS.labels("broken" if status.problems else "success").inc()
    BROKEN.set(bool(status.problems))
    if status.healthy and status.digest and status.loaded_at:
        LAST_SUCCESS.set(status.loaded_at.timestamp())
