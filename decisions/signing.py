"""Signs statements about the log with the installation's Ed25519 key."""

import os
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.core.exceptions import ImproperlyConfigured

from decisions import conf
from decisions.fields import canonical
from decisions.models import LogCheckpoint, LogHead


def sign_head(head: LogHead | LogCheckpoint) -> None:
    """Leaves the signature empty where no key is configured."""
    private = private_key()
    if private is not None:
        head.key = key_name(private.public_key())
        head.signature = private.sign(canonical(statement_of(head)).encode()).hex()


def key_name(public: Ed25519PublicKey) -> str:
    """As heads name the key that signed them."""
    return public.public_bytes_raw().hex()


def statement_of(head: LogHead | LogCheckpoint) -> dict[str, object]:
    """What is signed of a head or a checkpoint."""
    return {
        "kind": head.KIND,
        "number": head.number,
        "upto": head.upto,
        "count": head.count,
        "link": head.link,
        "made_at": head.made_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }


def is_signed(statement: Mapping[str, object], signature: str, public: Ed25519PublicKey) -> bool:
    try:
        public.verify(bytes.fromhex(signature), canonical(statement).encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def private_key() -> Ed25519PrivateKey | None:
    """Raises ImproperlyConfigured."""
    path = conf.log_key()
    if path is None:
        return None
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise ImproperlyConfigured(
            f"COMITY_LOG_KEY: `{path}` is not a readable private key: {error}"
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(
            f"COMITY_LOG_KEY: `{path}` is not an Ed25519 key: `manage.py policy new-key` makes one"
        )
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Raises ValueError with a sentence for people."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise ValueError(f"`{path}` is not a readable public key: {error}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"`{path}` is not an Ed25519 key")
    return key


def own_public_key() -> Ed25519PublicKey | None:
    private = private_key()
    return None if private is None else private.public_key()


def write_new_key(path: Path) -> str:
    """Writes a private key that only its owner can read, and returns the public one as PEM. Raises FileExistsError."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
