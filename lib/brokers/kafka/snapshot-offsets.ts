import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerFailure, GroupOffsets, OffsetsSnapshot, TopicOffsets } from '../port-offsets.ts';
import type { Kafka } from './connect.ts';
import { clusterOf } from './describe-cluster.ts';
import { failureOfCode, failureOfError } from './failure.ts';
import { type CommittedOutcome, fetchCommitted } from './fetch-committed.ts';
import { type ListedGroup, listGroups } from './list-groups.ts';
import { EARLIEST, LATEST, listOffsets, type OffsetsAnswer } from './list-offsets.ts';
import { fetchShareOffsets } from './fetch-share-offsets.ts';

/** Waybill's own groups (offsets of replay jobs) are not the user's business. */
export const OWN_GROUP_PREFIX = 'waybill-';
const CONSUMER_PROTOCOLS = new Set(['', 'consumer', 'share', 'streams']);
const MAX_THROTTLE_MS = 5_000;

/**
 * Every group and every partition in one reading: Metadata, then ListGroups and OffsetFetch of every coordinator, and only then ListOffsets of every
 * leader (high watermark, last stable offset, log start). In that order lag reads slightly high and never negative.
 * With B brokers: 1 + B + C + 3B requests for C coordinators of up to 500 groups, whatever the number of topics.
 * @throws only where no broker answers at all
 */
export async function snapshotOffsets(kafka: Kafka, options: { signal: AbortSignal }): Promise<OffsetsSnapshot> {
  const started = performance.now();
  const tally = { requests: 1, throttledMs: 0 };
  const metadata = await kafka.connections.metadata();
  const brokerFailures = new Map<number, BrokerFailure>();
  /** Brokers that gave no answer at all: they are not asked a second time, which would cost a second timeout. */
  const silent = new Set<number>();

  const listed: ListedGroup[] = [];
  const committed = new Map<string, CommittedOutcome>();
  await Promise.all(
    metadata.nodes.map(async ({ nodeId }) => {
      try {
        const connection = await kafka.connections.node(nodeId);
        tally.requests += 1;
        const answer = await listGroups(kafka, nodeId, connection);
        if (answer.failure) brokerFailures.set(nodeId, answer.failure);
        const groups = answer.groups.filter((g) => !g.name.startsWith(OWN_GROUP_PREFIX) && CONSUMER_PROTOCOLS.has(g.protocolType));
        listed.push(...groups);
        const share = groups.filter((g) => g.type === 'share').map((g) => g.name);
        const others = groups.filter((g) => g.type !== 'share').map((g) => g.name);
        for (const [name, outcome] of await fetchCommitted(kafka, connection, others, tally, { signal: options.signal })) committed.set(name, outcome);
        for (const [name, outcome] of await fetchShareOffsets(kafka, connection, share, tally)) committed.set(name, outcome);
      } catch (error) {
        brokerFailures.set(nodeId, failureOfError(error));
        silent.add(nodeId);
      }
    }),
  );
  options.signal.throwIfAborted();
  const waited = await honourThrottle(tally.throttledMs, 0, options.signal);
  const committedReadAt = Date.now();

  const groups = listed.map((g): GroupOffsets => ({ ...g, ...(committed.get(g.name) ?? { committed: null, failure: { code: 'not-read', message: 'The committed offsets of this group were not read.', retryable: true } }) }));
  const usedInternal = new Set(groups.flatMap((g) => g.committed?.map((t) => t.topic) ?? []));

  const topics = new Map<string, TopicOffsets>();
  const questions = new Map<number, Map<string, number[]>>();
  for (const topic of metadata.topics.values()) {
    // Kafka's own topics move with every commit and tell nobody anything, unless a group reads one.
    if (topic.internal && !usedInternal.has(topic.name)) continue;
    const count = topic.partitions.reduce((most, p) => Math.max(most, p.partition + 1), 0);
    const leaders: (number | null)[] = Array.from({ length: count }, () => null);
    const failures = new Map<number, BrokerFailure>();
    for (const p of topic.partitions) {
      leaders[p.partition] = p.leader;
      if (p.leader === null) {
        failures.set(p.partition, { code: 'no-leader', message: 'The partition has no leader at the moment.', retryable: true });
        continue;
      }
      let byTopic = questions.get(p.leader);
      if (!byTopic) questions.set(p.leader, (byTopic = new Map()));
      const partitions = byTopic.get(topic.name);
      if (partitions) partitions.push(p.partition);
      else byTopic.set(topic.name, [p.partition]);
    }
    topics.set(topic.name, {
      name: topic.name,
      topicId: topic.topicId,
      internal: topic.internal,
      replicationFactor: topic.partitions[0]?.replicas.length ?? null,
      leaders,
      highWatermarks: emptyColumn(count),
      lastStableOffsets: emptyColumn(count),
      logStartOffsets: emptyColumn(count),
      failures,
    });
  }

  await Promise.all(
    [...questions].map(async ([leader, byTopic]) => {
      const asked = [...byTopic].map(([topic, partitions]) => ({ topic, partitions }));
      const known = silent.has(leader) ? brokerFailures.get(leader) : undefined;
      if (known) return failAll(topics, asked, known);
      try {
        const connection = await kafka.connections.node(leader);
        // Three requests in flight on one connection: the broker answers them in order.
        const answers = await Promise.allSettled([listOffsets(kafka, connection, asked, 0, LATEST), listOffsets(kafka, connection, asked, 1, LATEST), listOffsets(kafka, connection, asked, 0, EARLIEST)]);
        tally.requests += 3;
        answers.forEach((answer, i) => {
          const column = COLUMNS[i];
          if (column === undefined) return;
          if (answer.status === 'rejected') return failAll(topics, asked, failureOfError(answer.reason));
          tally.throttledMs += answer.value.throttleTimeMs;
          for (const part of answer.value.topics) fillColumn(topics, part, column);
        });
      } catch (error) {
        const failure = failureOfError(error);
        brokerFailures.set(leader, failure);
        failAll(topics, asked, failure);
      }
    }),
  );
  const endsReadAt = Date.now();
  await honourThrottle(tally.throttledMs, waited, options.signal);
  return { cluster: clusterOf(metadata), groups, topics, brokerFailures, committedReadAt, endsReadAt, requests: tally.requests, throttledMs: tally.throttledMs, durationMs: performance.now() - started };
}

const COLUMNS = ['highWatermarks', 'lastStableOffsets', 'logStartOffsets'] as const;

function fillColumn(topics: Map<string, TopicOffsets>, answer: OffsetsAnswer, column: (typeof COLUMNS)[number]): void {
  const topic = topics.get(answer.topic);
  if (!topic) return;
  for (let i = 0; i < answer.partitions.length; i += 1) {
    const partition = answer.partitions[i] ?? -1;
    const offset = answer.offsets[i] ?? -1n;
    const failure = failureOfCode(answer.errorCodes[i] ?? -1);
    if (failure) topic.failures.set(partition, failure);
    else if (offset >= 0n && partition < topic.leaders.length) topic[column][partition] = offset;
  }
}

function failAll(topics: Map<string, TopicOffsets>, asked: readonly { topic: string; partitions: readonly number[] }[], failure: BrokerFailure): void {
  for (const { topic, partitions } of asked) for (const partition of partitions) topics.get(topic)?.failures.set(partition, failure);
}

function emptyColumn(count: number): (bigint | null)[] {
  return Array.from({ length: count }, () => null);
}

/** Waits as the broker asked (KIP-219: it mutes the connection anyway), bounded. */
async function honourThrottle(totalMs: number, alreadyMs: number, signal: AbortSignal): Promise<number> {
  const ms = Math.min(totalMs - alreadyMs, MAX_THROTTLE_MS);
  if (ms > 0) await delay(ms, undefined, { signal });
  return totalMs;
}
