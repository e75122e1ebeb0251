"""Liveness and readiness, including what /readyz reports when something is missing or the policies are broken."""

import shutil
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from api import health, throttle
from config.cache import configure_cache
from decisions import bundles, triggers
from decisions.models import DecisionRecord
from engine import Bundle, PolicyNotInForce
from marketplace.disputes.models import EvidenceVolume, SweepRun
from marketplace.disputes.storage.watch import StorageWatch
from tests.api.callers import Caller, refusal_of
from tests.evidence import local_evidence


@pytest.fixture(autouse=True)
def evidence(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Path,
    _django_db_marker: None,
) -> Path:
    """Disables caching and waits for the result: these tests are not about response times."""
    monkeypatch.setattr(health, "EVIDENCE", StorageWatch(every=0, patience=30))
    return local_evidence(request, settings, tmp_path / "evidence")


def test_healthz_asks_no_database(anonymous: Caller) -> None:
    response = anonymous.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_is_ready(anonymous: Caller, db: None) -> None:
    response = anonymous.get("/readyz")

    status = bundles.status()
    assert status.loaded_at is not None
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "checks": {
            "database": "ok",
            "migrations": "ok",
            "triggers": "ok",
            "policies": "ok",
            "moderation": "ok",
            "evidence": "ok",
            "retention": "ok",
            "replay": "ok",
            "publishing": "ok",
            "rates": "ok",
            "assistant": "ok",
        },
        "policies": {
            "digest": bundles.in_force().digest,
            "loaded_at": status.loaded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "problems": [],
            "warnings": [],
            "processes": [],
        },
        "moderation": {"problems": []},
        "assistant": {"problems": []},
    }


def test_unreachable_redis_degrades_and_is_reported(
    anonymous: Caller, db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle._redis, "back_at", 0.0)
    settings.CACHES = {"default": configure_cache("redis://127.0.0.1:1/0", workers=2)}

    response = anonymous.get("/readyz")

    body = response.json()
    assert (response.status_code, body["status"]) == (200, "degraded")
    assert body["checks"]["rates"] == "degraded: Redis does not answer: each worker counts rates on its own"


def test_detector_that_does_not_work_degrades_and_says_so(anonymous: Caller, db: None, settings: Any) -> None:
    settings.MODERATION_PIPELINE = "tests.marketplace.moderation.words.with_a_problem"

    response = anonymous.get("/readyz")

    body = response.json()
    assert (response.status_code, body["status"]) == (200, "degraded")
    assert body["checks"]["moderation"] == "degraded: a detector does not work"
    assert body["moderation"] == {"problems": ["classifier 1: its model is missing"]}


def test_evidence_out_of_reach_degrades_and_says_so(anonymous: Caller, db: None, evidence: Path) -> None:
    away = evidence.rename(evidence.with_name("unmounted"))

    response = anonymous.get("/readyz")

    body = response.json()
    assert (response.status_code, body["status"]) == (200, "degraded")
    missing = "degraded: the evidence volume is missing: it has no marker"
    assert body["checks"]["evidence"] == missing
    (evidence / "e").mkdir(parents=True)  # as if somebody had recreated the folder
    assert anonymous.get("/readyz").json()["checks"]["evidence"] == missing
    shutil.rmtree(evidence)
    away.rename(evidence)
    assert anonymous.get("/readyz").json()["status"] == "ready"


def test_evidence_that_nobody_installed_degrades_and_says_what_to_do(anonymous: Caller, db: None) -> None:
    triggers.lift()
    EvidenceVolume.objects.all().delete()
    triggers.install(triggers.declared(connection.vendor))

    said = anonymous.get("/readyz").json()["checks"]["evidence"]

    assert said == "degraded: no evidence volume is installed: run `manage.py evidence install`"


def test_retention_that_stopped_degrades_and_says_so_until_somebody_confirms(
    anonymous: Caller, db: None
) -> None:
    at = timezone.now() - timedelta(days=3)
    SweepRun.objects.create(run=uuid.uuid4(), at=at, started_at=at, rehearsal=False)

    response = anonymous.get("/readyz")

    body = response.json()
    assert (response.status_code, body["status"]) == (200, "degraded")
    assert body["checks"]["retention"].startswith("degraded: nothing is deleted: ")
    metrics = anonymous.get("/metrics").content.decode()
    [age] = [
        line for line in metrics.splitlines() if line.startswith("comity_retention_last_sweep_age_seconds ")
    ]
    assert float(age.split()[1]) >= 3 * 24 * 3600
    assert "comity_retention_overdue_files 0.0" in metrics
    call_command("retention", "sweep", "--confirm")
    assert anonymous.get("/readyz").json()["status"] == "ready"


def test_broken_policy_degrades_and_says_where_while_the_last_good_one_serves(
    anonymous: Caller, buyer: Caller, order: dict[str, Any], policies: Path
) -> None:
    digest = bundles.in_force().digest
    chat = policies / "chat.yaml"
    lines = chat.read_text().splitlines()
    chat.write_text("\n".join([*lines, "surprise: true"]))
    bundles.reload()

    response = anonymous.get("/readyz")

    body = response.json()
    assert (response.status_code, body["status"]) == (200, "degraded")
    assert body["checks"]["policies"] == "broken: the last good policies stay in force"
    assert body["policies"]["digest"] == digest
    [problem] = body["policies"]["problems"]
    assert set(problem) == {"file", "line", "column", "code", "message"}
    assert (Path(problem["file"]).name, problem["line"]) == ("chat.yaml", len(lines) + 1)
    sent = buyer.post(f"/api/v1/chats/{order['chat_id']}/messages", {"text": "Hello"})
    assert (sent.status_code, sent["Comity-Bundle"]) == (201, digest)


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("greeting:", "greetings:", "unknown-key"),
        ("{retention.keep_for}", "{retention.keep_form}", "unknown-place"),
    ],
)
def test_broken_topics_degrade_and_the_last_good_ones_answer(
    anonymous: Caller, db: None, policies: Path, right: str, wrong: str, code: str
) -> None:
    asked = {"text": "How long are photos kept?"}
    before = anonymous.post("/assistant/ephemeral/messages", asked).json()["reply"]
    topics = policies / "assistant" / "topics.yaml"
    text = topics.read_text()
    topics.write_text(text.replace(right, wrong, 1))

    response = anonymous.get("/readyz")

    body = response.json()
    assert (response.status_code, body["status"]) == (200, "degraded")
    assert body["checks"]["assistant"] == "broken: the last good topics stay in use, if any"
    problem = body["assistant"]["problems"][0]
    assert (Path(problem["file"]).name, problem["code"]) == ("topics.yaml", code)
    line = topics.read_text().splitlines()[problem["line"] - 1]
    assert line[problem["column"] - 1 :].startswith(wrong)
    assert anonymous.post("/assistant/ephemeral/messages", asked).json()["reply"] == before
    topics.write_text(text)
    assert anonymous.get("/readyz").json()["status"] == "ready"


def test_topics_with_a_removed_rule_are_reported(anonymous: Caller, db: None, policies: Path) -> None:
    assert anonymous.get("/readyz").json()["status"] == "ready"
    chat = policies / "chat.yaml"
    chat.write_text(chat.read_text().replace("id: participant", "id: party"))
    bundles.reload()

    body = anonymous.get("/readyz").json()

    assert (body["status"], body["checks"]["policies"]) == ("degraded", "ok")
    assert [problem["code"] for problem in body["assistant"]["problems"]] == ["unknown-rule"]


def test_no_policies_at_all_is_unavailable_and_nothing_is_decided(
    anonymous: Caller, buyer: Caller, order: dict[str, Any], policies: Path
) -> None:
    (policies / "chat.yaml").write_text("policy: [")

    response = anonymous.get("/readyz")

    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert response.json()["checks"]["policies"] == "no policies are in force"
    refused = buyer.post(f"/api/v1/chats/{order['chat_id']}/messages", {"text": "Hello"})
    assert refusal_of(refused) == (503, "unavailable")
    assert buyer.get(f"/api/v1/chats/{order['chat_id']}/messages").status_code == 200


def test_lost_database_is_asked_once_and_logged_in_one_line(
    anonymous: Caller, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    def fail(_execute: Any, sql: str, *_: Any) -> None:
        asked.append(sql)
        raise OperationalError("connection failed: refused\n\tIs the server running?")

    with connection.execute_wrapper(fail):
        anonymous.get("/readyz")

    assert len(asked) == 1
    [line] = [record.msg for record in caplog.records if record.levelname != "INFO"]
    assert isinstance(line, dict)
    assert (line["check"], line["error"]) == ("database", "connection failed: refused")
    assert "exc_info" not in line


@pytest.mark.postgresql
def test_standby_is_unavailable_and_refuses_writes_in_one_line(
    anonymous: Caller, buyer: Caller, messages: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    response = anonymous.get("/readyz")
    refused = buyer.post(messages, {"text": "Hello"})
    transaction.savepoint_rollback(before)

    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert response.json()["checks"]["database"] == "the database is read-only, as a standby is"

    assert refusal_of(refused) == (503, "unavailable")
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    [line] = [line for line in lines if line["event"] == "request_failed"]
    assert "exc_info" not in line
    assert "read-only" in line["error"]


def test_lost_database_is_unavailable(anonymous: Caller, db: None) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(fail):
        response = anonymous.get("/readyz")

    checks = response.json()["checks"]
    assert response.status_code == 503
    gone = "the database is down"
    assert checks == dict.fromkeys(checks, gone) | {
        "policies": "ok",
        "moderation": "ok",
        "evidence": f"degraded: {gone}",
        "retention": f"degraded: {gone}",
        "replay": f"degraded: {gone}",
        "publishing": f"degraded: {gone}",
        "rates": "ok",
        "assistant": "ok",
    }


def test_planted_change_of_the_engine_degrades(
    anonymous: Caller, buyer: Caller, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that denies what it allowed, which periodic work finds."""
    record = DecisionRecord.objects.get(actor_id=buyer.id, policy="confirmation")
    honest = Bundle.decide
    with monkeypatch.context() as planted:
        planted.setattr(
            Bundle, "decide", lambda *given, **options: honest(*given, **options)._replace(outcome="deny")
        )
        call_command("run_due")

    body = anonymous.get("/readyz").json()
    assert body["status"] == "degraded"
    named = f"degraded: 1 recorded decision is decided otherwise now; the first is {record.pk}: "
    assert body["checks"]["replay"].startswith(named)
    assert "outcome `allow` is now `deny`" in body["checks"]["replay"]


def test_missing_triggers_are_named(anonymous: Caller, db: None) -> None:
    names = [trigger.name for trigger in triggers.declared(connection.vendor)]
    triggers.lift()

    response = anonymous.get("/readyz")

    assert response.status_code == 503
    expected = f"missing: {', '.join(names)}: run `manage.py migrate`"
    assert response.json()["checks"]["triggers"] == expected


def test_migrations_that_are_not_applied_are_named(anonymous: Caller, db: None) -> None:
    [(_, last)] = MigrationLoader(connection).graph.leaf_nodes("orders")
    MigrationRecorder(connection).record_unapplied("orders", last)

    response = anonymous.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == f"missing: orders.{last}: run `manage.py migrate`"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_probe_is_only_read(path: str, method: str, anonymous: Caller) -> None:
    response = anonymous.client.generic(method, path, b"{}", "application/json")

    assert refusal_of(response) == (405, "method-not-allowed")
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probe_may_ask_for_the_head_alone(path: str, anonymous: Caller, db: None) -> None:
    response = anonymous.client.head(path)

    assert (response.status_code, response.content) == (200, b"")


def test_metrics_are_nowhere_for_those_who_may_not_read_them(anonymous: Caller, settings: Any) -> None:
    settings.COMITY_METRICS_TOKEN = "let-me-read"

    assert refusal_of(anonymous.get("/metrics")) == (404, "not-found")


def test_policy_that_lapsed_is_told(anonymous: Caller, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def lapsed() -> None:
        raise PolicyNotInForce("no version of `retention` is in force")

    monkeypatch.setattr(health, "retention_problem", lapsed)

    assert anonymous.get("/readyz").json()["checks"]["retention"] == f"degraded: {health.NO_POLICIES}"
