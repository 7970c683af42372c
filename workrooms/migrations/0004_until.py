"""Relations that end at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workrooms", "0003_private_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="participant",
            name="afterwards",
            field=models.CharField(
                blank=True,
                choices=[
                    ("owner", "Owner"),
                    ("editor", "Editor"),
                    ("approver", "Approver"),
                    ("auditor", "Auditor"),
                    ("viewer", "Viewer"),
                    ("agent", "Agent"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="workroomgrant",
            name="until",
            field=models.DateTimeField(null=True),
        ),
    ]
