"""Leave the review grants to `orders`; the table was renamed there, and its rows and keys stay as they are."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_reviewgrant"),
        ("reviews", "0002_review_queue_item"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="review",
                    name="grant",
                    field=models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review",
                        to="orders.reviewgrant",
                    ),
                ),
                migrations.DeleteModel(name="ReviewGrant"),
            ],
        ),
    ]
