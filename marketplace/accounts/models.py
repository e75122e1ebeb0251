"""Users with the one role that policies use, and their hashed API tokens."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Upper
from django.utils.crypto import salted_hmac

from marketplace.accounts.tokens import seal_of


class Role(models.TextChoices):
    BUYER = "buyer"
    SELLER = "seller"
    AGENT = "agent"
    MODERATOR = "moderator"
    POLICY_OWNER = "policy_owner"


class RoleManager(UserManager["User"]):
    def create_superuser(self, username: str, *arguments: Any, **fields: Any) -> "User":
        """By default the first administrator gets a role with access to the console and the policies."""
        return super().create_superuser(username, *arguments, **{"role": Role.MODERATOR} | fields)


class User(AbstractUser):
    role = models.CharField(max_length=20, choices=Role, default=Role.BUYER)
    # Incremented by "sign out everywhere", which ends the sessions and tokens of earlier values.
    sign_in_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[RoleManager] = RoleManager()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known")
        ]
        # Index for password resets, which anybody may request for any address.
        indexes: ClassVar = [models.Index(Upper("email"), name="user_email_in_any_case")]

    @property
    def moderates(self) -> bool:
        """Whether the user may read other people's flagged texts and rule on them."""
        return self.role == Role.MODERATOR

    def check_password(self, raw_password: str | None) -> bool:
        """Django may rehash the same password with newer parameters. That does not end tokens."""
        before = seal_of(self)
        matches = super().check_password(raw_password)
        if seal_of(self) != before:
            self.tokens.filter(seal=before).update(seal=seal_of(self))
        return matches

    def get_session_auth_hash(self) -> str:
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._session_hash(key) for key in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | None) -> str:
        """Django's own hash, extended by the sign-out counter."""
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        signed = f"{self.sign_in_epoch}|{self.password}" if self.sign_in_epoch else self.password
        return salted_hmac(salt, signed, secret=secret, algorithm="sha256").hexdigest()


class Token(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    seal = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"token {self.pk} of user {self.user_id}"  # no name: the admin's history keeps this


class ErasureRequest(models.Model):
    """A request to be erased, and when it was done. Something may hold it up until then."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="erasure_request")
    requested_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"erasure of user {self.user_id}"
