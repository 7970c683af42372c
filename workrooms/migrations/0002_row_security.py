"""Row-level security for rooms and what is in them."""

from django.db import migrations

from accounts.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("workrooms", "0001_initial")]
    operations = [
        protect(
            "workrooms_workroom",
            "workrooms_participant",
            "workrooms_workroomgrant",
            "workrooms_message",
            "workrooms_mention",
            "workrooms_correction",
            "workrooms_document",
            "workrooms_revision",
        ),
    ]
