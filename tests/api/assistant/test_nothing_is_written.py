"""Anonymous requests never write to the database, and mostly do not even read it."""

import hashlib
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import InternalError, OperationalError, connection
from django.utils import timezone

from marketplace.assistant.models import Conversation
from tests.api.callers import Caller, refusal_of
from tests.database_files import read_database

pytestmark = pytest.mark.usefixtures("unlimited")

GETS = [
    "/session",
    "/settings",
    "/conversations",
    "/conversations/1",
    "/conversations/1/messages",
    "/conversations/1/export",
    "/openapi.json",
    "/nothing",
]


def talk(base: str, caller: Caller, **headers: str) -> list[int]:
    """Every request that a caller can make."""
    codes = [caller.get(base + path, **headers).status_code for path in GETS]
    codes += [caller.delete(f"{base}/conversations/1", **headers).status_code]
    codes += [caller.patch(f"{base}/conversations/1", {"title": "Mine"}, **headers).status_code]
    codes += [caller.post(f"{base}/conversations", {"message": "Hi"}, **headers).status_code]
    said = caller.post(f"{base}/ephemeral/messages", {"text": "Can I review?"}, **headers)
    if said.status_code == 200:
        again = {"text": "threat:0.99", "state": said.json()["state"]}
        codes += [said.status_code, caller.post(f"{base}/ephemeral/messages", again, **headers).status_code]
    else:
        codes += [said.status_code, said.status_code]
    return codes


LOGGED_OUT = [200, 200, 401, 401, 401, 401, 401, 404, 401, 401, 401, 200, 403]
KEY = {"Idempotency-Key": "one"}


def with_session(key: str) -> Caller:
    caller = Caller()
    caller.client.cookies["sessionid"] = key
    return caller


def stale_session(buyer: Caller) -> Caller:
    """A session ended by a password change."""
    caller = Caller()
    caller.client.force_login(buyer.user)
    buyer.user.set_password("another one entirely")
    buyer.user.save()
    return caller


def ended_session(buyer: Caller) -> Caller:
    caller = Caller()
    caller.client.force_login(buyer.user)
    Session.objects.update(expire_date=timezone.now())
    return caller


def test_without_a_credential_the_database_is_not_asked(base):
    """This test has no database access."""
    assert talk(base, Caller()) == LOGGED_OUT
    assert talk(base, Caller(), **KEY) == LOGGED_OUT


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "queries"), [("garbage!", 1), ("x" * 32, 1), ("a" * 4000, 1), ("%00", 0), ("é", 0)]
)
def test_garbage_for_a_session_costs_one_query_at_most(base, key, queries, django_assert_num_queries):
    """Django does not look up keys that are too short."""
    with django_assert_num_queries(queries):
        assert with_session(key).get(f"{base}/session").status_code == 200
    with django_assert_num_queries(queries):
        answer = with_session(key).post(f"{base}/ephemeral/messages", {"text": "Can I review?"})
    assert answer.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("make", [stale_session, ended_session])
def test_session_that_is_over_is_read_and_left_alone(base, buyer, make, django_assert_max_num_queries):
    caller = make(buyer)
    with django_assert_max_num_queries(2) as captured:
        assert caller.get(f"{base}/session").json()["authenticated"] is False
    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)
    assert Session.objects.count() == 1


@pytest.mark.django_db
def test_garbage_for_a_token_costs_one_query(base, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = Caller(token="garbage").post(f"{base}/ephemeral/messages", {"text": "Hi"})
    assert refusal_of(response) == (401, "invalid-token")


@pytest.fixture
def read_only(transactional_db: None):
    """Makes the database itself refuse writes."""
    on, off = {
        "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
        "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(on)
        yield
        cursor.execute(off)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "make", [stale_session, ended_session, lambda _: with_session("garbage"), lambda _: Caller()]
)
def test_database_that_cannot_be_written_makes_no_difference(base, buyer, make, request):
    caller = make(buyer)
    request.getfixturevalue("read_only")
    assert talk(base, caller) == LOGGED_OUT
    assert talk(base, caller, **KEY) == LOGGED_OUT
    with pytest.raises((OperationalError, InternalError), match=r"read-?only"):
        Conversation.objects.update(title="x")


def fingerprint() -> str:
    """SQLite: hash of the file after a checkpoint. PostgreSQL: the rows of each table and which transactions wrote them, and how
    many numbers were drawn from sequences. Its statistics would not do: other connections tell them late."""
    if connection.vendor == "postgresql":
        rows = [
            f"SELECT '{table}', count(*), sum(xmin::text::numeric) FROM \"{table}\""
            for table in connection.introspection.table_names()
        ]
        drawn = "SELECT sequencename, 0, last_value FROM pg_sequences"
        with connection.cursor() as cursor:
            cursor.execute(f"{' UNION ALL '.join([*rows, drawn])} ORDER BY 1")
            return str(cursor.fetchall())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(connection.settings_dict["NAME"])
    wal = path.with_name(path.name + "-wal")
    assert not wal.exists() or wal.stat().st_size == 0
    return hashlib.sha256(read_database()).hexdigest()


@pytest.mark.django_db(transaction=True)
def test_database_is_the_same_after_many_requests(buyer, scale):
    forged = Caller()
    forged.client.cookies["asst"] = "W10:x"
    callers = [Caller(), forged, Caller(token="garbage"), with_session("garbage" * 4), stale_session(buyer)]
    before = fingerprint()
    sent = 0
    while sent < scale.anonymous:
        for caller in callers:
            for base in ("/assistant", "/assistant/ninja"):
                sent += len(talk(base, caller, **KEY))
    assert fingerprint() == before
    Conversation.objects.create(
        owner=buyer.user, title="x", created_at=timezone.now(), updated_at=timezone.now()
    )
    assert fingerprint() != before
