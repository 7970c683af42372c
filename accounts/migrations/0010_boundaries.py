"""What rooms let out, and what models were not shown."""

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

from accounts.row_security import protect

CASCADE = django.db.models.deletion.CASCADE


def kept() -> list:
    return [
        ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
        ("created_at", models.DateTimeField(auto_now_add=True)),
        ("organization", models.ForeignKey(on_delete=CASCADE, related_name="+", to="accounts.organization")),
    ]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_stream")]
    operations = [
        migrations.CreateModel(
            "Boundary",
            [
                *kept(),
                ("room", models.UUIDField()),
                ("hosts", models.JSONField(null=True)),
                ("kinds", models.JSONField(default=list)),
                ("shapes", models.JSONField(default=dict)),
                ("up_to", models.CharField(max_length=20, blank=True)),
                ("level", models.CharField(max_length=20, default="internal")),
                ("tags", models.JSONField(default=list)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["organization", "room"], name="one_boundary_per_room"),
                ],
            },
        ),
        migrations.CreateModel(
            "Withheld",
            [
                *kept(),
                ("run", models.UUIDField()),
                ("placeholder", models.CharField(max_length=80)),
                ("sealed", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["run", "placeholder"], name="one_value_per_placeholder"),
                ],
            },
        ),
        protect("accounts_boundary", "accounts_withheld"),
    ]
