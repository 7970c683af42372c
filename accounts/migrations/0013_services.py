"""Services of other systems, what people consent to, and tokens that are narrowed."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from accounts.row_security import protect

CASCADE, PROTECT = django.db.models.deletion.CASCADE, django.db.models.deletion.PROTECT

FUNCTIONS = """
DROP FUNCTION token_owner;
CREATE FUNCTION bearer_of(wanted text) RETURNS TABLE (organization uuid, owner uuid, token uuid, narrowed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT t.organization_id, t.user_id, t.id, t.verbs IS NOT NULL FROM accounts_token t
  JOIN accounts_membership m ON m.organization_id = t.organization_id AND m.user_id = t.user_id
  JOIN accounts_user u ON u.id = t.user_id
  LEFT JOIN accounts_consent c ON c.id = t.consent_id
  LEFT JOIN accounts_service s ON s.id = c.service_id
  WHERE t.digest = wanted AND t.revoked_at IS NULL AND u.is_active AND coalesce(t.expires_at > now(), true)
    AND (t.consent_id IS NULL OR (c.revoked_at IS NULL AND c.until > now() AND s.revoked_at IS NULL))
$$;
CREATE FUNCTION service_home(wanted uuid) RETURNS TABLE (organization uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT organization_id FROM accounts_service WHERE id = wanted
$$;
"""
BACK = """
DROP FUNCTION bearer_of, service_home;
CREATE FUNCTION token_owner(wanted text) RETURNS TABLE (organization uuid, owner uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT t.organization_id, t.user_id FROM accounts_token t
  JOIN accounts_membership m ON m.organization_id = t.organization_id AND m.user_id = t.user_id
  JOIN accounts_user u ON u.id = t.user_id
  WHERE t.digest = wanted AND t.revoked_at IS NULL AND u.is_active AND coalesce(t.expires_at > now(), true)
$$;
"""


def kept() -> list:
    return [
        ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
        ("created_at", models.DateTimeField(auto_now_add=True)),
        ("organization", models.ForeignKey(on_delete=CASCADE, related_name="+", to="accounts.organization")),
    ]


def to_user(on_delete: object) -> models.ForeignKey:
    return models.ForeignKey(on_delete=on_delete, related_name="+", to=settings.AUTH_USER_MODEL)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_standing_in")]
    operations = [
        migrations.AlterField(
            "User",
            "kind",
            models.CharField(
                max_length=10,
                choices=[("person", "Person"), ("agent", "Agent"), ("service", "Service")],
                default="person",
            ),
        ),
        migrations.CreateModel(
            "Service",
            [
                *kept(),
                (
                    "user",
                    models.OneToOneField(on_delete=PROTECT, related_name="service", to=settings.AUTH_USER_MODEL),
                ),
                ("slug", models.SlugField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        max_length=10, choices=[("program", "Program"), ("agent", "Agent")], default="program"
                    ),
                ),
                ("key_id", models.CharField(max_length=64)),
                ("public", models.BinaryField(max_length=32)),
                ("registered_by", to_user(PROTECT)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["organization", "slug"], name="one_service_per_slug"),
                ],
            },
        ),
        migrations.CreateModel(
            "Assertion",
            [
                *kept(),
                ("service", models.ForeignKey(on_delete=CASCADE, related_name="+", to="accounts.service")),
                ("digest", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["service", "digest"], name="one_use_per_assertion"),
                ],
            },
        ),
        migrations.CreateModel(
            "Consent",
            [
                *kept(),
                ("service", models.ForeignKey(on_delete=CASCADE, related_name="consents", to="accounts.service")),
                ("person", to_user(CASCADE)),
                ("room", models.UUIDField()),
                ("verbs", models.JSONField()),
                ("until", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["service", "person", "room"],
                        condition=models.Q(revoked_at=None),
                        name="one_consent_that_stands",
                    ),
                ],
            },
        ),
        migrations.AddField("Token", "verbs", models.JSONField(null=True)),
        migrations.AddField(
            "Token",
            "consent",
            models.ForeignKey(null=True, on_delete=CASCADE, related_name="tokens", to="accounts.consent"),
        ),
        migrations.AddConstraint(
            "Token",
            models.CheckConstraint(
                condition=models.Q(consent=None) | models.Q(verbs__isnull=False), name="a_service_is_narrowed"
            ),
        ),
        protect("accounts_service", "accounts_assertion", "accounts_consent"),
        migrations.RunSQL(FUNCTIONS, BACK),
    ]
