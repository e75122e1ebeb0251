"""An upload with an Idempotency-Key is work in steps: whatever happens between them, the file is stored once, and the key is
released when the lease of the last step expires."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from api import idempotency
from api.idempotency import prune_keys
from api.models import IdempotencyKey
from marketplace.disputes.media import scanning, uploading
from marketplace.disputes.media.uploading import SLACK
from marketplace.disputes.models import Dispute, Media
from marketplace.disputes.storage.store import StorageUnavailable, open_storage
from tests.api.callers import Caller, refusal_of
from tests.api.forms import send_file
from tests.api.hostile_files import PDF, image
from tests.evidence import local_evidence
from tests.marketplace.test_transactions import lost_connection

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "one"
NEVER = 10**6


@pytest.fixture(autouse=True)
def evidence(request: pytest.FixtureRequest, tmp_path: Path, settings: Any, _django_db_marker: None) -> Path:
    folder = local_evidence(request, settings, tmp_path / "evidence")
    settings.COMITY_THROTTLES = dict.fromkeys(settings.COMITY_THROTTLES, "1000/min")
    return folder


@pytest.fixture
def long_lease(monkeypatch: pytest.MonkeyPatch) -> timedelta:
    """Long enough not to expire on a slow machine."""
    monkeypatch.setattr(uploading, "SLACK", timedelta(minutes=8))
    return uploading.SLACK


@pytest.fixture
def media_path(buyer: Caller, sold: dict[str, Any]) -> str:
    dispute = buyer.post("/api/v1/disputes", {"order_id": sold["id"], "text": "It arrived broken."}).json()
    return f"/api/v1/disputes/{dispute['id']}/media"


def send(caller: Caller, path: str, content: bytes = PDF, name: str = "receipt.pdf") -> Any:
    return send_file(caller, path, content, name, key=KEY)


def end_lease() -> None:
    IdempotencyKey.objects.update(lease_ends_at=timezone.now() - timedelta(milliseconds=1))


def states() -> list[str]:
    return sorted(Media.objects.values_list("state", flat=True))


def during(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Any]) -> None:
    """Runs once, while the object is being stored."""
    store = type(open_storage())
    put = store.put
    left = [happens]

    def disturbed(*given: Any, **named: Any) -> None:
        put(*given, **named)
        if left:
            left.pop()()

    monkeypatch.setattr(store, "put", disturbed)


def test_upload_under_way_is_not_begun_again_and_says_when_the_key_is_free(
    long_lease: timedelta, buyer: Caller, media_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds: list[int] = []

    def ask_again() -> None:
        refused = send(buyer, media_path)
        assert refusal_of(refused) == (409, "request-in-progress")
        seconds.append(int(refused["Retry-After"]))

    during(monkeypatch, ask_again)

    assert send(buyer, media_path).status_code == 201
    assert 1 <= seconds[0] <= long_lease.total_seconds()
    assert states() == ["live"]


def test_lease_from_before_the_clock_was_set_back_holds_nobody_up(buyer: Caller, media_path: str) -> None:
    then = timezone.now() + timedelta(hours=1)
    IdempotencyKey.objects.create(
        actor=buyer.user, key=KEY, claim="dead", fingerprint="", lease_ends_at=then, created_at=then
    )

    assert send(buyer, media_path).status_code == 201


def test_other_request_under_the_key_of_an_upload_under_way_is_refused(
    long_lease: timedelta, buyer: Caller, media_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals: list[tuple[int, str]] = []

    def ask_something_else() -> None:
        message = media_path.replace("/media", "/messages")
        refusals.append(refusal_of(buyer.post(message, {"text": "Hi"}, **{"Idempotency-Key": KEY})))
        refusals.append(refusal_of(send(buyer, media_path, image("PNG"), "a.png")))

    during(monkeypatch, ask_something_else)

    assert send(buyer, media_path).status_code == 201
    assert refusals == [(422, "idempotency-key-reused"), (409, "request-in-progress")]


def test_upload_that_was_slower_than_its_lease_still_counts_where_nobody_took_the_key(
    buyer: Caller, media_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    during(monkeypatch, lambda: (end_lease(), prune_keys(now=timezone.now())))

    first, again = (send(buyer, media_path) for _ in range(2))

    assert (first.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert states() == ["live"]


def test_upload_that_lost_its_key_gives_the_answer_of_whoever_took_it(
    buyer: Caller, media_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = []
    during(monkeypatch, lambda: (end_lease(), answers.append(send(buyer, media_path))))

    slow = send(buyer, media_path)

    assert (slow.content, slow["Idempotency-Replayed"]) == (answers[0].content, "true")
    assert states() == ["live", "uploading"]


def test_denied_upload_is_answered_again(buyer: Caller, media_path: str) -> None:
    now = timezone.now()
    Dispute.objects.update(status="closed", closed_at=now, retain_until=now + timedelta(days=90))

    first, again = (send(buyer, media_path) for _ in range(2))

    assert refusal_of(first) == (409, "dispute-closed")
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")


@pytest.mark.parametrize("error", [StorageUnavailable, ZeroDivisionError])
def test_upload_that_failed_leaves_the_key_free(
    error: type[Exception], buyer: Caller, media_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error

    during(monkeypatch, fail)
    buyer.client.raise_request_exception = False

    assert send(buyer, media_path).status_code == (503 if error is StorageUnavailable else 500)
    assert not IdempotencyKey.objects.exists()
    assert send(buyer, media_path).status_code == 201
    assert states().count("live") == 1


def test_answer_that_broke_takes_the_file_with_it(
    buyer: Caller, media_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer.client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr("api.views.media.render_media", lambda *_, **__: 1 / 0)
        assert refusal_of(send(buyer, media_path)) == (500, "internal-error")
    assert states() == ["uploading"]

    assert send(buyer, media_path).status_code == 201
    assert states() == ["live", "uploading"]


def test_key_that_could_not_be_let_go_is_free_for_the_next_request(
    buyer: Caller, media_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("the server is not there")

    with monkeypatch.context() as patched:
        patched.setattr(idempotency.Attempt, "_store", away)
        patched.setattr(idempotency, "patiently", away)
        assert refusal_of(send(buyer, media_path)) == (503, "unavailable")
        assert IdempotencyKey.objects.get().status is None
    assert states() == ["uploading"]

    assert send(buyer, media_path).status_code == 201
    assert states() == ["live", "uploading"]


@pytest.mark.postgresql
@pytest.mark.parametrize("when", ["before", "intent", "storing", "showing", "answer", "commit"])
def test_restart_of_postgresql_leaves_one_file_and_the_key_free(
    when: str, buyer: Caller, media_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = {
        "before": (uploading, "access_dispute"),
        "intent": (uploading, "lock_dispute"),
        "showing": (uploading, "_admit"),
        "answer": (idempotency, "are_there"),
    }
    if when == "storing":
        during(monkeypatch, lost_connection)
    elif when == "commit":
        during(monkeypatch, lambda: lose_at(monkeypatch, connection, "_commit"))
    else:
        lose_at(monkeypatch, *targets[when])

    answers = []
    for _ in range(2):
        answers.append(send(buyer, media_path))
        close_old_connections()  # as a server does between requests

    assert answers[-1].status_code == 201
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert states().count("live") == 1
    assert IdempotencyKey.objects.get().status == 201


def lose_at(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """Drops the connection once, at this operation."""
    step, left = getattr(owner, name), [lost_connection]

    def disturbed(*given: Any, **named: Any) -> Any:
        if left:
            left.pop()()
        return step(*given, **named)

    monkeypatch.setattr(owner, name, disturbed)


@pytest.fixture
def upload_and_die(database_url: str, evidence: Path, policies: Path) -> Iterator[Callable[..., int | None]]:
    """In a process that is killed at the point. Returns the number of points if it was not."""
    disputes = policies / "disputes.yaml"
    ten = "value: 10\n    min: 1\n    max: 50"
    disputes.write_text(disputes.read_text().replace(ten, "value: 9000\n    min: 1\n    max: 9000"))
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "COMITY_LOG_LEVEL": "ERROR",
        "COMITY_EVIDENCE_DIR": str(evidence),
        "COMITY_POLICIES_DIR": str(policies),
        "COMITY_THROTTLE_UPLOAD": "100000/min",
        "COMITY_THROTTLE_WRITE": "100000/min",
    }
    command = [sys.executable, "-m", "tests.api.mortal"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:

        def run(*job: Any) -> int | None:
            process.stdin.write(json.dumps(job) + "\n")
            return json.loads(process.stdout.readline())

        assert json.loads(process.stdout.readline()) == "ready"
        yield run
        process.stdin.close()


@pytest.mark.full_on("sqlite")
def test_key_of_a_process_that_was_killed_is_free_when_its_step_is_over(
    upload_and_die: Callable[..., int | None], buyer: Caller, media_path: str, scale: Any
) -> None:
    points = upload_and_die(buyer.token, media_path, "unharmed", NEVER)
    dice = random.Random(points)
    waited = 0
    while_storing = points * 3 // 4
    by_chance = [dice.randrange(points) for _ in range(scale.kills - 1)]
    for number, point in enumerate([*by_chance, while_storing, points - 1]):
        key = f"key-{number}"
        live = states().count("live")
        assert upload_and_die(buyer.token, media_path, key, point) is None
        answer = send_file(buyer, media_path, PDF, "receipt.pdf", key=key)
        if answer.status_code == 409:
            waited += 1
            assert 1 <= int(answer["Retry-After"]) <= timedelta(minutes=8).total_seconds()
            end_lease()
            answer = send_file(buyer, media_path, PDF, "receipt.pdf", key=key)
        assert answer.status_code == 201
        assert states().count("live") == live + 1
    assert waited


def test_lease_lasts_as_long_as_the_storage_and_the_scanner_may_take(settings: Any) -> None:
    assert uploading._storing_takes() == SLACK
    options = {"seconds": 30}
    settings.STORAGES = {**settings.STORAGES, "evidence": {"BACKEND": "", "OPTIONS": options}}
    settings.COMITY_SCANNER = "tcp://127.0.0.1:1"
    assert uploading._storing_takes() == SLACK + timedelta(seconds=2 * 30 + 3 * scanning.SECONDS)


def test_file_sent_again_under_its_key_is_kept_once(buyer: Caller, media_path: str) -> None:
    first, again = (send_file(buyer, media_path, PDF, "receipt.pdf", key="one") for _ in range(2))

    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert Media.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PDF.replace(b"/Root 1", b"/Root 7"), "receipt.pdf"),
        (PDF + b"\n", "receipt.pdf"),
        (PDF, "rec.pdf"),
        (image("PNG"), "receipt.png"),
    ],
    ids=["same length", "longer", "other name", "other kind"],
)
def test_other_file_under_the_same_key_is_refused(
    buyer: Caller, media_path: str, content: bytes, name: str
) -> None:
    send_file(buyer, media_path, PDF, "receipt.pdf", key="one")

    assert refusal_of(send_file(buyer, media_path, content, name, key="one")) == (
        422,
        "idempotency-key-reused",
    )
    assert Media.objects.count() == 1
    assert send_file(buyer, media_path, content, name, key="two").status_code == 201


def test_key_of_a_file_is_not_that_of_a_message_and_the_other_way_round(
    buyer: Caller, media_path: str
) -> None:
    messages = media_path.replace("/media", "/messages")
    send_file(buyer, media_path, PDF, "receipt.pdf", key="file")
    buyer.post(messages, {"text": "Look."}, **{"Idempotency-Key": "words"})

    answers = [
        buyer.post(messages, {"text": "Look."}, **{"Idempotency-Key": "file"}),
        send_file(buyer, media_path, PDF, "receipt.pdf", key="words"),
    ]

    assert [refusal_of(answer) for answer in answers] == [(422, "idempotency-key-reused")] * 2
    assert Media.objects.count() == 1


def test_key_of_a_file_that_was_refused_can_be_used_again(buyer: Caller, media_path: str) -> None:
    assert refusal_of(send_file(buyer, media_path, PDF, "receipt.html", key="one")) == (422, "file-kind")
    assert send_file(buyer, media_path, PDF, "receipt.pdf", key="one").status_code == 201
