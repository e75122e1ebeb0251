"""Users with the one role that policies ask for, and their API tokens, hashed."""

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
        """Gives the first administrator a role that sees the console and the policies, unless told otherwise."""
        return super().create_superuser(username, *arguments, **{"role": Role.MODERATOR} | fields)


class User(AbstractUser):
    role = models.CharField(max_length=20, choices=Role, default=Role.BUYER)
    # How often the person signed out everywhere. Sessions and tokens of an earlier count have ended.
    sign_in_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[RoleManager] = RoleManager()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known")
        ]
        # How a reset looks for an address, which anybody may ask for.
        indexes: ClassVar = [models.Index(Upper("email"), name="user_email_in_any_case")]

    @property
    def moderates(self) -> bool:
        """Reads what others wrote to each other, where it was flagged, and rules about it."""
        return self.role == Role.MODERATOR

    def check_password(self, raw_password: str | None) -> bool:
        """Django may store the same password anew, hashed in today's way. That ends no token."""
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
        """Django's own, and the count of times that the person signed out everywhere."""
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
        return f"token {self.pk} of {self.user}"


class ErasureRequest(models.Model):
    """That somebody wants to be forgotten, and when it was done; until then something holds it up."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="erasure_request")
    requested_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"erasure of user {self.user_id}"
