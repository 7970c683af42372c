"""What people ask for beyond what they may, and decisions on behalf of who is away."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from accounts.row_security import protect

DUE = """
CREATE FUNCTION due_access() RETURNS TABLE (organization uuid, request uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT organization_id, id FROM orchestration_accessrequest
   WHERE (state = 'open' AND deadline <= now()) OR (state = 'granted' AND ended_at IS NULL AND until <= now())
   LIMIT 500
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_standing_in"),
        ("orchestration", "0010_resumed"),
        ("workrooms", "0004_until"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="approvaldecision",
            name="on_behalf_of",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="sourceaccess",
            name="until",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="AccessRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("relation", "Relation"), ("document", "Document"), ("source", "Source")],
                        max_length=10,
                    ),
                ),
                ("named", models.CharField(max_length=200)),
                ("object", models.CharField(blank=True, max_length=200)),
                ("relation", models.CharField(blank=True, max_length=10)),
                ("reason", models.CharField(max_length=1000)),
                ("until", models.DateTimeField(null=True)),
                ("hidden", models.BooleanField(default=False)),
                ("deadline", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("granted", "Granted"),
                            ("refused", "Refused"),
                            ("expired", "Expired"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("decided_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "on_behalf_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organization"
                    ),
                ),
                (
                    "requester",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workroom",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workrooms.workroom",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["deadline"], name="open_access_requests"
                    ),
                    models.Index(
                        condition=models.Q(("ended_at", None), ("state", "granted")),
                        fields=["until"],
                        name="access_that_ends",
                    ),
                    models.Index(fields=["workroom", "state"], name="orchestrati_workroo_1e1853_idx"),
                ],
            },
        ),
        protect("orchestration_accessrequest"),
        migrations.RunSQL(DUE, "DROP FUNCTION due_access"),
    ]
