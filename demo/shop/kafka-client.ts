import { createRequire } from 'node:module';
import type { Kafka, KafkaConfig } from 'kafkajs';

const require = createRequire(import.meta.url);

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
}

const REPEAT_AFTER_MS = 30_000;
const printed = new Map<string, number>();
let mended = false;

/**
 * A kafkajs client. kafkajs is loaded here and not by an import, so that the instrumentation that was started before can patch it.
 * Mends tulios/kafkajs#1751 on the way: every connection re-arms a timer of 1 ms for ever, which for the shop's connections costs a third of a core.
 */
export function createKafka(config: Pick<KafkaConfig, 'brokers' | 'clientId'>): Kafka {
  const kafkajs = require('kafkajs') as typeof import('kafkajs');
  if (!mended) {
    mended = true;
    const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
    const schedule = prototype.scheduleCheckPendingRequests;
    prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
      // Nothing waits and nothing is throttled: there is nothing to check until the next push, which schedules again.
      if (this.pending.length === 0 && this.throttledUntil <= Date.now()) return;
      schedule.call(this);
    };
  }
  return new kafkajs.Kafka({
    ...config,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    logLevel: kafkajs.logLevel.ERROR,
    logCreator: () => ({ log, namespace }) => {
      // One short line, and the same one at most every half minute: while a broker is away kafkajs prints a stack for each attempt of each connection.
      const line = `kafkajs ${namespace} ${log.message}${typeof log['error'] === 'string' ? `: ${log['error']}` : ''}`;
      if (Date.now() - (printed.get(line) ?? 0) < REPEAT_AFTER_MS) return;
      if (printed.size > 100) printed.clear();
      printed.set(line, Date.now());
      process.stderr.write(`${line}\n`);
    },
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 8 },
  });
}

/** kafkajs's own partitioner, the one that agrees with Java's murmur2. */
export function javaPartitioner(): import('kafkajs').ICustomPartitioner {
  return (require('kafkajs') as typeof import('kafkajs')).Partitioners.DefaultPartitioner;
}
