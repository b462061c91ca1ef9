import type { AlertInstance, Labels } from '#lib/model/alert.ts';
import type { Statements } from '../store.ts';

export interface SavedAlert extends AlertInstance {
  fingerprint: string;
  labels: Labels;
}

/** Writes instances of one rule in one statement; rows are found by (rule, fingerprint). */
export async function saveAlerts(tx: Statements, ruleId: string, alerts: readonly SavedAlert[], now: Date): Promise<void> {
  if (alerts.length === 0) return;
  await tx.execute(
    `insert into alert (id, rule_id, fingerprint, labels, state, held_phase, missing_since, value, threshold, sentence,
                        pending_since, firing_since, recovering_since, resolved_at, last_evaluated_at)
     select gen_random_uuid(), $1, x.fingerprint, x.labels, x.state, x.held_phase, x.missing_since, x.value, x.threshold, x.sentence,
            x.pending_since, x.firing_since, x.recovering_since, x.resolved_at, $2
     from unnest($3::text[], $4::jsonb[], $5::text[], $6::text[], $7::timestamptz[], $8::float8[], $9::float8[], $10::text[],
                 $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[])
       as x (fingerprint, labels, state, held_phase, missing_since, value, threshold, sentence, pending_since, firing_since, recovering_since, resolved_at)
     on conflict (rule_id, fingerprint) do update set
       labels = excluded.labels, state = excluded.state, held_phase = excluded.held_phase, missing_since = excluded.missing_since,
       value = excluded.value, threshold = excluded.threshold, sentence = excluded.sentence, pending_since = excluded.pending_since,
       firing_since = excluded.firing_since, recovering_since = excluded.recovering_since, resolved_at = excluded.resolved_at,
       last_evaluated_at = excluded.last_evaluated_at`,
    [
      ruleId,
      now,
      alerts.map((alert) => alert.fingerprint),
      alerts.map((alert) => JSON.stringify(alert.labels)),
      alerts.map((alert) => alert.state),
      alerts.map((alert) => alert.heldPhase),
      alerts.map((alert) => alert.missingSince),
      alerts.map((alert) => alert.value),
      alerts.map((alert) => alert.threshold),
      alerts.map((alert) => alert.sentence),
      alerts.map((alert) => alert.pendingSince),
      alerts.map((alert) => alert.firingSince),
      alerts.map((alert) => alert.recoveringSince),
      alerts.map((alert) => alert.resolvedAt),
    ],
  );
}
