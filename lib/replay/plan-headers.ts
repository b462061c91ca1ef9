import {
  REPLAY_COUNT_HEADER,
  REPLAY_EDITED_BY_HEADER,
  REPLAY_EDITED_ORIGINAL_HEADER,
  REPLAY_ID_HEADER,
  REPLAY_ORIGINAL_TIMESTAMP_HEADER,
  REPLAY_PREVIOUS_TRACEPARENT_HEADER,
  type EditLabel,
  type ReplayHeader,
} from '#lib/model/replay.ts';

/** Headers of replication tools: they describe the copy, and some make the tool drop the record as its own echo. */
export const REPLICATION_HEADERS: readonly string[] = ['mskreplicator.*', '__msk_*', 'mm2-*', 'mirrormaker.*', '__mirror_*'];

const OWN = [REPLAY_ID_HEADER, REPLAY_COUNT_HEADER, REPLAY_ORIGINAL_TIMESTAMP_HEADER, REPLAY_PREVIOUS_TRACEPARENT_HEADER];
const TRACE = ['traceparent', 'tracestate'];
const EDITED = [REPLAY_EDITED_BY_HEADER, REPLAY_EDITED_ORIGINAL_HEADER];
/** Bytes of the names that are added, one buffer for all records. */
const OWN_NAMES = new Map([...OWN, ...TRACE, ...EDITED].map((name) => [name, Buffer.from(name)]));

export interface HeaderPlanInput {
  headers: readonly ReplayHeader[];
  /** Names to leave out; a trailing `*` stands for any rest. The dialect's error headers AND its retry counters: with those kept a record gets one attempt and goes straight back. */
  strip: readonly string[];
  /** Value of the new replay-id header. */
  replayRef: string;
  /** W3C trace context of the sending. It starts a trace of its own; the old one is kept beside it. */
  traceparent: string;
  /** Milliseconds since 1970 of the origin record, null where the dead letter does not convey it. */
  originalTimestampMs: bigint | null;
  /** The record was edited; null: it goes out as it is. */
  edited: EditLabel | null;
}

export interface HeaderPlan {
  /** In the order of the record, the added ones at the end. */
  headers: ReplayHeader[];
  /** Names as text, each once. */
  removed: string[];
  added: string[];
  /** Times this record was replayed before, by its own header. */
  replayCountBefore: number;
}

/**
 * Headers of the record to send: all of the dead letter's, in their order and byte for byte, without what the failure
 * added, plus what tells a replayed record from its original. The correlation id stays.
 */
export function planHeaders(input: HeaderPlanInput): HeaderPlan {
  const leavesOut = matcherOf(input.strip).bytes;
  const kept: ReplayHeader[] = [];
  const removed = new Set<string>();
  for (const header of input.headers) {
    // Edited anew, the label of an earlier edit gives way; sent as it is, it stays true.
    if (leavesOut(header[0]) || (input.edited !== null && EDITED.includes(textOf(header[0])))) removed.add(textOf(header[0]));
    else kept.push(header);
  }
  const replayCountBefore = readReplayCount(input.headers);
  const previous = last(input.headers, 'traceparent');
  const added: [string, string | Buffer | null][] = [
    [REPLAY_ID_HEADER, input.replayRef],
    [REPLAY_COUNT_HEADER, String(replayCountBefore + 1)],
    ...(input.originalTimestampMs === null ? [] : [[REPLAY_ORIGINAL_TIMESTAMP_HEADER, String(input.originalTimestampMs)] as [string, string]]),
    ...(input.edited === null ? [] : ([[REPLAY_EDITED_BY_HEADER, input.edited.by], [REPLAY_EDITED_ORIGINAL_HEADER, input.edited.originalSha256]] as [string, string | null][])),
    ['traceparent', input.traceparent],
    ...(previous ? [[REPLAY_PREVIOUS_TRACEPARENT_HEADER, previous] as [string, Buffer]] : []),
  ];
  return {
    headers: [...kept, ...added.map(([name, value]): ReplayHeader => [OWN_NAMES.get(name)!, typeof value === 'string' ? Buffer.from(value) : value])],
    removed: [...removed],
    added: added.map(([name]) => name),
    replayCountBefore,
  };
}

/**
 * Whether a header is not sent on, whatever it says: of the failure, of a replication tool, or one that a replay writes itself. Writing it in
 * an edit would be for nothing.
 */
export function isLeftOut(name: string, strip: readonly string[]): boolean {
  return matcherOf(strip).text(name) || EDITED.includes(name);
}

/** Times a record was replayed before: its `replay-count` header, 0 where there is none or it is no number. */
export function readReplayCount(headers: readonly ReplayHeader[]): number {
  const text = last(headers, REPLAY_COUNT_HEADER)?.toString('latin1') ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
}

function last(headers: readonly ReplayHeader[], name: string): Buffer | null {
  return headers.findLast(([bytes]) => bytes.length === name.length && bytes.toString('latin1') === name)?.[1] ?? null;
}

// One strip list serves a whole job: its matcher is made once.
const NOTHING: readonly string[] = [];
const matchers = new WeakMap<readonly string[], NameMatcher>();

function matcherOf(list: readonly string[]): NameMatcher {
  const strip = list.length === 0 ? NOTHING : list;
  let matcher = matchers.get(strip);
  if (!matcher) matchers.set(strip, (matcher = nameMatcher([...strip, ...REPLICATION_HEADERS, ...OWN, ...TRACE])));
  return matcher;
}

interface NameMatcher {
  text(name: string): boolean;
  /** Asked once for a buffer: records of a topic share those of their names. */
  bytes: (name: Buffer) => boolean;
}

/** One character a byte: names that are not UTF-8 stay apart. */
function textOf(name: Buffer): string {
  return name.toString('latin1');
}

function nameMatcher(patterns: readonly string[]): NameMatcher {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const prefixes = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  const text = (name: string) => exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
  const known = new WeakMap<Buffer, boolean>();
  return {
    text,
    bytes(name) {
      let out = known.get(name);
      if (out === undefined) known.set(name, (out = text(textOf(name))));
      return out;
    },
  };
}
