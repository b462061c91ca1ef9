import { z } from 'zod';
import type { Block } from '#lib/lag/diagnosis-facts.ts';
import { type Attempt, type DeadRecord } from '#lib/lag/handling.ts';
import type { WrongClock } from '#lib/lag/judge-clock.ts';
import { type Movement, movementOf, MOVEMENT_SPAN_MS } from '#lib/lag/movement.ts';
import { type Label, offsetLabel } from '#lib/lag/offset-label.ts';
import type { GroupPartitionFigures } from '#lib/store/lag/read-group-partitions.ts';
import { readBlocked, readMemberEvents, readTopicSurroundings } from '#lib/store/lag/read-group-surroundings.ts';
import { readHandling } from '#lib/store/lag/read-handling.ts';
import { readMovement } from '#lib/store/lag/read-movement.ts';
import type { Store } from '#lib/store/store.ts';

/** Over what time attempts, errors and changes of members are counted. */
export const EVIDENCE_SPAN_MS = 900_000;
/** Partitions whose spans are looked at, those with most lag first. */
const MAX_TRACED = 200;
/** Beyond the commit: what is being processed now, and not committed yet. */
const AHEAD = 500n;

export interface PartitionSurroundings {
  produced: Movement;
  consumed: Movement;
  logStartPerSecond: number | null;
  block: Block | null;
  attempts: Attempt[];
  deadRecords: DeadRecord[];
}

export interface TopicSettings {
  retentionMs: number | 'forever' | null;
  deletesBySize: boolean | null;
  label: Label | null;
  clocks: readonly WrongClock[];
}

export interface GroupEvidence {
  /** By `<topic id>:<partition>`. */
  partitions: ReadonlyMap<string, PartitionSurroundings>;
  /** By topic id. */
  topics: ReadonlyMap<number, TopicSettings>;
  attempts: readonly Attempt[];
  deadRecords: readonly DeadRecord[];
  events: { rebalances: number; changes: number; joined: number; left: number; spanMs: number };
  missingTopics: string[];
}

const transactionsSchema = z
  .array(
    z.object({
      producerId: z.string().transform(BigInt),
      producerEpoch: z.number(),
      startOffset: z.string().transform(BigInt),
      lastAt: z.number().nullable(),
      transactionalId: z.string().nullable(),
      state: z.string().nullable(),
      startedAt: z.number().nullable(),
      timeoutMs: z.number().nullable(),
      coordinator: z.number().nullable(),
    }),
  )
  .catch([]);

/**
 * What lies around a group's offsets: how fast they move, what spans and dead letters say of the records, open transactions, settings of the topics,
 * what happened to the members. All from the store, bounded; what is not there is null.
 * @param asOfMs when the current offsets were read; null where they are too old to tell a rate
 */
export async function readGroupEvidence(
  store: Store,
  input: { clusterId: number; groupId: number; group: string; partitions: readonly GroupPartitionFigures[]; subscriptions: readonly string[]; asOfMs: number | null; now: Date },
): Promise<GroupEvidence> {
  const { clusterId, groupId, group, partitions, asOfMs, now } = input;
  const names = [...new Set(partitions.map((p) => p.topic))];
  const ids = [...new Set(partitions.map((p) => p.topic_id))];
  const since = new Date(now.getTime() - EVIDENCE_SPAN_MS);
  const [samples, surroundings, blocked, events] = await Promise.all([
    asOfMs === null ? new Map() as Awaited<ReturnType<typeof readMovement>> : readMovement(store, groupId, ids, new Date(asOfMs - MOVEMENT_SPAN_MS)),
    readTopicSurroundings(store, clusterId, [...new Set([...names, ...input.subscriptions])]),
    readBlocked(store, ids),
    readMemberEvents(store, groupId, since),
  ]);
  const blocks = new Map(blocked.map((row): [string, Block] => [`${row.topic_id}:${row.partition}`, { lastStableOffset: row.last_stable_offset, since: row.blocked_since.getTime(), askedAt: row.asked_at?.getTime() ?? null, transactions: transactionsSchema.parse(row.transactions), error: row.error }]));
  const found = new Map<string, PartitionSurroundings>();
  for (const p of partitions) {
    const key = `${p.topic_id}:${p.partition}`;
    const sampled = samples.get(key);
    const move = (of: 'ends' | 'starts' | 'commits', current: bigint | null): Movement => (asOfMs === null || p.failed_since !== null ? { perSecond: null, before: current } : movementOf(sampled?.[of] ?? [], current, asOfMs, p.watched_since.getTime()));
    const started = sampled?.starts.find(({ offset }) => offset !== null);
    const block = blocks.get(key);
    found.set(key, {
      produced: move('ends', p.high_watermark),
      consumed: move('commits', p.committed_offset),
      logStartPerSecond: asOfMs === null || !started || started.offset === null || p.log_start_offset === null || started.at >= asOfMs ? null : Number(p.log_start_offset - started.offset) / ((asOfMs - started.at) / 1_000),
      // The row goes with the next cycle: what stands elsewhere by now is another transaction.
      block: block && p.last_stable_offset === block.lastStableOffset && p.high_watermark !== null && p.high_watermark > block.lastStableOffset ? block : null,
      attempts: [],
      deadRecords: [],
    });
  }

  const traced = partitions.filter((p) => p.committed_offset !== null).toSorted((a, b) => Number(waiting(b) - waiting(a))).slice(0, MAX_TRACED);
  const ranges = traced.map((p) => {
    const committed = p.committed_offset ?? 0n;
    const before = found.get(`${p.topic_id}:${p.partition}`)?.consumed.before ?? committed;
    return { topic: p.topic, partition: p.partition, from: before < committed ? before : committed, to: committed + AHEAD };
  });
  const { attempts, deadRecords } = await readHandling(store, { clusterId, groupId, group, ranges, since });
  const keyOf = new Map(partitions.map((p) => [`${p.topic}:${p.partition}`, `${p.topic_id}:${p.partition}`]));
  for (const attempt of attempts) found.get(keyOf.get(`${attempt.topic}:${attempt.partition}`) ?? '')?.attempts.push(attempt);
  for (const dead of deadRecords) found.get(keyOf.get(`${dead.topic}:${dead.partition}`) ?? '')?.deadRecords.push(dead);

  const existing = new Set(surroundings.map((topic) => topic.name));
  return {
    partitions: found,
    topics: new Map(surroundings.map((topic) => [topic.id, settingsOf(topic.config, topic.transactions_seen_at, topic.clocks)])),
    attempts,
    deadRecords,
    events: { ...events, spanMs: EVIDENCE_SPAN_MS },
    missingTopics: input.subscriptions.filter((topic) => !existing.has(topic)),
  };
}

function settingsOf(config: Record<string, string> | null, transactionsSeenAt: Date | null, clocks: readonly WrongClock[]): TopicSettings {
  const policy = config?.['cleanup.policy'] ?? null;
  const retention = config?.['retention.ms'];
  const bytes = config?.['retention.bytes'];
  const deletes = policy === null ? null : policy.split(',').some((one) => one.trim() === 'delete');
  const retentionMs = deletes === false || (retention !== undefined && retention.startsWith('-')) ? 'forever' : retention === undefined || !/^\d{1,19}$/u.test(retention) ? null : Number(retention);
  return {
    retentionMs: config === null ? null : retentionMs,
    deletesBySize: deletes === false ? false : bytes === undefined ? null : !bytes.startsWith('-'),
    label: offsetLabel(policy, transactionsSeenAt !== null),
    clocks,
  };
}

function waiting(p: GroupPartitionFigures): bigint {
  return p.committed_offset === null || p.high_watermark === null ? 0n : p.high_watermark - p.committed_offset;
}
