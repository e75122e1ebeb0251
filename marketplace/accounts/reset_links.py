"""Password reset links: valid for one use, for one hour, and until the user signs in."""

from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from marketplace.accounts.models import User


class _ResetLinks(PasswordResetTokenGenerator):
    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        """ "Sign out everywhere" ends links too."""
        assert isinstance(user, User)
        return f"{super()._make_hash_value(user, timestamp)}{user.sign_in_epoch}{user.is_active}"


reset_links: Final = _ResetLinks()
