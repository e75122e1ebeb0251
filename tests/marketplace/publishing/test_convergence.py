"""Four workers follow 200 activations within five polls while clients decide: every response has one digest, and none is an
error."""

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone

from marketplace.accounts.services import issue_token
from marketplace.publishing.models import ServerProcess
from marketplace.publishing.services import roll_back
from tests.marketplace.publishing.bundle import Bundles
from tests.marketplace.publishing.polls import POLLS, polls_after
from tests.serving import HANGING_SECONDS, Served, serving, wait_until

ACTIVATIONS = 200
CLIENTS = WORKERS = 4
DECISIONS = 10
BATCH = {"items": [{"policy": "fees", "facts": {"amount": amount}} for amount in range(DECISIONS)]}
MOST_POLLS = 5
WAITED_FOR = 20
"""After every so many activations, all processes must come to the bundle in force."""


@pytest.mark.full
@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_every_response_has_one_digest_while_bundles_change(
    shop: Bundles, database_url: str, tmp_path: Path, ann: Any
) -> None:
    first = shop.put_in_force()
    shop.edit("value: 100", "value: 200")
    second = shop.put_in_force()
    token = issue_token(user=ann, now=timezone.now())
    polls = tmp_path / "polls"
    polls.touch()
    needed: list[int] = []

    def follow(digest: str) -> None:
        """Waits until each process decides with this bundle, and notes how many polls that took."""
        known = len(polls.read_text().splitlines())

        def have_followed() -> bool:
            processes = polls_after(polls, known).values()
            return len(processes) == WORKERS and all(digest in digests for digests in processes)

        wait_until(have_followed, served)
        needed.extend(digests.index(digest) + 1 for digests in polls_after(polls, known).values())

    environment = {
        POLLS: str(polls),
        "COMITY_POLICIES_FROM": "published",
        "DJANGO_SETTINGS_MODULE": "tests.marketplace.publishing.settings_published",
        "DATABASE_URL": database_url,
        "COMITY_THROTTLE_WRITE": "100000/s",
    }
    with serving(tmp_path, workers=WORKERS, **environment) as served:
        wait_until(lambda: digests() == {second.digest} and ServerProcess.objects.count() == WORKERS, served)
        seen: Counter[tuple[int, str]] = Counter()
        ended = threading.Event()
        clients = [
            threading.Thread(target=ask, args=[served, token, seen, ended], daemon=True)
            for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        try:
            for turn in range(ACTIVATIONS):
                target = (first, second)[turn % 2]
                roll_back(actor=ann, publication=target, reason="test", now=timezone.now())
                if turn % WAITED_FOR == 0:
                    follow(target.digest)
        finally:
            ended.set()
            for client in clients:
                client.join(HANGING_SECONDS)
        follow(second.digest)

    assert len(needed) == WORKERS * (ACTIVATIONS // WAITED_FOR + 1)
    assert max(needed) <= MOST_POLLS
    assert {status for status, _ in seen} == {200}
    assert {digest for _, digest in seen} == {first.digest, second.digest}


def digests() -> set[str]:
    return set(ServerProcess.objects.values_list("digest", flat=True))


def ask(served: Served, token: str, seen: Counter[tuple[int, str]], ended: threading.Event) -> None:
    """Notes the status and what the decisions and the header of a response name, which must be one digest."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=served.address, headers=headers, timeout=HANGING_SECONDS) as client:
        while not ended.is_set():
            response = client.post("/api/policies/decide-batch", json=BATCH)
            named = {response.headers.get("Comity-Bundle", "")}
            if response.status_code == 200:
                named |= {item["digest"] for item in response.json()["items"]}
            seen[response.status_code, " and ".join(sorted(named))] += 1
