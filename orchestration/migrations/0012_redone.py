from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0011_access")]
    operations = [
        migrations.AddField(
            model_name="run",
            name="redone_seconds",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
