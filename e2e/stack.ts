import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mintSignInLink } from '#lib/operations/mint-sign-in-link.ts';
import { openStore, type Store } from '#lib/store/store.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { testDatabase } from '#test/harness/database.ts';

export interface StackOptions {
  /** Without it the cluster carries only what a test puts there. */
  shop?: boolean;
  env?: Record<string, string>;
}

/** The product as a person meets it: the built web, the collectors and the shop, on a database, topics and ports of their own. */
export interface Stack {
  url: string;
  otlpUrl: string;
  /** Where faults are switched; null without the shop. */
  shopUrl: string | null;
  /** In front of every topic and group of this stack's shop. */
  prefix: string;
  store: Store;
  /** A fresh single-use sign-in link. */
  signInLink(role?: 'viewer' | 'operator' | 'administrator'): Promise<string>;
  /** The last lines that each process printed, for a failure's message. */
  output(): string;
  stop(): Promise<void>;
}

const PROJECT = join(import.meta.dirname, '..');
const READY_MS = 90_000;
const STOP_MS = 8_000;
const KEPT_LINES = 60;

interface Running {
  name: string;
  process: ChildProcess;
  lines: string[];
}

/**
 * Starts the whole stack and resolves once each part serves. The web must be built before (`npm run build`).
 * @throws Error with the last output of the part that did not come up; everything is stopped then
 */
export async function startStack({ shop = true, env = {} }: StackOptions = {}): Promise<Stack> {
  if (!existsSync(join(PROJECT, '.next', 'BUILD_ID'))) throw new Error('The web is not built: run `npm run build` first, or `npm test`, which does.');
  const endings: (() => unknown)[] = [];
  const running: Running[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(endProcess));
    // In reverse: the store is closed before its database is dropped.
    for (const ending of endings.splice(0).reverse()) await ending();
  };
  const output = (): string => running.map(({ name, lines }) => `--- ${name}\n${lines.join('\n')}`).join('\n');
  try {
    const databaseUrl = await testDatabase({ after: (hook) => void endings.push(hook as () => unknown) });
    const store = openStore(databaseUrl, { poolSize: 4, applicationName: 'waybill-e2e' });
    endings.push(() => store.close());
    const dataDir = mkdtempSync(join(tmpdir(), 'waybill-e2e-'));
    endings.push(() => rmSync(dataDir, { recursive: true, force: true }));

    const [webPort, otlpPort] = [await freePort(), await freePort()];
    const prefix = `e2e-${randomUUID().slice(0, 8)}.`;
    const url = `http://localhost:${webPort}`;
    const settings: Record<string, string> = {
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: testBrokers().join(','),
      WAYBILL_CONFIG: '',
      WAYBILL_DATA_DIR: dataDir,
      WAYBILL_SECRET_KEY: randomBytes(32).toString('base64'),
      PORT: String(webPort),
      OTLP_PORT: String(otlpPort),
      WAYBILL_PUBLIC_URL: url,
      // Other tests share the broker: their dead letters are none of ours.
      WAYBILL_DLQ_TOPICS: `${prefix}*.dlq,${prefix}*.DLT`,
      WAYBILL_RETRY_TOPICS: `${prefix}*.retry`,
      WAYBILL_DISCOVER: 'off',
      WAYBILL_HYGIENE_TOPICS: `${prefix}*`,
      WAYBILL_HYGIENE_EVERY_SECONDS: '5',
      WAYBILL_OFFSETS_INTERVAL_SECONDS: '2',
      WAYBILL_ALERT_GROUP_WAIT_SECONDS: '1',
      WAYBILL_ALERT_GROUP_INTERVAL_SECONDS: '2',
      WAYBILL_WEBHOOK_ALLOW: '127.0.0.0/8,::1/128',
      LOG_LEVEL: 'warn',
      ...env,
    };
    if (settings['WAYBILL_CONFIG'] === '') delete settings['WAYBILL_CONFIG'];
    running.push(startProcess('collectors', ['collectors/main.ts'], settings));
    running.push(startProcess('web', ['--import', './launcher/end-with-parent.mjs', 'node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', String(webPort)], { ...settings, NEXT_TELEMETRY_DISABLED: '1' }));
    const otlpUrl = `http://127.0.0.1:${otlpPort}`;
    if (shop) {
      running.push(
        startProcess('shop', ['demo/shop/main.ts'], {
          KAFKA_BROKERS: testBrokers().join(','),
          OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
          WAYBILL_PUBLIC_URL: url,
          SHOP_PORT: '0',
          SHOP_SEED: 'e2e',
          SHOP_ACCIDENTS: 'off',
          SHOP_RETRY_BACKOFF_MS: '1000,2000',
          SHOP_TOPIC_PREFIX: prefix,
          SHOP_GROUP_PREFIX: prefix,
          ...env,
        }),
      );
    }
    const [shopUrl] = await Promise.all([shop ? awaitShop(running[2]!) : null, awaitHttp(otlpUrl, running[0]!), awaitHttp(`http://127.0.0.1:${webPort}/api/health`, running[1]!)]);
    return { url, otlpUrl, shopUrl, prefix, store, output, stop, signInLink: (role = 'administrator') => mintSignInLink(store, { publicUrl: url, now: new Date(), role }) };
  } catch (error) {
    const printed = output();
    await stop();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${printed}`, { cause: error });
  }
}

function startProcess(name: string, args: string[], env: Record<string, string>): Running {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { cwd: PROJECT, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.trimEnd().split('\n'));
      lines.splice(0, Math.max(0, lines.length - KEPT_LINES));
    });
  }
  child.on('error', (error) => lines.push(error.message));
  return { name, process: child, lines };
}

async function endProcess({ process: child }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

async function awaitUntil(part: Running, look: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await look())) {
    if (part.process.exitCode !== null) throw new Error(`${part.name} ended with ${part.process.exitCode}`);
    if (Date.now() > deadline) throw new Error(`${part.name} did not serve within ${READY_MS / 1_000} s`);
    await delay(100);
  }
}

// Any answer counts, also one that refuses: the port is served.
async function awaitHttp(url: string, part: Running): Promise<void> {
  await awaitUntil(part, () => fetch(url, { signal: AbortSignal.timeout(5_000) }).then(() => true, () => false));
}

async function awaitShop(part: Running): Promise<string> {
  await awaitUntil(part, () => Promise.resolve(part.lines.includes('shop: open')));
  return /control on (http:\S+)/.exec(part.lines.join('\n'))![1]!;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
