import type { AlertInstance, AlertPhase, AlertState, Labels } from '#lib/model/alert.ts';

/** One row of table alert, and an instance of the state machine at the same time. */
export interface AlertRow extends AlertInstance {
  id: string;
  fingerprint: string;
  labels: Labels;
}

export interface StoredAlertRow {
  id: string;
  fingerprint: string;
  labels: Labels;
  state: AlertState;
  held_phase: AlertPhase | null;
  missing_since: Date | null;
  value: number | null;
  threshold: number | null;
  sentence: string;
  pending_since: Date | null;
  firing_since: Date | null;
  recovering_since: Date | null;
  resolved_at: Date | null;
}

export const ALERT_COLUMNS =
  'id, fingerprint, labels, state, held_phase, missing_since, value, threshold, sentence, pending_since, firing_since, recovering_since, resolved_at';

/** A stored row in the words of the model. */
export function readAlertRow(row: StoredAlertRow): AlertRow {
  return {
    id: row.id,
    fingerprint: row.fingerprint,
    labels: row.labels,
    state: row.state,
    heldPhase: row.held_phase,
    missingSince: row.missing_since,
    value: row.value,
    threshold: row.threshold,
    sentence: row.sentence,
    pendingSince: row.pending_since,
    firingSince: row.firing_since,
    recoveringSince: row.recovering_since,
    resolvedAt: row.resolved_at,
  };
}
