// What buildGraphs knows beside spans, and how it is held together.
import type { DeadLetterFact, Evidence, RecordFact, ReplayFact } from '#lib/model/journey.ts';
import type { Delivery, Send } from './units.ts';

export interface BuildOptions {
  /** Whether a topic holds dead letters. */
  isDeadLetterTopic: (topic: string) => boolean;
  /** Whether records wait on a topic for their next attempt. */
  isRetryTopic?: (topic: string) => boolean;
  /** Values that too many traces share: attributes, not journeys. */
  overusedKeys?: ReadonlySet<string>;
  /** The same for ids of events. */
  overusedEvents?: ReadonlySet<string>;
}

export interface DeadLetterUnit {
  index: number;
  fact: DeadLetterFact;
  record: string;
  origin: string | null;
}

export interface ReplayUnit {
  index: number;
  fact: ReplayFact;
  sent: string | null;
}

/** A record whose headers were read from the broker. */
export interface RecordUnit {
  index: number;
  fact: RecordFact;
  record: string;
  /** Reference of the span that its traceparent header names. */
  source: string | null;
  key: { by: string; value: string } | null;
  eventId: string | null;
  causationId: string | null;
}

export const deadLetterKey = 'dead letter';

export type Hopped = Send | Delivery | DeadLetterUnit | ReplayUnit | RecordUnit;

export interface UnitEdge {
  from: Hopped;
  to: Hopped;
  evidence: Evidence;
}

export interface Group {
  sends: Send[];
  deliveries: Delivery[];
  deadLetters: DeadLetterUnit[];
  replays: ReplayUnit[];
  records: RecordUnit[];
  edges: UnitEdge[];
}
