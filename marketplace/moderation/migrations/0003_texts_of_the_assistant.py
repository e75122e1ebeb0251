from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0002_texts_of_disputes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="queueitem",
            name="kind",
            field=models.CharField(
                choices=[
                    ("chat_message", "Chat Message"),
                    ("review", "Review"),
                    ("dispute_message", "Dispute Message"),
                    ("assistant_message", "Assistant Message"),
                ],
                max_length=20,
            ),
        ),
    ]
