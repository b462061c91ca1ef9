import type { JourneySpan } from '#lib/model/journey.ts';

// What finds a journey again. A reference belongs to one journey at a time; a trace id does not, because a poll loop, a
// bulk request or a leaked scope puts several events into one trace.

export function keyReference(key: string): string {
  return `key:${key}`;
}

export function spanReference(traceId: string, spanId: string): string {
  return `span:${traceId}:${spanId}`;
}

/** `at:<cluster row>:<incarnation>:topic:partition@offset`; the cluster is empty where it is not known. */
export function coordinateReference(at: { cluster: number | null; incarnation: number; topic: string; partition: number; offset: bigint }): string {
  return `at:${at.cluster ?? ''}:${at.incarnation}:${at.topic}:${at.partition}@${at.offset}`;
}

/** `topic:partition@offset`, as people write a coordinate. */
export function coordinateText(at: { topic: string; partition: number; offset: bigint }): string {
  return `${at.topic}:${at.partition}@${at.offset}`;
}

/** Where a span says its record lies, or null where it does not say all of it. */
export function coordinateOf(span: JourneySpan): { cluster: number | null; incarnation: number; topic: string; partition: number; offset: bigint } | null {
  if (span.topic === null || span.partition === null || span.offset === null) return null;
  return { cluster: span.cluster, incarnation: span.incarnation, topic: span.topic, partition: span.partition, offset: span.offset };
}
