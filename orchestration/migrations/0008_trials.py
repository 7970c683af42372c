"""Drafts of teams tried on finished runs; those that nobody has under way are found across organizations, as ids."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from accounts.row_security import protect

DUE = """
CREATE FUNCTION due_trials() RETURNS TABLE (organization uuid, trial uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT organization_id, id FROM orchestration_trial WHERE heal_at < now() LIMIT 500
$$;
"""
KEY = {"default": uuid_utils.compat.uuid7, "editable": False, "primary_key": True, "serialize": False}
OUTCOMES = [
    ("same", "Same"),
    ("decision", "Changed decision"),
    ("amount", "Changed amount"),
    ("asks", "Now asks a person"),
    ("fails", "Fails"),
]


def belongs_to(model: str, related_name: str = "+") -> models.ForeignKey:
    """A row that goes with the one it belongs to."""
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to=model)


class Migration(migrations.Migration):
    dependencies = [
        ("orchestration", "0007_waiting_for_nobody"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            "Trial",
            [
                ("id", models.UUIDField(**KEY)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("text", models.TextField()),
                ("definition", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[(name, name.capitalize()) for name in ("queued", "running", "finished", "stopped")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("heal_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("organization", belongs_to("accounts.organization")),
                (
                    "requester",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("team", belongs_to("orchestration.team", "trials")),
                ("workroom", belongs_to("workrooms.workroom", "trials")),
            ],
            options={"ordering": ["-created_at"]},
        ),
        migrations.CreateModel(
            "TriedRun",
            [
                ("id", models.UUIDField(**KEY)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("place", models.PositiveSmallIntegerField()),
                ("outcome", models.CharField(blank=True, choices=OUTCOMES, max_length=10)),
                ("reason", models.TextField(blank=True)),
                ("fields", models.JSONField(default=list)),
                ("milliseconds", models.PositiveIntegerField(default=0)),
                ("turns", models.PositiveIntegerField(default=0)),
                ("organization", belongs_to("accounts.organization")),
                ("run", belongs_to("orchestration.run")),
                ("trial", belongs_to("orchestration.trial", "tried")),
            ],
            options={"ordering": ["place"]},
        ),
        migrations.AddIndex(
            "trial",
            models.Index(fields=["heal_at"], condition=models.Q(heal_at__isnull=False), name="trials_to_heal"),
        ),
        migrations.AddConstraint("triedrun", models.UniqueConstraint(fields=["trial", "run"], name="one_try_per_run")),
        protect("orchestration_trial", "orchestration_triedrun"),
        migrations.RunSQL(DUE, "DROP FUNCTION due_trials"),
    ]
