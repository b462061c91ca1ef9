/**
 * The header dialects of dead letters, one table entry each: names, encodings, which of several equal headers describes the
 * latest failure, which classes are only wrappers. `decode.ts` knows nothing of any framework.
 */

import type { JsonPlace } from './read-json-place.ts';

/** How the bytes of a header value are read. A value of another length or form is "not conveyed", never a guess. */
export type Encoding =
  | 'text'
  /** Decimal digits as text. */
  | 'text-number'
  /** 4 bytes, big-endian, signed. */
  | 'int32'
  /** 8 bytes, big-endian, signed. */
  | 'int64'
  /** Java's BigInteger.toByteArray(): 1 to 9 bytes, big-endian, two's complement. */
  | 'big-integer'
  /** Text of an error's toString(): `Class: message` where it has that form, else only a message. */
  | 'error-text'
  /** Address of a topic, `<transport>://topic/<name>`: the name. Another address (a queue, a local endpoint) is no topic. */
  | 'topic-uri';

export interface Field {
  name: string;
  encoding: Encoding;
  /** Which of several equal headers counts; default is the dialect's `newest`. */
  pick?: 'first' | 'last';
  /** A place in the header's JSON, where the fact is not the whole of it. */
  place?: JsonPlace;
  /** Added to the number read, where the header counts something else. */
  add?: number;
}

export type FieldName =
  | 'topic' | 'partition' | 'offset' | 'timestamp' | 'consumerGroup'
  | 'class' | 'causeClass' | 'message' | 'causeMessage' | 'stack' | 'attempts'
  /** Only of home-made headers: the usual names are known without a dialect. */
  | 'correlationId';

export interface Dialect {
  name: string;
  /** The dialect is on the record when one of these headers is. They must be names no other dialect uses alone. */
  recognise: readonly string[];
  /** Only where these are on the record too (to tell two dialects apart that share names). */
  requires?: readonly string[];
  /** Which of several equal headers describes the latest failure. */
  newest: 'first' | 'last';
  /** Each failure is a run of headers in which no name repeats; read only the newest run, so that an optional header of an older failure is not taken. */
  blocks?: boolean;
  fields: Partial<Record<FieldName, readonly Field[]>>;
  /** Classes that only wrap what the application threw. */
  wrappers?: readonly string[];
  /** Wrappers only where the stack trace shows a cause. */
  wrappersWithCause?: readonly string[];
  /** Texts the framework puts before the application's message. */
  messagePrefixes?: readonly RegExp[];
  /** Topics this dialect writes to by default; decides between dialects where a record carries several. */
  topics?: readonly RegExp[];
  /** The dialect's own topic name tells the group: what stands behind this prefix, made of the origin's topic. */
  groupInTopic?: (originTopic: string) => string;
  /** The dead letter keeps the timestamp of the record that failed. */
  keepsTimestamp?: boolean;
  /** Where no cause is told, is the class told the last one? `always`: causes would have been told. `javascript`: see decode.ts. */
  rootWithoutCause: 'always' | 'javascript' | 'never';
  /** Only the first cause is conveyed, so what lies below it is unknown. */
  firstCauseOnly?: boolean;
  /** Headers that a replay must strip: the error, the origin and the retry counters of this dialect (exact names or a trailing `*`). */
  strip: readonly string[];
}

const text = (name: string, pick?: 'first' | 'last'): Field => (pick ? { name, encoding: 'text', pick } : { name, encoding: 'text' });
const number = (name: string): Field => ({ name, encoding: 'text-number' });
const int32 = (name: string, add?: number): Field => (add === undefined ? { name, encoding: 'int32' } : { name, encoding: 'int32', add });
const int64 = (name: string): Field => ({ name, encoding: 'int64' });

const springWrappers = [
  'org.springframework.kafka.listener.ListenerExecutionFailedException',
  'org.springframework.kafka.listener.TimestampedException',
  'org.springframework.messaging.MessageHandlingException',
  'org.springframework.messaging.MessageDeliveryException',
];
const springPrefixes = [
  /^Listener method '[^']*' threw exception(?:; ?|$)/u,
  /^Listener failed(?:; ?|$)/u,
  /^Exception thrown at \d{4}-\d\d-\d\dT[\d:.]+Z(?:; ?|$)/u,
  /^error occurred in message handler \[[^\]]*\](?:; ?|$)/u,
  /^error occurred during processing message in '[^']*' \[[^\]]*\](?:; ?|$)/u,
  /^nested exception is [\w$.]+(?:: |; ?|$)/u,
];

export const dialects: readonly Dialect[] = [
  {
    // DeadLetterPublishingRecoverer: originals are appended, exceptions replaced. Group comes from here in retry topics too.
    name: 'spring-kafka',
    recognise: ['kafka_dlt-original-topic', 'kafka_dlt-exception-fqcn', 'kafka_dlt-exception-message'],
    newest: 'last',
    fields: {
      topic: [text('kafka_dlt-original-topic')],
      partition: [int32('kafka_dlt-original-partition')],
      offset: [int64('kafka_dlt-original-offset')],
      timestamp: [int64('kafka_dlt-original-timestamp')],
      consumerGroup: [text('kafka_dlt-original-consumer-group')],
      class: [text('kafka_dlt-exception-fqcn'), text('kafka_dlt-key-exception-fqcn')],
      causeClass: [text('kafka_dlt-exception-cause-fqcn')],
      message: [text('kafka_dlt-exception-message'), text('kafka_dlt-key-exception-message')],
      stack: [text('kafka_dlt-exception-stacktrace'), text('kafka_dlt-key-exception-stacktrace')],
      attempts: [int32('kafka_deliveryAttempt')],
    },
    wrappers: springWrappers,
    messagePrefixes: springPrefixes,
    topics: [/-dlt$/u, /\.DLT$/u],
    rootWithoutCause: 'always',
    strip: ['kafka_dlt-*', 'kafka_deliveryAttempt', 'springDeserializerExceptionKey', 'springDeserializerExceptionValue'],
  },
  {
    // Retry topics: originals are written once and kept, retry_topic-* appended at each hop; attempts is the number of the NEXT attempt.
    name: 'spring-retry-topic',
    recognise: ['kafka_original-topic', 'kafka_exception-fqcn', 'retry_topic-attempts'],
    newest: 'last',
    fields: {
      topic: [text('kafka_original-topic')],
      partition: [int32('kafka_original-partition')],
      offset: [int64('kafka_original-offset')],
      timestamp: [int64('kafka_original-timestamp'), { name: 'retry_topic-original-timestamp', encoding: 'big-integer' }],
      consumerGroup: [text('kafka_dlt-original-consumer-group'), text('kafka_original-consumer-group')],
      class: [text('kafka_exception-fqcn')],
      causeClass: [text('kafka_exception-cause-fqcn')],
      message: [text('kafka_exception-message')],
      stack: [text('kafka_exception-stacktrace')],
      attempts: [int32('retry_topic-attempts', -1)],
    },
    wrappers: springWrappers,
    messagePrefixes: springPrefixes,
    topics: [/-dlt$/u, /-retry(-\d+)?$/u],
    rootWithoutCause: 'always',
    strip: ['kafka_original-*', 'kafka_exception-*', 'kafka_dlt-*', 'retry_topic-*', 'kafka_backoffTimestamp', 'kafka_deliveryAttempt'],
  },
  {
    name: 'spring-cloud-stream',
    recognise: ['x-exception-fqcn', 'x-exception-message'],
    requires: ['x-original-topic'],
    newest: 'last',
    fields: {
      topic: [text('x-original-topic')],
      partition: [int32('x-original-partition')],
      offset: [int64('x-original-offset')],
      timestamp: [int64('x-original-timestamp')],
      class: [text('x-exception-fqcn')],
      message: [text('x-exception-message')],
      stack: [text('x-exception-stacktrace')],
    },
    wrappers: springWrappers,
    messagePrefixes: springPrefixes,
    topics: [/^error\./u],
    // The binder names the topic error.<destination>.<group>; a topic of another name tells no group.
    groupInTopic: (originTopic) => `error.${originTopic}.`,
    rootWithoutCause: 'always',
    strip: ['x-original-*', 'x-exception-*'],
  },
  {
    // RepublishMessageRecoverer. No class header: the stack trace's first line tells it, and 4.1 writes no stack trace by default.
    name: 'spring-amqp',
    recognise: ['x-original-routingKey'],
    requires: ['x-exception-message'],
    newest: 'last',
    fields: {
      message: [text('x-exception-message')],
      stack: [text('x-exception-stacktrace')],
    },
    wrappers: ['org.springframework.amqp.rabbit.support.ListenerExecutionFailedException', ...springWrappers],
    messagePrefixes: springPrefixes,
    rootWithoutCause: 'always',
    strip: ['x-original-exchange', 'x-original-routingKey', 'x-exception-*'],
  },
  {
    // Messages that came over from RabbitMQ with its headers as text; AMQP's own tables are read by decode-amqp.ts.
    name: 'rabbitmq',
    recognise: ['x-death', 'x-first-death-queue'],
    newest: 'last',
    fields: { topic: [text('x-first-death-queue')] },
    rootWithoutCause: 'never',
    strip: ['x-death', 'x-first-death-*', 'x-last-death-*', 'x-delivery-count'],
  },
  {
    name: 'kafka-connect',
    recognise: ['__connect.errors.topic', '__connect.errors.exception.class.name'],
    newest: 'last',
    blocks: true,
    fields: {
      topic: [text('__connect.errors.topic')],
      partition: [number('__connect.errors.partition')],
      offset: [number('__connect.errors.offset')],
      class: [text('__connect.errors.exception.class.name')],
      message: [text('__connect.errors.exception.message')],
      stack: [text('__connect.errors.exception.stacktrace')],
    },
    wrappersWithCause: ['org.apache.kafka.connect.errors.ConnectException'],
    keepsTimestamp: true,
    rootWithoutCause: 'always',
    strip: ['__connect.errors.*'],
  },
  {
    // KIP-1034
    name: 'kafka-streams',
    recognise: ['__streams.errors.topic', '__streams.errors.exception'],
    newest: 'last',
    blocks: true,
    fields: {
      topic: [text('__streams.errors.topic')],
      partition: [number('__streams.errors.partition')],
      offset: [number('__streams.errors.offset')],
      class: [text('__streams.errors.exception')],
      message: [text('__streams.errors.message')],
      stack: [text('__streams.errors.stacktrace')],
    },
    wrappersWithCause: ['org.apache.kafka.streams.errors.StreamsException'],
    keepsTimestamp: true,
    rootWithoutCause: 'always',
    strip: ['__streams.errors.*'],
  },
  {
    // KIP-1191. Not in the 4.3.1 jars: read from the KIP's text, not seen on a wire.
    name: 'kafka-share-group',
    recognise: ['__dlq.errors.topic', '__dlq.errors.group'],
    newest: 'last',
    blocks: true,
    fields: {
      topic: [text('__dlq.errors.topic')],
      partition: [number('__dlq.errors.partition')],
      offset: [number('__dlq.errors.offset')],
      consumerGroup: [text('__dlq.errors.group')],
      message: [text('__dlq.errors.message')],
      attempts: [number('__dlq.errors.delivery.count')],
    },
    rootWithoutCause: 'never',
    strip: ['__dlq.errors.*'],
  },
  {
    name: 'smallrye-delayed-retry',
    recognise: ['delayed-retry-topic', 'delayed-retry-count'],
    newest: 'first',
    blocks: true,
    fields: {
      // Newest first, and each hop writes where the record came from: the true origin is the last one.
      topic: [text('delayed-retry-topic', 'last')],
      partition: [{ ...number('delayed-retry-partition'), pick: 'last' }],
      offset: [{ ...number('delayed-retry-offset'), pick: 'last' }],
      // These two are single and stand after the runs.
      timestamp: [{ ...number('delayed-retry-original-timestamp'), pick: 'last' }],
      class: [text('delayed-retry-exception-class-name')],
      causeClass: [text('delayed-retry-cause-class-name')],
      message: [text('delayed-retry-reason')],
      causeMessage: [text('delayed-retry-cause')],
      attempts: [{ ...number('delayed-retry-count'), pick: 'last', add: 1 }],
    },
    rootWithoutCause: 'always',
    firstCauseOnly: true,
    topics: [/[-_]retry[-_]\d+$/u],
    strip: ['delayed-retry-*'],
  },
  {
    name: 'smallrye',
    recognise: ['dead-letter-reason', 'dead-letter-topic'],
    newest: 'first',
    blocks: true,
    fields: {
      topic: [text('dead-letter-topic')],
      partition: [number('dead-letter-partition')],
      offset: [number('dead-letter-offset')],
      class: [text('dead-letter-exception-class-name')],
      causeClass: [text('dead-letter-cause-class-name')],
      message: [text('dead-letter-reason')],
      causeMessage: [text('dead-letter-cause')],
    },
    rootWithoutCause: 'always',
    firstCauseOnly: true,
    topics: [/^dead-letter-topic-/u],
    strip: ['dead-letter-*'],
  },
  {
    name: 'helidon',
    recognise: ['dlq-orig-topic', 'dlq-error'],
    newest: 'last',
    fields: {
      topic: [text('dlq-orig-topic')],
      partition: [number('dlq-orig-partition')],
      offset: [number('dlq-orig-offset')],
      class: [text('dlq-error')],
      message: [text('dlq-error-msg')],
    },
    rootWithoutCause: 'never',
    strip: ['dlq-error', 'dlq-error-msg', 'dlq-orig-*'],
  },
  {
    name: 'karafka',
    recognise: ['source_topic', 'source_offset'],
    newest: 'last',
    fields: {
      topic: [text('source_topic')],
      partition: [number('source_partition')],
      offset: [number('source_offset')],
      consumerGroup: [text('source_consumer_group')],
      attempts: [number('source_attempts')],
    },
    rootWithoutCause: 'never',
    strip: ['source_topic', 'source_partition', 'source_offset', 'source_consumer_group', 'source_attempts', 'source_trace_id'],
  },
  {
    name: 'wolverine',
    recognise: ['exception-type'],
    newest: 'last',
    fields: {
      topic: [{ name: 'original-destination', encoding: 'topic-uri' }],
      partition: [number('original-partition')],
      offset: [number('original-offset')],
      class: [text('exception-type')],
      message: [text('exception-message')],
      stack: [text('exception-stack')],
    },
    rootWithoutCause: 'never',
    strip: ['exception-type', 'exception-message', 'exception-stack', 'failed-at', 'original-destination', 'original-partition', 'original-offset'],
  },
  {
    name: 'watermill',
    recognise: ['reason_poisoned', 'topic_poisoned'],
    newest: 'last',
    fields: { topic: [text('topic_poisoned')], message: [text('reason_poisoned')] },
    rootWithoutCause: 'never',
    topics: [/_poisoned$/u],
    strip: ['reason_poisoned', 'topic_poisoned', 'handler_poisoned', 'subscriber_poisoned'],
  },
  {
    name: 'nservicebus',
    recognise: ['NServiceBus.ExceptionInfo.ExceptionType', 'NServiceBus.FailedQ'],
    newest: 'last',
    fields: {
      topic: [text('NServiceBus.FailedQ')],
      class: [text('NServiceBus.ExceptionInfo.ExceptionType')],
      message: [text('NServiceBus.ExceptionInfo.Message')],
      stack: [text('NServiceBus.ExceptionInfo.StackTrace')],
    },
    rootWithoutCause: 'never',
    strip: ['NServiceBus.ExceptionInfo.*', 'NServiceBus.FailedQ', 'NServiceBus.TimeOfFailure'],
  },
  {
    name: 'masstransit',
    // "MT-Reason: dead-letter" comes alone: nobody consumed the message, so there is no fault.
    recognise: ['MT-Fault-ExceptionType', 'MT-Fault-Message', 'MT-Reason'],
    newest: 'last',
    fields: {
      class: [text('MT-Fault-ExceptionType')],
      message: [text('MT-Fault-Message')],
      stack: [text('MT-Fault-StackTrace')],
    },
    rootWithoutCause: 'never',
    strip: ['MT-Fault-*', 'MT-Reason'],
  },
  {
    // Home-made: a service on kafkajs that writes its own dead letters, everything as text.
    name: 'kafkajs-home-made',
    recognise: ['error-name', 'error-stack', 'error'],
    requires: ['original-topic'],
    newest: 'last',
    fields: {
      topic: [text('original-topic')],
      partition: [number('original-partition')],
      offset: [number('original-offset')],
      timestamp: [number('original-timestamp')],
      consumerGroup: [text('consumer-group')],
      class: [text('error-name')],
      message: [text('error')],
      stack: [text('error-stack')],
      attempts: [number('retry-count')],
    },
    rootWithoutCause: 'javascript',
    strip: ['error', 'error-name', 'error-stack', 'original-topic', 'original-partition', 'original-offset', 'original-timestamp', 'consumer-group', 'retry-count', 'failed-at'],
  },
  {
    // Home-made, the smaller form: only where the record lay and the text of the error.
    name: 'x-original',
    recognise: ['x-error'],
    requires: ['x-original-topic'],
    newest: 'last',
    fields: {
      topic: [text('x-original-topic')],
      partition: [number('x-original-partition')],
      offset: [number('x-original-offset')],
      timestamp: [number('x-original-timestamp')],
      consumerGroup: [text('x-consumer-group')],
      class: [{ name: 'x-error', encoding: 'error-text' }],
      message: [{ name: 'x-error', encoding: 'error-text' }],
    },
    rootWithoutCause: 'never',
    strip: ['x-error', 'x-original-topic', 'x-original-partition', 'x-original-offset', 'x-original-timestamp'],
  },
];

/** Header names that a replay strips for a record of this dialect; empty for a record without one. */
export function headersToStrip(dialectName: string | null): readonly string[] {
  return dialects.find((dialect) => dialect.name === dialectName)?.strip ?? [];
}
