"""The text of a token, and what is kept of it."""

import hashlib
import secrets
from typing import Protocol

PREFIX = "cmt_"


class Sealable(Protocol):
    password: str
    sign_in_epoch: int


def make_token() -> str:
    """256 random bits, with a prefix by which secret scanners know what leaked."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_token(text: str) -> str:
    """A plain hash is enough: nobody can guess 256 bits, so there is nothing to slow down."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def seal_of(user: Sealable) -> str:
    """INVARIANT: a token works only while its seal is its user's. Whoever changes a password, in whatever way, ends the
    tokens. No secret key goes into it, so that tokens outlive a rotated key."""
    return hashlib.sha256(f"{user.sign_in_epoch}|{user.password}".encode()).hexdigest()
