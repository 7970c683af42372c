"""When people last went on with a run they had paused."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0009_keep_step")]
    operations = [migrations.AddField("run", "resumed_at", models.DateTimeField(null=True))]
