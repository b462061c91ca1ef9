import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { LAG_STATUSES, type LagStatus } from '#lib/model/lag.ts';
import { readGroups } from '#lib/store/lag/read-groups.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, listSchema, type Page, pageQuerySchema } from '#lib/wire.ts';
import { type GroupAsOf, groupAsOf, type GroupSummary, groupSummarySchema, toGroupSummary } from './group-shape.ts';

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
  const found = rows
    .map((row) => groupAsOf(row, input.now))
    .filter((group) => statuses === null || statuses.has(group.status))
    .filter(({ row }) => input.topic === undefined || row.topics.includes(input.topic))
    .filter(({ row }) => search === '' || row.name.toLowerCase().includes(search) || row.topics.some((topic) => topic.toLowerCase().includes(search)))
    .toSorted(comparison(input.sort ?? 'urgency'));
  const limit = input.limit ?? 100;
  const next = from + limit;
  // Sentences and times as text only for what is sent.
  return { items: found.slice(from, next).map(toGroupSummary), nextCursor: next < found.length ? encodeCursor([next]) : null, total: found.length };
}

/** @throws WaybillError `cluster-not-found` 404 */
export async function requireCluster(store: Store, name: string): Promise<number> {
  const cluster = await store.prisma.cluster.findUnique({ where: { name }, select: { id: true } });
  if (!cluster) throw new WaybillError('cluster-not-found', `No cluster "${name}" was read yet. Check the name in the configuration, and that the offsets collector runs.`, { status: 404 });
  return cluster.id;
}

const urgency = new Map<LagStatus, number>(LAG_STATUSES.map((status, i) => [status, i]));

/** Most urgent first: by status, then by age, then by records, then by name. */
function byUrgency(a: GroupAsOf, b: GroupAsOf): number {
  return (urgency.get(a.status) ?? 99) - (urgency.get(b.status) ?? 99) || byAge(b, a) || byLag(b, a) || byName(a, b);
}

function byLag(a: GroupAsOf, b: GroupAsOf): number {
  const left = a.row.lag ?? -1n;
  const right = b.row.lag ?? -1n;
  return left < right ? -1 : left > right ? 1 : 0;
}

function byAge(a: GroupAsOf, b: GroupAsOf): number {
  return (a.lagSeconds ?? -1) - (b.lagSeconds ?? -1);
}

function byMembers(a: GroupAsOf, b: GroupAsOf): number {
  return (a.row.member_count ?? -1) - (b.row.member_count ?? -1);
}

function byName(a: GroupAsOf, b: GroupAsOf): number {
  return a.row.name.localeCompare(b.row.name);
}

const ORDERS: Record<string, (a: GroupAsOf, b: GroupAsOf) => number> = { group: byName, lag: byLag, lagSeconds: byAge, members: byMembers };

function comparison(sort: (typeof SORTS)[number]): (a: GroupAsOf, b: GroupAsOf) => number {
  if (sort === 'urgency') return byUrgency;
  const descends = sort.startsWith('-');
  const order = ORDERS[descends ? sort.slice(1) : sort] ?? byUrgency;
  return descends ? (a, b) => order(b, a) : order;
}
