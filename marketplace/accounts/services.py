"""Users, their roles and passwords, and ending their tokens and sessions."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import password_changed, validate_password
from django.contrib.sessions.models import Session
from django.db.models import F
from django.utils.crypto import salted_hmac

from marketplace.accounts.events import RESET_ASKED
from marketplace.accounts.models import Role, Token, User
from marketplace.accounts.tokens import digest_token, make_token, seal_of
from marketplace.outbox.models import OutboxEvent
from marketplace.transactions import patiently, write

RESET_PAUSE: Final = timedelta(minutes=5)
"""An address gets at most one mail in this period, however often one is requested."""
RESET_KEPT: Final = timedelta(days=1)

GROUPS: Final = {Role.AGENT: "Agents", Role.MODERATOR: "Moderators", Role.POLICY_OWNER: "Policy owners"}
"""Created by a migration: what a role may view in the admin."""


class PasswordChangedMeanwhile(Exception):
    """The password was changed concurrently. Nothing was changed."""


class NoGroup(Exception):
    """The role has no admin group, or its group was deleted."""


def add_person(*, username: str, email: str, password: str, role: Role, admin: bool) -> User:
    """Raises ValidationError for an invalid or taken name and for a weak password, and NoGroup. `admin` gives access to what
    the role's group may view in the admin."""
    user = User(username=username, email=email, role=role, is_staff=admin)
    user.set_password(password)
    user.full_clean()
    validate_password(password, user)

    def save() -> User:
        with write():
            user.save(force_insert=True)
            _join_group(user)
        return user

    return patiently(save)


def change_role(*, user_id: int, role: Role) -> None:
    """Admin access follows the new role; a role without a group loses it."""

    def change() -> None:
        with write():
            user = User.objects.select_for_update().get(pk=user_id)
            user.role = role
            user.is_staff = user.is_staff and (user.is_superuser or role in GROUPS)
            user.save(update_fields=["role", "is_staff"])
            _join_group(user)

    patiently(change)


def change_password(*, user: User, password: str, now: datetime) -> None:
    """Ends every token, session and reset link. Raises PasswordChangedMeanwhile if `user` was read before another change, so
    that a reset link works once."""
    before = user.password
    user.set_password(password)

    def change() -> None:
        with write():
            if not User.objects.filter(pk=user.pk, password=before).update(password=user.password):
                raise PasswordChangedMeanwhile
            revoke_tokens(user_id=user.pk, now=now)

    patiently(change)
    password_changed(password, user)


def give_password(*, user: User, password: str, now: datetime) -> None:
    """Set a password as an administrator. Raises ValidationError for a weak one."""
    validate_password(password, user)
    change_password(user=user, password=password, now=now)


def issue_token(*, user: User, now: datetime) -> str:
    """Returns the token's text, which cannot be read again."""
    text = make_token()
    Token.objects.create(user=user, digest=digest_token(text), seal=seal_of(user), created_at=now)
    return text


def revoke_token(*, text: str, now: datetime) -> bool:
    """Whether this call revoked it. Unknown and revoked tokens are left alone."""
    return Token.objects.filter(digest=digest_token(text), revoked_at=None).update(revoked_at=now) == 1


def revoke_tokens(*, user_id: int, now: datetime) -> int:
    """The number of tokens that this call revoked. Sessions continue."""
    return Token.objects.filter(user_id=user_id, revoked_at=None).update(revoked_at=now)


def sign_out_everywhere(*, user_id: int, now: datetime) -> int:
    """Ends every session and token of a user, and returns the number of revoked tokens."""

    def sign_out() -> int:
        with write():
            User.objects.filter(pk=user_id).update(sign_in_epoch=F("sign_in_epoch") + 1)
            return revoke_tokens(user_id=user_id, now=now)

    return patiently(sign_out)


def ask_for_reset(*, email: str, origin: str, now: datetime) -> None:
    """Does the same work whether or not the address has an account, so that timing reveals nothing. The event's handler mails a
    link below `origin`."""
    user_ids = [user.pk for user in PasswordResetForm().get_users(email)]
    window = int(now.timestamp() // RESET_PAUSE.total_seconds())
    address = salted_hmac(RESET_ASKED, email.casefold(), algorithm="sha256").hexdigest()[:32]
    event = {"kind": RESET_ASKED, "payload": {"user_ids": user_ids, "origin": origin}, "created_at": now}

    def ask() -> None:
        with write():
            OutboxEvent.objects.get_or_create(dedup=f"{RESET_ASKED}:{address}:{window}", defaults=event)

    patiently(ask)


def forget_resets(*, now: datetime) -> int:
    """Deletes outbox events of resets mailed at least a day ago."""
    sent = OutboxEvent.objects.filter(kind=RESET_ASKED, sent_at__lt=now - RESET_KEPT)
    return sent.delete()[0]


def forget_sessions(*, now: datetime) -> int:
    """Deletes expired sessions: Django keeps those of browsers that never come back."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]


def _join_group(user: User) -> None:
    """A user is in at most one of the role groups; other groups are left alone."""
    user.groups.remove(*Group.objects.filter(name__in=GROUPS.values()))
    if not user.is_staff or user.is_superuser:
        return
    group = Group.objects.filter(name=GROUPS.get(Role(user.role), "")).first()
    if group is None:
        raise NoGroup
    user.groups.add(group)
