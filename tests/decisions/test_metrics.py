"""Prometheus metrics of decisions and reloads."""

from datetime import UTC, datetime

from prometheus_client import REGISTRY

from decisions import Subject, bundles, decide


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_decision_is_counted_by_policy_outcome_and_rule_and_timed(policies):
    labels = {"policy": "entry", "outcome": "deny", "rule": "strangers"}
    counted, timed = sample("comity_decisions_total", **labels), "comity_decision_seconds_count"
    before = sample(timed, policy="entry")
    facts = {"member": False, "name": "Eve"}
    subject = Subject(kind="lamp", id=None, actor_id=None)
    decide("entry", facts, now=datetime(2026, 11, 1, tzinfo=UTC), subject=subject, record=False)
    assert sample("comity_decisions_total", **labels) == counted + 1
    assert sample(timed, policy="entry") == before + 1


def test_reloads_are_counted_and_a_broken_folder_raises_the_flag(policies):
    good = bundles.reload()
    successes = sample("comity_policy_reloads_total", result="success")
    (policies / "entry.yaml").write_text("policy: [")
    failures = sample("comity_policy_reloads_total", result="broken")
    bundles.reload()
    assert sample("comity_policies_broken") == 1
    assert sample("comity_policy_reloads_total", result="broken") == failures + 1
    assert sample("comity_policy_reloads_total", result="success") == successes
    assert sample("comity_policy_last_success_timestamp_seconds") == good.loaded_at.timestamp()
