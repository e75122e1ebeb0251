from typing import Any

from django.db import migrations, models
from django.db.models.functions import Upper

import marketplace.accounts.models
from marketplace.accounts.tokens import seal_of

# What somebody of the role may look at in the admin, beside what the API shows them.
MAY_SEE = {
    "Agents": {
        "catalog": ["product"],
        "orders": ["order"],
        "disputes": ["dispute", "dispute message", "dispute event", "hold", "media"],
    },
    "Moderators": {"moderation": ["queue item", "insult"], "reviews": ["review"], "catalog": ["product"]},
    "Policy owners": {"decisions": ["decision record"]},
}


def seal_tokens(apps: Any, _editor: Any) -> None:
    """Tokens of today go on working, until the password of their user changes."""
    tokens = apps.get_model("accounts", "Token").objects.filter(revoked_at=None).select_related("user")
    for token in tokens.iterator():
        token.seal = seal_of(token.user)
        token.save(update_fields=["seal"])


def ship_groups(apps: Any, _editor: Any) -> None:
    """Django makes permissions after all migrations, so those that are not there yet are made here as it would. A group of
    this name that somebody made before is theirs."""
    types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for group_name, models_of_apps in MAY_SEE.items():
        group, is_new = apps.get_model("auth", "Group").objects.get_or_create(name=group_name)
        if not is_new:
            continue
        for app, names in models_of_apps.items():
            for name in names:
                model = name.replace(" ", "")
                of, _ = types.get_or_create(app_label=app, model=model)
                label = {"name": f"Can view {name}"}
                view, _ = permissions.get_or_create(content_type=of, codename=f"view_{model}", defaults=label)
                group.permissions.add(view)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_erasurerequest"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelManagers(
            name="user", managers=[("objects", marketplace.accounts.models.RoleManager())]
        ),
        migrations.AddField(
            model_name="user",
            name="sign_in_epoch",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="token",
            name="seal",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(Upper("email"), name="user_email_in_any_case"),
        ),
        migrations.RunPython(seal_tokens, migrations.RunPython.noop),
        migrations.RunPython(ship_groups, migrations.RunPython.noop),
    ]
