"""Take the review grants over from `reviews`, with their rows: they are what a completed order gives."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TRIGGERS = {
    "reviews_grant_is_fixed": "reviews_reviewgrant",
    "reviews_review_as_granted": "reviews_review",
    "reviews_review_stays_as_granted": "reviews_review",
}


def drop_triggers(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite renames no table while a trigger names one that is gone. All are installed again after the migration."""
    for name, table in TRIGGERS.items():
        on_table = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("orders", "0001_initial"),
        ("reviews", "0002_review_queue_item"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ReviewGrant",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("granted_at", models.DateTimeField()),
                        (
                            "buyer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review_grants",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review_grants",
                                to="catalog.product",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("product", "buyer"), name="one_grant_per_product_and_buyer"
                            )
                        ],
                    },
                ),
            ],
            database_operations=[
                migrations.RunPython(drop_triggers, migrations.RunPython.noop),
                migrations.RunSQL(
                    "ALTER TABLE reviews_reviewgrant RENAME TO orders_reviewgrant",
                    "ALTER TABLE orders_reviewgrant RENAME TO reviews_reviewgrant",
                ),
            ],
        ),
    ]
