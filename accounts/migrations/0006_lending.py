"""Targets that people lend by an approval."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from accounts.row_security import protect

CASCADE, PROTECT = django.db.models.deletion.CASCADE, django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_agent_keys")]
    operations = [
        migrations.CreateModel(
            "Lending",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("room", models.UUIDField()),
                ("run", models.UUIDField(null=True)),
                ("tool", models.CharField(max_length=80)),
                ("slot", models.CharField(max_length=80)),
                ("value", models.CharField(max_length=300)),
                ("until", models.DateTimeField(null=True)),
                ("approval", models.UUIDField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("lent_by", models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "organization",
                    models.ForeignKey(on_delete=CASCADE, related_name="+", to="accounts.organization"),
                ),
            ],
            options={"indexes": [models.Index(fields=["room", "tool"], name="lendings_of_room")]},
        ),
        protect("accounts_lending"),
    ]
