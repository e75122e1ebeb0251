"""Issuing and revoking tokens."""

from datetime import datetime

from marketplace.accounts.models import Token, User
from marketplace.accounts.tokens import digest_token, make_token


def issue_token(*, user: User, now: datetime) -> str:
    """Returns the token's text, which nobody can read again."""
    text = make_token()
    Token.objects.create(user=user, digest=digest_token(text), created_at=now)
    return text


def revoke_token(*, text: str, now: datetime) -> bool:
    """Whether this call revoked it; a token that is unknown or already revoked is left as it is."""
    return Token.objects.filter(digest=digest_token(text), revoked_at=None).update(revoked_at=now) == 1
