"""Keys of work in steps get a lease, answers their headers and any number of subjects."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def move_subjects(apps: Any, schema_editor: Any) -> None:
    """The one subject of an answer was written `conversation 7`."""
    key = apps.get_model("api", "IdempotencyKey")
    subject = apps.get_model("api", "AnswerSubject")
    for answer in key.objects.exclude(subject=""):
        kind, _, number = answer.subject.partition(" ")
        subject.objects.create(answer=answer, kind=kind, number=int(number))


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0002_subject_of_answers"),
    ]

    operations = [
        # Whatever was at work in steps under the earlier release is free at once.
        migrations.AddField(
            model_name="idempotencykey",
            name="lease_ends_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="idempotencykey",
            name="headers",
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name="AnswerSubject",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("number", models.BigIntegerField()),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subjects",
                        to="api.idempotencykey",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "number"], name="answers_by_subject")],
            },
        ),
        migrations.RunPython(move_subjects, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="idempotencykey",
            name="subject",
        ),
    ]
