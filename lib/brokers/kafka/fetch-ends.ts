import type { BrokerFailure, TopicOffsets } from '../port-offsets.ts';
import type { Kafka, KafkaTopic } from './connect.ts';
import { failureOfCode, failureOfError } from './failure.ts';
import { EARLIEST, LATEST, listOffsets, type OffsetsAnswer, type OffsetsQuestion } from './list-offsets.ts';
import type { Pace } from './pace.ts';
import type { LeaderQuestions } from './topic-layout.ts';

const COLUMNS = ['highWatermarks', 'lastStableOffsets', 'logStartOffsets'] as const;

/** Kafka's error codes that say that we asked the wrong broker, or about something that is no more: the layout is old. */
const MOVED = new Set([3, 5, 6, 9, 56, 72, 74, 75, 76, 100]);

/** Columns to be filled by fetchEnds; what has no leader is marked as failed from the start. */
export function emptyTopic(topic: KafkaTopic): TopicOffsets {
  const count = topic.partitions.reduce((most, p) => Math.max(most, p.partition + 1), 0);
  const column = (): null[] => Array.from({ length: count }, () => null);
  const leaders: (number | null)[] = column();
  const failures = new Map<number, BrokerFailure>();
  for (const { partition, leader } of topic.partitions) {
    leaders[partition] = leader;
    if (leader === null) failures.set(partition, { code: 'no-leader', message: 'The partition has no leader at the moment.', retryable: true });
  }
  return { name: topic.name, topicId: topic.topicId, internal: topic.internal, replicationFactor: topic.partitions[0]?.replicas.length ?? null, leaders, highWatermarks: column(), lastStableOffsets: column(), logStartOffsets: column(), failures };
}

/**
 * High watermark, last stable offset and log start of every partition asked for: three requests a leader, all in flight at once.
 * @param silent brokers that did not answer in this cycle: not asked again, which would cost another timeout
 * @returns partitions of which a broker said that it does not lead or know them; their topics have the failure
 */
export async function fetchEnds(
  kafka: Kafka,
  questions: readonly LeaderQuestions[],
  into: Map<string, TopicOffsets>,
  context: { silent: ReadonlySet<number>; brokerFailures: Map<number, BrokerFailure>; tally: { requests: number; throttledMs: number }; pace: Pace; signal: AbortSignal },
): Promise<Map<string, Set<number>>> {
  const moved = new Map<string, Set<number>>();
  const { silent, brokerFailures, tally, pace, signal } = context;
  await Promise.all(
    questions.map(async ({ leader, topics: asked }) => {
      const known = silent.has(leader) ? brokerFailures.get(leader) : undefined;
      if (known) return failAll(into, asked, known);
      try {
        await pace.wait(leader, signal);
        const connection = await kafka.connections.node(leader);
        // Three requests in flight on one connection: the broker answers them in order.
        const answers = await Promise.allSettled([listOffsets(kafka, connection, asked, 0, LATEST), listOffsets(kafka, connection, asked, 1, LATEST), listOffsets(kafka, connection, asked, 0, EARLIEST)]);
        tally.requests += 3;
        let throttledMs = 0;
        answers.forEach((answer, i) => {
          const column = COLUMNS[i];
          if (column === undefined) return;
          if (answer.status === 'rejected') return failAll(into, asked, failureOfError(answer.reason));
          // Three answers to requests that stood in one line: the longest wait is that of all.
          throttledMs = Math.max(throttledMs, answer.value.throttleTimeMs);
          for (const part of answer.value.topics) fillColumn(into, part, column, moved);
        });
        tally.throttledMs += throttledMs;
        pace.told(leader, throttledMs);
      } catch (error) {
        const failure = failureOfError(error);
        brokerFailures.set(leader, failure);
        failAll(into, asked, failure);
      }
    }),
  );
  return moved;
}

function fillColumn(into: Map<string, TopicOffsets>, answer: OffsetsAnswer, column: (typeof COLUMNS)[number], moved: Map<string, Set<number>>): void {
  const topic = into.get(answer.topic);
  if (!topic) return;
  const values = topic[column];
  for (let i = 0; i < answer.partitions.length; i += 1) {
    const partition = answer.partitions[i] ?? -1;
    const offset = answer.offsets[i] ?? -1n;
    const errorCode = answer.errorCodes[i] ?? -1;
    if (errorCode === 0) {
      if (offset >= 0n && partition < values.length) values[partition] = offset;
      continue;
    }
    const failure = failureOfCode(errorCode, { topic: answer.topic });
    if (failure) topic.failures.set(partition, failure);
    if (!MOVED.has(errorCode)) continue;
    let partitions = moved.get(answer.topic);
    if (!partitions) moved.set(answer.topic, (partitions = new Set()));
    partitions.add(partition);
  }
}

function failAll(into: Map<string, TopicOffsets>, asked: readonly OffsetsQuestion[], failure: BrokerFailure): void {
  for (const { topic, partitions } of asked) for (const partition of partitions) into.get(topic)?.failures.set(partition, failure);
}
