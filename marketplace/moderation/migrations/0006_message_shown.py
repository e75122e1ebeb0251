from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0005_filter_indexes"),
    ]

    operations = [
        migrations.RenameField(
            model_name="queueitem",
            old_name="told",
            new_name="message_shown",
        ),
    ]
