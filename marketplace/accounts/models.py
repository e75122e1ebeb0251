"""Users with the one role that policies ask for, and their API tokens, hashed."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    BUYER = "buyer"
    SELLER = "seller"
    AGENT = "agent"
    MODERATOR = "moderator"
    POLICY_OWNER = "policy_owner"


class User(AbstractUser):
    role = models.CharField(max_length=20, choices=Role, default=Role.BUYER)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known")
        ]

    @property
    def moderates(self) -> bool:
        """Reads what others wrote to each other, where it was flagged, and rules about it."""
        return self.is_staff or self.role == Role.MODERATOR


class Token(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
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
