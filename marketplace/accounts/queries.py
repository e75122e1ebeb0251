"""Who presents a token or a session."""

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare

from marketplace.accounts.models import User
from marketplace.accounts.tokens import digest_token


def find_user_by_token(text: str) -> User | None:
    """None for a token that is unknown or revoked, and for a user who was deactivated. One SELECT."""
    return User.objects.filter(
        tokens__digest=digest_token(text), tokens__revoked_at=None, is_active=True
    ).first()


def find_user_by_session(session: SessionBase) -> User | None:
    """As Django would say, but without a write: Django deletes a session that a changed password has ended, and whoever
    presents one is logged out, for whom nothing is ever written."""
    number = session.get(SESSION_KEY)
    user = User.objects.filter(pk=number, is_active=True).first() if number else None
    return user if user is not None and _is_of(session.get(HASH_SESSION_KEY, ""), user) else None


def _is_of(session_hash: str, user: User) -> bool:
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, known) for known in hashes)
