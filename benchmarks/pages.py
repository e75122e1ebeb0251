"""What each page of the console costs the server, beside a bare Django page that reads the same session and user.

Requests go through the WSGI application with all middleware. SQLite is in memory, only CPU time counts, and the pages take turns.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import thread_time_ns
from typing import Any

from benchmarks.django_process import run_in_django
from benchmarks.result import Effort, Findings, Result

SECTION = "console page"
ROUNDS = 30
WARM_UP = 3
DECISIONS = 10_000
BARE = "/bare"
PAGES = (
    "/console/", "/console/policies", "/console/policies/chat", "/console/policies/moderation_profiles", "/console/decisions",
    "/console/decisions/1", "/console/try/moderation_profiles", "/console/changes",
)  # fmt: skip


def measure(effort: Effort) -> Findings:
    measured = run_in_django("benchmarks.pages")
    bare = measured.pop(BARE)
    results: Findings = [Result(SECTION, "a bare Django page, CPU time, p50", bare / 1_000, "{:,.0f} µs")]
    return results + [
        Result(SECTION, f"{page} beside it", spent / bare, "{:.1f}×") for page, spent in measured.items()
    ]


def times() -> dict[str, float]:
    """The median of each page, in nanoseconds."""
    import django
    from django.conf import settings

    settings.ROOT_URLCONF = "benchmarks.bare_page"
    django.setup()
    from django.test import Client

    client = Client()
    _seed(client)
    taken: dict[str, list[int]] = {page: [] for page in (BARE, *PAGES)}
    for _ in range(WARM_UP + ROUNDS):
        for page, spent in taken.items():
            begun = thread_time_ns()
            response = client.get(page)
            spent.append(thread_time_ns() - begun)
            if response.status_code != 200:
                raise RuntimeError(f"{page} answers {response.status_code}")
    return {page: median(spent[WARM_UP:]) for page, spent in taken.items()}


def _seed(client: Any) -> None:
    """A policy owner who is signed in, and decisions of this hour."""
    from django.core.management import call_command

    from decisions.models import DecisionRecord
    from marketplace.accounts.models import Role, User

    call_command("migrate", verbosity=0)
    client.force_login(User.objects.create_user("owner", role=Role.POLICY_OWNER))
    given = {
        "policy": "chat",
        "version": 1,
        "digest": "sha256:0",
        "subject_kind": "chat",
        "facts": {},
        "duration_us": 1,
    }
    now = datetime.now(UTC)
    DecisionRecord.objects.bulk_create(
        [
            DecisionRecord(**given, subject_id=number, outcome="allow", rule="participant", decided_at=now)
            for number in range(DECISIONS)
        ],
        batch_size=500,
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(times()))
