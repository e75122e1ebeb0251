from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("decisions", "0003_indexes_of_records")]

    operations = [
        migrations.AddField("decisionrecord", "revision", models.PositiveIntegerField(default=0)),
        migrations.AddField("decisionrecord", "in_force_at", models.DateTimeField(null=True)),
    ]
