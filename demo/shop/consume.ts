import { SpanStatusCode, trace } from '@opentelemetry/api';
import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, EachMessagePayload, IHeaders, KafkaMessage } from 'kafkajs';
import { headerText, type Origin } from './dead-letter-headers.ts';
import { parseEvent, SchemaMismatchError, type Event } from './events.ts';

/** Something the business cannot accept, now or later: it goes to the dead letters at once. */
export class OutOfOrderError extends Error {
  override name = 'OutOfOrderError';
}

export interface Incoming {
  event: Event;
  topic: string;
  key: string | null;
  headers: IHeaders;
  correlationId: string | undefined;
  /** 1 for the first. */
  attempt: number;
}

export interface ConsumePolicy {
  topics: string[];
  group: string;
  /** Waits between attempts; one attempt more than there are waits. */
  backoffMs: number[];
  /** What waits while a message waits for its next attempt: its partition, or everything (where the cause is not the message but a provider that is down). */
  holds: 'partition' | 'everything';
  handle(incoming: Incoming): Promise<void>;
  /** Writes the dead letter, or throws. */
  park(message: KafkaMessage, origin: Origin, error: unknown, attempts: number): Promise<void>;
  /** Where a message waits for its next attempt on a topic of its own; absent: it waits in place. */
  defer?: (message: KafkaMessage, origin: Origin, error: unknown, attempts: number, notBefore: Date) => Promise<void>;
  signal: AbortSignal;
  onOutcome(outcome: 'processed' | 'failed-attempt' | 'dead-lettered' | 'deferred'): void;
}

export interface Consumption {
  /** Stops or resumes fetching while the member stays in its group. */
  setStopped(stopped: boolean): void;
}

const BROKER_TROUBLE_WAIT_MS = 2_000;

/**
 * Consumes with retry, backoff and dead letters. Offsets are committed one by one after the message was processed, parked or deferred, never before:
 * a crash delivers it again. A failed message waits in place: its partition (or everything) is paused and the position goes back to it,
 * so that each attempt is a delivery of its own, with its own span, while the member goes on sending heartbeats.
 */
export async function consumeWithRetry(consumer: Consumer, policy: ConsumePolicy): Promise<Consumption> {
  // One entry a partition: only the message at its head can be waiting.
  const failedAttempts = new Map<string, { offset: string; attempts: number }>();
  const held = new Map<string, NodeJS.Timeout>();
  let stopped = false;

  const resume = (key: string, topics: Parameters<Consumer['resume']>[0]): void => {
    held.delete(key);
    if (!stopped) consumer.resume(topics);
  };
  const hold = ({ topic, partition, message }: EachMessagePayload, waitMs: number): void => {
    const everything = policy.holds === 'everything';
    const key = everything ? 'everything' : `${topic}:${partition}`;
    const topics = everything ? policy.topics.map((name) => ({ topic: name })) : [{ topic, partitions: [partition] }];
    clearTimeout(held.get(key));
    consumer.pause(topics);
    consumer.seek({ topic, partition, offset: message.offset });
    held.set(key, setTimeout(() => resume(key, topics), waitMs));
  };

  const eachMessage = async (payload: EachMessagePayload): Promise<void> => {
    const { topic, partition, message } = payload;
    const where = `${topic}:${partition}`;
    if (!(await waitUntilDue(payload, policy.signal))) return hold(payload, BROKER_TROUBLE_WAIT_MS);

    const earlier = failedAttempts.get(where);
    const retryCount = Number(headerText(message.headers, 'retry-count') ?? 0);
    const attempt = (earlier?.offset === message.offset ? earlier.attempts : 0) + (Number.isSafeInteger(retryCount) ? retryCount : 0) + 1;
    const origin: Origin = { topic, partition, offset: BigInt(message.offset), timestamp: BigInt(message.timestamp), group: policy.group };
    try {
      await policy.handle({
        event: parseEvent(message.value),
        topic,
        key: message.key?.toString() ?? null,
        headers: message.headers ?? {},
        correlationId: headerText(message.headers, 'correlation-id'),
        attempt,
      });
      policy.onOutcome('processed');
    } catch (error) {
      const span = trace.getActiveSpan();
      span?.recordException(error instanceof Error ? error : String(error));
      span?.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      // The broker's own trouble is not the message's fault and uses up none of its attempts.
      if (isBrokerTrouble(error)) return hold(payload, BROKER_TROUBLE_WAIT_MS);
      const retryable = !(error instanceof SyntaxError || error instanceof SchemaMismatchError || error instanceof OutOfOrderError || isTooLarge(error));
      const waitMs = policy.backoffMs[attempt - 1];
      try {
        if (retryable && waitMs !== undefined && policy.defer) {
          await policy.defer(message, origin, error, attempt, new Date(Date.now() + waitMs));
          policy.onOutcome('deferred');
        } else if (retryable && waitMs !== undefined) {
          failedAttempts.set(where, { offset: message.offset, attempts: attempt });
          policy.onOutcome('failed-attempt');
          return hold(payload, waitMs);
        } else {
          await policy.park(message, origin, error, attempt);
          policy.onOutcome('dead-lettered');
        }
      } catch (publishing) {
        process.stderr.write(`cannot park ${where}@${message.offset}, trying again: ${String(publishing)}\n`);
        return hold(payload, BROKER_TROUBLE_WAIT_MS);
      }
    }
    failedAttempts.delete(where);
    await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(message.offset) + 1n) }]);
  };

  await consumer.run({ autoCommit: false, eachMessage });
  return {
    setStopped(next) {
      if (next === stopped) return;
      stopped = next;
      const topics = policy.topics.map((topic) => ({ topic }));
      if (stopped) consumer.pause(topics);
      else {
        consumer.resume(topics);
        // What waits for its next attempt goes on waiting.
        for (const key of held.keys()) {
          const colon = key.lastIndexOf(':');
          consumer.pause(key === 'everything' ? topics : [{ topic: key.slice(0, colon), partitions: [Number(key.slice(colon + 1))] }]);
        }
      }
    },
  };
}

// Waits inside of the delivery: putting the message back would leave a process span without an error for work that was not done.
async function waitUntilDue(payload: EachMessagePayload, signal: AbortSignal): Promise<boolean> {
  const due = Number(headerText(payload.message.headers, 'not-before') ?? 0);
  while (Date.now() < due && !signal.aborted) {
    await delay(Math.min(due - Date.now(), 1_000), undefined, { signal }).catch(() => undefined);
    await payload.heartbeat();
  }
  if (!signal.aborted || due === 0) return true;
  trace.getActiveSpan()?.setStatus({ code: SpanStatusCode.ERROR, message: 'the service is ending; the message was not handled' });
  return false;
}

function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // kafkajs wraps what it does not retry: the type is on the error or on its cause.
  return ('type' in error && (error.type === 'MESSAGE_TOO_LARGE' || error.type === 'RECORD_LIST_TOO_LARGE')) || isTooLarge(error.cause);
}

function isBrokerTrouble(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('KafkaJS') && !isTooLarge(error);
}
