// The words of journeys: one business event followed across services, topics, retries, dead letters and replays.

/** What a messaging span says it did. "receive" covers poll; null: not a messaging span. */
export type Operation = 'send' | 'receive' | 'process';

/** Attributes of one span, whichever of the three generations of conventions it used. null = not conveyed. */
export interface CanonicalAttributes {
  system: string | null;
  topic: string | null;
  operation: Operation | null;
  partition: number | null;
  offset: bigint | null;
  messageKey: string | null;
  group: string | null;
  client: string | null;
  /** Kafka's own cluster id. */
  clusterId: string | null;
  journeyKey: string | null;
  /** The attribute that gave the key. */
  journeyKeyBy: string | null;
  /** What names the event itself. */
  eventId: string | null;
  /** The id of the event that caused this one. */
  causationId: string | null;
  /** More than one record: never a link in a chain. */
  batch: boolean;
}

/** A link as journeys need it: whose span, and the record's coordinate where the instrumentation puts it on the link. */
export interface JourneyLink {
  traceId: string;
  spanId: string;
  topic?: string;
  partition?: number;
  offset?: bigint;
  key?: string;
}

/** A stored span, as far as journeys are concerned. */
export interface JourneySpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  service: string | null;
  name: string;
  /** OTLP SpanKind. */
  kind: number;
  startNs: bigint;
  durationNs: bigint;
  statusCode: number;
  statusMessage: string | null;
  /** Waybill's own row id of the cluster, null where neither the span nor the configuration says which. */
  cluster: number | null;
  /** How often the topic had been deleted and created again when the span started: offsets begin anew each time. */
  incarnation: number;
  operation: Operation | null;
  topic: string | null;
  partition: number | null;
  offset: bigint | null;
  messageKey: string | null;
  group: string | null;
  journeyKey: string | null;
  journeyKeyBy: string | null;
  eventId: string | null;
  causationId: string | null;
  batch: boolean;
  links: JourneyLink[];
}

/** What connects two hops, the strongest first. */
export const EVIDENCE_BY_STRENGTH = ['parent', 'link', 'causation', 'coordinate', 'correlation', 'inferred'] as const;
export type EvidenceKind = (typeof EVIDENCE_BY_STRENGTH)[number];

export interface Evidence {
  kind: EvidenceKind;
  /** A sentence for "why connected". */
  detail: string;
}

export interface Edge {
  from: string;
  to: string;
  evidence: Evidence[];
}

export type HopKind = 'send' | 'process' | 'dead-letter' | 'replay';

export interface Attempt {
  traceId: string;
  spanId: string;
  startNs: bigint;
  durationNs: bigint;
  /** The error in words; null where the attempt shows none (which is not proof that it succeeded). */
  error: string | null;
  /** The error may be another record's: the span covered a batch. */
  batch: boolean;
}

/** Where a hop is known from: spans, the headers of its record, commits of a group, the headers of a dead letter, or Waybill's own books. */
export type HopSource = 'spans' | 'record-headers' | 'commits' | 'dead-letter' | 'ledger';

export interface Hop {
  id: string;
  kind: HopKind;
  knownBy: HopSource;
  service: string | null;
  topic: string | null;
  partition: number | null;
  offset: bigint | null;
  group: string | null;
  traceId: string | null;
  spanId: string | null;
  startNs: bigint;
  durationNs: bigint;
  /** Time in the queue, ns: from the end of the send to the start of the first attempt, never below 0. null = unknown. */
  queueNs: bigint | null;
  /** By how much the two clocks disagree where the difference came out negative, ns. */
  skewNs: bigint | null;
  error: string | null;
  /** Known from offsets or headers, not from a span. */
  ghost: boolean;
  attempts: Attempt[];
  /** The last attempt shows an error that may be another record's: its whole batch was marked. */
  uncertain: boolean;
  /** A failed handling that put the record on a retry topic: what came of it is told by the hops from there. */
  deferredTo: string | null;
  messageKey: string | null;
  /** Kinds dead-letter and replay: the dead letter's id, the replay and who asked for it. */
  deadLetterId: string | null;
  replayId: string | null;
  actor: string | null;
  /** replay: the ledger's state of the item. */
  outcome: string | null;
}

/** A dead letter as the store has it, whoever put it there. */
export interface DeadLetterFact {
  id: string;
  cluster: number | null;
  topic: string;
  partition: number;
  offset: bigint;
  timestampNs: bigint;
  originTopic: string | null;
  originPartition: number | null;
  originOffset: bigint | null;
  originTimestampNs: bigint | null;
  originGroup: string | null;
  error: string | null;
  correlationId: string | null;
  /** Incarnation of the origin topic, as in JourneySpan. */
  incarnation: number;
}

/** One item of a replay's ledger. */
export interface ReplayFact {
  replayId: string;
  deadLetterId: string;
  cluster: number | null;
  state: string;
  actor: string;
  /** When it was sent; before that, when the replay was asked for. */
  atNs: bigint;
  sent: { topic: string; partition: number; offset: bigint } | null;
  incarnation: number;
}

/** What the headers of a published record say, read from the broker where its topic is tapped. */
export interface RecordFact {
  cluster: number | null;
  /** Incarnation of the topic, as in JourneySpan. */
  incarnation: number;
  topic: string;
  partition: number;
  offset: bigint;
  timestampNs: bigint;
  messageKey: string | null;
  /** The span that its traceparent header names. */
  parent: { traceId: string; spanId: string } | null;
  journeyKey: string | null;
  /** The header that gave it. */
  journeyKeyBy: string | null;
  eventId: string | null;
  causationId: string | null;
}

/** Everything known around one or several journeys: what buildGraphs takes. */
export interface JourneyFacts {
  spans: JourneySpan[];
  deadLetters: DeadLetterFact[];
  replays: ReplayFact[];
  records?: RecordFact[];
}

export type JourneyState = 'in-flight' | 'done' | 'stuck' | 'failed' | 'dead-lettered' | 'replayed' | 'unknown';

export interface JourneyGraph {
  hops: Hop[];
  edges: Edge[];
  key: string | null;
  keyBy: string | null;
  traceIds: string[];
  startNs: bigint;
  lastNs: bigint;
  /** What finds this journey again: "key:…", "at:…", "span:…" (lib/journey/references.ts). */
  references: string[];
}
