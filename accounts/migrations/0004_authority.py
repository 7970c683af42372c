"""Labels, clearances and rule sets."""

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

from accounts.row_security import protect

TENANT = [
    ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
    ("created_at", models.DateTimeField(auto_now_add=True)),
]


def tenant(*fields):
    owner = models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organization")
    return [*TENANT, *fields, ("organization", owner)]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_append_events")]
    operations = [
        migrations.CreateModel(
            "ObjectLabel",
            tenant(("object", models.CharField(max_length=200)), ("label", models.JSONField())),
            options={
                "constraints": [models.UniqueConstraint(fields=("organization", "object"), name="one_label")],
            },
        ),
        migrations.CreateModel(
            "ObjectClearance",
            tenant(
                ("object", models.CharField(max_length=200)),
                ("level", models.CharField(default="internal", max_length=20)),
                ("places", models.JSONField(default=list)),
                ("eligible", models.JSONField(default=list)),
            ),
            options={
                "constraints": [models.UniqueConstraint(fields=("organization", "object"), name="one_clearance")],
            },
        ),
        migrations.CreateModel(
            "Policy",
            tenant(
                ("room", models.UUIDField(null=True)),
                ("slug", models.SlugField(max_length=60)),
                ("text", models.TextField(blank=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ),
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "room", "slug"), name="one_policy_per_slug", nulls_distinct=False
                    )
                ],
            },
        ),
        protect("accounts_objectlabel", "accounts_objectclearance", "accounts_policy"),
    ]
