import { z } from 'zod';
import { describeKind } from '#lib/hygiene/describe-kind.ts';
import { FINDING_KINDS } from '#lib/model/hygiene.ts';
import type { FindingRow, LookRow } from '#lib/store/hygiene/findings.ts';
import { timeSchema } from '#lib/wire.ts';

const kindSchema = z.enum(FINDING_KINDS);
const severitySchema = z.enum(['critical', 'warning', 'info']);

/** A finding as it is sent: what is wrong, since when, the evidence and how to mend it. */
export const findingSchema = z.object({
  id: z.uuid(),
  cluster: z.string(),
  kind: kindSchema,
  title: z.string(),
  severity: severitySchema,
  state: z.enum(['open', 'muted', 'resolved']),
  topic: z.string().nullable(),
  group: z.string().nullable(),
  service: z.string().nullable(),
  sentence: z.string(),
  means: z.string(),
  mend: z.array(z.string()),
  /** Since when it is open; of a resolved one since when it was. */
  since: timeSchema,
  /** The newest evidence. */
  lastSeen: timeSchema,
  /** When a detector last found it. */
  detectedAt: timeSchema,
  resolvedAt: timeSchema.nullable(),
  mute: z.object({ until: timeSchema, reason: z.string(), by: z.string(), at: timeSchema }).nullable(),
  facts: z.array(z.object({ label: z.string(), value: z.union([z.number(), z.string()]).nullable(), unit: z.enum(['count', 'bytes', 'share', 'ms', 'text']) })),
  examples: z.array(z.object({ note: z.string(), records: z.array(z.object({ topic: z.string(), partition: z.number().int(), offset: z.string(), at: timeSchema.nullable() })), before: z.string().nullable(), after: z.string().nullable() })),
});
export type FindingWire = z.infer<typeof findingSchema>;

/** What a detector last looked at, and what it could not know. */
export const lookSchema = z.object({ cluster: z.string(), kind: kindSchema, title: z.string(), lookedAt: timeSchema, subjects: z.number().int(), unknown: z.string().nullable() });
export type LookWire = z.infer<typeof lookSchema>;

export function toFinding(row: FindingRow, now: Date): FindingWire {
  const words = describeKind(row.kind);
  // A mute that is over is history: the audit trail has it.
  const muted = row.mutedUntil !== null && row.mutedUntil > now;
  return {
    id: row.id, cluster: row.cluster, kind: row.kind, title: words.title, severity: row.severity, state: row.state === 'resolved' ? 'resolved' : muted ? 'muted' : 'open',
    topic: row.topic || null, group: row.group || null, service: row.service || null, sentence: row.sentence, means: words.means, mend: [...words.mend],
    since: row.openedAt.toISOString(), lastSeen: row.seenAt.toISOString(), detectedAt: row.detectedAt.toISOString(), resolvedAt: row.resolvedAt?.toISOString() ?? null,
    mute: muted ? { until: row.mutedUntil!.toISOString(), reason: row.mutedReason ?? '', by: row.mutedBy ?? 'unknown', at: (row.mutedAt ?? row.mutedUntil!).toISOString() } : null,
    facts: row.facts, examples: row.examples,
  };
}

export function toLook(row: LookRow): LookWire {
  return { cluster: row.cluster, kind: row.kind, title: describeKind(row.kind).title, lookedAt: row.lookedAt.toISOString(), subjects: row.subjects, unknown: row.unknown };
}
