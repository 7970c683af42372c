"""A step of a run in fewer statements, and its room's epoch looked at last: whoever took a right away wrote into the same
ledger, so that nothing done under that right can follow it there.

The signature and what it answers are those of 0009. The common step changes no entry and concerns a root run: what only
the others need is left out for it. Entries are found one by one: joined, they were read whole as long as the table was
thought small.
"""

from importlib import import_module

from django.db import migrations

KEEP = r"""
CREATE OR REPLACE FUNCTION keep_step(
  organization uuid, wanted uuid, known text[], room uuid, room_epoch uuid, root uuid, root_state text,
  labels jsonb, parent uuid, parent_state text, charged int, run_row jsonb, turn_rows jsonb,
  thread uuid, replies_before int, replies int, new_entries jsonb, changed_entries jsonb,
  ledger uuid, last_entry int,
  ids uuid[], ats timestamptz[], actors text[], principals text[], kinds text[], objects text[], runs uuid[], turns uuid[],
  decisions uuid[], payloads text[], salts bytea[], payload_hashes bytea[], befores bytea[], afters bytea[],
  OUT first bigint, OUT entry_before bigint, OUT written text
) LANGUAGE plpgsql AS $$
DECLARE
  seen text;
  amount int;
  kept orchestration_run;
  said jsonb;
BEGIN
  PERFORM set_config('workroom.organization', organization::text, true);
  SELECT xmin::text INTO seen FROM orchestration_run WHERE id = wanted FOR NO KEY UPDATE;
  IF seen IS NULL OR seen <> ALL (known)
    OR EXISTS (SELECT FROM orchestration_turn AS turn WHERE turn.run_id = wanted AND xmin::text <> ALL (known))
    OR labels_around(room, root) <> labels
  THEN
    RETURN;
  END IF;
  IF parent IS NOT NULL THEN
    IF NOT EXISTS (SELECT FROM orchestration_run WHERE id = root AND state = root_state)
      OR NOT EXISTS (SELECT FROM orchestration_turn WHERE id = parent AND state = parent_state)
    THEN
      RETURN;
    END IF;
  END IF;

  INSERT INTO orchestration_turn SELECT * FROM jsonb_populate_recordset(NULL::orchestration_turn, turn_rows)
  ON CONFLICT (id) DO UPDATE SET
    agent = EXCLUDED.agent, user_id = EXCLUDED.user_id, brain = EXCLUDED.brain, state = EXCLUDED.state,
    attempt = EXCLUDED.attempt, tries = EXCLUDED.tries, repairs = EXCLUDED.repairs, lease_until = EXCLUDED.lease_until,
    output = EXCLUDED.output, findings = EXCLUDED.findings, saw = EXCLUDED.saw, error = EXCLUDED.error,
    started_at = EXCLUDED.started_at, last_activity_at = EXCLUDED.last_activity_at, finished_at = EXCLUDED.finished_at
    WHERE orchestration_turn.xmin::text = ANY (known);
  GET DIAGNOSTICS amount = ROW_COUNT;
  IF amount <> jsonb_array_length(turn_rows) THEN
    RAISE SQLSTATE 'WR001';
  END IF;

  IF charged > 0 THEN
    UPDATE orchestration_budget AS budget SET turns = budget.turns + charged
      WHERE budget.run_id = root AND budget.turns + charged <= budget.turns_cap;
    IF NOT FOUND THEN
      RAISE SQLSTATE 'WR001';
    END IF;
  END IF;

  IF run_row IS NOT NULL THEN
    kept := jsonb_populate_record(NULL::orchestration_run, run_row);
    UPDATE orchestration_run SET
      state = kept.state, reason = kept.reason, result = kept.result, heal_at = kept.heal_at,
      waiting_since = kept.waiting_since, waited_seconds = kept.waited_seconds, started_at = kept.started_at,
      finished_at = kept.finished_at, updated_at = now()
      WHERE id = wanted;
  END IF;

  IF thread IS NOT NULL THEN
    UPDATE workrooms_message SET reply_count = replies WHERE id = thread AND reply_count = replies_before;
    IF NOT FOUND THEN
      RAISE SQLSTATE 'WR001';
    END IF;
  END IF;

  -- Entries before the ledger, as everywhere: who replies in a thread locks its entry first.
  FOR said IN SELECT * FROM jsonb_array_elements(changed_entries) LOOP
    PERFORM FROM workrooms_message WHERE id = (said->>'id')::uuid FOR NO KEY UPDATE;
  END LOOP;
  SELECT appended.first, appended.entry_before INTO first, entry_before FROM append_events(
    organization, ledger, last_entry, ids, ats, actors, principals, kinds, objects, runs, turns, decisions, payloads,
    salts, payload_hashes, befores, afters
  ) AS appended;
  IF first IS NULL OR NOT EXISTS (SELECT FROM workrooms_workroom WHERE id = room AND epoch = room_epoch) THEN
    RAISE SQLSTATE 'WR001';
  END IF;

  FOR said IN SELECT * FROM jsonb_array_elements(new_entries) LOOP
    INSERT INTO workrooms_message SELECT entry.* FROM jsonb_populate_record(
      NULL::workrooms_message, said || jsonb_build_object(
        'seq', first + (said->>'seq')::bigint, 'changed_seq', first + (said->>'changed_seq')::bigint,
        'previous', coalesce(first + (said->>'previous')::bigint, entry_before)
      )
    ) AS entry;
  END LOOP;
  FOR said IN SELECT * FROM jsonb_array_elements(changed_entries) LOOP
    UPDATE workrooms_message SET
      kind = said->>'kind', html = said->>'html', changed_seq = first + (said->>'changed_seq')::bigint,
      previous = coalesce(first + (said->>'previous')::bigint, entry_before)
      WHERE id = (said->>'id')::uuid;
  END LOOP;
  written := pg_current_xact_id()::xid::text;
END
$$;
-- Rows that change with every turn find room on their page, so that no index is touched.
ALTER TABLE orchestration_turn SET (fillfactor = 70);
ALTER TABLE orchestration_budget SET (fillfactor = 70);
ALTER TABLE workrooms_message SET (fillfactor = 85);
"""
BEFORE = import_module("orchestration.migrations.0009_keep_step").KEEP.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0015_lean_rows"), ("workrooms", "0005_lean_rows")]
    operations = [migrations.RunSQL(KEEP, BEFORE)]
