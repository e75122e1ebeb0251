"""The text of a token and what is kept of it."""

import hashlib
import secrets

PREFIX = "cmt_"


def make_token() -> str:
    """256 random bits, with a prefix by which secret scanners know what leaked."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_token(text: str) -> str:
    """A plain hash is enough: nobody can guess 256 bits, so there is nothing to slow down."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
