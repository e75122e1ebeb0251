"""How long the console takes to redraw the moderation profiles after a threshold was turned: one request through the WSGI
application, with a labelled set of 20,000 texts, and as many decisions on record.

SQLite is in memory, and only CPU time counts.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any
from urllib.parse import urlencode

from benchmarks.django_process import run_in_django
from benchmarks.result import Effort, Findings, Result

SECTION = "moderation profiles redrawn"
TEXTS = 20_000
ROUNDS = 15
WARM_UP = 2
AIM = 0.3
TURNED = {
    "one threshold": "thresholds[normal/threat].flag",
    "a number that all texts depend on": "look_from",
}
PAGE = "/console/moderation/profiles"


def measure(effort: Effort) -> Findings:
    return [
        Result(SECTION, f"{what}, over {TEXTS:,} labelled texts", spent, "{:.2f} s", AIM)
        for what, spent in run_in_django("benchmarks.profiles").items()
    ]


def times() -> dict[str, float]:
    """The median of each, in seconds. Every request asks for another value."""
    import django

    django.setup()
    from django.test import Client

    client = Client()
    _seed(client)
    until = datetime.now(UTC).isoformat()
    taken: dict[str, list[float]] = {what: [] for what in TURNED}
    for turn in range(WARM_UP + ROUNDS):
        for what, name in TURNED.items():
            address = f"{PAGE}?{urlencode({'until': until, name: f'0.{31 + turn}'})}"
            begun = thread_time()
            response = client.get(address)
            taken[what].append(thread_time() - begun)
            if response.status_code != 200:
                raise RuntimeError(f"{address} answers {response.status_code}")
    return {what: median(spent[WARM_UP:]) for what, spent in taken.items()}


def _seed(client: Any) -> None:
    """A moderator who is signed in, a labelled set, and a decision about each of its texts."""
    from django.core.management import call_command

    from benchmarks.labelled import make_samples, store
    from decisions.models import DecisionRecord
    from marketplace.accounts.models import Role, User
    from marketplace.tuning.thresholds import Texts

    call_command("migrate", verbosity=0)
    client.force_login(User.objects.create_user("moderator", role=Role.MODERATOR))
    now = datetime.now(UTC)
    store(make_samples(TEXTS), name="benchmark", now=now)
    given = {"policy": "moderation_profiles", "version": 1, "digest": "sha256:0", "duration_us": 1}
    texts = Texts(make_samples(TEXTS, seed=2))
    DecisionRecord.objects.bulk_create(
        [
            DecisionRecord(
                **given,
                outcome="allow",
                rule="x",
                subject_kind="chat",
                facts=texts.facts[place],
                decided_at=now,
            )
            for place in texts.whole
        ],
        batch_size=500,
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(times()))
