"""What is longest overdue of access comes first, each half of it off its own index."""

from django.db import migrations

SIGNATURE = """
CREATE OR REPLACE FUNCTION due_access() RETURNS TABLE (organization uuid, request uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
"""
IN_ORDER = f"""{SIGNATURE}
  SELECT organization_id, id FROM (
    (SELECT organization_id, id, deadline AS due FROM orchestration_accessrequest
      WHERE state = 'open' AND deadline <= now() ORDER BY deadline LIMIT 500)
    UNION ALL
    (SELECT organization_id, id, until FROM orchestration_accessrequest
      WHERE state = 'granted' AND ended_at IS NULL AND until <= now() ORDER BY until LIMIT 500)
  ) AS overdue ORDER BY due LIMIT 500
$$;
"""
UNORDERED = f"""{SIGNATURE}
  SELECT organization_id, id FROM orchestration_accessrequest
   WHERE (state = 'open' AND deadline <= now()) OR (state = 'granted' AND ended_at IS NULL AND until <= now())
   LIMIT 500
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0017_one_plan")]
    operations = [migrations.RunSQL(IN_ORDER, UNORDERED)]
