import type { HeaderBytes } from '#lib/model/dead-letter.ts';
import type { BrokerFailure } from './port-offsets.ts';

/** A record as it lies in the log, byte for byte. Null and empty are different everywhere. */
export interface BrokerRecord {
  topic: string;
  partition: number;
  offset: bigint;
  /** Milliseconds since 1970; null where the record has none. */
  timestampMs: bigint | null;
  timestampType: 'create' | 'log-append';
  key: Uint8Array | null;
  value: Uint8Array | null;
  /** In wire order, repeated names kept. */
  headers: HeaderBytes[];
}

/** Where to read on. `topicId` is Kafka's id of the incarnation, null where the broker gives none. */
export interface ReadPosition {
  topic: string;
  topicId: string | null;
  partition: number;
  offset: bigint;
}

/** What one partition gave. Records of aborted transactions and control records are never among them. */
export interface PartitionRecords {
  topic: string;
  partition: number;
  records: BrokerRecord[];
  /** Read on from here: past every record that was read or rightly skipped. */
  nextOffset: bigint;
  /** Committed readers see nothing from here on; null when unknown. */
  lastStableOffset: bigint | null;
  highWatermark: bigint | null;
  logStartOffset: bigint | null;
  /** `offset-out-of-range`: the position is not in the log any more (or not yet); `unknown-topic-or-partition`, `unknown-topic-id`: that incarnation is gone. */
  failure: BrokerFailure | null;
}

export interface ReadOptions {
  /** Bytes asked for per partition; a single record larger than this is still returned. Default 1 MB. */
  partitionMaxBytes?: number;
  /** Bytes asked for per broker. Default 8 MB. */
  maxBytes?: number;
  /** How long a broker may wait for new records. Default 0. */
  maxWaitMs?: number;
  /** 1 (read_committed) unless told otherwise; 0 shows what a read_uncommitted consumer sees. */
  isolation?: 0 | 1;
  signal?: AbortSignal;
}

/** First and next offsets of a partition as a committed reader sees them; null when not read, with the reason. */
export interface PartitionRange {
  topic: string;
  partition: number;
  logStartOffset: bigint | null;
  lastStableOffset: bigint | null;
  failure: BrokerFailure | null;
}

/** A topic as the cluster has it now. */
export interface TopicIncarnation {
  name: string;
  topicId: string | null;
  internal: boolean;
  partitions: number;
  replicationFactor: number | null;
}

/** How long a topic keeps its records. */
export interface TopicRetention {
  /** null: for ever, or until compaction. */
  retentionMs: bigint | null;
  compacted: boolean;
}

export type BrowseFrom =
  | { kind: 'newest' }
  | { kind: 'oldest' }
  | { kind: 'offset'; offset: bigint }
  /** The first record at or after this time, in each partition. */
  | { kind: 'time'; timestampMs: bigint };

export interface BrowseAnswer {
  /** Newest first for `newest`, else in order of time. */
  records: BrokerRecord[];
  failures: { partition: number; failure: BrokerFailure }[];
  /** False when the time ran out before every partition was read. */
  complete: boolean;
}

/** What a broker can be asked about records. Never joins a group, never commits; one bad partition is a value, not an exception. */
export interface RecordsPort {
  /** Every topic of the cluster, in one request. */
  listTopics(): Promise<TopicIncarnation[]>;
  /** How long topics keep their records; those that do not tell are absent. */
  describeRetention(topics: readonly string[]): Promise<Map<string, TopicRetention>>;
  /** Log start and last stable offsets of the partitions. */
  readRanges(partitions: readonly { topic: string; partition: number }[]): Promise<PartitionRange[]>;
  /** Reads on from each position, READ_COMMITTED: one Fetch per broker. Answers in no particular order, one per position. */
  tailDeadLetters(positions: readonly ReadPosition[], options?: ReadOptions): Promise<PartitionRecords[]>;
  /** One record; null where no record lies at that offset (expired, compacted, aborted, control, not written yet). With a `topicId` only of that incarnation. */
  readMessage(at: { topic: string; topicId?: string | null; partition: number; offset: bigint }, options?: ReadOptions): Promise<{ record: BrokerRecord | null; failure: BrokerFailure | null }>;
  /** Up to `limit` records of a topic. */
  browse(request: { topic: string; partition?: number; from: BrowseFrom; limit: number; maxBytes?: number }, options?: ReadOptions): Promise<BrowseAnswer>;
}
