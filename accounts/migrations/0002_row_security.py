"""Row-level security, and the few functions that answer across organizations with ids."""

from django.db import migrations

from accounts.row_security import protect

FUNCTIONS = """
CREATE FUNCTION organizations_of(member uuid) RETURNS TABLE (organization uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT organization_id FROM accounts_membership WHERE user_id = member ORDER BY created_at, id
$$;
CREATE FUNCTION organization_named(wanted text, member uuid) RETURNS TABLE (organization uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT o.id FROM accounts_organization o JOIN accounts_membership m ON m.organization_id = o.id
  WHERE o.slug = wanted AND m.user_id = member
$$;
CREATE FUNCTION token_owner(wanted text) RETURNS TABLE (organization uuid, owner uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT t.organization_id, t.user_id FROM accounts_token t
  JOIN accounts_membership m ON m.organization_id = t.organization_id AND m.user_id = t.user_id
  JOIN accounts_user u ON u.id = t.user_id
  WHERE t.digest = wanted AND t.revoked_at IS NULL AND u.is_active AND coalesce(t.expires_at > now(), true)
$$;
CREATE FUNCTION all_organizations() RETURNS TABLE (organization uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT id FROM accounts_organization ORDER BY created_at, id
$$;
"""
DROP = "DROP FUNCTION organizations_of, organization_named, token_owner, all_organizations"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        protect(
            "accounts_membership",
            "accounts_token",
            "accounts_idempotencykey",
            "accounts_ledger",
            "accounts_event",
            "accounts_signingkey",
        ),
        protect("accounts_organization", column="id"),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
