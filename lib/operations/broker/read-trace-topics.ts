import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { Membership, MembershipPort } from '#lib/brokers/port-membership.ts';
import type { BrokerRecord, ReadPosition, RecordsPort } from '#lib/brokers/port-records.ts';
import { errorText } from '#lib/errors.ts';
import { OtlpRefusal } from '#lib/otlp/refusal.ts';
import type { PreparedSpans } from '../prepare-spans.ts';
import type { StoreResult } from '../span-queue.ts';

export interface TraceTopicsInput {
  broker: MembershipPort & Pick<RecordsPort, 'tailDeadLetters' | 'readRanges'>;
  group: string;
  topics: readonly string[];
  /** @throws OtlpRefusal where the body can never be stored */
  prepare: (body: Buffer) => Promise<PreparedSpans>;
  /** Resolves once the spans are durable. @throws OtlpRefusal 429, 503 */
  store: (prepared: PreparedSpans) => Promise<StoreResult>;
  /** Of a record's value. */
  mostBodyBytes: number;
  /** Told of each record that is passed over. */
  onPoisoned: (at: string, reason: string) => void;
}

export interface TraceTopicsFigures {
  group: string;
  generation: number | null;
  partitions: number;
  /** Since this process began: records read, those of them that hold no traces, and records that retention took before they were read. */
  records: number;
  poisoned: number;
  missed: string;
  /** The last one that was passed over, and why. */
  lastPoisoned: string | null;
  /** Records that this member has not read yet; null before it read anything. */
  behind: string | null;
  /** Partitions that could not be read in this run, with the reason of one. */
  failing: number;
  lastFailure: string | null;
}

export interface TraceTopicReader {
  /** Reads on for about `maxMs`, or until nothing is left. @throws where the group cannot be joined or the coordinator does not answer */
  run(signal: AbortSignal, maxMs: number): Promise<TraceTopicsFigures>;
  /** Leaves the group: others read on at once. */
  close(): Promise<void>;
}

/** What is in memory of a topic at a time, as it lies in the log. */
const ROUND_BYTES = 4_000_000;
const PARTITION_BYTES = 1_048_576;
/** How long a broker waits for new records: a quiet topic costs two requests a second. */
const WAIT_MS = 500;

/**
 * Takes traces from topics of OTLP bodies, as the OpenTelemetry Collector's kafka exporter writes them: one record, one request. Members of one group
 * share the partitions. At least once: the offset is committed after the spans are durable, and spans that come twice are stored once. A record that
 * holds no traces is counted and passed over; while the store is down nothing is, and reading goes on where it stopped.
 */
export function openTraceTopicReader(input: TraceTopicsInput): TraceTopicReader {
  let membership: Membership | null = null;
  /** Of which the positions are; `isWhole` is false where some are still missing, and they are asked for again. */
  let generation: number | null = null;
  let isWhole = false;
  let positions = new Map<string, ReadPosition>();
  const ends = new Map<string, bigint>();
  const counts = { records: 0, poisoned: 0, missed: 0n };
  let lastPoisoned: string | null = null;

  const pass = (record: BrokerRecord, reason: string): void => {
    const at = `${record.topic}:${record.partition}@${record.offset}`;
    counts.poisoned++;
    lastPoisoned = `${at}: ${reason}`;
    input.onPoisoned(at, reason);
  };

  const prepare = async (record: BrokerRecord): Promise<PreparedSpans | null> => {
    const { value } = record;
    if (value === null || value.length === 0) return null; // an empty request is a success, a tombstone says nothing
    if (value.length > input.mostBodyBytes) {
      pass(record, `${value.length} bytes are more than the ${input.mostBodyBytes} that a body may have (OTLP_MAX_BODY_BYTES)`);
      return null;
    }
    try {
      return await input.prepare(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    } catch (error) {
      if (!(error instanceof OtlpRefusal)) throw error;
      pass(record, error.message);
      return null;
    }
  };

  /** @returns false where the signal aborted, or the group took the partitions away, before the store took them */
  const storeInTime = async (member: Membership, prepared: PreparedSpans, signal: AbortSignal): Promise<boolean> => {
    for (;;) {
      try {
        await input.store(prepared);
        return true;
      } catch (error) {
        if (!(error instanceof OtlpRefusal)) throw error;
        await delay((error.retryAfterSeconds ?? 1) * 1_000, undefined, { signal }).catch(() => undefined);
        if (signal.aborted || member.failure() !== null || member.assigned().generation !== generation) return false;
      }
    }
  };

  const begin = async (member: Membership): Promise<void> => {
    const assigned = member.assigned();
    const [committed, ranges] = await Promise.all([member.committed(assigned.partitions), input.broker.readRanges(assigned.partitions)]);
    const starts = new Map(ranges.map((range) => [`${range.topic}:${range.partition}`, range.logStartOffset]));
    positions = new Map(assigned.partitions.flatMap(({ topic, partition }) => {
      const place = `${topic}:${partition}`;
      const offset = committed.get(place) ?? starts.get(place);
      return offset === undefined || offset === null ? [] : [[place, { topic, topicId: null, partition, offset }] as const];
    }));
    generation = assigned.generation;
    isWhole = positions.size === assigned.partitions.length;
    ends.clear();
  };

  const figures = (failures: readonly string[]): TraceTopicsFigures => ({
    group: input.group, generation, partitions: positions.size, records: counts.records, poisoned: counts.poisoned, missed: String(counts.missed), lastPoisoned,
    behind: ends.size === 0 ? null : String([...ends].reduce((sum, [place, end]) => sum + (end > (positions.get(place)?.offset ?? end) ? end - positions.get(place)!.offset : 0n), 0n)),
    failing: failures.length, lastFailure: failures.at(-1) ?? null,
  });

  return {
    async run(signal, maxMs) {
      const deadline = performance.now() + maxMs;
      let failures: string[] = [];
      if (membership !== null && membership.failure() !== null) {
        const ended = membership;
        membership = null;
        await ended.leave();
      }
      if (membership === null) {
        membership = await input.broker.joinGroup({ group: input.group, topics: input.topics });
        generation = null;
      }
      const member = membership;
      if (!isWhole) generation = null;
      while (!signal.aborted && performance.now() < deadline && member.failure() === null) {
        if (member.assigned().generation !== generation) await begin(member);
        if (positions.size === 0 || generation === null) break;
        failures = [];
        const records: BrokerRecord[] = [];
        const moved: ReadPosition[] = [];
        for (const answer of await input.broker.tailDeadLetters([...positions.values()], { signal, maxBytes: ROUND_BYTES, partitionMaxBytes: PARTITION_BYTES, maxWaitMs: WAIT_MS })) {
          const position = positions.get(`${answer.topic}:${answer.partition}`)!;
          if (answer.failure?.code === 'offset-out-of-range') {
            // Retention took what was not read, or the topic was made anew: on from what there is.
            const [range] = await input.broker.readRanges([answer]);
            const start = range?.logStartOffset ?? null;
            if (start === null) continue;
            if (start > position.offset) counts.missed += start - position.offset;
            positions.set(`${answer.topic}:${answer.partition}`, { ...position, offset: start });
          } else if (answer.failure) failures.push(`${answer.topic}:${answer.partition}: ${answer.failure.message}`);
          else {
            records.push(...answer.records);
            if (answer.nextOffset !== position.offset) moved.push({ ...position, offset: answer.nextOffset });
            if (answer.lastStableOffset !== null) ends.set(`${answer.topic}:${answer.partition}`, answer.lastStableOffset);
          }
        }
        counts.records += records.length;
        const storing: Promise<boolean | Error>[] = [];
        for (const record of records) {
          const prepared = await prepare(record);
          if (prepared === null) continue;
          storing.push(storeInTime(member, prepared, signal).catch((error: unknown) => error as Error));
          await setImmediate(); // a round of small records must not hold up who sends by HTTP
        }
        const stored = await Promise.all(storing);
        const failed = stored.find((outcome) => outcome instanceof Error);
        if (failed !== undefined) throw failed;
        // Of a round that was not stored as a whole nothing is committed: what was is stored again, and counted as a duplicate.
        if (stored.includes(false)) break;
        for (const position of moved) positions.set(`${position.topic}:${position.partition}`, position);
        if (!(await member.commit(generation, moved).catch((error: unknown) => {
          generation = null;
          throw new Error(`The offsets of the group ${input.group} could not be committed: ${errorText(error)}`, { cause: error });
        }))) generation = null;
        if (moved.length === 0) break;
      }
      return figures(failures);
    },
    async close() {
      await membership?.leave();
      membership = null;
    },
  };
}
