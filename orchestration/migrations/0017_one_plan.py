"""Reading a run is planned once a connection, not at every call: planning eight joins took longer than reading them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0016_lean_step")]
    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION read_run SET plan_cache_mode = force_generic_plan",
            "ALTER FUNCTION read_run RESET plan_cache_mode",
        )
    ]
