"""Runs that wait although nobody is asked, or that nobody waits for any more, are found and looked at again."""

from django.db import migrations

DUE = """
CREATE OR REPLACE FUNCTION due_runs() RETURNS TABLE (organization uuid, run uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT organization_id, run_id FROM orchestration_turn WHERE state = 'claimed' AND lease_until < now()
  UNION
  SELECT organization_id, id FROM orchestration_run WHERE heal_at < now()
  {more}
  LIMIT 500
$$;
"""
FOR_NOBODY = """
  UNION
  SELECT waiting.organization_id, waiting.id
    FROM orchestration_run waiting LEFT JOIN orchestration_turn place ON place.id = waiting.parent_id
   WHERE waiting.state = 'waiting' AND waiting.heal_at IS NULL
     AND (place.state NOT IN ('ready', 'claimed', 'waiting')
          OR NOT EXISTS (SELECT FROM orchestration_approval asked
                          WHERE asked.run_id = waiting.id AND asked.state = 'open')
         AND NOT EXISTS (SELECT FROM orchestration_turn inner_place
                           JOIN orchestration_run nested ON nested.parent_id = inner_place.id
                          WHERE inner_place.run_id = waiting.id AND nested.state = 'waiting'))
"""
INDEX = "CREATE INDEX runs_waiting ON orchestration_run (id) WHERE state = 'waiting' AND heal_at IS NULL"


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0006_findings")]
    operations = [
        migrations.RunSQL(INDEX, "DROP INDEX runs_waiting"),
        migrations.RunSQL(DUE.format(more=FOR_NOBODY), DUE.format(more="")),
    ]
