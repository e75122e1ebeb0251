"""Finds the user behind a token or a session."""

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.utils.crypto import constant_time_compare

from marketplace.accounts.models import Token, User
from marketplace.accounts.tokens import digest_token, seal_of


def find_user_by_token(text: str) -> User | None:
    """None if the token is unknown, revoked or older than the password, or if the user is deactivated. One SELECT."""
    live = Token.objects.filter(digest=digest_token(text), revoked_at=None, user__is_active=True)
    token = live.select_related("user").first()
    return token.user if token is not None and works(token) else None


def works(token: Token) -> bool:
    return token.revoked_at is None and constant_time_compare(token.seal, seal_of(token.user))


def count_tokens(user: User) -> int:
    """Valid tokens."""
    return user.tokens.filter(revoked_at=None, seal=seal_of(user)).count()


def find_user_by_session(session: SessionBase) -> User | None:
    """Like Django, but read-only: Django deletes a session that ended with a password change, and anonymous requests must never
    write."""
    number = session.get(SESSION_KEY)
    user = User.objects.filter(pk=number, is_active=True).first() if number else None
    return user if user is not None and _is_of(session.get(HASH_SESSION_KEY, ""), user) else None


def _is_of(session_hash: str, user: User) -> bool:
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, known) for known in hashes)


def lock_open(user_id: int) -> bool:
    """Whether the account is open. Until the transaction ends, an erasure waits; other transactions of the user do not."""
    lock = "FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {User._meta.db_table} WHERE id = %s AND is_active {lock}", [user_id])
        return cursor.fetchone() is not None
