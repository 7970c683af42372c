"""Appending in one call: lock the head, hash each event onto the one before, insert, move the head."""

from django.db import migrations, models
import django.db.models.deletion

# `leaf` and `hash` as accounts.ledger.chain defines them. What an event's leaf hashes comes in two parts, before and after
# its number, because the number is known only to who holds the head's lock.
APPEND = r"""
CREATE FUNCTION append_events(
  organization uuid, wanted uuid, last_entry int,
  ids uuid[], ats timestamptz[], actors text[], principals text[], kinds text[], objects text[], runs uuid[], turns uuid[],
  decisions uuid[], payloads text[], salts bytea[], payload_hashes bytea[], befores bytea[], afters bytea[],
  OUT first bigint, OUT entry_before bigint
) LANGUAGE plpgsql AS $$
DECLARE
  amount int := cardinality(ids);
  parsed jsonb[] := payloads::jsonb[];
  leaf bytea;
  leaves bytea[];
  link bytea;
  links bytea[];
BEGIN
  SELECT ledger.seq + 1, ledger.head, ledger.entry_seq INTO first, link, entry_before
    FROM accounts_ledger AS ledger WHERE ledger.id = wanted FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  links[0] := link;
  FOR place IN 1..amount LOOP
    leaf := sha256(befores[place] || (first + place - 1)::text::bytea || afters[place]);
    link := sha256('\x01'::bytea || link || leaf);
    leaves[place] := leaf;
    links[place] := link;
  END LOOP;
  INSERT INTO accounts_event (
    id, organization_id, ledger_id, seq, at, actor, on_behalf_of, kind, object, run, turn, decision,
    payload, salt, payload_hash, prev, leaf, hash
  ) SELECT
    it.id, organization, wanted, first + it.place - 1, it.at, it.actor, it.principal, it.kind, it.object,
    it.run, it.turn, it.decision, it.payload, it.salt, it.payload_hash,
    links[it.place - 1], leaves[it.place], links[it.place]
  FROM unnest(
    ids, ats, actors, principals, kinds, objects, runs, turns, decisions, parsed, salts, payload_hashes
  ) WITH ORDINALITY AS it(
    id, at, actor, principal, kind, object, run, turn, decision, payload, salt, payload_hash, place
  );
  UPDATE accounts_ledger
    SET seq = first + amount - 1, head = link, entry_seq = coalesce(first + last_entry, entry_seq)
    WHERE id = wanted;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_row_security")]
    operations = [
        migrations.AlterField(
            "event",
            "ledger",
            models.ForeignKey(
                to="accounts.ledger",
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
            ),
        ),
        migrations.AlterField(
            "event",
            "organization",
            models.ForeignKey(
                to="accounts.organization",
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
            ),
        ),
        migrations.RunSQL(APPEND, "DROP FUNCTION append_events"),
    ]
