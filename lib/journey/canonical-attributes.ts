import type { Attribute, AttributeValue, SpanKind } from '#lib/model/span.ts';
import type { CanonicalAttributes, Operation } from '#lib/model/journey.ts';
import { type AttributeUse, rankAttributes } from './attribute-names.ts';

const topicBy = new Map([
  ['messaging.destination.name', 0],
  ['messaging.destination', 1],
  ['messaging.source.name', 2],
]);
const operationBy = new Map([
  ['messaging.operation.type', 0],
  ['messaging.operation.name', 1],
  ['messaging.operation', 2],
]);
const partitionBy = new Map([
  ['messaging.destination.partition.id', 0],
  ['messaging.kafka.destination.partition', 1],
  ['messaging.kafka.source.partition', 2],
  ['messaging.kafka.partition', 3],
]);
const offsetBy = new Map([
  ['messaging.kafka.offset', 0],
  ['messaging.kafka.message.offset', 1],
  ['kafka.offset', 2],
]);
const keyBy = new Map([
  ['messaging.kafka.message.key', 0],
  ['messaging.kafka.message_key', 1],
  ['kafka.message.key', 2],
]);
const groupBy = new Map([
  ['messaging.consumer.group.name', 0],
  ['messaging.kafka.consumer.group', 1],
]);
const clientBy = new Map([
  ['messaging.client.id', 0],
  ['messaging.client_id', 1],
  ['messaging.kafka.client_id', 2],
]);
const clusterBy = new Map([
  ['messaging.kafka.cluster.id', 0],
  ['kafka.cluster.id', 1],
]);
const systemBy = new Map([
  ['messaging.system', 0],
  ['messaging.system.name', 1],
]);

/** Keeps the value whose attribute ranks first, whatever the order they come in. */
class Best {
  value: AttributeValue = null;
  private rank = Number.POSITIVE_INFINITY;

  offer(rank: number, value: AttributeValue): void {
    if (rank < this.rank && value !== null && value !== '') {
      this.rank = rank;
      this.value = value;
    }
  }
}

const micrometerPeer = 'Apache Kafka: ';
const mostIdChars = 256;
const builtIn = rankAttributes({ journeyKeys: null, eventIdKeys: null, causationKeys: null });

/**
 * One vocabulary out of three generations of OpenTelemetry's messaging conventions (journeys reference, "Normalise
 * attributes first"). `uses` ranks the attributes that may name the business event, the event itself and its cause. Never throws.
 */
export function canonicalAttributes(
  span: { name: string; kind: SpanKind; attributes: readonly Attribute[]; linkCount: number },
  uses: ReadonlyMap<string, AttributeUse> = builtIn,
): CanonicalAttributes {
  const topic = new Best();
  const operation = new Best();
  const partition = new Best();
  const offset = new Best();
  const messageKey = new Best();
  const group = new Best();
  const client = new Best();
  const cluster = new Best();
  const system = new Best();
  const eventId = new Best();
  const causationId = new Best();
  let messageId: AttributeValue = null;
  let journeyKey: string | null = null;
  let journeyKeyBy: string | null = null;
  let journeyRank = Number.POSITIVE_INFINITY;
  let batch = span.linkCount > 1;

  for (const { key, value } of span.attributes) {
    const use = uses.get(key);
    if (use !== undefined) {
      const values = Array.isArray(value) ? value : [value];
      // An array with more than one value is a batch, never a key.
      if (values.length > 1) batch ||= !key.startsWith('http.');
      else {
        const only = asText(values[0] ?? null);
        if (only !== null && only.length <= mostIdChars) {
          if (use.journey !== undefined && use.journey < journeyRank) {
            journeyRank = use.journey;
            journeyKey = only;
            journeyKeyBy = key;
          }
          if (use.eventId !== undefined && (key !== 'messaging.message.id' || parseMessageId(only) === null)) eventId.offer(use.eventId, only);
          if (use.causationId !== undefined) causationId.offer(use.causationId, only);
        }
      }
    }
    if (!key.startsWith('messaging.') && !key.startsWith('kafka.')) {
      if (key === 'peer.service' && typeof value === 'string' && value.startsWith(micrometerPeer)) cluster.offer(9, value.slice(micrometerPeer.length));
      continue;
    }
    if (key === 'messaging.batch.message_count') {
      if (typeof value === 'number' && value > 1) batch = true;
      continue;
    }
    if (key === 'messaging.message.id') {
      messageId = value;
      continue;
    }
    offer(systemBy, key, system, value);
    offer(topicBy, key, topic, value);
    offer(operationBy, key, operation, value);
    offer(partitionBy, key, partition, value);
    offer(offsetBy, key, offset, value);
    offer(keyBy, key, messageKey, value);
    offer(groupBy, key, group, value);
    offer(clientBy, key, client, value);
    offer(clusterBy, key, cluster, value);
  }

  const isMessaging = system.value !== null || topic.value !== null || operation.value !== null;
  const fromId = offset.value === null ? parseMessageId(messageId) : null;
  // kafkajs' instrumentation 0.4: the span's name is only the topic.
  const topicName = asText(topic.value) ?? fromId?.topic ?? (isMessaging && (span.kind === 4 || span.kind === 5) && /^[\w.-]{1,249}$/.test(span.name) ? span.name : null);
  return {
    system: asText(system.value),
    topic: topicName,
    operation: isMessaging ? asOperation(operation.value, span.kind) : span.kind === 5 ? 'receive' : null,
    partition: asPartition(partition.value) ?? fromId?.partition ?? null,
    offset: asOffset(offset.value) ?? fromId?.offset ?? null,
    messageKey: asText(messageKey.value),
    group: asText(group.value),
    client: asText(client.value),
    clusterId: asText(cluster.value),
    journeyKey,
    journeyKeyBy,
    eventId: asText(eventId.value),
    causationId: asText(causationId.value),
    batch,
  };
}

function offer(names: ReadonlyMap<string, number>, key: string, into: Best, value: AttributeValue): void {
  const place = names.get(key);
  if (place !== undefined) into.offer(place, value);
}

function asText(value: AttributeValue): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return null;
}

/** A Kafka partition is a signed 32-bit integer, as text in newer conventions and a number in older ones. */
function asPartition(value: AttributeValue): number | null {
  const whole = asWhole(value);
  return whole !== null && whole <= 2147483647n ? Number(whole) : null;
}

function asOffset(value: AttributeValue): bigint | null {
  const whole = asWhole(value);
  return whole !== null && whole <= 9223372036854775807n ? whole : null;
}

function asWhole(value: AttributeValue): bigint | null {
  if (typeof value === 'bigint') return value >= 0n ? value : null;
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : null;
  return typeof value === 'string' && /^\d{1,19}$/.test(value) ? BigInt(value) : null;
}

/** `topic.partition.offset`, parsed from the right because topics hold dots: `orders.DLT.0.3`. */
function parseMessageId(value: AttributeValue): { topic: string; partition: number; offset: bigint } | null {
  const match = typeof value === 'string' ? /^([\w.-]{1,249})\.(\d{1,9})\.(\d{1,19})$/.exec(value) : null;
  if (match === null) return null;
  const offset = asOffset(match[3]!);
  return offset === null ? null : { topic: match[1]!, partition: Number(match[2]!), offset };
}

function asOperation(value: AttributeValue, kind: SpanKind): Operation | null {
  switch (typeof value === 'string' ? value.toLowerCase() : '') {
    case 'publish':
    case 'send':
    case 'create':
      return 'send';
    case 'receive':
    case 'poll':
      return 'receive';
    case 'process':
    case 'deliver':
      return 'process';
    default:
      return kind === 4 ? 'send' : kind === 5 ? 'process' : null;
  }
}
