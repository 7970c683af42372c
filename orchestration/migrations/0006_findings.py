"""How many failures of each mode were found in a run, and the runs that were not looked through yet."""

from django.db import migrations, models

FUNCTION = """
CREATE FUNCTION unexamined_runs() RETURNS TABLE (organization uuid, run uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT organization_id, id FROM orchestration_run
  WHERE findings IS NULL AND parent_id IS NULL AND finished_at IS NOT NULL
  ORDER BY finished_at LIMIT 200
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0005_intervening")]
    operations = [
        migrations.AddField("run", "findings", models.JSONField(null=True)),
        migrations.AddIndex(
            "run",
            models.Index(
                fields=["finished_at"],
                condition=models.Q(("findings", None), ("finished_at__isnull", False), ("parent", None)),
                name="runs_to_examine",
            ),
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION unexamined_runs"),
    ]
