import { join } from 'node:path';
import type { Config } from '#lib/config.ts';
import { PROJECT_DIR } from '#lib/paths.ts';
import { awaitHttp, awaitPort, reachableHost, urlHost } from './probe.ts';
import type { ChildSpec } from './supervisor.ts';

const QUIET = '--disable-warning=ExperimentalWarning';

/** The environment of a child: ours without what npm put into it. */
export function childEnv(extra: Record<string, string>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...extra };
  for (const name of Object.keys(env)) if (/^npm_/i.test(name) || name === 'WAYBILL_HANDED_OVER') delete env[name];
  return env;
}

/** The web process: Next.js's own server on the built app. */
export function webChild(config: Config, env: Record<string, string>): ChildSpec {
  return {
    name: 'web',
    command: process.execPath,
    args: [QUIET, '--import', join(PROJECT_DIR, 'launcher', 'end-with-parent.mjs'), join(PROJECT_DIR, 'node_modules', 'next', 'dist', 'bin', 'next'), 'start', '-H', config.host, '-p', String(config.port)],
    env: childEnv({ ...env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }),
    cwd: PROJECT_DIR,
    channel: true,
    ready: (signal) => awaitHttp(`http://${urlHost(config.host)}:${config.port}/api/health`, signal),
    readyMs: 60_000,
    stopSignal: 'SIGTERM',
    lastSignal: 'SIGKILL',
    stopMs: 2_500,
  };
}

/** Young objects of a cycle over 50,000 partitions would grow this space to 48 MB, and what they leave behind to as much again (bench/lag.ts). */
export const COLLECTORS_HEAP = '--max-semi-space-size=8';

/**
 * For glibc, of the image and of most Linux servers; others ignore these. Answers of brokers of some MB go back to the system once they are read, and
 * threads share two pools instead of having eight a core: 25 MB less at 50,000 partitions (bench/lag.ts).
 */
export const COLLECTORS_MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/** The collectors: all, or those named. They serve once the OTLP receiver listens, where it is among them. */
export function collectorsChild(config: Config, env: Record<string, string>, only: readonly string[] | null): ChildSpec {
  const receives = only === null || only.includes('traces');
  return {
    name: 'collectors',
    command: process.execPath,
    args: [QUIET, COLLECTORS_HEAP, join(PROJECT_DIR, 'collectors', 'main.ts'), ...(only === null ? [] : ['--only', only.join(',')])],
    env: { ...COLLECTORS_MALLOC, ...childEnv({ ...env, NODE_ENV: 'production' }) },
    cwd: PROJECT_DIR,
    channel: true,
    ready: (signal) => (receives ? awaitPort(reachableHost(config.otlpHost), config.otlpPort, signal) : Promise.resolve()),
    readyMs: 60_000,
    stopSignal: 'SIGTERM',
    lastSignal: 'SIGKILL',
    stopMs: 4_000,
  };
}

/** The demo's shop: five services, their payment provider and its page. */
export function shopChild(config: Config, brokers: string, shopPort: number): ChildSpec {
  const otlp = `http://${urlHost(config.otlpHost)}:${config.otlpPort}`;
  return {
    name: 'shop',
    command: process.execPath,
    args: [QUIET, join(PROJECT_DIR, 'demo', 'shop', 'main.ts')],
    env: childEnv({ KAFKA_BROKERS: brokers, OTEL_EXPORTER_OTLP_ENDPOINT: otlp, SHOP_PORT: String(shopPort), WAYBILL_PUBLIC_URL: config.publicUrl }),
    cwd: PROJECT_DIR,
    channel: true,
    ready: (signal) => awaitPort('127.0.0.1', shopPort, signal),
    readyMs: 60_000,
    stopSignal: 'SIGTERM',
    lastSignal: 'SIGKILL',
    stopMs: 4_500,
  };
}
