import type { JourneySpan } from '#lib/model/journey.ts';

// What finds a journey again. A reference belongs to one journey at a time; a trace id does not, because a poll loop, a
// bulk request or a leaked scope puts several events into one trace.

export function keyReference(key: string): string {
  return `key:${key}`;
}

/** `event:<id>`: of the event of that id, and of those that name it as their cause. */
export function eventReference(id: string): string {
  return `event:${id}`;
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

export type Reference =
  | { by: 'key'; key: string }
  | { by: 'event'; id: string }
  | { by: 'span'; traceId: string; spanId: string }
  | { by: 'at'; cluster: number | null; incarnation: number; topic: string; partition: number; offset: bigint };

/** The reverse of the functions above, or null where the text is none of theirs. */
export function parseReference(text: string): Reference | null {
  if (text.startsWith('key:')) return { by: 'key', key: text.slice(4) };
  if (text.startsWith('event:')) return { by: 'event', id: text.slice(6) };
  const span = /^span:([0-9a-f]{32}):([0-9a-f]{16})(?:#\d+)?$/.exec(text);
  if (span !== null) return { by: 'span', traceId: span[1]!, spanId: span[2]! };
  const at = /^at:(\d*):(\d+):(.+):(\d+)@(\d+)$/.exec(text);
  if (at === null) return null;
  return { by: 'at', cluster: at[1] === '' ? null : Number(at[1]), incarnation: Number(at[2]), topic: at[3]!, partition: Number(at[4]), offset: BigInt(at[5]!) };
}
