import { decodeDeadLetter, type DecodeOptions } from './decode.ts';
import { readAmqpTable, type AmqpTable, type AmqpValue } from './read-amqp-table.ts';
import type { DecodedDeadLetter, HeaderBytes } from '#lib/model/dead-letter.ts';

/** A message as it lay in a RabbitMQ dead-letter queue. */
export interface AmqpMessage {
  queue: string;
  /** The exchange it came through; '' is the default exchange. */
  exchange: string;
  routingKey: string;
  /** The `timestamp` property, in seconds; null where it has none. */
  timestampSeconds: bigint | null;
  /** The header table as bytes, without its length. */
  headersTable: Uint8Array;
}

/** One entry of `x-death`: how often a message died in one queue of one reason. */
export interface AmqpDeath {
  queue: string | null;
  /** rejected | expired | maxlen | delivery_limit */
  reason: string | null;
  /** '' is the default exchange, null: not told. */
  exchange: string | null;
  routingKeys: string[];
  count: bigint | null;
  /** Seconds since 1970 of the FIRST death of this queue and reason, whatever the count. */
  firstAtSeconds: bigint | null;
  /** The expiration the message had before the broker took it away; milliseconds as text. */
  originalExpiration: string | null;
}

export interface DecodedAmqpDeadLetter extends DecodedDeadLetter {
  /** Where the failed message was published to first. */
  originalExchange: string | null;
  originalRoutingKey: string | null;
  originalExpiration: string | null;
  /** Newest first, as the broker keeps them. */
  deaths: AmqpDeath[];
}

const MAX_DEATHS = 200;

/**
 * Reads what RabbitMQ says about a dead letter: the queue it died in first, its deaths, and what a framework added to the headers.
 * Deliveries are told only where the newest death is a rejection in that first queue: a message that a consumer published
 * on to a parking queue itself has failed once more than `x-death` knows. Never throws; what is not conveyed is null.
 */
export function decodeAmqpDeadLetter(message: AmqpMessage, options: DecodeOptions = {}): DecodedAmqpDeadLetter {
  const table = readAmqpTable(message.headersTable);
  const deaths = readDeaths(table);
  const newest = deaths[0];
  const queue = textOf(table.get('x-first-death-queue')) ?? deaths.at(-1)?.queue ?? null;
  const reason = textOf(table.get('x-first-death-reason')) ?? deaths.at(-1)?.reason ?? null;
  // Of several entries for the queue the one of the first reason: the others came later.
  const first = deaths.findLast((death) => death.queue === queue && death.reason === reason) ?? null;
  const headers = [...table].flatMap(([name, value]): HeaderBytes[] => (typeof value === 'string' ? [[Buffer.from(name), Buffer.from(value)]] : []));
  const decoded = decodeDeadLetter({ topic: message.queue, timestampMs: null, headers }, options);
  const rejectedLast = newest !== undefined && newest.queue === queue && newest.reason === 'rejected' && message.exchange !== '';
  return {
    ...decoded,
    dialect: deaths.length > 0 && decoded.dialect === null ? 'rabbitmq' : decoded.dialect,
    origin: { topic: queue ?? decoded.origin.topic, partition: null, offset: null, timestampMs: message.timestampSeconds === null ? null : message.timestampSeconds * 1_000n, consumerGroup: decoded.origin.consumerGroup },
    attempts: decoded.attempts ?? (rejectedLast && newest.count !== null && newest.count > 0n && newest.count <= 2_147_483_647n ? Number(newest.count) : null),
    originalExchange: textOf(table.get('x-first-death-exchange')) ?? first?.exchange ?? textOf(table.get('x-original-exchange')),
    originalRoutingKey: first?.routingKeys[0] ?? textOf(table.get('x-original-routingKey')),
    originalExpiration: first?.originalExpiration ?? null,
    deaths,
  };
}

function readDeaths(table: AmqpTable): AmqpDeath[] {
  const value = table.get('x-death');
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_DEATHS).flatMap((death): AmqpDeath[] => {
    if (!(death instanceof Map)) return [];
    const keys = death.get('routing-keys');
    return [{
      queue: textOf(death.get('queue')),
      reason: textOf(death.get('reason')),
      exchange: textOf(death.get('exchange')),
      routingKeys: Array.isArray(keys) ? keys.flatMap((key) => textOf(key) ?? []) : [],
      count: integerOf(death.get('count')),
      firstAtSeconds: integerOf(death.get('time')),
      originalExpiration: textOf(death.get('original-expiration')),
    }];
  });
}

const textOf = (value: AmqpValue | undefined): string | null => (typeof value === 'string' ? value : null);
const integerOf = (value: AmqpValue | undefined): bigint | null => (typeof value === 'bigint' ? value : typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : null);
