"""Token generation and hashing."""

import hashlib
import secrets
from typing import Protocol

PREFIX = "cmt_"


class Sealable(Protocol):
    password: str
    sign_in_epoch: int


def make_token() -> str:
    """256 random bits, with a prefix that secret scanners recognize."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_token(text: str) -> str:
    """A plain hash suffices: 256 random bits cannot be guessed, so slow hashing gains nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def seal_of(user: Sealable) -> str:
    """INVARIANT: a token works only while its seal equals its user's. Any password change ends the tokens. The seal does not
    depend on the secret key, so tokens survive a key rotation."""
    return hashlib.sha256(f"{user.sign_in_epoch}|{user.password}".encode()).hexdigest()
