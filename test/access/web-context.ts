import { pino } from 'pino';
import type { TestContext } from 'node:test';
import { loadConfig, type Config } from '#lib/config.ts';
import type { Clock } from '#lib/clock.ts';
import type { Store } from '#lib/store/store.ts';
import { useWeb } from '#app/web.ts';
import { registry, type Method } from '#app/api/v1/registry.ts';
import { testStore } from '#test/harness/database.ts';

export const PUBLIC_URL = 'https://waybill.example.com';

export interface WebUnderTest {
  store: Store;
  config: Config;
  /** Settable, so that nothing sleeps. */
  clock: Clock & { set(now: Date): void };
  logLines: string[];
  closing: AbortController;
  /** Calls a route handler as Next would: matched by its path in the registry. */
  call(method: Method, path: string, init?: { headers?: Record<string, string>; body?: unknown; raw?: string; params?: Record<string, string>; query?: string }): Promise<Response>;
}

/** The web process's parts on a database of its own; route handlers are called as functions. */
export async function webUnderTest(t: Pick<TestContext, 'after'>, env: Record<string, string> = {}): Promise<WebUnderTest> {
  const store = await testStore(t);
  const logLines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logLines.push(line) });
  const config = loadConfig({ NODE_ENV: 'test', WAYBILL_PUBLIC_URL: PUBLIC_URL, DATABASE_URL: store.databaseUrl, WAYBILL_ADMIN_TOKEN: 'administrator-token-of-the-test', ...env }, '/nonexistent');
  let now = new Date();
  const clock = { now: () => now, set: (next: Date) => void (now = next) };
  const closing = new AbortController();
  t.after(() => closing.abort());
  useWeb({ store, config, clock, log, closing });
  return {
    store,
    config,
    clock,
    logLines,
    closing,
    async call(method, path, init = {}) {
      const handler = registry[path]?.[method];
      if (!handler) throw new Error(`${method} ${path} is not in the registry`);
      const text = init.raw ?? (init.body === undefined ? undefined : JSON.stringify(init.body));
      const request = new Request(`${PUBLIC_URL}${path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(init.params?.[name] ?? 'x'))}${init.query ?? ''}`, {
        method,
        headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...init.headers },
        ...(text === undefined ? {} : { body: text }),
      });
      const params = Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, init.params?.[name ?? ''] ?? 'x']));
      return handler(request, { params: Promise.resolve(params) });
    },
  };
}

/** Headers of a request that comes from Waybill's own page. */
export const SAME_ORIGIN = { origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin' } as const;

/** name=value of the cookie an answer sets. */
export function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}
