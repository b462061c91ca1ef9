import type { Broker } from '#lib/brokers/broker.ts';
import type { PartitionFacts, TopicFacts } from '#lib/brokers/port-topics.ts';
import { measureThroughput, type TopicEnds } from '#lib/lag/measure-throughput.ts';
import { loadTopicFacts, type StoredTopicFacts } from '#lib/store/topics/load-topic-facts.ts';
import { forgetProducers } from '#lib/store/topics/note-producers.ts';
import { forgetTopicFacts, saveTopicFacts, type TopicFactsRow } from '#lib/store/topics/save-topic-facts.ts';
import { readLastThroughput, saveThroughput } from '#lib/store/topics/save-throughput.ts';
import type { Store } from '#lib/store/store.ts';

export interface TopicsCollection {
  /**
   * One reading: asks the broker, compares with what is stored, writes the rows that changed.
   * @throws where no broker answered; what is stored then stays as it was
   */
  collect(options: { now: Date; signal: AbortSignal }): Promise<TopicsFigures>;
  /** Forgets what is in memory: another process wrote in between. */
  forget(): void;
}

export interface TopicsFigures {
  topics: number;
  partitions: number;
  written: number;
  underReplicated: number;
  offline: number;
  /** Topics whose size or settings could not be read. */
  sizeUnknown: number;
  configUnknown: number;
  requests: number;
  readMs: number;
}

/** A rate over a longer gap would be an average of what nobody saw. */
const LONGEST_RATE_GAP_MS = 180_000;

/** Settings are most of what a reading asks and stores, and change least: a change shows after this long, a new topic's at once. */
const CONFIGS_EVERY_MS = 300_000;

/** Collects what changes seldom about the topics of one cluster. Rows of `topic` are the offsets collector's: a topic it has not stored yet waits for the next reading. */
export function openTopicsCollection({ store, broker, clusterId, producersKeptMs }: { store: Store; broker: Broker; clusterId: number; producersKeptMs: number }): TopicsCollection {
  let lastEnds = new Map<number, { total: bigint; atMs: number }>();
  let lastReadAt: Date | null = null;
  /** Topics whose settings were read, and when all of them last were. */
  let configured = new Set<string>();
  let configuredMs = 0;

  return {
    async collect({ now, signal }) {
      const startedMs = performance.now();
      const allConfigs = Math.abs(now.getTime() - configuredMs) >= CONFIGS_EVERY_MS;
      const snapshot = await broker.describeTopics({ signal, withConfig: (topic) => allConfigs || !configured.has(topic) });
      const readMs = Math.round(performance.now() - startedMs);
      const { endsReadAt, topics: stored } = await loadTopicFacts(store, clusterId);
      const byName = new Map(snapshot.topics.map((topic) => [topic.name, topic]));
      const figures: TopicsFigures = { topics: 0, partitions: 0, written: 0, underReplicated: 0, offline: 0, sizeUnknown: 0, configUnknown: 0, requests: snapshot.requests, readMs };
      const firstSizeFailure = [...snapshot.sizeFailures][0];
      const ends = new Map<number, { total: bigint; atMs: number }>();
      const rows: TopicFactsRow[] = [];
      const written: TopicEnds[] = [];
      const answered: string[] = [];
      for (const before of stored) {
        const read = byName.get(before.name);
        // Another incarnation than the stored one: the offsets collector makes a row of it first.
        if (!read || (read.topicId !== null && !before.kafka_topic_id.startsWith('generation:') && read.topicId !== before.kafka_topic_id)) continue;
        if (before.end_now !== null && endsReadAt !== null) ends.set(before.id, { total: before.end_now, atMs: endsReadAt.getTime() });
        const row = rowOf(before, read, firstSizeFailure === undefined ? null : `Broker ${firstSizeFailure[0]} does not tell the sizes of its logs: ${firstSizeFailure[1].message}`, rateOf(before, endsReadAt, lastEnds.get(before.id)), endsReadAt);
        written.push({ id: before.id, before: lastReadAt === null ? before.end_total : (lastEnds.get(before.id)?.total ?? null), now: before.end_now });
        figures.topics += 1;
        figures.partitions += read.partitions.length;
        figures.underReplicated += row.underReplicated;
        figures.offline += row.offline;
        if (row.sizeBytes === null) figures.sizeUnknown += 1;
        if (read.config !== null) answered.push(before.name);
        // Recreated under its name: the settings known were those of the topic before.
        else if (row.config === null) configured.delete(before.name);
        if (row.config === null) figures.configUnknown += 1;
        if (differs(before, row)) rows.push(row);
      }
      signal.throwIfAborted();
      await store.transaction(async (tx) => {
        // After a restart the sums stored with the reading before are as good as those in memory.
        const since = lastReadAt ?? (await readLastThroughput(tx, clusterId));
        const elapsedMs = since === null || endsReadAt === null ? 0 : endsReadAt.getTime() - since.getTime();
        if (since !== null && endsReadAt !== null && elapsedMs > 0 && elapsedMs <= LONGEST_RATE_GAP_MS) {
          const { records, unknownTopics, top } = measureThroughput(written);
          await saveThroughput(tx, { clusterId, since, until: endsReadAt, records, unknownTopics, top });
        }
        figures.written = await saveTopicFacts(tx, rows, now);
        await forgetTopicFacts(tx, clusterId);
        await forgetProducers(tx, new Date(now.getTime() - producersKeptMs));
      });
      lastEnds = ends;
      lastReadAt = endsReadAt;
      if (allConfigs) [configured, configuredMs] = [new Set(), now.getTime()];
      // What was refused or is not stored yet is asked for again each time.
      for (const name of answered) configured.add(name);
      return figures;
    },
    forget() {
      lastEnds = new Map();
      lastReadAt = null;
      configuredMs = 0;
    },
  };
}

/** Records per second since the last reading of this process, or of the one before it; null where the end offsets are not known twice. */
function rateOf(before: StoredTopicFacts, endsReadAt: Date | null, last: { total: bigint; atMs: number } | undefined): number | null {
  const previous = last ?? (before.end_total === null || before.end_at === null ? undefined : { total: before.end_total, atMs: before.end_at.getTime() });
  if (before.end_now === null || endsReadAt === null || !previous) return null;
  // However long ago that was: nothing was written since.
  if (before.end_now === previous.total) return 0;
  const elapsedMs = endsReadAt.getTime() - previous.atMs;
  // No cycle of the offsets since: what was known still holds.
  if (elapsedMs === 0) return before.produced_per_second;
  if (elapsedMs < 0 || elapsedMs > LONGEST_RATE_GAP_MS || before.end_now < previous.total) return null;
  return Number((Number(before.end_now - previous.total) / (elapsedMs / 1_000)).toPrecision(4));
}

function rowOf(before: StoredTopicFacts, read: TopicFacts, sizeError: string | null, producedPerSecond: number | null, endsReadAt: Date | null): TopicFactsRow {
  const bytes = read.partitions.map((partition) => partition.bytes);
  const known = bytes.filter((one) => one !== null);
  const complete = known.length === bytes.length;
  // Kept as they were while nothing moved, so that a quiet topic is not written anew for the passing of time.
  const moved = before.end_now !== before.end_total || producedPerSecond !== before.produced_per_second;
  const asked = read.config !== null || read.configFailure !== null;
  return {
    topicId: before.id,
    config: asked ? read.config && { ...read.config } : before.config,
    configError: asked ? (read.configFailure?.message ?? null) : before.config === null ? (before.config_error ?? 'Its settings are read within a minute.') : null,
    replicas: read.partitions.map((partition) => partition.replicas),
    inSyncReplicas: read.partitions.map((partition) => partition.inSyncReplicas.toSorted((a, b) => a - b)),
    underReplicated: read.partitions.filter(isUnderReplicated).length,
    offline: read.partitions.filter((partition) => partition.leader === null).length,
    sizeBytes: complete ? known.reduce((sum, one) => sum + one, 0n) : null,
    partitionBytes: bytes,
    sizeError: complete ? null : (sizeError ?? 'Not every partition has a leader that tells the size of its log.'),
    endTotal: before.end_now,
    endAt: moved ? endsReadAt : before.end_at,
    producedPerSecond,
  };
}

/** Fewer replicas in sync than there are: Kafka's UnderReplicatedPartitions. */
export function isUnderReplicated(partition: PartitionFacts): boolean {
  return partition.inSyncReplicas.length < partition.replicas.length;
}

function differs(before: StoredTopicFacts, row: TopicFactsRow): boolean {
  return (
    before.changed_at === null ||
    before.end_total !== row.endTotal ||
    before.produced_per_second !== row.producedPerSecond ||
    before.config_error !== row.configError ||
    before.size_error !== row.sizeError ||
    !sameJson(sorted(before.config), sorted(row.config)) ||
    !sameJson(before.replicas, row.replicas) ||
    !sameJson(before.in_sync_replicas, row.inSyncReplicas) ||
    before.partition_bytes?.length !== row.partitionBytes.length ||
    row.partitionBytes.some((bytes, index) => bytes !== before.partition_bytes?.[index])
  );
}

function sorted(config: Record<string, string> | null): [string, string][] | null {
  return config && Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
