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
  /** Only where aborted records were asked for (`ReadOptions.aborted`): its transaction was aborted, no committed reader sees it. */
  aborted?: true;
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
  /** 'mark' also gives the records of aborted transactions, marked; with isolation 1 only. Default 'hide'. */
  aborted?: 'hide' | 'mark';
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

/**
 * Where browsing starts. `edge`: the end of the log that the order starts at. An offset is given for every partition; with `newest` it is the
 * first that is shown. A time: from the first record at or after it, or with `newest` from the last one before. `positions`: go on where an
 * answer stopped; partitions that are not in it have been read to their end.
 */
export type BrowseFrom =
  | { kind: 'edge' }
  | { kind: 'offset'; offset: bigint }
  | { kind: 'time'; timestampMs: bigint }
  | { kind: 'positions'; positions: ReadonlyMap<number, bigint> };

export interface BrowseRequest {
  topic: string;
  /** null: all. */
  partitions: readonly number[] | null;
  order: 'newest' | 'oldest';
  from: BrowseFrom;
  /** 'all' shows aborted records and those past the last stable offset too, each marked. */
  isolation: 'committed' | 'all';
  /** Most records will not be shown (a filter): reads more at a time. */
  selective: boolean;
  /** Records to show at most. */
  limit: number;
  /** Bounds of what is read from the log for it. */
  maxRecords: number;
  maxBytes: number;
  maxMs: number;
}

/** How a record stands with transactions: `undecided` lies at or past the last stable offset, where committed readers do not look yet. */
export type Visibility = 'committed' | 'aborted' | 'undecided';
export type BrowsedRecord = BrokerRecord & { visibility: Visibility };

/** What became of one record that was read. */
export interface Taken<Item> {
  /** null: it is not to be shown. */
  show: Item | null;
  /** Why it could not be judged. */
  error: string | null;
}

export interface BrowseAnswer<Item> {
  /** By time across partitions, by offset within one; newest or oldest first as asked. */
  items: Item[];
  /** Why it ended: enough shown, everything read, or a bound. */
  stopped: 'limit' | 'end' | 'records' | 'bytes' | 'time';
  /** Go on from here (`BrowseFrom.positions`); empty where everything was read. */
  positions: Map<number, bigint>;
  /** Records that this answer is about: none of them is read again by the next one. */
  scanned: number;
  failed: number;
  firstError: { partition: number; offset: bigint; message: string } | null;
  bytes: number;
  /** Timestamp of the last record scanned: how far back or forth it got. */
  lastTimestampMs: bigint | null;
  /** First and next offsets of the partitions as they were when reading began. */
  ranges: { partition: number; start: bigint; end: bigint }[];
  failures: { partition: number; failure: BrokerFailure }[];
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
  /**
   * Records of a topic, a page at a time. `take` is given the records as they are read, in batches, and makes of each what is shown: only that is
   * kept in memory.
   */
  browse<Item>(request: BrowseRequest, take: (records: readonly BrowsedRecord[]) => Promise<readonly Taken<Item>[]>, signal: AbortSignal): Promise<BrowseAnswer<Item>>;
}
