// The words of hygiene: what is wrong with the way events are written, read and passed on, with the evidence for it.

import type { Severity } from './alert.ts';

/** Every pitfall that is looked for, in the order of a report. */
export const FINDING_KINDS = [
  'duplicates',
  'out-of-order',
  'fat-events',
  'schema-drift',
  'unversioned',
  'lost-correlation',
  'retry-storm',
  'unread-dead-letters',
  'unconsumed-topic',
  'no-dead-letter-path',
  'uninstrumented-hop',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** open: seen lately. resolved: the evidence has been gone for a while. A mute is kept beside it and hides an open one until it ends. */
export type FindingState = 'open' | 'resolved';

/** What a finding is about. Parts that do not apply are null. */
export interface FindingSubject {
  topic: string | null;
  group: string | null;
  service: string | null;
}

/** Where a record lies. The offset as decimal text: examples are stored as JSON. */
export interface ExampleRecord {
  topic: string;
  partition: number;
  offset: string;
  /** ISO 8601; null where the record has no time. */
  at: string | null;
}

/** One piece of evidence a person can open. */
export interface Example {
  /** What is to be seen there, as a sentence. */
  note: string;
  records: ExampleRecord[];
  /** The same place before and after, where something changed: a type, a number. */
  before: string | null;
  after: string | null;
}

/** One figure of the evidence. null: not known. */
export interface FindingFact {
  label: string;
  value: number | string | null;
  unit: 'count' | 'bytes' | 'share' | 'ms' | 'text';
}

/** What a detector found at one moment. */
export interface Detected {
  kind: FindingKind;
  severity: Severity;
  subject: FindingSubject;
  sentence: string;
  facts: FindingFact[];
  examples: Example[];
  /** When the evidence that is known begins. */
  since: Date;
  /** The newest evidence. */
  lastSeen: Date;
}

/** What one detector can say of a cluster. */
export interface Look {
  kind: FindingKind;
  /** Topics, groups or services that were looked at. */
  subjects: number;
  /** Why nothing, or not everything, can be known; null where all was looked at. */
  unknown: string | null;
  /** The rest was looked at. */
  partly?: boolean;
  findings: Detected[];
}

/** A finding as it is kept. */
export interface KeptFinding {
  kind: FindingKind;
  subject: FindingSubject;
  state: FindingState;
  /** Since when it is open, or was when it was last open. */
  openedAt: Date;
  /** When a detector last said it. */
  detectedAt: Date;
  resolvedAt: Date | null;
}

/** What is kept of one sampled record: hashes, sizes and times, never its bytes. */
export interface Fingerprint {
  partition: number;
  offset: bigint;
  /** When it was written, ms since 1970. */
  atMs: number;
  /** Key, value and headers. */
  bytes: number;
  /** Hash of the event's own id; null where it carries none. */
  idHash: bigint | null;
  /** Hash of the record's key; null where it has none. */
  keyHash: bigint | null;
  /** Hash of the value; null for a tombstone or an empty one. */
  payloadHash: bigint | null;
  /** The event's own time, ms since 1970; null where it tells none. */
  eventAtMs: number | null;
  /** What the event's sequence counts (an aggregate), as a hash, and the number. */
  sequenceScope: bigint | null;
  sequence: bigint | null;
  /** It carries a correlation id, in its headers or its value. */
  correlated: boolean;
  /** It carries a trace context. */
  traced: boolean;
  /** Sent by a replay of Waybill: on purpose a second time. */
  replayed: boolean;
  /** It names a version, a type or a schema; null where the value could not be read. */
  marked: boolean | null;
}

export function subjectText(subject: FindingSubject): string {
  const { topic, group, service } = subject;
  return [service === null ? null : `service ${service}`, group === null ? null : `group ${group}`, topic === null ? null : `topic ${topic}`].filter((part) => part !== null).join(', ');
}

export function coordinateText(record: Pick<ExampleRecord, 'topic' | 'partition' | 'offset'>): string {
  return `${record.topic}:${record.partition}@${record.offset}`;
}
