// The words of replay. The protocol they belong to: docs/decisions/0004-replay.md and lib/operations/broker/run-replay.ts.

/** One header as it lies in the record: name bytes and value bytes. A null value and an empty value differ. */
export type ReplayHeader = readonly [name: Buffer, value: Buffer | null];

/** A dead letter's place in the log; a job sends in the order of this triple. */
export interface DeadLetterCoordinate {
  topicId: number;
  partition: number;
  offset: bigint;
}

/** A place in a broker's log. */
export interface LogPosition {
  topic: string;
  partition: number;
  offset: bigint;
}

export const REPLAY_STATES = ['awaiting-approval', 'scheduled', 'queued', 'running', 'canary', 'paused', 'finished', 'cancelled', 'needs-decision'] as const;
/** awaiting-approval: a second person decides, nothing is claimed or sent before. scheduled: it starts by itself. queued: no worker yet. canary: the prefix is sent, a person decides. needs-decision: what was sent cannot be proved; never guessed. */
export type ReplayState = (typeof REPLAY_STATES)[number];

/** exactly-once: transaction with the job's progress inside. at-least-once: the rights for that were missing when the job first sent. */
export type ReplayMode = 'exactly-once' | 'at-least-once';

/** Which replays wait for a second person before anything is claimed or sent. */
export type ApprovalPolicy = { kind: 'none' } | { kind: 'always' } | { kind: 'over'; records: number };

/** What became of a replay that waited for a second person. lapsed: nobody decided in time. */
export type ApprovalDecision = 'approved' | 'declined' | 'lapsed';

/** origin: the origin's own partition where the partition count still fits, else by key. A number: that partition, for every record. */
export type Partitioning = 'origin' | 'key' | number;

export const REPLAY_ITEM_STATES = ['claimed', 'sent', 'refused', 'cancelled', 'needs-decision', 'consumed', 'retrying', 'processed', 'failed-again', 'no-consumer', 'unknown'] as const;
/** claimed may still be sent; refused and cancelled never were; the rest follows what became of a record that was sent. */
export type ReplayItemState = (typeof REPLAY_ITEM_STATES)[number];

/** What a consumer group made of a replayed record. */
export type ReplayOutcome = 'waiting' | 'consumed' | 'retrying' | 'processed' | 'failed-again' | 'no-consumer' | 'unknown';

export const REFUSAL_CODES = [
  'already-replaying',
  'already-replayed',
  'generation-changed',
  'not-found',
  'archived',
  'parked',
  'body-expired',
  'origin-unknown',
  'target-missing',
  'partition-out-of-range',
  'header-name-missing',
  'too-large',
  'rejected-by-broker',
] as const;
/** Why a dead letter is not sent. */
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A reason with its figures, for the row and the sentence about it. */
export interface Refusal {
  code: RefusalCode;
  detail: Record<string, string | number | null>;
}

/** The record as it will be written. Key and value are the stored bytes; null and empty differ. */
export interface ReplayRecord {
  topic: string;
  partition: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: readonly ReplayHeader[];
}

/** What the broker says of a topic somebody wants to replay to. */
export interface ReplayTarget {
  topic: string;
  partitionCount: number;
  /** Largest record batch the topic takes, in bytes. */
  maxBatchBytes: number;
  /** An old value can bring back old state here. */
  compacted: boolean;
  /** null: the broker does not say. */
  writable: boolean | null;
}

/** The header that tells a replayed record from its original: `<replay>:<dead letter>:<generation>`. */
export const REPLAY_ID_HEADER = 'replay-id';
/** How often this record has been replayed, as text. */
export const REPLAY_COUNT_HEADER = 'replay-count';
/** Milliseconds since 1970 of the origin record, as text: the replayed record carries the time of its sending. */
export const REPLAY_ORIGINAL_TIMESTAMP_HEADER = 'replay-original-timestamp';
/** The traceparent the record carried before; the new one starts a trace of its own. */
export const REPLAY_PREVIOUS_TRACEPARENT_HEADER = 'replay-previous-traceparent';

/** Who edited the record before it was sent; only on edited records. A later replay of it as it is keeps the header: it is still true. */
export const REPLAY_EDITED_BY_HEADER = 'replay-edited-by';
/** SHA-256 of the value that the edited one stands for, in hex; null where that was a tombstone. */
export const REPLAY_EDITED_ORIGINAL_HEADER = 'replay-edited-original-sha256';

/** What tells an edited record from its original. */
export interface EditLabel {
  by: string;
  /** Hex; null: the original was a tombstone. */
  originalSha256: string | null;
}

/** A record's own bytes. null and empty differ. */
export interface RecordBytes {
  key: Buffer | null;
  value: Buffer | null;
  headers: readonly ReplayHeader[];
}

export const EDITABLE_PARTS = ['key', 'value', 'headers'] as const;
export type EditablePart = (typeof EDITABLE_PARTS)[number];

/** After this many failed generations a record is parked until a person overrides. */
export const MAX_FAILED_GENERATIONS = 3;

/** Name of the job's transactional id and of the group that holds its progress: one per job, whichever worker runs it. */
export function replayGroupName(replayId: string): string {
  return `waybill-replay-${replayId}`;
}

/** `<topic row>-<partition>-<offset>`; holds no colon, so a replay id can be taken apart again. */
export function formatDeadLetterId(at: DeadLetterCoordinate): string {
  return `${at.topicId}-${at.partition}-${at.offset}`;
}

/** The coordinate in a dead letter's id, or null where the text is none. */
export function parseDeadLetterId(id: string): DeadLetterCoordinate | null {
  const match = /^(\d{1,9})-(\d{1,9})-(\d{1,19})$/.exec(id);
  return match ? { topicId: Number(match[1]), partition: Number(match[2]), offset: BigInt(match[3]!) } : null;
}

/** Value of the `replay-id` header. */
export function formatReplayRef(replayId: string, at: DeadLetterCoordinate, generation: number): string {
  return `${replayId}:${formatDeadLetterId(at)}:${generation}`;
}

/** What a `replay-id` header says, or null where it is somebody else's header of that name. */
export function parseReplayRef(text: string): { replayId: string; at: DeadLetterCoordinate; generation: number } | null {
  const match = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):([\d-]{5,40}):(\d{1,9})$/.exec(text);
  const at = match ? parseDeadLetterId(match[2]!) : null;
  return match && at ? { replayId: match[1]!, at, generation: Number(match[3]) } : null;
}
