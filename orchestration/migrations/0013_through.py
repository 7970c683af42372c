"""A run knows the service that asked for it in a person's name."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0012_redone"), ("accounts", "0013_services")]
    operations = [
        migrations.AddField(
            "Run",
            "through",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
