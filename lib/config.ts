import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { defaultDlqPatterns, defaultRetryPatterns } from './dead-letter/topic-patterns.ts';
import { WaybillError } from './errors.ts';
import { headerMappingSchema } from './header-mapping.ts';
import type { MaskingRule } from './masking/compile-masking.ts';
import { parseJsonPath } from './masking/json-path.ts';
import { isRole, type Role } from './model/access.ts';
import type { ApprovalPolicy } from './model/replay.ts';

const saslSchema = z.strictObject({
  mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']),
  username: z.string().min(1),
  password: z.string(),
});

const tlsSchema = z.strictObject({
  caFile: z.string().optional(),
  certFile: z.string().optional(),
  keyFile: z.string().optional(),
  serverName: z.string().optional(),
  rejectUnauthorized: z.boolean().default(true),
});

/** Topics of OTLP bodies, as the OpenTelemetry Collector's kafka exporter writes them. */
const traceTopicsSchema = z.strictObject({
  topics: z.array(z.string().regex(/^[\w.-]{1,249}$/, 'the name of a topic, no pattern')).min(1).max(100),
  /** The exporter's own words for it. */
  encoding: z.enum(['otlp_proto', 'otlp_json']).default('otlp_proto'),
  /** Collectors that name the same group share the partitions. */
  group: z.string().min(1).max(255).default('waybill-traces'),
});

const clusterSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'letters, digits, ".", "_" and "-", at most 64'),
  brokers: z.array(z.string().regex(/^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'host:port')).min(1),
  sasl: saslSchema.optional(),
  tls: tlsSchema.optional(),
  /** A registry with Confluent's REST interface: values in its wire format are then decoded. */
  schemaRegistry: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      username: z.string().min(1).optional(),
      password: z.string().optional(),
      tls: tlsSchema.omit({ serverName: true }).optional(),
    })
    .optional(),
  deadLetters: z
    .strictObject({
      /** Globs of dead-letter topics; `!` in front excludes. */
      topics: z.array(z.string()).optional(),
      retryTopics: z.array(z.string()).optional(),
      /** Whether topics that nothing names are looked for by the headers of their records: proposed to a person, or taken in where nothing is doubtful. */
      discover: z.enum(['off', 'propose', 'on']).optional(),
      /** Names of home-made headers, for services that write a dialect of their own. */
      headers: headerMappingSchema.optional(),
    })
    .optional(),
  traceTopics: traceTopicsSchema.optional(),
  /** Topics whose record headers are read for journeys, so that services without tracing appear in them. Off where absent. */
  headerTap: z
    .strictObject({
      /** Globs of topics; `!` in front excludes. */
      topics: z.array(z.string().min(1)).min(1).max(500),
      /** Share of the events that is kept. */
      sampleRatio: z.number().gt(0).max(1).default(1),
      maxRecordsPerSecond: z.number().int().min(1).max(1_000_000).default(2_000),
      maxBytesPerSecond: z.number().int().min(1_024).max(1_073_741_824).default(10_485_760),
      /** Where a topic begins that was never read. */
      from: z.enum(['end', 'beginning']).default('end'),
      /** Header names in place of the built-in ones, best first. */
      keyHeaders: z.array(z.string().min(1)).min(1).max(50).optional(),
      eventIdHeaders: z.array(z.string().min(1)).min(1).max(50).optional(),
      causationHeaders: z.array(z.string().min(1)).min(1).max(50).optional(),
    })
    .optional(),
  /** Looking for what is wrong with the way events are written, read and passed on. */
  hygiene: z
    .strictObject({
      /** no-samples: judges only what is collected anyway, and reads no records. */
      mode: z.enum(['on', 'no-samples', 'off']).optional(),
      /** Globs of topics whose newest records are sampled; `!` in front excludes. */
      topics: z.array(z.string().min(1)).min(1).max(500).optional(),
      everySeconds: z.number().int().min(1).max(3_600).optional(),
      /** Bounds of what one run reads. */
      maxBytesPerTopic: z.number().int().min(16_384).max(67_108_864).optional(),
      maxBytes: z.number().int().min(65_536).max(1_073_741_824).optional(),
      /** Names of headers that carry an event's own id, in place of the built-in ones, best first. */
      eventIdHeaders: z.array(z.string().min(1)).min(1).max(50).optional(),
    })
    .optional(),
});

/** "none", "always", "over 1000" and "over 1000 records". */
const APPROVAL = /^(?:none|always|over ([1-9]\d{0,8})(?: records)?)$/;

const jsonPath = z.string().max(500).superRefine((text, context) => {
  try {
    parseJsonPath(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});
const maskNames = z.array(z.string().trim().min(1).max(500)).min(1).max(500);

const maskingRuleSchema = z
  .strictObject({
    /** Globs of topics, `!` in front takes back; without it every topic. */
    topics: maskNames.optional(),
    /** Globs of header names, without regard to case. */
    headers: maskNames.optional(),
    /** JSON paths into the value. */
    values: z.array(jsonPath).min(1).max(500).optional(),
    key: z.boolean().optional(),
  })
  .refine((rule) => rule.headers !== undefined || rule.values !== undefined || rule.key === true, 'a rule says what it hides: headers, values or key: true');

const fileSchema = z.strictObject({
  clusters: z.array(clusterSchema).min(1).max(64),
  offsetsIntervalSeconds: z.number().min(1).max(3_600).optional(),
  webhooks: z.strictObject({ allowPrivateTargets: z.array(z.string()).optional() }).optional(),
  replay: z
    .strictObject({
      /** none, always, or "over 1000 records": which replays wait for a second person. */
      approval: z.string().regex(APPROVAL, 'none, always, or over N records').optional(),
      approvalHours: z.number().min(0.1).max(168).optional(),
    })
    .optional(),
  /** What is never shown of records. */
  masking: z.array(maskingRuleSchema).max(200).optional(),
  retentionDays: z.strictObject({ spans: z.number().int().min(1).max(365).optional(), bodies: z.number().int().min(1).max(365).optional(), charts: z.number().int().min(1).max(400).optional() }).optional(),
});

export type ClusterConfig = z.infer<typeof clusterSchema>;

/** How hygiene looks at a cluster, with the defaults for what is not configured. */
export function hygieneOf({ hygiene }: Pick<ClusterConfig, 'hygiene'>): { mode: 'on' | 'no-samples' | 'off'; topics: string[]; everySeconds: number; maxBytesPerTopic: number; maxBytes: number; eventIdHeaders: string[] | undefined } {
  return { mode: hygiene?.mode ?? 'on', topics: hygiene?.topics ?? ['*'], everySeconds: hygiene?.everySeconds ?? 30, maxBytesPerTopic: hygiene?.maxBytesPerTopic ?? 1_048_576, maxBytes: hygiene?.maxBytes ?? 8_388_608, eventIdHeaders: hygiene?.eventIdHeaders };
}

/** Sets of names that /metrics can speak; `waybill-partitions` adds a series for each partition to Waybill's own. */
export const METRIC_NAMES = ['waybill', 'waybill-partitions', 'kminion', 'kafka-exporter'] as const;
export type MetricNames = (typeof METRIC_NAMES)[number];

/** Everything that can be set, in one place. Secrets are strings here and are never logged or sent. */
export interface Config {
  clusters: ClusterConfig[];
  databaseUrl: string | null;
  dataDir: string;
  host: string;
  port: number;
  otlpPort: number;
  otlpHost: string;
  /** Port for OTLP/gRPC; null = off. */
  otlpGrpcPort: number | null;
  otlpMaxBodyBytes: number;
  /** Path that takes traces. */
  otlpPath: string;
  /** Bearer token that senders of traces must present; null = none needed. */
  otlpToken: string | null;
  /** Tokens that belong to one sender each, which is counted by its name and can be taken away alone. */
  otlpSources: { name: string; token: string }[];
  /** Origins (with `*` for any text) whose browsers may send traces; none means CORS is off. */
  otlpAllowedOrigins: string[];
  /** Attributes that may name a business event, best first; null means the built-in order. */
  journeyKeys: string[] | null;
  /** The same for what names the event itself, and for what names its cause. */
  eventIdKeys: string[] | null;
  causationKeys: string[] | null;
  publicUrl: string;
  offsetsIntervalMs: number;
  /** CIDR ranges that webhooks may reach although they are not public; cloud metadata stays blocked. */
  webhookAllowedRanges: string[];
  /** How often rules are evaluated, and Alertmanager's group_wait, group_interval and repeat_interval. */
  alerts: { intervalMs: number; groupWaitMs: number; groupIntervalMs: number; repeatIntervalMs: number };
  retentionDays: { spans: number; bodies: number; charts: number };
  /** What is never shown of records; lib/masking makes masks of it. */
  masking: readonly MaskingRule[];
  /** Values of dead letters above this stay with the broker and are read from there again. */
  storedValueBytes: number;
  /** Who may search in the values of dead letters. */
  valueSearch: Role | 'off';
  /** Which replays wait for a second person, and how long at the most. */
  replay: { approval: ApprovalPolicy; approvalMs: number };
  /** Whose names /metrics speaks, and how many series of one metric it gives at most. */
  metrics: { names: MetricNames[]; maxSeries: number };
  /** Whether Waybill sends its own traces to its own receiver. */
  telemetry: boolean;
  adminToken: string | null;
  secretKey: string | null;
}

/** Globs of topics that hold dead letters where nothing is configured. */
export const DEFAULT_DLQ_TOPICS = defaultDlqPatterns;
export const DEFAULT_RETRY_TOPICS = defaultRetryPatterns;

/**
 * Reads the settings: `waybill.config.yaml` (or the file WAYBILL_CONFIG names) where there is one, else environment variables for one cluster.
 * @throws WaybillError `config-invalid`, its message naming the file, the line and the key, or the variable
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): Config {
  const path = env['WAYBILL_CONFIG'] ?? join(cwd, 'waybill.config.yaml');
  const file = readConfigFile(path, env['WAYBILL_CONFIG'] !== undefined);
  const port = readPort(env, 'PORT', 3000);
  const host = env['WAYBILL_HOST'] || '127.0.0.1';
  return {
    clusters: file?.clusters ?? clusterFromEnv(env),
    databaseUrl: env['DATABASE_URL'] || null,
    dataDir: env['WAYBILL_DATA_DIR'] || join(cwd, '.waybill'),
    host,
    port,
    otlpPort: readPort(env, 'OTLP_PORT', 4318),
    otlpHost: env['OTLP_HOST'] || host,
    otlpGrpcPort: env['WAYBILL_OTLP_GRPC_PORT'] ? readPort(env, 'WAYBILL_OTLP_GRPC_PORT', 4317) : null,
    otlpMaxBodyBytes: readNumber(env, 'OTLP_MAX_BODY_BYTES', 20 * 1024 * 1024, 1_024, 1024 ** 3),
    otlpPath: env['OTLP_PATH'] || '/v1/traces',
    otlpToken: env['OTLP_TOKEN'] || null,
    otlpSources: readSources(env),
    otlpAllowedOrigins: splitList(env['OTLP_ALLOWED_ORIGINS']),
    journeyKeys: env['WAYBILL_JOURNEY_KEYS'] ? splitList(env['WAYBILL_JOURNEY_KEYS']) : null,
    eventIdKeys: env['WAYBILL_EVENT_ID_KEYS'] ? splitList(env['WAYBILL_EVENT_ID_KEYS']) : null,
    causationKeys: env['WAYBILL_CAUSATION_KEYS'] ? splitList(env['WAYBILL_CAUSATION_KEYS']) : null,
    publicUrl: readUrl(env, 'WAYBILL_PUBLIC_URL', `http://localhost:${port}`),
    offsetsIntervalMs: Math.round((file?.offsetsIntervalSeconds ?? readNumber(env, 'WAYBILL_OFFSETS_INTERVAL_SECONDS', 10, 1, 3_600)) * 1_000),
    webhookAllowedRanges: file?.webhooks?.allowPrivateTargets ?? splitList(env['WAYBILL_WEBHOOK_ALLOW']),
    alerts: {
      intervalMs: readNumber(env, 'WAYBILL_ALERT_INTERVAL_SECONDS', 10, 1, 3_600) * 1_000,
      groupWaitMs: readNumber(env, 'WAYBILL_ALERT_GROUP_WAIT_SECONDS', 30, 0, 3_600) * 1_000,
      groupIntervalMs: readNumber(env, 'WAYBILL_ALERT_GROUP_INTERVAL_SECONDS', 300, 0, 86_400) * 1_000,
      repeatIntervalMs: readNumber(env, 'WAYBILL_ALERT_REPEAT_SECONDS', 14_400, 10, 7 * 86_400) * 1_000,
    },
    retentionDays: {
      spans: file?.retentionDays?.spans ?? readNumber(env, 'WAYBILL_RETENTION_SPANS_DAYS', 7, 1, 365),
      bodies: file?.retentionDays?.bodies ?? readNumber(env, 'WAYBILL_RETENTION_BODIES_DAYS', 14, 1, 365),
      charts: file?.retentionDays?.charts ?? readNumber(env, 'WAYBILL_RETENTION_CHARTS_DAYS', 30, 1, 400),
    },
    replay: {
      approval: readApproval(file?.replay?.approval ?? (env['WAYBILL_REPLAY_APPROVAL'] || 'none')),
      approvalMs: (file?.replay?.approvalHours ?? readNumber(env, 'WAYBILL_REPLAY_APPROVAL_HOURS', 24, 0.1, 168)) * 3_600_000,
    },
    masking: file?.masking ?? maskingFromEnv(env),
    // Pages of values are read by their number: what is kept of one is bounded.
    storedValueBytes: Math.floor(readNumber(env, 'WAYBILL_STORED_VALUE_BYTES', 1_048_576, 0, 1_048_576)),
    valueSearch: readValueSearch(env),
    metrics: { names: readMetricNames(env), maxSeries: readNumber(env, 'WAYBILL_METRICS_MAX_SERIES', 50_000, 100, 1_000_000) },
    telemetry: (env['WAYBILL_TELEMETRY'] ?? 'on') !== 'off',
    adminToken: env['WAYBILL_ADMIN_TOKEN'] || null,
    secretKey: env['WAYBILL_SECRET_KEY'] || null,
  };
}

function readConfigFile(path: string, required: boolean): z.infer<typeof fileSchema> | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !required) return null;
    throw new WaybillError('config-invalid', `Can't read ${path}: ${(error as Error).message}`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax) throw new WaybillError('config-invalid', `${path}:${lines.linePos(syntax.pos[0]).line}: ${syntax.message.split('\n')[0]}`);
  const parsed = fileSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (parsed.success) {
    const folder = dirname(path);
    for (const cluster of parsed.data.clusters) {
      for (const key of ['caFile', 'certFile', 'keyFile'] as const) {
        for (const tls of [cluster.tls, cluster.schemaRegistry?.tls]) {
          const file = tls?.[key];
          if (tls && file && !file.startsWith('/')) tls[key] = join(folder, file);
        }
      }
    }
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  const key = issue?.path.map(String) ?? [];
  const node = document.getIn(issue?.path.filter((part) => typeof part !== 'symbol') ?? [], true) as { range?: [number, number, number] } | undefined;
  const line = node?.range ? `:${lines.linePos(node.range[0]).line}` : '';
  throw new WaybillError('config-invalid', `${path}${line}: ${key.join('.') || 'the file'}: ${issue?.message ?? 'is not valid'}`);
}

function clusterFromEnv(env: NodeJS.ProcessEnv): ClusterConfig[] {
  const brokers = splitList(env['KAFKA_BROKERS']);
  if (brokers.length === 0) return [];
  const mechanism = env['KAFKA_SASL_MECHANISM'];
  const candidate = {
    name: env['KAFKA_CLUSTER_NAME'] || 'kafka',
    brokers,
    ...(mechanism ? { sasl: { mechanism: mechanism.toUpperCase(), username: env['KAFKA_SASL_USERNAME'] ?? '', password: env['KAFKA_SASL_PASSWORD'] ?? '' } } : {}),
    ...(['1', 'true', 'on'].includes((env['KAFKA_TLS'] ?? '').toLowerCase()) || env['KAFKA_TLS_CA_FILE']
      ? {
          tls: {
            ...(env['KAFKA_TLS_CA_FILE'] ? { caFile: env['KAFKA_TLS_CA_FILE'] } : {}),
            ...(env['KAFKA_TLS_CERT_FILE'] ? { certFile: env['KAFKA_TLS_CERT_FILE'] } : {}),
            ...(env['KAFKA_TLS_KEY_FILE'] ? { keyFile: env['KAFKA_TLS_KEY_FILE'] } : {}),
            ...(env['KAFKA_TLS_SERVER_NAME'] ? { serverName: env['KAFKA_TLS_SERVER_NAME'] } : {}),
          },
        }
      : {}),
    ...(env['KAFKA_SCHEMA_REGISTRY_URL']
      ? {
          schemaRegistry: {
            url: env['KAFKA_SCHEMA_REGISTRY_URL'],
            ...(env['KAFKA_SCHEMA_REGISTRY_USERNAME'] ? { username: env['KAFKA_SCHEMA_REGISTRY_USERNAME'], password: env['KAFKA_SCHEMA_REGISTRY_PASSWORD'] ?? '' } : {}),
            ...(env['KAFKA_SCHEMA_REGISTRY_CA_FILE'] ? { tls: { caFile: env['KAFKA_SCHEMA_REGISTRY_CA_FILE'] } } : {}),
          },
        }
      : {}),
    ...(env['WAYBILL_DLQ_TOPICS'] || env['WAYBILL_RETRY_TOPICS'] || env['WAYBILL_DISCOVER']
      ? {
          deadLetters: {
            ...(env['WAYBILL_DLQ_TOPICS'] ? { topics: splitList(env['WAYBILL_DLQ_TOPICS']) } : {}),
            ...(env['WAYBILL_RETRY_TOPICS'] ? { retryTopics: splitList(env['WAYBILL_RETRY_TOPICS']) } : {}),
            ...(env['WAYBILL_DISCOVER'] ? { discover: env['WAYBILL_DISCOVER'] } : {}),
          },
        }
      : {}),
    ...(env['WAYBILL_OTLP_KAFKA_TOPIC']
      ? {
          traceTopics: {
            topics: splitList(env['WAYBILL_OTLP_KAFKA_TOPIC']),
            ...(env['WAYBILL_OTLP_KAFKA_ENCODING'] ? { encoding: env['WAYBILL_OTLP_KAFKA_ENCODING'] } : {}),
            ...(env['WAYBILL_OTLP_KAFKA_GROUP'] ? { group: env['WAYBILL_OTLP_KAFKA_GROUP'] } : {}),
          },
        }
      : {}),
    ...(env['WAYBILL_HYGIENE'] || env['WAYBILL_HYGIENE_TOPICS'] || env['WAYBILL_HYGIENE_EVERY_SECONDS'] || env['WAYBILL_HYGIENE_MAX_BYTES']
      ? {
          hygiene: {
            ...(env['WAYBILL_HYGIENE'] ? { mode: env['WAYBILL_HYGIENE'] } : {}),
            ...(env['WAYBILL_HYGIENE_TOPICS'] ? { topics: splitList(env['WAYBILL_HYGIENE_TOPICS']) } : {}),
            ...(env['WAYBILL_HYGIENE_EVERY_SECONDS'] ? { everySeconds: Number(env['WAYBILL_HYGIENE_EVERY_SECONDS']) } : {}),
            ...(env['WAYBILL_HYGIENE_MAX_BYTES'] ? { maxBytes: Number(env['WAYBILL_HYGIENE_MAX_BYTES']) } : {}),
          },
        }
      : {}),
    ...(env['WAYBILL_TAP_TOPICS'] ? { headerTap: { topics: splitList(env['WAYBILL_TAP_TOPICS']), ...(env['WAYBILL_TAP_SAMPLE'] ? { sampleRatio: Number(env['WAYBILL_TAP_SAMPLE']) } : {}) } } : {}),
  };
  const parsed = clusterSchema.safeParse(candidate);
  if (parsed.success) return [parsed.data];
  const issue = parsed.error.issues[0];
  const variable = { brokers: 'KAFKA_BROKERS', sasl: 'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD', tls: 'KAFKA_TLS_*', schemaRegistry: 'KAFKA_SCHEMA_REGISTRY_*', headerTap: 'WAYBILL_TAP_TOPICS, WAYBILL_TAP_SAMPLE', hygiene: 'WAYBILL_HYGIENE, WAYBILL_HYGIENE_TOPICS, WAYBILL_HYGIENE_EVERY_SECONDS, WAYBILL_HYGIENE_MAX_BYTES', traceTopics: 'WAYBILL_OTLP_KAFKA_TOPIC, WAYBILL_OTLP_KAFKA_ENCODING, WAYBILL_OTLP_KAFKA_GROUP', name: 'KAFKA_CLUSTER_NAME', deadLetters: 'WAYBILL_DISCOVER' }[String(issue?.path[0])];
  throw new WaybillError('config-invalid', `${variable ?? 'KAFKA_*'}: ${issue?.message ?? 'is not valid'}`);
}

function splitList(text: string | undefined): string[] {
  return (text ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '');
}

function readNumber(env: NodeJS.ProcessEnv, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < min || value > max) throw new WaybillError('config-invalid', `${name} is "${text}": give a number from ${min} to ${max}.`);
  return value;
}

function readMetricNames(env: NodeJS.ProcessEnv): MetricNames[] {
  const wanted = splitList(env['WAYBILL_METRICS_NAMES']);
  const unknown = wanted.find((name) => !METRIC_NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new WaybillError('config-invalid', `WAYBILL_METRICS_NAMES is "${env['WAYBILL_METRICS_NAMES']}": give one or several of ${METRIC_NAMES.join(', ')}.`);
  return wanted.length === 0 ? ['waybill'] : METRIC_NAMES.filter((name) => wanted.includes(name));
}

function readApproval(text: string): ApprovalPolicy {
  const match = APPROVAL.exec(text.trim());
  if (!match) throw new WaybillError('config-invalid', `WAYBILL_REPLAY_APPROVAL is "${text}": give none, always, or over N records.`);
  return match[1] ? { kind: 'over', records: Number(match[1]) } : { kind: match[0] === 'always' ? 'always' : 'none' };
}

function readValueSearch(env: NodeJS.ProcessEnv): Role | 'off' {
  const text = env['WAYBILL_VALUE_SEARCH'] || 'viewer';
  if (text === 'off' || isRole(text)) return text;
  throw new WaybillError('config-invalid', `WAYBILL_VALUE_SEARCH is "${text}": give viewer, operator, administrator or off.`);
}

/** `name:token` each. What was given is not in the message: it may be a token. */
function readSources(env: NodeJS.ProcessEnv): Config['otlpSources'] {
  const sources = splitList(env['WAYBILL_OTLP_SOURCES']).map((item) => {
    const match = /^([\w.-]{1,64}):(\S{8,512})$/.exec(item);
    if (match === null) throw new WaybillError('config-invalid', 'WAYBILL_OTLP_SOURCES: give name:token for each source, divided by commas; names of letters, digits, ".", "_" and "-", tokens of 8 letters or more without spaces.');
    return { name: match[1]!, token: match[2]! };
  });
  const twice = sources.find(({ name }, place) => sources.findIndex((other) => other.name === name) !== place);
  if (twice !== undefined) throw new WaybillError('config-invalid', `WAYBILL_OTLP_SOURCES names "${twice.name}" twice: give each source one token.`);
  return sources;
}

/** One rule for every topic; several need the file. */
function maskingFromEnv(env: NodeJS.ProcessEnv): MaskingRule[] {
  const headers = splitList(env['WAYBILL_MASK_HEADERS']);
  const values = splitList(env['WAYBILL_MASK_VALUES']);
  for (const path of values) {
    const parsed = jsonPath.safeParse(path);
    if (!parsed.success) throw new WaybillError('config-invalid', `WAYBILL_MASK_VALUES: ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
  }
  return headers.length + values.length === 0 ? [] : [{ ...(headers.length > 0 ? { headers } : {}), ...(values.length > 0 ? { values } : {}) }];
}

function readPort(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const value = readNumber(env, name, fallback, 0, 65_535);
  if (!Number.isInteger(value)) throw new WaybillError('config-invalid', `${name} is "${env[name]}": give a port number from 0 to 65535.`);
  return value;
}

function readUrl(env: NodeJS.ProcessEnv, name: string, fallback: string): string {
  const text = env[name] || fallback;
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new WaybillError('config-invalid', `${name} is "${text}": give an address such as https://waybill.example.com.`);
  return url.href.replace(/\/$/, '');
}
