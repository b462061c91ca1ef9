import type { Attribute, AttributeValue, SpanKind } from '#lib/model/span.ts';
import type { CanonicalAttributes, Operation } from '#lib/model/journey.ts';
import { type AttributeUse, rankAttributes } from './attribute-names.ts';

/** What an attribute may give, each with its attributes in order of preference. */
const fields = {
  topic: ['messaging.destination.name', 'messaging.destination', 'messaging.source.name'],
  operation: ['messaging.operation.type', 'messaging.operation.name', 'messaging.operation'],
  partition: ['messaging.destination.partition.id', 'messaging.kafka.destination.partition', 'messaging.kafka.source.partition', 'messaging.kafka.partition'],
  offset: ['messaging.kafka.offset', 'messaging.kafka.message.offset', 'kafka.offset'],
  messageKey: ['messaging.kafka.message.key', 'messaging.kafka.message_key', 'kafka.message.key'],
  group: ['messaging.consumer.group.name', 'messaging.kafka.consumer.group'],
  client: ['messaging.client.id', 'messaging.client_id', 'messaging.kafka.client_id'],
  cluster: ['messaging.kafka.cluster.id', 'kafka.cluster.id'],
  system: ['messaging.system', 'messaging.system.name'],
} as const;
type Field = keyof typeof fields;

/** One look-up an attribute: every attribute of every span comes by here. */
const fieldOf = new Map<string, { field: Field; rank: number }>(
  Object.entries(fields).flatMap(([field, names]) => names.map((name, rank) => [name, { field: field as Field, rank }] as const)),
);

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
  const best: Record<Field, Best> = {
    topic: new Best(), operation: new Best(), partition: new Best(), offset: new Best(), messageKey: new Best(), group: new Best(), client: new Best(), cluster: new Best(), system: new Best(),
  };
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
      if (key === 'peer.service' && typeof value === 'string' && value.startsWith(micrometerPeer)) best.cluster.offer(9, value.slice(micrometerPeer.length));
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
    const given = fieldOf.get(key);
    if (given !== undefined) best[given.field].offer(given.rank, value);
  }

  const { topic, operation, partition, offset, messageKey, group, client, cluster, system } = best;
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
