"""Budgets of organizations and rooms, reserved with the run's in one statement; rates, and what is out of use."""

import django.db.models.deletion
import django.db.models.expressions
import uuid_utils.compat
from django.db import migrations, models

from accounts.row_security import protect

FUNCTIONS = """
CREATE FUNCTION month_of(moment timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
  SELECT date_trunc('month', moment AT TIME ZONE 'UTC')::date
$$;

-- Lock the allowance of an organization (no room) or of a room for a month; a new month begins with the caps before it.
CREATE FUNCTION open_allowance(whose uuid, room uuid, of_month date) RETURNS orchestration_allowance
LANGUAGE plpgsql AS $$
DECLARE
  kept orchestration_allowance;
BEGIN
  SELECT * INTO kept FROM orchestration_allowance
    WHERE organization_id = whose AND workroom_id IS NOT DISTINCT FROM room AND month = of_month FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO orchestration_allowance
      (id, created_at, organization_id, workroom_id, month, tokens_cap, microcents_cap, tokens, microcents,
       unpriced_tokens, tokens_reserved, microcents_reserved, tokens_excused, microcents_excused)
      SELECT gen_random_uuid(), now(), whose, room, of_month, before.tokens_cap, before.microcents_cap,
             0, 0, 0, 0, 0, 0, 0
      FROM (SELECT 1) one LEFT JOIN LATERAL (
        SELECT tokens_cap, microcents_cap FROM orchestration_allowance
        WHERE organization_id = whose AND workroom_id IS NOT DISTINCT FROM room AND month < of_month
        ORDER BY month DESC LIMIT 1) before ON true
      ON CONFLICT DO NOTHING;
    SELECT * INTO kept FROM orchestration_allowance
      WHERE organization_id = whose AND workroom_id IS NOT DISTINCT FROM room AND month = of_month FOR UPDATE;
  END IF;
  RETURN kept;
END $$;

-- What of a cap is too little for what is wanted: 'tokens', 'cost', 'price' (only cost is capped and it is unknown).
CREATE FUNCTION too_little(tokens_cap bigint, tokens_used bigint, tokens_wanted bigint,
                           cost_cap bigint, cost_used bigint, cost_wanted bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN tokens_used + tokens_wanted > tokens_cap THEN 'tokens'
    WHEN cost_used + cost_wanted > cost_cap THEN 'cost'
    WHEN cost_wanted IS NULL AND cost_cap IS NOT NULL AND tokens_cap IS NULL THEN 'price' END
$$;

-- Set aside, at every level or at none, what a turn's next call may take at most. Locks: turn, organization, room, run.
-- Returns null, or which level is short of what: {"level", "short", "cap", "spent"}.
CREATE FUNCTION reserve_budget(of_turn uuid, wanted bigint, cost bigint, turn_tokens bigint, turn_microcents bigint)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t record;
  organization orchestration_allowance;
  room orchestration_allowance;
  budget orchestration_budget;
  short text;
BEGIN
  SELECT turn.*, run.workroom_id, coalesce(run.root_id, run.id) AS root INTO STRICT t
    FROM orchestration_turn turn JOIN orchestration_run run ON run.id = turn.run_id
    WHERE turn.id = of_turn FOR UPDATE OF turn;
  organization := open_allowance(t.organization_id, NULL, month_of(t.created_at));
  room := open_allowance(t.organization_id, t.workroom_id, month_of(t.created_at));
  SELECT * INTO STRICT budget FROM orchestration_budget WHERE run_id = t.root FOR UPDATE;

  short := too_little(organization.tokens_cap, organization.tokens + organization.tokens_reserved, wanted,
    organization.microcents_cap, organization.microcents + organization.microcents_reserved, cost);
  IF short IS NOT NULL THEN
    RETURN jsonb_build_object('level', 'organization', 'short', short, 'cap',
      CASE short WHEN 'tokens' THEN organization.tokens_cap ELSE organization.microcents_cap END,
      'spent', CASE short WHEN 'tokens' THEN organization.tokens ELSE organization.microcents END);
  END IF;
  short := too_little(room.tokens_cap, room.tokens + room.tokens_reserved, wanted,
    room.microcents_cap, room.microcents + room.microcents_reserved, cost);
  IF short IS NOT NULL THEN
    RETURN jsonb_build_object('level', 'room', 'short', short, 'cap',
      CASE short WHEN 'tokens' THEN room.tokens_cap ELSE room.microcents_cap END,
      'spent', CASE short WHEN 'tokens' THEN room.tokens ELSE room.microcents END);
  END IF;
  short := too_little(budget.tokens_cap, budget.tokens + budget.tokens_reserved, wanted,
    budget.microcents_cap, budget.microcents + budget.microcents_reserved, cost);
  IF short IS NOT NULL THEN
    RETURN jsonb_build_object('level', 'run', 'short', short, 'cap',
      CASE short WHEN 'tokens' THEN budget.tokens_cap ELSE budget.microcents_cap END,
      'spent', CASE short WHEN 'tokens' THEN budget.tokens ELSE budget.microcents END);
  END IF;
  short := too_little(turn_tokens, t.tokens + t.tokens_reserved, wanted,
    turn_microcents, t.microcents + t.microcents_reserved, cost);
  IF short IN ('tokens', 'cost') THEN
    RETURN jsonb_build_object('level', 'agent', 'short', short, 'cap',
      CASE short WHEN 'tokens' THEN turn_tokens ELSE turn_microcents END,
      'spent', CASE short WHEN 'tokens' THEN t.tokens ELSE t.microcents END);
  END IF;

  UPDATE orchestration_allowance SET tokens_reserved = tokens_reserved + wanted,
    microcents_reserved = microcents_reserved + coalesce(cost, 0) WHERE id IN (organization.id, room.id);
  UPDATE orchestration_budget SET tokens_reserved = tokens_reserved + wanted,
    microcents_reserved = microcents_reserved + coalesce(cost, 0) WHERE id = budget.id;
  UPDATE orchestration_turn SET tokens_reserved = tokens_reserved + wanted,
    microcents_reserved = microcents_reserved + coalesce(cost, 0) WHERE id = of_turn;
  RETURN NULL;
END $$;

-- Book what a call took (a null cost is unknown) and give back what its turn has reserved, at every level. A turn that
-- was taken anew since (`by_attempt` is another; null: whoever) has given its reservation back already. What was reserved
-- before there were allowances is in none.
CREATE FUNCTION settle_budget(of_turn uuid, by_attempt int, took bigint, cost bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  t record;
  spent bigint := coalesce(cost, 0);
  unpriced bigint := CASE WHEN cost IS NULL THEN took ELSE 0 END;
  held bigint := 0;
  held_cost bigint := 0;
  part uuid;
BEGIN
  SELECT turn.*, run.workroom_id, coalesce(run.root_id, run.id) AS root INTO STRICT t
    FROM orchestration_turn turn JOIN orchestration_run run ON run.id = turn.run_id
    WHERE turn.id = of_turn FOR UPDATE OF turn;
  IF by_attempt IS NULL OR by_attempt = t.attempt THEN
    held := t.tokens_reserved;
    held_cost := t.microcents_reserved;
  END IF;
  FOREACH part IN ARRAY ARRAY[(open_allowance(t.organization_id, NULL, month_of(t.created_at))).id,
                              (open_allowance(t.organization_id, t.workroom_id, month_of(t.created_at))).id] LOOP
    UPDATE orchestration_allowance SET
      tokens = tokens + took, microcents = microcents + spent, unpriced_tokens = unpriced_tokens + unpriced,
      tokens_reserved = greatest(0, tokens_reserved - held),
      microcents_reserved = greatest(0, microcents_reserved - held_cost),
      tokens_excused = greatest(tokens_excused, tokens + took + tokens_reserved - held - tokens_cap),
      microcents_excused =
        greatest(microcents_excused, microcents + spent + microcents_reserved - held_cost - microcents_cap)
      WHERE id = part;
  END LOOP;
  UPDATE orchestration_budget SET
    tokens = tokens + took, microcents = microcents + spent, unpriced_tokens = unpriced_tokens + unpriced,
    tokens_reserved = tokens_reserved - held, microcents_reserved = microcents_reserved - held_cost,
    tokens_excused = greatest(tokens_excused, tokens + took + tokens_reserved - held - tokens_cap),
    microcents_excused =
      greatest(microcents_excused, microcents + spent + microcents_reserved - held_cost - microcents_cap)
    WHERE run_id = t.root;
  UPDATE orchestration_turn SET
    tokens = tokens + took, microcents = microcents + spent, unpriced_tokens = unpriced_tokens + unpriced,
    tokens_reserved = tokens_reserved - held, microcents_reserved = microcents_reserved - held_cost
    WHERE id = of_turn;
END $$;
"""
UNDONE = """
DROP FUNCTION settle_budget, reserve_budget, too_little, open_allowance, month_of
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_stream'),
        ('orchestration', '0003_quorum'),
        ('workrooms', '0002_row_security'),
    ]

    operations = [
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('month', models.DateField()),
                ('tokens_cap', models.PositiveBigIntegerField(null=True)),
                ('microcents_cap', models.PositiveBigIntegerField(null=True)),
                ('tokens', models.PositiveBigIntegerField(default=0)),
                ('microcents', models.PositiveBigIntegerField(default=0)),
                ('unpriced_tokens', models.PositiveBigIntegerField(default=0)),
                ('tokens_reserved', models.PositiveBigIntegerField(default=0)),
                ('microcents_reserved', models.PositiveBigIntegerField(default=0)),
                ('tokens_excused', models.PositiveBigIntegerField(default=0)),
                ('microcents_excused', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Breaker',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('object', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('closed', 'Closed'), ('open', 'Open'), ('quarantined', 'Quarantined')], default='closed', max_length=12)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('failing_since', models.DateTimeField(null=True)),
                ('retry_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.AddField(
            model_name='budget',
            name='microcents_excused',
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='budget',
            name='tokens_excused',
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='endpoint',
            name='burst',
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name='endpoint',
            name='rate',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='burst',
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name='source',
            name='rate',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='target',
            name='burst',
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name='target',
            name='rate',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='turn',
            name='unpriced_tokens',
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('tokens_cap', None), ('tokens_cap__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('tokens'), '+', models.F('tokens_reserved')), '-', models.F('tokens_excused'))), _connector='OR'), name='budget_tokens_within_cap'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('microcents_cap', None), ('microcents_cap__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('microcents'), '+', models.F('microcents_reserved')), '-', models.F('microcents_excused'))), _connector='OR'), name='budget_microcents_within_cap'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('turns__lte', models.F('turns_cap'))), name='budget_turns_within_cap'),
        ),
        migrations.AddField(
            model_name='allowance',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='allowance',
            name='workroom',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='allowances', to='workrooms.workroom'),
        ),
        migrations.AddField(
            model_name='breaker',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='breaker',
            name='workroom',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workrooms.workroom'),
        ),
        migrations.AddConstraint(
            model_name='allowance',
            constraint=models.UniqueConstraint(fields=('organization', 'workroom', 'month'), name='one_allowance_a_month', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='allowance',
            constraint=models.CheckConstraint(condition=models.Q(('tokens_cap', None), ('tokens_cap__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('tokens'), '+', models.F('tokens_reserved')), '-', models.F('tokens_excused'))), _connector='OR'), name='allowance_tokens_within_cap'),
        ),
        migrations.AddConstraint(
            model_name='allowance',
            constraint=models.CheckConstraint(condition=models.Q(('microcents_cap', None), ('microcents_cap__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('microcents'), '+', models.F('microcents_reserved')), '-', models.F('microcents_excused'))), _connector='OR'), name='allowance_microcents_within_cap'),
        ),
        migrations.AddConstraint(
            model_name='breaker',
            constraint=models.UniqueConstraint(fields=('organization', 'object'), name='one_breaker_per_object'),
        ),
        protect("orchestration_allowance", "orchestration_breaker"),
        migrations.RunSQL(FUNCTIONS, UNDONE),
    ]
