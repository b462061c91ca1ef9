import { recordAudit } from '#lib/access/record-audit.ts';
import type { RecordsPort, BrokerRecord, ReadPosition } from '#lib/brokers/port-records.ts';
import type { Dialect } from '#lib/dead-letter/dialects.ts';
import { judgeSample } from '#lib/dead-letter/judge-sample.ts';
import { saveSamples, type SampleToSave } from '#lib/store/discovery/save-samples.ts';
import { topicsToSample, type TopicToSample } from '#lib/store/discovery/topics-to-sample.ts';
import type { Store } from '#lib/store/store.ts';

export interface DiscoverInput {
  store: Store;
  broker: Pick<RecordsPort, 'readRanges' | 'tailDeadLetters'>;
  cluster: string;
  clusterId: number;
  /** propose: a person decides. on: what is certain is taken in at once. */
  mode: 'propose' | 'on';
  /** Named by a pattern, or taken back by one: not for discovery. */
  isNamed: (topic: string) => boolean;
  dialects: readonly Dialect[];
  now: Date;
  signal: AbortSignal;
}

export interface DiscoverFigures {
  /** Topics whose records were read in this run, and the records. */
  topics: number;
  records: number;
  found: number;
  taken: number;
}

const TOPICS_A_RUN = 25;
const CANDIDATES = 500;
const PARTITIONS_A_TOPIC = 4;
const RECORDS_A_TOPIC = 5;
/** Enough for a few records with long stack traces; one that is larger comes whole. */
const PARTITION_BYTES = 131_072;
const AGAIN_AFTER_MS = 3_600_000;

/**
 * Looks at a few records of some topics that nothing names, to find those that hold dead letters or retries by their headers. One or two Fetch
 * requests per broker and run, whatever the number of topics; joins no group and commits nothing. A topic that can't be read is looked at later.
 */
export async function discoverTopics(input: DiscoverInput): Promise<DiscoverFigures> {
  const { store, clusterId, now, signal } = input;
  const candidates = await topicsToSample(store, clusterId, new Date(now.getTime() - AGAIN_AFTER_MS), CANDIDATES);
  const named = candidates.filter((topic) => input.isNamed(topic.name));
  const chosen = candidates.filter((topic) => !input.isNamed(topic.name)).slice(0, TOPICS_A_RUN);
  const records = await sampleRecords(input.broker, chosen, signal);
  signal.throwIfAborted();
  const known = new Set((await store.query<{ name: string }>('select name from topic where cluster_id = $1 and deleted_at is null', [clusterId])).map(({ name }) => name));
  const samples = [
    // Looked at as seldom as the others, so that they leave the front of the queue.
    ...named.map((topic): SampleToSave => ({ topic: topic.name, end: topic.end, evidence: null, state: 'nothing', decidedBy: null })),
    ...chosen.map((topic): SampleToSave => {
      const evidence = judgeSample(topic.name, (records.get(topic.name) ?? []).slice(0, RECORDS_A_TOPIC), (name) => known.has(name), input.dialects);
      const taken = evidence !== null && evidence.certain && input.mode === 'on';
      return { topic: topic.name, end: topic.end, evidence, state: evidence === null ? 'nothing' : taken ? 'taken' : 'proposed', decidedBy: taken ? 'waybill' : null };
    }),
  ];
  const found = await store.transaction(async (tx) => {
    const topics = await saveSamples(tx, clusterId, samples, now);
    for (const one of samples) {
      if (one.state === 'taken' && topics.includes(one.topic)) await recordAudit(tx, 'waybill', { action: 'dead-letter-topic.take', target: `${input.cluster}/${one.topic}`, reason: 'deadLetters.discover is on, and its records leave no doubt.', after: { role: one.evidence?.role, evidence: one.evidence } });
    }
    if (topics.length > 0) await store.notify('dead-letters', { cluster: input.cluster, discovered: topics.length }, tx);
    return topics;
  });
  return { topics: chosen.length, records: [...records.values()].reduce((sum, list) => sum + list.length, 0), found: found.length, taken: samples.filter((one) => one.state === 'taken' && found.includes(one.topic)).length };
}

/** A few records of each topic: the newest ones of some partitions, and some from further back. */
async function sampleRecords(broker: DiscoverInput['broker'], topics: readonly TopicToSample[], signal: AbortSignal): Promise<Map<string, BrokerRecord[]>> {
  const idOf = new Map(topics.map((topic) => [topic.name, topic.kafkaTopicId]));
  const wanted = topics.flatMap((topic) => spread(topic.partitions).map((partition) => ({ topic: topic.name, partition })));
  const ranges = (wanted.length === 0 ? [] : await broker.readRanges(wanted)).flatMap(({ topic, partition, logStartOffset, lastStableOffset }) => (logStartOffset === null || lastStableOffset === null || lastStableOffset <= logStartOffset ? [] : [{ topic, partition, start: logStartOffset, end: lastStableOffset }]));
  const found = new Map<string, BrokerRecord[]>();
  const read = async (positions: readonly ReadPosition[], most: number) => {
    if (positions.length === 0) return;
    for (const answer of await broker.tailDeadLetters(positions, { signal, partitionMaxBytes: PARTITION_BYTES })) {
      const list = found.get(answer.topic) ?? [];
      found.set(answer.topic, list);
      for (const record of answer.records.slice(0, most)) if (!list.some((one) => one.partition === record.partition && one.offset === record.offset)) list.push(record);
    }
  };
  const at = ({ topic, partition, start }: (typeof ranges)[number], offset: bigint): ReadPosition => ({ topic, topicId: idOf.get(topic) ?? null, partition, offset: offset < start ? start : offset });
  // One record from the middle of each partition first, so that the newest, which may be a burst, are not all that is judged.
  await read(ranges.filter(({ start, end }) => end - start > 20n).map((range) => at(range, range.start + (range.end - range.start) / 2n)), 1);
  await read(ranges.map((range) => at(range, range.end - 3n)), 3);
  // Transactions end with markers, which take offsets and are no records: further back where nothing else was there.
  await read(ranges.filter(({ topic }) => (found.get(topic) ?? []).length === 0).map((range) => at(range, range.end - 200n)), 3);
  for (const [topic, list] of found) found.set(topic, mix(list));
  return found;
}

/** Some of many partitions, far apart. */
function spread(partitions: number): number[] {
  const count = Math.min(partitions, PARTITIONS_A_TOPIC);
  return Array.from({ length: count }, (_, index) => Math.floor((index * partitions) / count));
}

/** In turns from each partition, so that the first few are of all of them. */
function mix(records: readonly BrokerRecord[]): BrokerRecord[] {
  const byPartition = [...Map.groupBy(records, (record) => record.partition).values()];
  return Array.from({ length: Math.max(0, ...byPartition.map((list) => list.length)) }, (_, index) => byPartition.flatMap((list) => list[index] ?? [])).flat();
}
