import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0013_through")]
    operations = [
        migrations.AddField(
            model_name="trial",
            name="run",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="orchestration.run"
            ),
        ),
    ]
