import { setTimeout as delay } from 'node:timers/promises';
import { REPLAY_ID_HEADER, type LogPosition } from '#lib/model/replay.ts';
import { partitionKey, type ReplayScan, type ReplayScanResult } from '../port-replay.ts';
import type { ReadPosition } from '../port-records.ts';
import type { Kafka } from './connect.ts';
import { fetchRecords } from './fetch-records.ts';

const WAIT_FOR_STABLE_MS = 200;
const RETRY_AFTER_MS = 200;

/**
 * Looks for the committed records of one replay job in its target, from the given offsets up to the high watermarks of now. Absence is
 * proof only once the last stable offset has reached them: another application's open transaction holds it below our own committed records.
 * @throws only when `signal` aborts; everything else is `complete: false` with the reason
 */
export async function scanForReplay(kafka: Kafka, scan: ReplayScan, signal: AbortSignal): Promise<ReplayScanResult> {
  const prefix = `${scan.replayId}:`;
  const deadline = performance.now() + scan.timeoutMs;
  const found = new Map<string, LogPosition>();
  const doubled = new Set<string>();
  const goals = new Map<string, bigint>(); // high watermarks, taken with the first answer
  let open: ReadPosition[] = scan.from.map((at) => ({ topic: at.topic, topicId: null, partition: at.partition, offset: at.offset }));
  const answer = (complete: boolean, reason: string | null): ReplayScanResult => ({ found, doubled: [...doubled], complete, reason });

  while (open.length > 0) {
    const next: ReadPosition[] = [];
    let idle = true;
    let problem: string | null = null;
    for (const part of await fetchRecords(kafka, open, { signal, isolation: 1 })) {
      const key = partitionKey(part.topic, part.partition);
      const position = open.find((at) => at.topic === part.topic && at.partition === part.partition)!;
      if (part.failure) {
        if (part.failure.code === 'offset-out-of-range') {
          return answer(false, `the log of ${part.topic} partition ${part.partition} no longer holds offset ${position.offset}, where the search has to begin`);
        }
        if (!part.failure.retryable) {
          return answer(false, `${part.topic} partition ${part.partition} cannot be read from offset ${position.offset}: ${part.failure.message}`);
        }
        problem = `${part.topic} partition ${part.partition}: ${part.failure.message}`;
        next.push(position);
        continue;
      }
      // What lay between the saved offset and the log start is gone, and with it the proof.
      if (part.logStartOffset !== null && part.logStartOffset > position.offset) {
        return answer(false, `the log of ${part.topic} partition ${part.partition} now starts at ${part.logStartOffset}, after the saved offset ${position.offset}`);
      }
      if (!goals.has(key) && part.highWatermark !== null) goals.set(key, part.highWatermark);
      for (const record of part.records) {
        const ref = record.headers.findLast(([name]) => Buffer.from(name).toString('latin1') === REPLAY_ID_HEADER)?.[1];
        const text = ref ? Buffer.from(ref).toString('latin1') : '';
        if (!text.startsWith(prefix)) continue;
        if (found.has(text)) doubled.add(text);
        else found.set(text, { topic: record.topic, partition: record.partition, offset: record.offset });
      }
      const goal = goals.get(key);
      if (part.nextOffset > position.offset) idle = false;
      if (goal === undefined || part.nextOffset < goal) next.push({ ...position, offset: part.nextOffset });
    }
    open = next;
    if (open.length === 0) break;
    if (performance.now() >= deadline) {
      const [first] = open;
      return answer(false, problem ?? `the last stable offset of ${first!.topic} partition ${first!.partition} did not reach ${goals.get(partitionKey(first!.topic, first!.partition)) ?? 'the high watermark'} within ${Math.round(scan.timeoutMs / 1_000)} s: another transaction is open there`);
    }
    if (idle) await delay(problem ? RETRY_AFTER_MS : WAIT_FOR_STABLE_MS, undefined, { signal });
  }
  return answer(true, null);
}
