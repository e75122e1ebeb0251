"""Who may approve published bundles."""

from django.contrib.auth.models import Group, Permission

from marketplace.publishing.policy import APPROVERS, MAY_APPROVE


def approvers() -> Group:
    """The group that a migration creates, or a new one if somebody deleted it."""
    group, is_new = Group.objects.get_or_create(name=APPROVERS)
    if is_new:
        app, codename = MAY_APPROVE.split(".")
        group.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return group
