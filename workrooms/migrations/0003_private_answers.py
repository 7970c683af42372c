"""Answers that not everybody in a room may see."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from accounts.row_security import protect

CASCADE, PROTECT = django.db.models.deletion.CASCADE, django.db.models.deletion.PROTECT
USER = settings.AUTH_USER_MODEL


class Migration(migrations.Migration):
    dependencies = [("workrooms", "0002_row_security"), ("accounts", "0010_boundaries")]
    operations = [
        migrations.CreateModel(
            "PrivateAnswer",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("label", models.JSONField()),
                ("body", models.TextField()),
                ("html", models.TextField()),
                ("shared_at", models.DateTimeField(null=True)),
                (
                    "message",
                    models.OneToOneField(on_delete=CASCADE, related_name="private", to="workrooms.message"),
                ),
                (
                    "organization",
                    models.ForeignKey(on_delete=CASCADE, related_name="+", to="accounts.organization"),
                ),
                ("reader", models.ForeignKey(on_delete=PROTECT, related_name="+", to=USER)),
                ("shared_by", models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to=USER)),
            ],
            options={"ordering": ["created_at"]},
        ),
        protect("workrooms_privateanswer"),
    ]
