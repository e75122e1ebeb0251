"""Liveness and readiness: the database, migrations, triggers, the policies in force, and the services that depend on them."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from api.contract.fields import render_moment
from api.throttle import shared_problem
from decisions import bundles, conf, triggers
from decisions.replay import replay_problem
from engine import Diagnostic, PolicyNotInForce
from marketplace.assistant.answers.store import configured
from marketplace.disputes.retention.standing import retention_problem
from marketplace.disputes.storage.watch import StorageWatch
from marketplace.moderation import detection
from marketplace.publishing.processes import living
from marketplace.publishing.source import describe_alarm

log = structlog.get_logger(__name__)

OK: Final = "ok"
NO_DATABASE: Final = "the database is down"
READ_ONLY: Final = "the database is read-only, as a standby is"
NO_POLICIES: Final = "no policies are in force"
BROKEN: Final = "degraded: a detector does not work"
EVIDENCE: Final = StorageWatch()
_IS_READ_ONLY: Final = "SELECT current_setting('transaction_read_only')"
BROKEN_TOPICS: Final = "broken: the last good topics stay in use, if any"


def healthz(request: HttpRequest) -> JsonResponse:
    """Liveness: checks nothing but this process."""
    return JsonResponse({"status": OK})


def readyz(request: HttpRequest) -> JsonResponse:
    """Readiness: 200 with the status `ready` or `degraded`, or 503 if requests cannot be served.

    Degraded means that broken files keep an older bundle or older assistant topics in force, a detector does not work, the
    evidence storage is unusable, retention has stopped, recorded decisions are decided differently now, Redis is down, or a
    bundle was put in force without approval and nobody has reviewed that.
    """
    checks = _run_checks()
    policies = _policies()
    able = bool(policies["digest"]) and all(result == OK for result in checks.values())
    detectors = detection.problems()
    has_database = NO_DATABASE not in checks.values()
    evidence = _find_problem(EVIDENCE.problem) if has_database else NO_DATABASE
    retention = _find_problem(retention_problem) if has_database else NO_DATABASE
    replay = _find_problem(replay_problem) if has_database else NO_DATABASE
    glass = _find_problem(_unreviewed) if has_database else NO_DATABASE
    rates = shared_problem()
    topics = [_place(problem) for problem in configured().problems()]
    degraded = bool(
        policies["problems"] or detectors or evidence or retention or replay or glass or rates or topics
    )
    judged = {
        "policies": _judge(policies),
        "moderation": BROKEN if detectors else OK,
        "evidence": f"degraded: {evidence}" if evidence else OK,
        "retention": f"degraded: {retention}" if retention else OK,
        "replay": f"degraded: {replay}" if replay else OK,
        "publishing": f"degraded: {glass}" if glass else OK,
        "rates": f"degraded: {rates}" if rates else OK,
        "assistant": BROKEN_TOPICS if topics else OK,
    }
    report = {
        "status": "unavailable" if not able else "degraded" if degraded else "ready",
        "checks": checks | judged,
        "policies": policies | {"processes": _processes() if has_database else []},
        "moderation": {"problems": detectors},
        "assistant": {"problems": topics},
    }
    response = JsonResponse(report, status=200 if able else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # or Django would log each 503 again
    return response


def _run_checks() -> dict[str, str]:
    """Stop after the first check that could not reach the database: each further one would wait as long and log the same."""
    checks = dict.fromkeys(CHECKS, NO_DATABASE)
    try:
        for name, check in CHECKS.items():
            checks[name] = check()
    except DatabaseError as error:
        log.error("readiness_check_failed", check=name, error=str(error).partition("\n")[0])
    return checks


def _find_problem(check: Callable[[], str | None]) -> str | None:
    """The result of `check`, or a problem if `check` itself cannot run."""
    try:
        return check()
    except DatabaseError:
        return NO_DATABASE
    except (bundles.BundleUnavailable, PolicyNotInForce):
        return NO_POLICIES


def _check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_IS_READ_ONLY if connection.vendor == "postgresql" else "SELECT 1")
        [answer] = cursor.fetchone()
    return READ_ONLY if answer == "on" else OK


def _check_migrations() -> str:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _missing([f"{migration.app_label}.{migration.name}" for migration, _ in plan])


def _check_triggers() -> str:
    return _missing(triggers.missing())


def _missing(names: list[str]) -> str:
    return f"missing: {', '.join(names)}: run `manage.py migrate`" if names else OK


def _policies() -> dict[str, Any]:
    with suppress(bundles.BundleUnavailable):
        bundles.in_force()  # the first call in a process loads the bundle
    status = bundles.status()
    return {
        "digest": status.digest,
        "loaded_at": render_moment(status.loaded_at) if status.loaded_at else None,
        "problems": [_place(problem) for problem in status.problems],
        "warnings": [_place(warning) for warning in status.warnings],
    }


def _unreviewed() -> str | None:
    return describe_alarm() or None


def _processes() -> list[dict[str, Any]]:
    """The server processes that poll for the published bundle in force. With a folder, there are none."""
    if not conf.policy_source():
        return []
    try:
        return [
            {
                "pid": process.pid,
                "digest": process.digest or None,
                "problem": process.problem or None,
                "seen_at": render_moment(process.seen_at),
            }
            for process in living()
        ]
    except DatabaseError:
        return []


def _judge(policies: dict[str, Any]) -> str:
    if not policies["digest"]:
        return NO_POLICIES
    return "broken: the last good policies stay in force" if policies["problems"] else OK


def _place(problem: Diagnostic) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "message": problem.message,
    }


CHECKS: Final = {"database": _check_database, "migrations": _check_migrations, "triggers": _check_triggers}
