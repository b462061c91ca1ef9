import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { loadConfig, type Config } from '#lib/config.ts';
import { WaybillError } from '#lib/errors.ts';
import { dataPaths, type DataPaths } from '#lib/paths.ts';
import { migrate } from '#lib/store/migrate.ts';
import type { Store } from '#lib/store/store.ts';
import { buildWeb, generateClient } from './build-product.ts';
import { checkDatabase } from './check-database.ts';
import { checkPort } from './check-port.ts';
import { checkPublicUrl } from './check-settings.ts';
import { chooseBroker, type ChosenBroker } from './choose-broker.ts';
import { collectorsChild, shopChild, webChild } from './describe-children.ts';
import { lockDataFolder, lockOwner, type DataFolder } from './lock-data-folder.ts';
import { preparePostgres } from './prepare-postgres.ts';
import { openProgress, type Progress } from './progress.ts';
import { readSecrets } from './read-secrets.ts';
import { Supervisor } from './supervisor.ts';

export interface StackParts {
  /** Kafka and the shop of the demo. */
  demo: boolean;
  web: boolean;
  /** Which collectors; null for all, [] for none. */
  collectors: readonly string[] | null;
}

/** A demo is looked at for minutes: figures and alerts come sooner than a steady watch needs them. */
const DEMO_DEFAULTS = { WAYBILL_OFFSETS_INTERVAL_SECONDS: '5', WAYBILL_ALERT_GROUP_WAIT_SECONDS: '5', WAYBILL_ALERT_GROUP_INTERVAL_SECONDS: '30' };

/**
 * Starts Waybill, or the parts of it that are asked for, and runs until `signal` aborts; then everything is ended in reverse order.
 * PostgreSQL comes first, then migrations, then web and collectors; Kafka starts beside them, the shop once it serves.
 * @param kill aborts at the second signal: whatever still runs is killed
 * @throws WaybillError with one sentence where something is missing, taken or refused; nothing is left running then
 */
export async function runStack(parts: StackParts, environment: NodeJS.ProcessEnv, signal: AbortSignal, kill: AbortSignal): Promise<void> {
  const begun = performance.now();
  const progress = openProgress();
  const dataDir = resolve(environment['WAYBILL_DATA_DIR'] || join('.waybill', ...(parts.demo ? ['demo'] : [])));
  const env: NodeJS.ProcessEnv = { ...(parts.demo ? DEMO_DEFAULTS : {}), ...environment, WAYBILL_DATA_DIR: dataDir };
  const configFile = env['WAYBILL_CONFIG'] ?? resolve('waybill.config.yaml');
  if (!parts.demo && existsSync(configFile)) env['WAYBILL_CONFIG'] = configFile;
  // The demo watches its own cluster, not the one a configuration file names.
  let config = parts.demo ? loadConfig(withoutFile(env), dataDir) : loadConfig(env);
  const collects = parts.collectors === null || parts.collectors.length > 0;
  if (parts.web) checkPublicUrl(config, env);
  if (collects && !parts.demo && config.clusters.length === 0) {
    throw new WaybillError('no-cluster', 'No Kafka cluster is named: set KAFKA_BROKERS=host:9092, or write waybill.config.yaml (docs/operations.md). To look around first: npm run demo.');
  }

  // A part of a larger site needs no folder; beside a Waybill that runs here the folder is that one's.
  const whole = parts.web && collects;
  const attached = !whole && config.databaseUrl === null && lockOwner(dataDir) !== null;
  const folder = whole || (config.databaseUrl === null && !attached) ? lockDataFolder(dataDir) : null;
  const supervisor = new Supervisor(folder, progress, { echoLogs: !whole || env['WAYBILL_LOGS'] === 'stdout' });
  const killAll = () => supervisor.killAll();
  kill.addEventListener('abort', killAll);
  // Also while something still starts: then its waiting ends, and this function with it.
  const stopAll = () => void supervisor.stopAll();
  signal.addEventListener('abort', stopAll, { once: true });
  let link: string | null = null;
  try {
    const left = await supervisor.stopLeftovers();
    if (left.length > 0) progress.say(`! an earlier start was killed and left behind: ${left.join(', ')}; stopped now`);
    const shopPort = parts.demo ? readShopPort(env) : 0;
    if (parts.web) await checkPort(config.host, config.port, 'the web', 'PORT');
    if (collects && (parts.collectors === null || parts.collectors.includes('traces'))) await checkPort(config.otlpHost, config.otlpPort, 'the OTLP receiver', 'OTLP_PORT');
    if (parts.demo) await checkPort('127.0.0.1', shopPort, 'the shop', 'SHOP_PORT');
    // What would refuse the start has been looked at: only now the minutes of a first build.
    await generateClient(progress, signal);
    if (parts.web) await buildWeb(progress, signal);
    signal.throwIfAborted();

    const secrets = readSecrets(folder?.secretsDir ?? (attached ? dataPaths(dataDir).secretsDir : null), env, config.databaseUrl === null);
    // Kafka takes longest to serve: it starts beside the database, and the web does not wait for it. A failure of any ends all below.
    const broker = parts.demo && folder ? chooseBroker({ paths: folder, env, brief: true, progress, signal }) : Promise.resolve(null);
    const kafka = broker.then((chosen) => chosen && startKafka(chosen, { supervisor, progress }));
    kafka.catch(() => undefined);
    const databaseUrl = await startDatabase({ config, folder, attachedTo: attached ? dataPaths(dataDir) : null, supervisor, progress });
    await progress.step('Database migrated', () => migrate(databaseUrl), (names) => (names.length === 0 ? 'Database up to date' : `Database migrated (${names.join(', ')})`));
    signal.throwIfAborted();

    const chosen = await broker;
    if (env['WAYBILL_SECRET_KEY_LOST'] !== 'yes') await checkSecrets(databaseUrl, secrets['WAYBILL_SECRET_KEY'] ?? '');
    let childSettings: Record<string, string> = { ...secrets, DATABASE_URL: databaseUrl, WAYBILL_DATA_DIR: dataDir };
    if (folder && chosen !== null) {
      const file = writeDemoConfig(folder, env, chosen.brokers);
      childSettings = { ...pick(env, Object.keys(DEMO_DEFAULTS)), ...childSettings, WAYBILL_CONFIG: file };
      config = loadConfig({ ...env, WAYBILL_CONFIG: file });
    }
    await Promise.all([
      parts.web ? progress.step(`Web on ${config.publicUrl}`, () => supervisor.start(webChild(config, childSettings))) : null,
      // Collectors load while Kafka does: to them a broker that does not answer yet is one that comes back.
      collects ? progress.step('Collectors run', () => supervisor.start(collectorsChild(config, childSettings, parts.collectors))) : null,
      kafka.then(() => (chosen === null ? null : progress.step(`Shop on http://127.0.0.1:${shopPort}`, () => supervisor.start(shopChild(config, chosen.brokers, shopPort))))),
    ]);
    if (parts.web) link = await mintLink(databaseUrl, config.publicUrl);

    progress.say(`\nWaybill runs, after ${((performance.now() - begun) / 1_000).toFixed(1)} s.${folder && whole ? ` Data and logs: ${folder.dataDir}.` : ''} Ctrl-C ends it.`);
    if (link !== null) progress.say(`Sign in once, within 10 minutes:\n\n  ${link}\n`);
    await aborted(signal);
    progress.say('\nEnding …');
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await supervisor.stopAll();
    signal.removeEventListener('abort', stopAll);
    kill.removeEventListener('abort', killAll);
    if (folder) rmSync(databaseUrlFile(folder), { force: true });
    folder?.release();
  }
}

interface Stage {
  supervisor: Supervisor;
  progress: Progress;
}

async function startDatabase({ config, folder, attachedTo, supervisor, progress }: Stage & { config: Config; folder: DataFolder | null; attachedTo: DataPaths | null }): Promise<string> {
  const { databaseUrl } = config;
  if (databaseUrl !== null) {
    await progress.step('PostgreSQL of DATABASE_URL', () => checkDatabase(databaseUrl), (version) => `PostgreSQL ${version} of DATABASE_URL`);
    return databaseUrl;
  }
  if (attachedTo !== null || folder === null) {
    try {
      return readFileSync(databaseUrlFile(attachedTo!), 'utf8').trim();
    } catch {
      throw new WaybillError('data-folder-taken', `Another Waybill holds ${config.dataDir} and has no database of its own running (yet): wait for it, or set DATABASE_URL.`);
    }
  }
  return await progress.step(
    'PostgreSQL',
    async () => {
      const postgres = await preparePostgres(folder);
      await supervisor.start(postgres.spec);
      writeFileSync(databaseUrlFile(folder), `${postgres.url}\n`, { mode: 0o600 });
      return postgres;
    },
    ({ version }) => `PostgreSQL ${version}`,
  ).then(({ url }) => url);
}

async function startKafka({ spec, title }: ChosenBroker, { supervisor, progress }: Stage): Promise<void> {
  if (spec === null) progress.say(`✓ ${title}`);
  else await progress.step(title, () => supervisor.start(spec));
}

// A file, because web and collectors read the same settings, and one of the user's own in this folder would win over the environment.
function writeDemoConfig(folder: DataFolder, env: NodeJS.ProcessEnv, brokers: string): string {
  const { clusters } = loadConfig(withoutFile({ ...env, KAFKA_BROKERS: brokers, KAFKA_CLUSTER_NAME: env['KAFKA_CLUSTER_NAME'] || 'demo' }), folder.dataDir);
  const file = join(folder.dataDir, 'demo.config.yaml');
  writeFileSync(file, `# Written at each start of the demo.\n${stringify({ clusters })}`, { mode: 0o600 });
  return file;
}

async function mintLink(databaseUrl: string, publicUrl: string): Promise<string> {
  const { mintSignInLink } = await import('#lib/operations/mint-sign-in-link.ts');
  return await withStore(databaseUrl, (store) => mintSignInLink(store, { publicUrl, now: new Date() }));
}

async function checkSecrets(databaseUrl: string, secretKey: string): Promise<void> {
  const [{ checkSecretKeys }, { parseSecretKeys }] = await Promise.all([import('#lib/operations/check-secret-keys.ts'), import('#lib/access/load-secret-keys.ts')]);
  await withStore(databaseUrl, (store) => checkSecretKeys(store, parseSecretKeys(secretKey)));
}

async function withStore<Result>(databaseUrl: string, work: (store: Store) => Promise<Result>): Promise<Result> {
  // Loaded late, like what works with it: on a bare clone the database client that these import is generated by the steps before.
  const { openStore } = await import('#lib/store/store.ts');
  const store = openStore(databaseUrl, { poolSize: 2, applicationName: 'waybill-launcher' });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Where `npm run web` and `npm run collect` beside a running Waybill find its database. */
function databaseUrlFile(paths: DataPaths): string {
  return join(paths.secretsDir, 'database-url');
}

function readShopPort(env: NodeJS.ProcessEnv): number {
  const text = env['SHOP_PORT'];
  const port = text ? Number(text) : 3001;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new WaybillError('config-invalid', `SHOP_PORT is "${text}": give a port number from 1 to 65535.`);
  return port;
}

function withoutFile(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { WAYBILL_CONFIG: _, ...rest } = env;
  return rest as NodeJS.ProcessEnv; // the rest type forgets that NODE_ENV is known
}

function pick(env: NodeJS.ProcessEnv, names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
