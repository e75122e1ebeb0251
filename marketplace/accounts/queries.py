"""Who presents a token."""

from marketplace.accounts.models import User
from marketplace.accounts.tokens import digest_token


def find_user_by_token(text: str) -> User | None:
    """None for a token that is unknown or revoked, and for a user who was deactivated. One SELECT."""
    return User.objects.filter(
        tokens__digest=digest_token(text), tokens__revoked_at=None, is_active=True
    ).first()
