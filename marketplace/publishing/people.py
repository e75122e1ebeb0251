"""Who may approve published bundles."""

from collections.abc import Iterator

from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet

from marketplace.accounts.models import User
from marketplace.publishing.policy import APPROVERS, MAY_APPROVE


def approvers() -> Group:
    """The group that a migration creates, or a new one if somebody deleted it."""
    group, is_new = Group.objects.get_or_create(name=APPROVERS)
    if is_new:
        app, codename = MAY_APPROVE.split(".")
        group.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return group


def may_approve() -> QuerySet[User]:
    """Members of the group, and others to whom Django gives the permission."""
    people = User.objects.with_perm(MAY_APPROVE, backend="django.contrib.auth.backends.ModelBackend")
    return people.order_by("username")


def listed_approvers() -> Iterator[str]:
    """The names of all who may approve."""
    members = set(approvers().user_set.filter(is_active=True).values_list("username", flat=True))
    for user in may_approve():
        more = (
            "" if user.username in members else " (superuser)" if user.is_superuser else " (not in the group)"
        )
        yield f"{user.username}{more}"
