"""A run read in one statement, and a step of it written in one: nothing, unless all still is as its worker knew it.

Locks in the order that holds everywhere: run, turns, budget, timeline, ledger. A row that somebody else has written since
has an `xmin` the worker does not know; then the answer is empty, or everything is undone with the state MOVED.
"""

from django.db import migrations

LABELS = r"""
CREATE FUNCTION labels_around(room uuid, root uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_object_agg(object, label), '{}') FROM accounts_objectlabel
  WHERE organization_id = current_setting('workroom.organization')::uuid
    AND object IN ('workroom:' || room, 'run:' || root, 'run:' || root || '/rest');
$$;
"""
KEEP = r"""
CREATE FUNCTION keep_step(
  organization uuid, wanted uuid, known text[], room uuid, room_epoch uuid, root uuid, root_state text,
  labels jsonb, parent uuid, parent_state text, charged int, run_row jsonb, turn_rows jsonb,
  thread uuid, replies_before int, replies int, new_entries jsonb, changed_entries jsonb,
  ledger uuid, last_entry int,
  ids uuid[], ats timestamptz[], actors text[], principals text[], kinds text[], objects text[], runs uuid[], turns uuid[],
  decisions uuid[], payloads text[], salts bytea[], payload_hashes bytea[], befores bytea[], afters bytea[],
  OUT first bigint, OUT entry_before bigint, OUT written text
) LANGUAGE plpgsql AS $$
DECLARE
  amount int;
  kept orchestration_run;
BEGIN
  PERFORM set_config('workroom.organization', organization::text, true);
  PERFORM FROM orchestration_run WHERE id = wanted FOR NO KEY UPDATE;
  PERFORM FROM orchestration_run WHERE id = wanted AND xmin::text = ANY (known);
  IF NOT FOUND
    OR EXISTS (SELECT FROM orchestration_turn AS turn WHERE turn.run_id = wanted AND xmin::text <> ALL (known))
    OR NOT EXISTS (SELECT FROM workrooms_workroom WHERE id = room AND epoch = room_epoch)
    OR labels_around(room, root) <> labels
    OR (root <> wanted AND NOT EXISTS (SELECT FROM orchestration_run WHERE id = root AND state = root_state))
    OR (parent IS NOT NULL AND NOT EXISTS (SELECT FROM orchestration_turn WHERE id = parent AND state = parent_state))
  THEN
    RETURN;
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
  PERFORM FROM workrooms_message WHERE id IN (
    SELECT (said->>'id')::uuid FROM jsonb_array_elements(changed_entries) AS it(said)
  ) FOR NO KEY UPDATE;
  SELECT appended.first, appended.entry_before INTO first, entry_before FROM append_events(
    organization, ledger, last_entry, ids, ats, actors, principals, kinds, objects, runs, turns, decisions, payloads,
    salts, payload_hashes, befores, afters
  ) AS appended;

  INSERT INTO workrooms_message SELECT entry.* FROM jsonb_array_elements(new_entries) AS it(said),
    jsonb_populate_record(NULL::workrooms_message, said || jsonb_build_object(
      'seq', first + (said->>'seq')::bigint, 'changed_seq', first + (said->>'changed_seq')::bigint,
      'previous', coalesce(first + (said->>'previous')::bigint, entry_before)
    )) AS entry;
  UPDATE workrooms_message AS message SET
    kind = said->>'kind', html = said->>'html', changed_seq = first + (said->>'changed_seq')::bigint,
    previous = coalesce(first + (said->>'previous')::bigint, entry_before)
    FROM jsonb_array_elements(changed_entries) AS it(said) WHERE message.id = (said->>'id')::uuid;
  written := pg_current_xact_id()::xid::text;
END
$$;
"""

READ = r"""
CREATE FUNCTION read_run(organization uuid, wanted uuid, OUT known jsonb) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('workroom.organization', organization::text, true);
  SELECT jsonb_build_object(
    'run', to_jsonb(this), 'room', to_jsonb(room), 'budget', to_jsonb(budget), 'root', to_jsonb(root),
    'parent', to_jsonb(parent), 'thread', to_jsonb(thread) - 'html', 'headline', to_jsonb(headline) - 'html',
    'written', jsonb_build_array(this.xmin::text) || of_run.written, 'turns', of_run.turns,
    'calls', (SELECT coalesce(jsonb_agg(to_jsonb(call) ORDER BY call.response, call.position), '[]')
      FROM orchestration_toolcall AS call JOIN orchestration_turn AS step ON step.id = call.turn_id
      WHERE step.run_id = wanted AND step.state = 'claimed'),
    'users', (SELECT jsonb_agg(jsonb_build_object('id', id, 'name', name, 'kind', kind, 'is_active', is_active))
      FROM accounts_user WHERE id = this.requester_id OR id = ANY (of_run.users)),
    'labels', labels_around(room.id, coalesce(this.root_id, wanted)),
    'asked', EXISTS (SELECT FROM orchestration_approval AS approval JOIN orchestration_run AS other
      ON other.id = approval.run_id WHERE coalesce(this.root_id, wanted) IN (other.id, other.root_id))
  ) INTO known
  FROM orchestration_run AS this
  JOIN workrooms_workroom AS room ON room.id = this.workroom_id
  LEFT JOIN orchestration_budget AS budget ON budget.run_id = this.id
  LEFT JOIN orchestration_run AS root ON root.id = this.root_id
  LEFT JOIN orchestration_turn AS parent ON parent.id = this.parent_id
  LEFT JOIN workrooms_message AS thread ON thread.id = this.thread_id
  LEFT JOIN workrooms_message AS headline ON headline.id = this.headline_id AND headline.id <> thread.id
  CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(to_jsonb(step) ORDER BY step.number), '[]') AS turns,
      coalesce(jsonb_agg(step.xmin::text), '[]') AS written, array_agg(step.user_id) AS users
    FROM orchestration_turn AS step WHERE step.run_id = wanted
  ) AS of_run
  WHERE this.id = wanted AND this.state NOT IN ('finished', 'failed', 'stopped');
END
$$;
"""
# A key that is taken from an agent no longer signs: processes keep an opened key for as long as the room's epoch stands.
MOVE_EPOCH = """
CREATE FUNCTION move_epoch_of_agent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE workrooms_workroom AS room SET epoch = gen_random_uuid()
    FROM orchestration_agent AS agent WHERE agent.workroom_id = room.id AND agent.user_id = NEW.user_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER agent_key_taken AFTER UPDATE OF revoked_at ON accounts_agentkey
  FOR EACH ROW WHEN (NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) EXECUTE FUNCTION move_epoch_of_agent();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orchestration", "0008_trials"),
        ("workrooms", "0002_row_security"),
        ("accounts", "0011_append_one_by_one"),
    ]
    operations = [
        migrations.RunSQL(LABELS, "DROP FUNCTION labels_around"),
        migrations.RunSQL(KEEP, "DROP FUNCTION keep_step"),
        migrations.RunSQL(READ, "DROP FUNCTION read_run"),
        migrations.RunSQL(
            MOVE_EPOCH, "DROP TRIGGER agent_key_taken ON accounts_agentkey; DROP FUNCTION move_epoch_of_agent()"
        ),
    ]
