"""People in the run: turns set aside and taken over, runs begun from another's turn, versions that were never published."""

import django.db.models.deletion
from django.db import migrations, models

TURN_STATES = ("ready", "claimed", "waiting", "finished", "skipped", "failed", "stopped", "superseded")


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0004_shared_limits")]
    operations = [
        migrations.AddField(
            "run",
            "forked_from",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="forks", to="orchestration.run"
            ),
        ),
        migrations.AddField("run", "forked", models.JSONField(null=True)),
        migrations.AddField(
            "run",
            "pretends",
            models.CharField(
                blank=True,
                choices=[("rehearsal", "Rehearsal"), ("trial", "Trial")],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "turn",
            "replayed_from",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="replays", to="orchestration.turn"
            ),
        ),
        migrations.AlterField(
            "turn",
            "state",
            models.CharField(
                choices=[(state, state.capitalize()) for state in TURN_STATES], default="ready", max_length=10
            ),
        ),
        migrations.AddField("teamversion", "provisional", models.BooleanField(db_default=False, default=False)),
        migrations.RemoveConstraint("teamversion", "one_version_per_number"),
        migrations.AddConstraint(
            "teamversion",
            models.UniqueConstraint(
                fields=["team", "number"], condition=models.Q(provisional=False), name="one_version_per_number"
            ),
        ),
    ]
