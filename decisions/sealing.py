"""Private facts in records: pseudonyms, which compare, and sealed values, which can be read until the person is erased."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from django.utils.crypto import salted_hmac

from decisions.fields import canonical
from decisions.models import PseudonymKey, SealedFacts

NONCE: Final = 12
PSEUDONYM: Final = "pseudonym:"


class Erased(Exception):
    """The person's key is gone, so their private facts cannot be read any more."""


class Unopened(Exception):
    """The key that the person has now does not open them: they were altered, or sealed before an erasure."""


class Replaced(Exception):
    """Other facts than the recorded ones were sealed, with the right key."""


def key_of(actor_id: int | None) -> str:
    if actor_id is None:
        return ""
    kept, _ = PseudonymKey.objects.get_or_create(actor_id=actor_id, defaults={"key": secrets.token_hex(32)})
    return kept.key


def pseudonym_of(shown: object, key: str) -> str:
    """Keyed: values of one person are comparable but unreadable."""
    digest = salted_hmac(f"decisions.private-fact:{key}", canonical(shown), algorithm="sha256").hexdigest()
    return PSEUDONYM + digest[:32]


def seal(facts: Mapping[str, object], *, key: str, record_id: int, actor_id: int) -> SealedFacts:
    """Bound to the record, so that sealed facts cannot be moved to another one."""
    sealed = _encrypt(canonical(facts), key, _bound_to(record_id, actor_id))
    return SealedFacts(record_id=record_id, actor_id=actor_id, sealed=sealed)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed facts by record and keys by person, read for many records at once."""

    facts: Mapping[int, SealedFacts]
    keys: Mapping[int, str]


def read_sealed(record_ids: Iterable[int]) -> Sealed:
    facts = {row.record_id: row for row in SealedFacts.objects.filter(record_id__in=list(record_ids))}
    actors = {row.actor_id for row in facts.values()}
    keys = PseudonymKey.objects.filter(actor_id__in=actors).values_list("actor_id", "key")
    return Sealed(facts, dict(keys))


def seal_text(text: str, *, record_id: int, author_id: int) -> bytes:
    """A text that a recorded decision is about, under its author's key. Bound to the record, as `seal`."""
    return _encrypt(text, key_of(author_id), _text_of(record_id, author_id))


def unseal_text(sealed: bytes, *, record_id: int, author_id: int) -> str:
    """Raises Erased or Unopened."""
    kept = PseudonymKey.objects.filter(actor_id=author_id).first()
    if kept is None:
        raise Erased
    return _decrypt(sealed, kept.key, _text_of(record_id, author_id))


def unseal(
    record_id: int,
    recorded: Mapping[str, Mapping[str, object]] | None = None,
    *,
    sealed: Sealed | None = None,
) -> dict[str, dict[str, Any]]:
    """The private facts of a record. `recorded` are its pseudonyms, which the chain of the log covers: whoever can write to
    the database can seal other values. Raises Erased, Unopened or Replaced."""
    found = sealed or read_sealed([record_id])
    row = found.facts.get(record_id)
    if row is None:
        raise Erased
    key = found.keys.get(row.actor_id)
    if key is None:
        raise Erased
    text = _decrypt(bytes(row.sealed), key, _bound_to(record_id, row.actor_id))
    facts: dict[str, dict[str, Any]] = json.loads(text)
    if recorded is not None and pseudonyms_of(facts, key) != recorded:
        raise Replaced
    return facts


def pseudonyms_of(private: Mapping[str, Mapping[str, object]], key: str) -> dict[str, dict[str, object]]:
    return {
        part: {name: pseudonym_of(value, key) for name, value in values.items()}
        for part, values in private.items()
    }


def drop_pseudonym_key(*, user_id: int) -> int:
    """Records stay unchanged; nobody can read their private facts any more, or link them to anybody."""
    overwrite_deleted()
    SealedFacts.objects.filter(actor_id=user_id).delete()
    return PseudonymKey.objects.filter(actor_id=user_id).delete()[0]


def overwrite_deleted() -> None:
    """From now on this connection to SQLite overwrites what it deletes, instead of only freeing its place."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _encrypt(text: str, key: str, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(_cipher_key(key)).encrypt(nonce, text.encode(), bound_to)


def _decrypt(sealed: bytes, key: str, bound_to: bytes) -> str:
    try:
        return AESGCM(_cipher_key(key)).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to).decode()
    except InvalidTag:
        raise Unopened from None


def _cipher_key(key: str) -> bytes:
    """A key of its own for encryption: the stored one keys the pseudonyms."""
    return hashlib.blake2b(bytes.fromhex(key), digest_size=32, person=b"comity.sealed").digest()


def _bound_to(record_id: int, actor_id: int) -> bytes:
    return f"decision record {record_id} of user {actor_id}".encode()


def _text_of(record_id: int, author_id: int) -> bytes:
    return f"text of decision record {record_id} by user {author_id}".encode()
