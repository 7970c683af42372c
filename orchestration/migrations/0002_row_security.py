"""Row-level security for teams and runs, and the functions that find work across organizations."""

from django.db import migrations

from accounts.row_security import protect

FUNCTIONS = """
CREATE FUNCTION due_runs() RETURNS TABLE (organization uuid, run uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT organization_id, run_id FROM orchestration_turn WHERE state = 'claimed' AND lease_until < now()
  UNION
  SELECT organization_id, id FROM orchestration_run WHERE heal_at < now()
  LIMIT 500
$$;
CREATE FUNCTION due_approvals() RETURNS TABLE (organization uuid, approval uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT organization_id, id FROM orchestration_approval WHERE state = 'open' AND deadline < now() LIMIT 500
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0001_initial")]
    operations = [
        protect(
            *(
                f"orchestration_{name}"
                for name in (
                    "agent",
                    "team",
                    "teamversion",
                    "batch",
                    "run",
                    "budget",
                    "turn",
                    "modelresponse",
                    "toolcall",
                    "approval",
                    "approvaldecision",
                    "endpoint",
                    "source",
                    "sourceaccess",
                    "target",
                )
            )
        ),
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION due_runs, due_approvals"),
    ]
