import { z } from 'zod';

const schema = z.object({
  KAFKA_BROKERS: z.string().default('127.0.0.1:9092').transform((text) => text.split(',').map((part) => part.trim()).filter(Boolean)).pipe(z.array(z.string().regex(/^.+:\d{1,5}$/, 'expected host:port')).min(1)),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().default('http://127.0.0.1:4318'),
  SHOP_HOST: z.string().min(1).default('127.0.0.1'),
  SHOP_PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  /** Events a second over the whole shop, on average. */
  SHOP_RATE: z.coerce.number().min(0).max(200).default(4.5),
  SHOP_TOPIC_PREFIX: z.string().regex(/^[A-Za-z0-9._-]{0,64}$/).default(''),
  SHOP_GROUP_PREFIX: z.string().regex(/^[A-Za-z0-9._-]{0,64}$/).default(''),
  /** Waits between the attempts at one message; their number plus one is the number of attempts. */
  SHOP_RETRY_BACKOFF_MS: z.string().default('2000,4000').transform((text) => text.split(',').map(Number)).pipe(z.array(z.number().int().min(1).max(600_000)).min(1).max(10)),
  /** Set it to get the same customers, baskets and accidents again. Ids stay unique all the same. */
  SHOP_SEED: z.string().max(100).default(() => String(Math.floor(Math.random() * 1e9))),
  /** Off: no declined cards, empty shelves and busy mail servers of their own accord, for runs that want only the faults they switch. */
  SHOP_ACCIDENTS: z.enum(['on', 'off']).default('on'),
  /** Where the payment provider listens; set by the supervisor. */
  SHOP_PROVIDER_URL: z.url().default('http://127.0.0.1:1'),
  /** Where Waybill is, for the links on the shop's page. */
  WAYBILL_PUBLIC_URL: z.url().default('http://localhost:3000'),
});

export interface Settings {
  brokers: string[];
  otlpEndpoint: string;
  host: string;
  port: number;
  eventsPerSecond: number;
  topicPrefix: string;
  groupPrefix: string;
  retryBackoffMs: number[];
  seed: string;
  accidents: boolean;
  providerUrl: string;
  waybillUrl: string;
}

/**
 * Reads the shop's settings from the environment; empty variables count as unset.
 * @throws Error naming each variable that is wrong
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => `${issue.path[0]?.toString() ?? 'environment'}: ${issue.message}`).join('\n'));
  const values = parsed.data;
  return {
    brokers: values.KAFKA_BROKERS,
    otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    host: values.SHOP_HOST,
    port: values.SHOP_PORT,
    eventsPerSecond: values.SHOP_RATE,
    topicPrefix: values.SHOP_TOPIC_PREFIX,
    groupPrefix: values.SHOP_GROUP_PREFIX,
    retryBackoffMs: values.SHOP_RETRY_BACKOFF_MS,
    seed: values.SHOP_SEED,
    accidents: values.SHOP_ACCIDENTS === 'on',
    providerUrl: values.SHOP_PROVIDER_URL,
    waybillUrl: values.WAYBILL_PUBLIC_URL,
  };
}
