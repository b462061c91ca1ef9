import type { IHeaders, KafkaMessage, Producer } from 'kafkajs';
import { consumeWithRetry, type Incoming } from './consume.ts';
import { copyHeaders, headerText, homeMadeHeaders, springHeaders, type Origin } from './dead-letter-headers.ts';
import type { Event } from './events.ts';
import type { FaultName } from './faults.ts';
import { createKafka, javaPartitioner } from './kafka-client.ts';
import { seededRandom, type Random } from './random.ts';
import { readSettings, type Settings } from './settings.ts';
import { startTelemetry } from './telemetry.ts';
import { topicName, type Topic } from './topics.ts';

/** What the supervisor tells a service. */
export type ToService = { kind: 'faults'; on: FaultName[] } | { kind: 'check-out'; requestId: string };

/** What a service tells the supervisor. */
export type FromService =
  | { kind: 'ready' }
  | { kind: 'counts'; processed: number; sent: number; failedAttempts: number; deadLettered: number; deferred: number }
  | { kind: 'checked-out'; requestId: string; correlationId: string; cartId: string };

export interface Shop {
  settings: Settings;
  random: Random;
  signal: AbortSignal;
  isOn(fault: FaultName): boolean;
  /**
   * Sends one event. The correlation id goes into its header; the trace context is added by the instrumentation. `bare`: its data alone, with nothing that says what it is.
   * @returns after all in-sync replicas have it
   */
  send(topic: Topic, key: string, event: Event, correlationId: string | undefined, options?: { rawValue?: Buffer; bare?: boolean }): Promise<void>;
  /** Waits, but no longer than until the service is told to end or `until` says enough. */
  wait(ms: number, until?: () => boolean): Promise<void>;
}

export interface ServiceDefinition {
  name: 'cart' | 'order' | 'payment' | 'inventory' | 'notification';
  consumes: Topic[];
  dead: Topic;
  dialect: 'spring' | 'home-made';
  retry?: Topic;
  holds: 'partition' | 'everything';
  annotates: boolean;
  handle(incoming: Incoming, shop: Shop): Promise<void>;
  /** Work of its own besides consuming; runs until the signal. */
  produce?: (shop: Shop) => Promise<void>;
  onCheckOut?: (shop: Shop) => Promise<{ correlationId: string; cartId: string }>;
  /** While this fault is on the service fetches nothing, but stays in its group. */
  stoppedBy?: FaultName;
  /** While this fault is on it records no spans. */
  untracedBy?: FaultName;
}

const DRAIN_MS = 3_500;

/** Runs one service until SIGTERM, SIGINT or the end of its supervisor. Whatever cannot be repaired ends the process; the supervisor starts it again. */
export function runService(definition: ServiceDefinition): void {
  const ending = new AbortController();
  const fail = (error: unknown): void => {
    process.stderr.write(`${definition.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  };
  process.on('unhandledRejection', fail);
  process.on('uncaughtException', fail);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.abort());
  process.on('disconnect', () => ending.abort());
  start(definition, ending.signal).then(() => process.exit(0), fail);
}

async function start(definition: ServiceDefinition, signal: AbortSignal): Promise<void> {
  const settings = readSettings(process.env);
  const group = `${settings.groupPrefix}${definition.name}-service`;
  const faults = new Set<FaultName>();
  const telemetry = startTelemetry({ serviceName: `${definition.name}-service`, group, annotates: definition.annotates, isSilent: () => definition.untracedBy !== undefined && faults.has(definition.untracedBy) });
  const kafka = createKafka({ brokers: settings.brokers, clientId: `${definition.name}-service` });
  const producer = kafka.producer({ createPartitioner: javaPartitioner(), allowAutoTopicCreation: false });
  const consumer = kafka.consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    // Short, because a member that is killed holds up its group, and the visitor, for so long.
    sessionTimeout: 10_000,
    rebalanceTimeout: 15_000,
    heartbeatInterval: 3_000,
    // Also how long a consumer sleeps while all its partitions are paused, so how late it notices that they no longer are.
    maxWaitTimeInMs: 500,
    maxBytesPerPartition: 2 * 1024 * 1024,
    retry: { initialRetryTime: 300, maxRetryTime: 5_000, retries: 8, restartOnFailure: () => Promise.resolve(!signal.aborted) },
  });

  const counts = { processed: 0, sent: 0, failedAttempts: 0, deadLettered: 0, deferred: 0 };
  const shop = makeShop(settings, definition, signal, faults, producer, () => (counts.sent += 1));

  let setStopped: (stopped: boolean) => void = () => undefined;
  process.on('message', (message: ToService) => {
    if (message.kind === 'faults') {
      faults.clear();
      for (const fault of message.on) faults.add(fault);
      if (definition.stoppedBy) setStopped(faults.has(definition.stoppedBy));
    } else if (definition.onCheckOut) {
      definition.onCheckOut(shop).then(
        (placed) => tell({ kind: 'checked-out', requestId: message.requestId, ...placed }),
        (error: unknown) => process.stderr.write(`${definition.name}: cannot check out: ${String(error)}\n`),
      );
    }
  });

  await producer.connect();
  await consumer.connect();
  const topics = [...definition.consumes, ...(definition.retry ? [definition.retry] : [])].map((topic) => topicName(topic, settings.topicPrefix));
  await consumer.subscribe({ topics, fromBeginning: true });
  const crashed = new Promise<never>((_, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart && !signal.aborted) reject(payload.error);
    });
  });
  const consumption = await consumeWithRetry(consumer, {
    topics,
    group,
    signal,
    backoffMs: settings.retryBackoffMs,
    holds: definition.holds,
    handle: (incoming) => definition.handle(incoming, shop),
    park: async (message, origin, error, attempts) => {
      await producer.send({ topic: topicName(definition.dead, settings.topicPrefix), acks: -1, messages: [deadLetter(definition, settings, message, origin, error, attempts)] });
    },
    ...(definition.retry === undefined
      ? {}
      : {
          defer: async (message: KafkaMessage, origin: Origin, error: unknown, attempts: number, notBefore: Date) => {
            const headers = { ...homeMadeHeaders(message.headers, firstOrigin(message, origin, settings.topicPrefix, definition), error, attempts, new Date()), 'not-before': String(notBefore.getTime()) };
            await producer.send({ topic: topicName(definition.retry!, settings.topicPrefix), acks: -1, messages: [{ key: message.key, value: message.value, headers }] });
          },
        }),
    onOutcome: (outcome) => {
      const counter = { processed: 'processed', 'failed-attempt': 'failedAttempts', 'dead-lettered': 'deadLettered', deferred: 'deferred' } as const;
      counts[counter[outcome]] += 1;
    },
  });
  setStopped = (stopped) => consumption.setStopped(stopped);
  if (definition.stoppedBy) setStopped(faults.has(definition.stoppedBy));

  tell({ kind: 'ready' });
  const reporting = setInterval(() => tell({ kind: 'counts', ...counts }), 1_000);
  const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([crashed, Promise.all([ended, definition.produce?.(shop)])]);

  clearInterval(reporting);
  setTimeout(() => process.exit(1), DRAIN_MS).unref();
  // The consumer first: it finishes the message in hand and commits it, for which it may still have to send.
  await consumer.disconnect();
  await producer.disconnect();
  await telemetry.shutdown().catch(() => undefined);
}

function makeShop(settings: Settings, definition: ServiceDefinition, signal: AbortSignal, faults: Set<FaultName>, producer: Producer, onSent: () => void): Shop {
  return {
    settings,
    random: seededRandom(`${settings.seed}/${definition.name}`),
    signal,
    isOn: (fault) => faults.has(fault),
    send: async (topic, key, event, correlationId, options = {}) => {
      const headers: IHeaders = options.bare ? {} : { 'event-id': event.id, 'event-type': event.type, 'schema-version': String(event.version), 'content-type': 'application/json', source: `${definition.name}-service` };
      if (correlationId !== undefined) headers['correlation-id'] = correlationId;
      const value = options.rawValue ?? Buffer.from(JSON.stringify(options.bare ? event.data : event));
      await producer.send({ topic: topicName(topic, settings.topicPrefix), acks: -1, messages: [{ key, value, headers }] });
      onSent();
    },
    wait: (ms, until = () => false) =>
      new Promise((resolve) => {
        const deadline = Date.now() + ms;
        const look = (): void => {
          const leftMs = deadline - Date.now();
          if (leftMs <= 0 || signal.aborted || until()) resolve();
          else setTimeout(look, Math.min(leftMs, 100));
        };
        look();
      }),
  };
}

function deadLetter(definition: ServiceDefinition, settings: Settings, message: KafkaMessage, origin: Origin, error: unknown, attempts: number): { key: Buffer | null; value: Buffer | null; headers: IHeaders; partition?: number } {
  const { key, value } = message;
  if (definition.dialect === 'spring') return { key, value, headers: springHeaders(message.headers, origin, error), partition: origin.partition };
  const headers = homeMadeHeaders(message.headers, firstOrigin(message, origin, settings.topicPrefix, definition), error, attempts, new Date());
  delete headers['not-before'];
  return { key, value, headers };
}

// What comes from the retry topic names in its headers where it lay first; the retry topic's own coordinates help nobody.
function firstOrigin(message: KafkaMessage, origin: Origin, topicPrefix: string, { retry }: ServiceDefinition): Origin {
  if (retry === undefined || origin.topic !== topicName(retry, topicPrefix)) return origin;
  const headers = copyHeaders(message.headers);
  const topic = headerText(headers, 'original-topic');
  const numbers = ['original-partition', 'original-offset', 'original-timestamp'].map((name) => headerText(headers, name) ?? '');
  if (topic === undefined || !numbers.every((text) => /^\d{1,19}$/.test(text))) return origin;
  return { ...origin, topic, partition: Number(numbers[0]), offset: BigInt(numbers[1]!), timestamp: BigInt(numbers[2]!) };
}

function tell(message: FromService): void {
  // The supervisor may be gone; `disconnect` ends this process then.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
