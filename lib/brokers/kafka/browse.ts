import type { Kafka } from './connect.ts';
import { fetchRecords } from './fetch-records.ts';
import { readRanges } from './read-ranges.ts';
import { failureOfCode } from './failure.ts';
import type { BrokerRecord, BrowseAnswer, BrowseFrom, ReadOptions } from '../port-records.ts';

const MAX_ROUNDS = 200;

/**
 * Up to `limit` records of a topic, without a group and without a commit. `newest` reads back from the last stable offset until it has
 * enough (control and aborted records take offsets but are no records, so it steps back further). Bounded by `maxBytes` of values in all.
 */
export async function browse(
  kafka: Kafka,
  request: { topic: string; partition?: number; from: BrowseFrom; limit: number; maxBytes?: number },
  options: ReadOptions = {},
): Promise<BrowseAnswer> {
  const topic = (await kafka.connections.metadata({ topics: [request.topic] })).topics.get(request.topic);
  const unknown = failureOfCode(topic?.errorCode ?? 3);
  if (!topic || unknown) return { records: [], failures: [{ partition: request.partition ?? 0, failure: unknown ?? failureOfCode(3)! }], complete: true };
  const wanted = topic.partitions.map((item) => item.partition).filter((partition) => request.partition === undefined || partition === request.partition);
  const ranges = await readRanges(kafka, wanted.map((partition) => ({ topic: request.topic, partition })), request.from.kind === 'time' ? request.from.timestampMs : undefined);
  const failures: BrowseAnswer['failures'] = [];
  const collected: BrokerRecord[] = [];
  let bytes = 0;
  const maxBytes = request.maxBytes ?? 16_777_216;

  interface Work { partition: number; offset: bigint; until: bigint; start: bigint; step: bigint; found: number }
  let open: Work[] = [];
  for (const range of ranges) {
    if (range.failure || range.logStartOffset === null || range.lastStableOffset === null) {
      failures.push({ partition: range.partition, failure: range.failure ?? { code: 'no-answer', message: 'The broker gave no offsets.', retryable: true } });
      continue;
    }
    const { logStartOffset: start, lastStableOffset: until } = range;
    const step = BigInt(request.limit);
    let offset: bigint;
    switch (request.from.kind) {
      case 'newest': offset = until - step > start ? until - step : start; break;
      case 'oldest': offset = start; break;
      case 'offset': offset = request.from.offset > start ? request.from.offset : start; break;
      case 'time': offset = range.atTime ?? until; break;
      default: offset = request.from satisfies never;
    }
    if (offset < until) open.push({ partition: range.partition, offset, until, start, step, found: 0 });
  }

  for (let round = 0; open.length > 0 && round < MAX_ROUNDS && bytes < maxBytes; round++) {
    const answers = await fetchRecords(kafka, open.map((item) => ({ topic: request.topic, topicId: topic.topicId, partition: item.partition, offset: item.offset })), { ...options, isolation: options.isolation ?? 1 });
    const next: Work[] = [];
    for (const item of open) {
      const answer = answers.find((other) => other.partition === item.partition);
      if (!answer || answer.failure) {
        failures.push({ partition: item.partition, failure: answer?.failure ?? { code: 'no-answer', message: 'The broker did not answer.', retryable: true } });
        continue;
      }
      for (const record of answer.records) {
        if (record.offset >= item.until || item.found >= request.limit && request.from.kind !== 'newest') break;
        collected.push(record);
        item.found++;
        bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0) + record.headers.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0);
      }
      if (answer.nextOffset < item.until && answer.nextOffset > item.offset && (request.from.kind === 'newest' || item.found < request.limit)) {
        next.push({ ...item, offset: answer.nextOffset });
      } else if (request.from.kind === 'newest' && item.found < request.limit && answer.nextOffset >= item.until) {
        // Fewer records than offsets: look further back, at twice the distance.
        const first = collected.filter((record) => record.partition === item.partition).reduce((low, record) => (record.offset < low ? record.offset : low), item.until);
        const from = first - item.step * 2n > item.start ? first - item.step * 2n : item.start;
        const lowest = item.until - item.step > item.start ? item.until - item.step : item.start;
        if (lowest > item.start && from < lowest) next.push({ partition: item.partition, offset: from, until: lowest, start: item.start, step: item.step * 2n, found: item.found });
      }
    }
    open = next;
  }
  const newest = request.from.kind === 'newest';
  const time = (record: BrokerRecord) => record.timestampMs ?? -1n;
  collected.sort((a, b) => {
    if (a.partition === b.partition) return (a.offset < b.offset ? -1 : 1) * (newest ? -1 : 1);
    return (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : a.partition - b.partition) * (newest ? -1 : 1);
  });
  return { records: collected.slice(0, request.limit), failures, complete: open.length === 0 };
}
