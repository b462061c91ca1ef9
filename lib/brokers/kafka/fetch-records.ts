import { fetchV11, fetchV12, fetchV13, fetchV16, fetchV17, type Connection } from '@platformatic/kafka';
import { answerOf, type Kafka } from './connect.ts';
import { committedRecords } from './committed-records.ts';
import { failureOfCode, failureOfError } from './failure.ts';
import type { BrokerFailure } from '../port-offsets.ts';
import type { PartitionRecords, ReadOptions, ReadPosition } from '../port-records.ts';

type FetchedPartition = fetchV17.FetchResponsePartition;

/** What every fetch needs to know of a partition: the leader that serves it. */
interface Routed {
  position: ReadPosition;
  nodeId: number;
  leaderEpoch: number;
  topicId: string | null;
}

const FETCH = 1;
/** From this version on a topic is named by its id (KIP-516). */
const FIRST_VERSION_BY_ID = 13;

/**
 * Low-level Fetch of many partitions, one request per leader (KIP-98 isolation, KIP-516 topic ids), without group, session or commit.
 * Each position gets one answer; a broker or partition that fails is a `failure` with the position unchanged. A position with a topic id
 * reads that incarnation only: after delete and recreate the answer is `unknown-topic-id`. Throws only when `signal` aborts.
 */
export async function fetchRecords(kafka: Kafka, positions: readonly ReadPosition[], options: ReadOptions = {}): Promise<PartitionRecords[]> {
  options.signal?.throwIfAborted();
  const answers: PartitionRecords[] = [];
  const byNode = new Map<number, Routed[]>();
  let topics;
  try {
    topics = (await kafka.connections.metadata({ topics: [...new Set(positions.map((position) => position.topic))] })).topics;
  } catch (error) {
    return positions.map((position) => failed(position, failureOfError(error)));
  }
  for (const position of positions) {
    const topic = topics.get(position.topic);
    const partition = topic?.partitions.find((item) => item.partition === position.partition);
    const failure = failureOfCode(topic?.errorCode ?? 3) ?? (partition ? null : failureOfCode(3));
    if (failure) answers.push(failed(position, failure));
    else if (position.topicId !== null && topic !== undefined && topic.topicId !== null && topic.topicId !== position.topicId) answers.push(failed(position, failureOfCode(100)!));
    else if (partition!.leader === null) answers.push(failed(position, { code: 'no-leader', message: `${position.topic}:${position.partition} has no leader at the moment.`, retryable: true }));
    else {
      const routed = { position, nodeId: partition!.leader, leaderEpoch: partition!.leaderEpoch, topicId: topic!.topicId };
      byNode.set(routed.nodeId, [...(byNode.get(routed.nodeId) ?? []), routed]);
    }
  }
  for (const group of await Promise.all([...byNode.values()].map((routed) => fetchFromNode(kafka, routed, options)))) answers.push(...group);
  options.signal?.throwIfAborted();
  return answers;
}

async function fetchFromNode(kafka: Kafka, routed: readonly Routed[], options: ReadOptions): Promise<PartitionRecords[]> {
  let response: FetchedPartition[][];
  try {
    response = await request(kafka, await kafka.connections.node(routed[0]!.nodeId), routed, options);
  } catch (error) {
    // One batch that can't be read (unknown compression, damaged) fails the whole answer: ask for each partition alone.
    if (routed.length > 1 && failureOfError(error).code !== 'timeout' && !isConnectionError(error)) {
      const alone: PartitionRecords[] = [];
      for (const item of routed) {
        options.signal?.throwIfAborted();
        alone.push(...(await fetchFromNode(kafka, [item], options)));
      }
      return alone;
    }
    return routed.map((item) => failed(item.position, failureOfError(error)));
  }
  return routed.map((item, index) => {
    const answer = response[index]?.[0];
    const position = item.position;
    if (!answer) return failed(position, { code: 'no-answer', message: 'The broker did not answer for this partition.', retryable: true });
    const failure = failureOfCode(answer.errorCode);
    const known = (offset: bigint) => (offset >= 0n ? offset : null);
    const offsets = { lastStableOffset: known(answer.lastStableOffset), highWatermark: known(answer.highWatermark), logStartOffset: known(answer.logStartOffset) };
    if (failure) return { ...failed(position, failure), ...offsets };
    return { topic: position.topic, partition: position.partition, failure: null, ...offsets, ...committedRecords(position.topic, answer, position.offset, options.isolation ?? 1, options.aborted) };
  });
}

/** Answers line up with `routed`. */
async function request(kafka: Kafka, connection: Connection, routed: readonly Routed[], options: ReadOptions): Promise<FetchedPartition[][]> {
  const byId = routed.every((item) => item.topicId !== null);
  const version = await kafka.connections.version(connection, FETCH, byId ? [11, 12, 13, 16, 17] : [11, 12]);
  if (version === null) throw new Error('the broker is older than Kafka 2.3: Fetch v11 is needed');
  const named = (item: Routed) => (version >= FIRST_VERSION_BY_ID ? item.topicId! : item.position.topic);
  const topics = [...Map.groupBy(routed, named)].map(([name, items]) => ({
    // Versions below 13 take the name where the type says id.
    topicId: name,
    topic: name,
    partitions: items.map((item) => ({
      partition: item.position.partition,
      currentLeaderEpoch: -1,
      fetchOffset: item.position.offset,
      lastFetchedEpoch: -1,
      partitionMaxBytes: options.partitionMaxBytes ?? 1_048_576,
    })),
  }));
  const args = [options.maxWaitMs ?? 0, 1, options.maxBytes ?? 8_388_608, options.isolation ?? 1, 0, -1, topics, [], ''] as const;
  const call = { 11: fetchV11, 12: fetchV12, 13: fetchV13, 16: fetchV16, 17: fetchV17 }[version as 17];
  const answer = await answerOf(call.api.async(connection, ...(args as unknown as Parameters<typeof fetchV17.createRequest>)));
  const failure: BrokerFailure | null = failureOfCode(answer.errorCode);
  if (failure) throw new Error(failure.message);
  const found = new Map<string, FetchedPartition>();
  for (const topic of answer.responses as { topicId?: string; topic?: string; partitions: FetchedPartition[] }[]) {
    for (const partition of topic.partitions) found.set(`${topic.topicId ?? topic.topic}:${partition.partitionIndex}`, partition);
  }
  return routed.map((item) => {
    const partition = found.get(`${named(item)}:${item.position.partition}`);
    return partition ? [partition] : [];
  });
}

function failed(position: ReadPosition, failure: BrokerFailure): PartitionRecords {
  return { topic: position.topic, partition: position.partition, records: [], nextOffset: position.offset, lastStableOffset: null, highWatermark: null, logStartOffset: null, failure };
}

function isConnectionError(error: unknown): boolean {
  return error instanceof Error && /ECONN|EPIPE|closed|not part of the cluster/iu.test(error.message);
}
