import { replayGroupName } from '#lib/model/replay.ts';
import type { BrokerFailure, GroupOffsets, OffsetsSnapshot, TopicOffsets } from '../port-offsets.ts';
import type { Kafka } from './connect.ts';
import { clusterOf } from './describe-cluster.ts';
import { failureOfError } from './failure.ts';
import { type CommittedOutcome, fetchCommitted } from './fetch-committed.ts';
import { emptyTopic, fetchEnds } from './fetch-ends.ts';
import { fetchShareOffsets } from './fetch-share-offsets.ts';
import { type ListedGroup, listGroups } from './list-groups.ts';
import { questionsOf, type TopicLayout } from './topic-layout.ts';

/** Waybill's own groups (offsets of replay jobs) are not the user's business; a group that a user calls waybill-something is. */
const OWN_GROUP_PREFIX = replayGroupName('');
const CONSUMER_PROTOCOLS = new Set(['', 'consumer', 'share', 'streams']);

/**
 * Every group and every partition in one reading: ListGroups and OffsetFetch of every coordinator, and only then ListOffsets of every leader (high
 * watermark, last stable offset, log start). In that order lag reads slightly high and never negative.
 * At most 6 requests a broker, however many groups, topics and partitions there are: ListGroups, two OffsetFetch (or one and
 * DescribeShareGroupOffsets), three ListOffsets. Which topics there are is read besides, and in the cycle only where something does not fit it:
 * a commit in a topic that is not known, a leader that is none, an end that went back, a broker that is silent.
 * @throws only where no broker answers at all
 */
export async function snapshotOffsets(kafka: Kafka, layout: TopicLayout, options: { signal: AbortSignal }): Promise<OffsetsSnapshot> {
  const { signal } = options;
  const started = performance.now();
  const tally = { requests: 0, throttledMs: 0 };
  let metadata = await layout.current(tally);
  const brokerFailures = new Map<number, BrokerFailure>();
  /** Brokers that gave no answer at all: they are not asked a second time, which would cost a second timeout. */
  const silent = new Set<number>();
  const refresh = async () => {
    // Where somebody answered a moment ago the old layout is the best there is. Where nobody did, the cluster is down, and this says why.
    metadata = await layout.refresh(tally).catch((error: unknown) => {
      if (silent.size >= metadata.nodes.length) throw error;
      return metadata;
    });
  };

  const listed: ListedGroup[] = [];
  const committed = new Map<string, CommittedOutcome>();
  await Promise.all(
    metadata.nodes.map(async ({ nodeId }) => {
      const own = { requests: 0, throttledMs: 0 };
      try {
        await layout.pace.wait(nodeId, signal);
        const connection = await kafka.connections.node(nodeId);
        own.requests += 1;
        const answer = await listGroups(kafka, nodeId, connection);
        own.throttledMs += answer.throttleTimeMs;
        layout.pace.told(nodeId, answer.throttleTimeMs);
        await layout.pace.wait(nodeId, signal);
        if (answer.failure) brokerFailures.set(nodeId, answer.failure);
        const groups = answer.groups.filter((g) => !g.name.startsWith(OWN_GROUP_PREFIX) && CONSUMER_PROTOCOLS.has(g.protocolType));
        listed.push(...groups);
        const share = groups.filter((g) => g.type === 'share').map((g) => g.name);
        const others = groups.filter((g) => g.type !== 'share').map((g) => g.name);
        for (const [name, outcome] of await fetchCommitted(kafka, connection, others, own, { signal, together: share.length > 0 })) committed.set(name, outcome);
        for (const [name, outcome] of await fetchShareOffsets(kafka, connection, share, own)) committed.set(name, outcome);
        layout.pace.told(nodeId, own.throttledMs - answer.throttleTimeMs);
      } catch (error) {
        brokerFailures.set(nodeId, failureOfError(error));
        silent.add(nodeId);
      }
      tally.requests += own.requests;
      tally.throttledMs += own.throttledMs;
    }),
  );
  signal.throwIfAborted();
  const committedReadAt = Date.now();

  const groups = listed.map((g): GroupOffsets => ({ ...g, ...(committed.get(g.name) ?? { committed: null, failure: { code: 'not-read', message: 'The committed offsets of this group were not read.', retryable: true } }) }));
  const named = new Map<string, number>();
  for (const group of groups) for (const { topic, partitions } of group.committed ?? []) named.set(topic, Math.max(named.get(topic) ?? 0, ...partitions));
  const unfit = [...named].filter(([topic, partition]) => !layout.missing.has(topic) && partition >= (metadata.topics.get(topic)?.partitions.length ?? 0));
  if (unfit.length > 0 || silent.size > 0) {
    await refresh();
    for (const [topic] of unfit) if (!metadata.topics.has(topic)) layout.missing.add(topic);
  }

  // Kafka's own topics move with every commit and tell nobody anything, unless a group reads one.
  const internal = new Set(named.keys());
  const asked = layout.questions(internal);
  let topics = new Map<string, TopicOffsets>(asked.topics.map((topic) => [topic.name, emptyTopic(topic)]));
  const context = { silent, brokerFailures, tally, pace: layout.pace, signal };
  const moved = await fetchEnds(kafka, asked.byLeader, topics, context);
  const wentBack = [...topics].some(([name, topic]) => wentBackSince(layout.ends.get(name), topic.highWatermarks));
  if (moved.size > 0 || wentBack) {
    await refresh();
    const now = layout.questions(internal).topics;
    topics = new Map(
      now.map((topic) => {
        const read = topics.get(topic.name);
        // Asked by name: what was read belongs to whatever bears the name now.
        const fits = read !== undefined && read.leaders.length === topic.partitions.length;
        return [topic.name, fits ? { ...read, topicId: topic.topicId } : emptyTopic(topic)];
      }),
    );
    const again = new Map<string, Set<number>>();
    for (const topic of now) {
      const partitions = moved.get(topic.name) ?? new Set(asked.topics.some(({ name }) => name === topic.name) ? [] : topic.partitions.map((p) => p.partition));
      if (partitions.size === 0) continue;
      again.set(topic.name, partitions);
      for (const partition of partitions) topics.get(topic.name)?.failures.delete(partition);
      for (const { partition, leader } of topic.partitions) if (leader === null && partitions.has(partition)) topics.get(topic.name)?.failures.set(partition, { code: 'no-leader', message: 'The partition has no leader at the moment.', retryable: true });
    }
    await fetchEnds(kafka, questionsOf(now, again), topics, context);
  }
  const endsReadAt = Date.now();
  layout.ends = new Map([...topics].map(([name, topic]) => [name, topic.highWatermarks]));
  if (brokerFailures.size > 0) layout.expire();
  const requestsBesides = layout.besides;
  layout.besides = 0;
  layout.refreshBesides();
  return { cluster: clusterOf(metadata), groups, topics, brokerFailures, committedReadAt, endsReadAt, requests: tally.requests, requestsBesides, throttledMs: tally.throttledMs, durationMs: performance.now() - started };
}

function wentBackSince(before: readonly (bigint | null)[] | undefined, ends: readonly (bigint | null)[]): boolean {
  if (!before) return false;
  for (let i = 0; i < ends.length; i += 1) {
    const end = ends[i];
    const last = before[i];
    if (end !== null && end !== undefined && last !== null && last !== undefined && end < last) return true;
  }
  return false;
}
