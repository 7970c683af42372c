"""Several people may answer one approval, each once for each state of what is asked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0002_row_security")]
    operations = [
        migrations.RemoveConstraint("approvaldecision", "one_closing_decision"),
        migrations.AddConstraint(
            "approvaldecision",
            models.UniqueConstraint(
                fields=["approval", "user", "digest"],
                condition=models.Q(("decision", "ask"), _negated=True),
                name="one_vote_each",
            ),
        ),
    ]
