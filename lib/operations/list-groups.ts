import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { LAG_STATUSES, type LagStatus } from '#lib/model/lag.ts';
import { readGroups } from '#lib/store/lag/read-groups.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, listSchema, type Page, pageQuerySchema } from '#lib/wire.ts';
import { type GroupSummary, groupSummarySchema, toGroupSummary } from './group-shape.ts';

const SORTS = ['urgency', 'group', 'lag', '-lag', 'lagSeconds', '-lagSeconds', 'members', '-members', '-group'] as const;

export const listGroupsQuerySchema = pageQuerySchema.extend({
  /** One or several, comma-separated. */
  status: z.string().max(200).optional(),
  /** Part of the group's or a topic's name. */
  search: z.string().max(200).optional(),
  /** Groups that committed in this topic. */
  topic: z.string().max(249).optional(),
  sort: z.enum(SORTS).default('urgency'),
});
export const listGroupsResponseSchema = listSchema(groupSummarySchema);

export interface ListGroupsInput {
  /** Name; null = every cluster. */
  cluster: string | null;
  status?: string | undefined;
  search?: string | undefined;
  topic?: string | undefined;
  sort?: (typeof SORTS)[number] | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
  now: Date;
}

/**
 * Groups with lag, age and status, most urgent first unless sorted otherwise. Every figure is derived from stored offsets as of `now`.
 * @throws WaybillError `cluster-not-found` 404, `bad-cursor` 400
 */
export async function listGroups(store: Store, input: ListGroupsInput): Promise<Page<GroupSummary>> {
  if (input.cluster !== null) await requireCluster(store, input.cluster);
  const start = input.cursor === undefined ? [0] : decodeCursor(input.cursor, 1);
  const from = start?.[0];
  if (typeof from !== 'number' || !Number.isInteger(from) || from < 0) throw new WaybillError('bad-cursor', 'The cursor is not one that this list gave. Start without one.');
  const statuses = input.status === undefined || input.status === '' ? null : new Set(input.status.split(','));
  const search = input.search?.trim().toLowerCase() ?? '';
  const rows = await readGroups(store, { cluster: input.cluster, group: null, now: input.now });
  const items = rows
    .map((row) => toGroupSummary(row, input.now))
    .filter((group) => statuses === null || statuses.has(group.status))
    .filter((group) => input.topic === undefined || group.topics.includes(input.topic))
    .filter((group) => search === '' || group.group.toLowerCase().includes(search) || group.topics.some((topic) => topic.toLowerCase().includes(search)))
    .toSorted(comparison(input.sort ?? 'urgency'));
  const limit = input.limit ?? 100;
  const next = from + limit;
  return { items: items.slice(from, next), nextCursor: next < items.length ? encodeCursor([next]) : null, total: items.length };
}

/** @throws WaybillError `cluster-not-found` 404 */
export async function requireCluster(store: Store, name: string): Promise<number> {
  const cluster = await store.prisma.cluster.findUnique({ where: { name }, select: { id: true } });
  if (!cluster) throw new WaybillError('cluster-not-found', `No cluster "${name}" was read yet. Check the name in the configuration, and that the offsets collector runs.`, { status: 404 });
  return cluster.id;
}

const urgency = new Map<LagStatus, number>(LAG_STATUSES.map((status, i) => [status, i]));

/** Most urgent first: by status, then by age, then by records, then by name. */
export function byUrgency(a: GroupSummary, b: GroupSummary): number {
  return (urgency.get(a.status) ?? 99) - (urgency.get(b.status) ?? 99) || (b.lagSeconds ?? -1) - (a.lagSeconds ?? -1) || compareLag(b, a) || a.group.localeCompare(b.group);
}

function compareLag(a: GroupSummary, b: GroupSummary): number {
  const left = a.lag === null ? -1n : BigInt(a.lag);
  const right = b.lag === null ? -1n : BigInt(b.lag);
  return left < right ? -1 : left > right ? 1 : 0;
}

function comparison(sort: (typeof SORTS)[number]): (a: GroupSummary, b: GroupSummary) => number {
  switch (sort) {
    case 'urgency':
      return byUrgency;
    case 'group':
      return (a, b) => a.group.localeCompare(b.group);
    case '-group':
      return (a, b) => b.group.localeCompare(a.group);
    case 'lag':
      return compareLag;
    case '-lag':
      return (a, b) => compareLag(b, a);
    case 'lagSeconds':
      return (a, b) => (a.lagSeconds ?? -1) - (b.lagSeconds ?? -1);
    case '-lagSeconds':
      return (a, b) => (b.lagSeconds ?? -1) - (a.lagSeconds ?? -1);
    case 'members':
      return (a, b) => (a.members ?? -1) - (b.members ?? -1);
    case '-members':
      return (a, b) => (b.members ?? -1) - (a.members ?? -1);
  }
}
