import { z } from 'zod';
import { isActive } from '#lib/alert/evaluate-alert.ts';
import { matchesAll } from '#lib/alert/match-silence.ts';
import type { AlertPhase, AlertState, Labels } from '#lib/model/alert.ts';
import type { Store } from '#lib/store/store.ts';
import { listSchema, timeSchema } from '#lib/wire.ts';
import { matchersSchema } from './alert-rule-shape.ts';

export const silenceSchema = z.object({
  id: z.uuid(),
  matchers: matchersSchema,
  state: z.enum(['planned', 'active', 'over']),
  startsAt: timeSchema,
  endsAt: timeSchema,
  author: z.string(),
  comment: z.string(),
  /** Alerts that fire now and are kept quiet by it. */
  silencing: z.number().int(),
});
export const silencesSchema = listSchema(silenceSchema);
export const silenceQuerySchema = z.object({ state: z.enum(['planned', 'active', 'over']).optional() });

export type SilenceView = z.output<typeof silenceSchema>;

/** Silences in force and planned, then those that ended within 30 days, the latest first. At most 500. */
export async function listSilences(store: Store, now: Date, query: z.output<typeof silenceQuerySchema> = {}): Promise<{ items: SilenceView[]; nextCursor: null; total: number }> {
  const [rows, alerts] = await Promise.all([
    store.prisma.silence.findMany({ where: { endsAt: { gt: new Date(now.getTime() - 30 * 86_400_000) } }, orderBy: { endsAt: 'desc' }, take: 500 }),
    store.prisma.alert.findMany({ where: { state: { not: 'normal' } }, select: { labels: true, state: true, heldPhase: true }, take: 10_000 }),
  ]);
  const active = alerts.filter((alert) => isActive({ state: alert.state as AlertState, heldPhase: alert.heldPhase as AlertPhase | null }));
  const items = rows.flatMap((row): SilenceView[] => {
    const matchers = matchersSchema.safeParse(row.matchers);
    if (!matchers.success) return [];
    const endsAt = row.endedAt !== null && row.endedAt < row.endsAt ? row.endedAt : row.endsAt;
    const state = endsAt <= now ? 'over' : row.startsAt > now ? 'planned' : 'active';
    return [
      {
        id: row.id,
        matchers: matchers.data,
        state,
        startsAt: row.startsAt.toISOString(),
        endsAt: endsAt.toISOString(),
        author: row.author,
        comment: row.comment,
        silencing: state === 'active' ? active.filter((alert) => matchesAll(matchers.data, alert.labels as Labels)).length : 0,
      },
    ];
  });
  const order = { active: 0, planned: 1, over: 2 };
  const wanted = items.filter((item) => query.state === undefined || item.state === query.state).toSorted((left, right) => order[left.state] - order[right.state]);
  return { items: wanted, nextCursor: null, total: wanted.length };
}
