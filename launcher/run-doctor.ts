import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findDocker, findJava, findMaven, LEAST_JAVA } from '#demo/broker/find-java.ts';
import { kafkaLibsDir, KAFKA_VERSION } from '#demo/broker/fetch-kafka.ts';
import type { Broker } from '#lib/brokers/broker.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { loadConfig, type Config } from '#lib/config.ts';
import { errorText, WaybillError } from '#lib/errors.ts';
import { parseSecretKeys } from '#lib/access/load-secret-keys.ts';
import { PROJECT_DIR, TOOLCHAIN_DIR } from '#lib/paths.ts';
import { checkSchemaRegistry } from '#lib/schema-registry/check-schema-registry.ts';
import { pino } from 'pino';
import { checkDatabase } from './check-database.ts';
import { checkPort } from './check-port.ts';
import { missingRights } from './check-rights.ts';
import { missingForTraceTopics } from './check-trace-topics.ts';
import { checkPublicUrl } from './check-settings.ts';
import { KAFKA_REMEDY } from './choose-broker.ts';
import { CHROMIUM_REMEDY, findChromium } from './find-chromium.ts';
import { lockOwner } from './lock-data-folder.ts';
import { makeFolders } from './make-folders.ts';
import { embeddedPackageDir } from './prepare-postgres.ts';

export interface Finding {
  check: string;
  /** `missing` fails the doctor; `optional` is only needed for the demo or the tests. */
  state: 'works' | 'missing' | 'optional';
  /** What was found, or what is wrong and the command that mends it. */
  detail: string;
}

const BROKER_MS = 10_000;

/**
 * Tries every setting and prints a line each: what works, what is missing and the command that mends it.
 * @returns whether everything that `npm start` needs works
 */
export async function runDoctor(env: NodeJS.ProcessEnv, options: { json?: boolean }): Promise<boolean> {
  const findings = await examine(env);
  const healthy = findings.every(({ state }) => state !== 'missing');
  if (options.json) {
    console.log(JSON.stringify({ healthy, findings }, null, 2));
  } else {
    const signs = { works: '✓', missing: '✗', optional: '–' };
    for (const { check, state, detail } of findings) console.log(`${signs[state]} ${check.padEnd(24)} ${detail}`);
    console.log(healthy ? '\nEverything Waybill needs works.' : '\nSomething is missing: see the lines with ✗.');
  }
  return healthy;
}

async function examine(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const findings: Finding[] = [
    // Stage one has seen to both, or this would not run.
    { check: 'Node', state: 'works', detail: `${process.versions.node}${env['WAYBILL_HANDED_OVER'] ? ` from .toolchain (the machine's own is too old)` : ''}` },
    { check: 'Dependencies', state: 'works', detail: 'as package-lock.json says' },
    existsSync(join(PROJECT_DIR, '.next', 'BUILD_ID')) ? { check: 'Web build', state: 'works', detail: 'there' } : { check: 'Web build', state: 'optional', detail: 'not built yet; the first start builds it, or: npm run build' },
  ];
  const config = attempt(() => loadConfig(env));
  if (config instanceof Error) {
    findings.push({ check: 'Settings', state: 'missing', detail: errorText(config) });
    return [...findings, ...tools(env)];
  }
  findings.push({ check: 'Settings', state: 'works', detail: existsSync(env['WAYBILL_CONFIG'] ?? 'waybill.config.yaml') ? (env['WAYBILL_CONFIG'] ?? 'waybill.config.yaml') : 'environment variables' });
  findings.push(dataFolder(config), await database(config), secretKey(config));
  findings.push(...(await clusters(config)));
  const running = lockOwner(resolve(config.dataDir));
  findings.push(await port(config.host, config.port, 'Web port', 'the web', 'PORT', running), await port(config.otlpHost, config.otlpPort, 'OTLP port', 'the OTLP receiver', 'OTLP_PORT', running));
  if (config.otlpGrpcPort !== null) findings.push(await port(config.otlpHost, config.otlpGrpcPort, 'OTLP/gRPC port', 'the OTLP/gRPC receiver', 'WAYBILL_OTLP_GRPC_PORT', running));
  const refused = attempt(() => checkPublicUrl(config, env));
  findings.push(refused instanceof Error ? { check: 'Public URL', state: 'missing', detail: errorText(refused) } : { check: 'Public URL', state: 'works', detail: config.publicUrl });
  return [...findings, ...tools(env)];
}

function attempt<Result>(work: () => Result): Result | Error {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function dataFolder({ dataDir }: Config): Finding {
  const check = 'Data folder';
  const failure = attempt(() => {
    makeFolders(dataDir, 0o711);
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  });
  if (failure instanceof Error) return { check, state: 'missing', detail: `${dataDir} can't be written to (${(failure as NodeJS.ErrnoException).code}); name another with WAYBILL_DATA_DIR` };
  const { bavail, bsize } = statfsSync(dataDir);
  return { check, state: 'works', detail: `${dataDir}, ${Math.floor((bavail * bsize) / 1024 ** 3)} GB free` };
}

async function database({ databaseUrl }: Config): Promise<Finding> {
  const check = 'PostgreSQL';
  if (databaseUrl !== null) {
    return await checkDatabase(databaseUrl).then(
      (version): Finding => ({ check, state: 'works', detail: `${version} of DATABASE_URL` }),
      (error: unknown): Finding => ({ check, state: 'missing', detail: errorText(error) }),
    );
  }
  return embeddedPackageDir() === null
    ? { check, state: 'missing', detail: `no embedded one for ${process.platform} on ${process.arch}: set DATABASE_URL to a PostgreSQL 15 or newer` }
    : { check, state: 'works', detail: 'embedded' };
}

function secretKey({ databaseUrl, secretKey: key }: Config): Finding {
  const check = 'Secret key';
  if (key === null) {
    return databaseUrl === null
      ? { check, state: 'works', detail: 'made beside the data at the first start' }
      : { check, state: 'missing', detail: 'with DATABASE_URL, WAYBILL_SECRET_KEY has to be set; make one with: openssl rand -base64 32' };
  }
  const parsed = attempt(() => parseSecretKeys(key));
  return parsed instanceof Error ? { check, state: 'missing', detail: errorText(parsed) } : { check, state: 'works', detail: 'WAYBILL_SECRET_KEY' };
}

async function clusters(config: Config): Promise<Finding[]> {
  if (config.clusters.length === 0) return [{ check: 'Kafka', state: 'optional', detail: 'no cluster is named; for your own: KAFKA_BROKERS=host:9092 npm start, or write waybill.config.yaml (the demo brings its own: npm run demo)' }];
  const registry = openBrokerRegistry(config.clusters, { log: pino({ level: 'silent' }) });
  try {
    const findings = await Promise.all(
      config.clusters.map(async ({ name, brokers, sasl, schemaRegistry, traceTopics }): Promise<Finding[]> => {
        const check = `Kafka "${name}"`;
        try {
          const described = await withDeadline(registry.get(name).describeCluster());
          return [{ check, state: 'works', detail: `${brokers.join(',')}, cluster id ${described.clusterId ?? 'not told'}` }, ...(await rights(name, registry.get(name), sasl?.username ?? null, traceTopics)), ...(await schemas(name, schemaRegistry))];
        } catch (error) {
          return [{ check, state: 'missing', detail: `${brokers.join(',')}: ${errorText(error)}` }, ...(await schemas(name, schemaRegistry))];
        }
      }),
    );
    return findings.flat();
  } finally {
    await registry.close();
  }
}

/** One line a right that is missing: a user who may not do something else is no fault, one who may not read makes figures that are in part. */
async function rights(name: string, broker: Broker, user: string | null, traceTopics: Config['clusters'][number]['traceTopics']): Promise<Finding[]> {
  const check = `Rights on "${name}"`;
  try {
    const told = await withDeadline(broker.describeRights());
    const missing = missingRights(told, user);
    const findings: Finding[] = missing.length === 0 ? [{ check, state: 'works', detail: 'everything that Waybill asks for, as far as the brokers tell' }] : missing.map(({ needed, detail }) => ({ check, state: needed ? 'missing' : 'optional', detail }));
    if (traceTopics === undefined) return findings;
    const ofTopics = { check: `Traces from "${name}"` };
    const lacking = missingForTraceTopics(traceTopics, told, user);
    return [...findings, ...(lacking.length === 0 ? [{ ...ofTopics, state: 'works' as const, detail: `${traceTopics.topics.join(', ')} as ${traceTopics.encoding}, group ${traceTopics.group}` }] : lacking.map((detail) => ({ ...ofTopics, state: 'missing' as const, detail })))];
  } catch (error) {
    return [{ check, state: 'optional', detail: `not told: ${errorText(error)}` }];
  }
}

async function schemas(name: string, config: Config['clusters'][number]['schemaRegistry']): Promise<Finding[]> {
  if (!config) return [];
  const check = `Schemas of "${name}"`;
  // Without it everything works but the decoding of messages.
  return await checkSchemaRegistry(config).then(
    (): Finding[] => [{ check, state: 'works', detail: config.url }],
    (error: unknown): Finding[] => [{ check, state: 'missing', detail: `${config.url}: ${errorText(error)}. Mend schemaRegistry of this cluster (KAFKA_SCHEMA_REGISTRY_*), or take it out: messages are then shown undecoded.` }],
  );
}

async function withDeadline<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new WaybillError('timeout', `nothing for ${BROKER_MS / 1_000} s`)), BROKER_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function port(host: string, number: number, check: string, what: string, variable: string, running: { pid: number } | null): Promise<Finding> {
  const failure = await checkPort(host, number, what, variable).catch((error: unknown) => error as Error);
  if (!(failure instanceof Error)) return { check, state: 'works', detail: `${host}:${number} is free` };
  return running ? { check, state: 'works', detail: `${host}:${number} is in use; Waybill runs (process ${running.pid})` } : { check, state: 'missing', detail: failure.message };
}

function tools(env: NodeJS.ProcessEnv): Finding[] {
  const java = findJava(env);
  const jars = existsSync(kafkaLibsDir(TOOLCHAIN_DIR));
  const maven = jars ? null : findMaven(env);
  const docker = java && (jars || maven) ? null : findDocker(env);
  const kafka: Finding = java && (jars || maven)
    ? { check: 'Kafka for the demo', state: 'works', detail: `Java ${java.version}, ${jars ? `Kafka ${KAFKA_VERSION} is fetched` : `Maven ${maven!.version}`}` }
    : docker
      ? { check: 'Kafka for the demo', state: 'works', detail: `Docker ${docker.version}` }
      : { check: 'Kafka for the demo', state: 'optional', detail: `${java ? 'Maven' : `Java ${LEAST_JAVA}`} is missing: ${KAFKA_REMEDY}` };
  const chromium = findChromium(env);
  return [kafka, chromium ? { check: 'Chromium for the tests', state: 'works', detail: chromium } : { check: 'Chromium for the tests', state: 'optional', detail: `missing: ${CHROMIUM_REMEDY}` }];
}
