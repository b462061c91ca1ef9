import { z } from 'zod';
import { phaseOf } from '#lib/alert/evaluate-alert.ts';
import { groupKeyOf } from '#lib/alert/group-key.ts';
import { linkAlert, subjectPath } from '#lib/alert/link-alert.ts';
import { findSilence } from '#lib/alert/match-silence.ts';
import type { AlertPhase, AlertState, Labels } from '#lib/model/alert.ts';
import { readActiveSilences } from '#lib/store/alerts/read-active-silences.ts';
import { readToldEndpoints } from '#lib/store/alerts/read-told-endpoints.ts';
import type { Store } from '#lib/store/store.ts';
import { listSchema, timeSchema } from '#lib/wire.ts';

const STATES = ['normal', 'pending', 'firing', 'recovering', 'no-data', 'error'] as const;

export const alertSchema = z.object({
  id: z.uuid(),
  ruleId: z.uuid(),
  rule: z.string(),
  severity: z.string(),
  fingerprint: z.string(),
  labels: z.record(z.string(), z.string()),
  state: z.enum(STATES),
  /** firing and recovering are told; differs from `state` while the figure is unknown. */
  phase: z.enum(['normal', 'pending', 'firing', 'recovering']),
  sentence: z.string(),
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  pendingSince: timeSchema.nullable(),
  firingSince: timeSchema.nullable(),
  recoveringSince: timeSchema.nullable(),
  resolvedAt: timeSchema.nullable(),
  missingSince: timeSchema.nullable(),
  lastEvaluatedAt: timeSchema,
  silencedBy: z.object({ id: z.uuid(), endsAt: timeSchema }).nullable(),
  /** Endpoints that have a say in its group: whether they were told that it fires, and what became of the last message. */
  told: z.array(z.object({ endpointId: z.uuid(), endpoint: z.string(), firing: z.boolean(), deliveryId: z.string().nullable(), state: z.string().nullable(), at: timeSchema.nullable(), error: z.string().nullable(), nextNotifyAt: timeSchema.nullable() })),
  /** Where the trouble itself is shown. */
  path: z.string(),
  /** A silence of exactly this alert, filled in. */
  silencePath: z.string(),
});
export const alertsSchema = listSchema(alertSchema);
export type AlertView = z.output<typeof alertSchema>;

export const alertQuerySchema = z.object({
  phase: z.enum(['active', 'pending', 'resolved', 'all']).default('all'),
  /** Alerts of this cluster, and those that are of none in particular. */
  cluster: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});

const ORDER: Record<AlertPhase, number> = { firing: 0, recovering: 1, pending: 2, normal: 3 };
const SEVERITY: Record<string, number> = { critical: 0, warning: 1, info: 2 };

/** Firing first (critical before warning, the oldest first), then pending, then the latest resolved. `total` counts what the filter fits. */
export async function listAlerts(store: Store, query: z.output<typeof alertQuerySchema>, now: Date): Promise<{ items: AlertView[]; nextCursor: null; total: number }> {
  const [rows, rules, silences] = await Promise.all([
    // Bounded on both sides: what goes on is all read, what has resolved is read from its end.
    Promise.all([
      store.prisma.alert.findMany({ where: { state: { not: 'normal' } }, take: 5_000 }),
      store.prisma.alert.findMany({ where: { state: 'normal', resolvedAt: { not: null } }, orderBy: { resolvedAt: 'desc' }, take: 200 }),
    ]).then((parts) => parts.flat()),
    store.prisma.alertRule.findMany({ select: { id: true, name: true, severity: true } }),
    readActiveSilences(store, now),
  ]);
  const wanted = rows
    .map((row) => ({ row, labels: row.labels as Labels, phase: phaseOf({ state: row.state as AlertState, heldPhase: row.heldPhase as AlertPhase | null }) }))
    .filter(({ row, labels, phase }) => {
      if (query.cluster !== undefined && labels['cluster'] !== undefined && labels['cluster'] !== query.cluster) return false;
      switch (query.phase) {
        case 'active':
          return phase === 'firing' || phase === 'recovering';
        case 'pending':
          return phase === 'pending';
        case 'resolved':
          return row.state === 'normal';
        case 'all':
          return phase !== 'normal' || row.resolvedAt !== null;
      }
    })
    .toSorted(
      (left, right) =>
        ORDER[left.phase] - ORDER[right.phase] ||
        (SEVERITY[left.labels['severity'] ?? ''] ?? 3) - (SEVERITY[right.labels['severity'] ?? ''] ?? 3) ||
        (left.phase === 'normal' ? time(right.row.resolvedAt) - time(left.row.resolvedAt) : time(left.row.firingSince ?? left.row.pendingSince) - time(right.row.firingSince ?? right.row.pendingSince)) ||
        (left.row.sentence < right.row.sentence ? -1 : 1),
    );
  const page = wanted.slice(0, query.limit);
  const told = await readToldEndpoints(store, [...new Set(page.map(({ row, labels }) => groupKeyOf(row.ruleId, labels)))]);
  return {
    items: page.map(({ row, labels, phase }): AlertView => {
      const rule = rules.find((entry) => entry.id === row.ruleId);
      const silence = findSilence(silences, labels, now);
      return {
        id: row.id,
        ruleId: row.ruleId,
        rule: rule?.name ?? labels['alertname'] ?? 'a deleted rule',
        severity: labels['severity'] ?? 'warning',
        fingerprint: row.fingerprint,
        labels: { ...labels },
        state: STATES.find((state) => state === row.state) ?? 'error',
        phase,
        sentence: row.sentence,
        value: row.value,
        threshold: row.threshold,
        pendingSince: row.pendingSince?.toISOString() ?? null,
        firingSince: row.firingSince?.toISOString() ?? null,
        recoveringSince: row.recoveringSince?.toISOString() ?? null,
        resolvedAt: row.resolvedAt?.toISOString() ?? null,
        missingSince: row.missingSince?.toISOString() ?? null,
        lastEvaluatedAt: row.lastEvaluatedAt.toISOString(),
        silencedBy: silence === null ? null : { id: silence.id, endsAt: silence.endsAt.toISOString() },
        told: told
          .filter((entry) => entry.group_key === groupKeyOf(row.ruleId, labels))
          .map((entry) => ({
            endpointId: entry.endpoint_id,
            endpoint: entry.endpoint,
            firing: entry.told_firing.includes(row.fingerprint),
            deliveryId: entry.delivery_id,
            state: entry.delivery_state,
            at: entry.delivery_at?.toISOString() ?? null,
            error: entry.error,
            nextNotifyAt: entry.next_notify_at?.toISOString() ?? null,
          })),
        path: subjectPath(labels),
        silencePath: linkAlert('', row.ruleId, labels).silenceUrl,
      };
    }),
    nextCursor: null,
    total: wanted.length,
  };
}

function time(at: Date | null): number {
  return at?.getTime() ?? 0;
}
