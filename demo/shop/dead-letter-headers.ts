import type { IHeaders } from 'kafkajs';

/** The record that failed, as the dead letter must name it. */
export interface Origin {
  topic: string;
  partition: number;
  offset: bigint;
  /** Milliseconds since 1970. */
  timestamp: bigint;
  group: string;
}

/**
 * The headers of a dead letter as Spring Kafka 3.3's DeadLetterPublishingRecoverer writes them: partition int32, offset and timestamp int64,
 * all big-endian; the originals are appended to those of an earlier failure (newest last), the exception is replaced.
 * Headers the service does not know stay as they are.
 */
export function springHeaders(headers: IHeaders | undefined, origin: Origin, error: unknown): IHeaders {
  const { name, message, stack } = describe(error);
  const wrapper = 'org.springframework.kafka.listener.ListenerExecutionFailedException';
  const cause = `com.example.shop.${name}`;
  const partition = Buffer.alloc(4);
  partition.writeInt32BE(origin.partition);
  const kept = copyHeaders(headers);
  const append = (key: string, value: Buffer): void => {
    const earlier = kept[key];
    kept[key] = earlier === undefined ? value : [...(Array.isArray(earlier) ? earlier : [earlier]), value];
  };
  kept['kafka_dlt-exception-fqcn'] = Buffer.from(wrapper);
  kept['kafka_dlt-exception-cause-fqcn'] = Buffer.from(cause);
  kept['kafka_dlt-exception-message'] = Buffer.from(`Listener failed; ${message}`);
  kept['kafka_dlt-exception-stacktrace'] = Buffer.from(`${wrapper}: Listener failed\n\tat org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.decorateException(KafkaMessageListenerContainer.java:3043)\nCaused by: ${cause}: ${message}\n${javaFrames(stack)}`);
  append('kafka_dlt-original-topic', Buffer.from(origin.topic));
  append('kafka_dlt-original-partition', partition);
  append('kafka_dlt-original-offset', int64(origin.offset));
  append('kafka_dlt-original-timestamp', int64(origin.timestamp));
  append('kafka_dlt-original-timestamp-type', Buffer.from('CreateTime'));
  append('kafka_dlt-original-consumer-group', Buffer.from(origin.group));
  return kept;
}

/** The headers of a dead letter in the dialect this shop made up for itself: all text, each written once and replaced by a later failure. */
export function homeMadeHeaders(headers: IHeaders | undefined, origin: Origin, error: unknown, attempts: number, failedAt: Date): IHeaders {
  const { name, message, stack } = describe(error);
  return {
    ...copyHeaders(headers),
    error: message,
    'error-name': name,
    'error-stack': stack,
    'original-topic': origin.topic,
    'original-partition': String(origin.partition),
    'original-offset': String(origin.offset),
    'original-timestamp': String(origin.timestamp),
    'consumer-group': origin.group,
    'retry-count': String(attempts),
    'failed-at': String(failedAt.getTime()),
  };
}

/** Headers as they can be sent again: kafkajs reads a null value but cannot write one, so it becomes an empty one. */
export function copyHeaders(headers: IHeaders | undefined): IHeaders {
  const copy: IHeaders = {};
  for (const [name, value] of Object.entries(headers ?? {})) copy[name] = Array.isArray(value) ? value.map((item) => item ?? Buffer.alloc(0)) : (value ?? Buffer.alloc(0));
  return copy;
}

/** The newest value of a header as text, or undefined. */
export function headerText(headers: IHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  const newest = Array.isArray(value) ? value.at(-1) : value;
  return newest === undefined || newest === null ? undefined : newest.toString();
}

function describe(error: unknown): { name: string; message: string; stack: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '' };
  // A class's own name where the error does not carry one: kafkajs and zod set it, plain subclasses do not.
  const name = error.name === 'Error' ? error.constructor.name : error.name;
  return { name, message: error.message, stack: error.stack ?? '' };
}

function javaFrames(stack: string): string {
  const frames = stack.split('\n').flatMap((line) => {
    const match = /^\s+at (?:async )?(?:(.+?) \()?(?:file:\/\/)?(.*?):(\d+):\d+\)?$/.exec(line);
    if (!match) return [];
    const file = match[2]!.split('/').at(-1)!;
    return [`\tat com.example.shop.${(match[1] ?? 'anonymous').replaceAll(/[^\w.$]/g, '')}(${file}:${match[3]})`];
  });
  return frames.slice(0, 12).join('\n');
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
