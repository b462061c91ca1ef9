// Runs the shop: the payment provider and the control page in this process, the five services as child processes.
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { startControl, type Control, type ServiceState } from './control.ts';
import { createKafka } from './kafka-client.ts';
import { startProvider, type Provider } from './provider.ts';
import { seededRandom } from './random.ts';
import type { FromService, ToService } from './service.ts';
import { readSettings, type Settings } from './settings.ts';
import { createTopics } from './topics.ts';

const SERVICES = ['cart', 'order', 'payment', 'inventory', 'notification'] as const;
const KILL_AFTER_MS = 4_300;
const CHECK_OUT_TIMEOUT_MS = 5_000;
const MAX_CHECK_OUTS_WAITING = 100;

interface Child {
  state: ServiceState;
  process: ChildProcess | null;
  ended: Promise<void>;
}

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.abort());
// Started by another program over IPC, the shop ends with it.
process.on('disconnect', () => ending.abort());

await runShop(ending.signal).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`shop: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);

async function runShop(signal: AbortSignal): Promise<void> {
  const settings = readSettings(process.env);
  const provider = await startProvider(seededRandom(`${settings.seed}/provider`), settings.accidents);
  const children = new Map<string, Child>();
  const checkOuts = new Map<string, (placed: { correlationId: string; cartId: string }) => void>();
  const control = await startControl({
    settings,
    services: () => SERVICES.map((name) => children.get(name)?.state ?? newState(name)),
    onFaults: async (on) => {
      for (const child of children.values()) post(child.process, { kind: 'faults', on });
      await provider.setOn(!on.includes('provider-outage'));
    },
    checkOut: () =>
      new Promise((resolve, reject) => {
        const cart = children.get('cart');
        if (cart?.state.state !== 'running') return reject(new Error('cart is not running yet; try again in a moment'));
        if (checkOuts.size >= MAX_CHECK_OUTS_WAITING) return reject(new Error('too many orders at once'));
        const requestId = randomUUID();
        const timer = setTimeout(() => {
          checkOuts.delete(requestId);
          reject(new Error('cart did not answer in time; is Kafka there?'));
        }, CHECK_OUT_TIMEOUT_MS);
        checkOuts.set(requestId, (placed) => {
          clearTimeout(timer);
          checkOuts.delete(requestId);
          resolve(placed);
        });
        post(cart.process, { kind: 'check-out', requestId });
      }),
  }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new Error(`port ${settings.port} is in use: stop what uses it or set SHOP_PORT`);
    throw error;
  });
  process.stdout.write(`shop: control on ${control.url}\n`);

  await waitForTopics(settings, signal);
  for (const name of SERVICES) children.set(name, supervise({ name, settings, provider, control, signal, onCheckedOut: (id, placed) => checkOuts.get(id)?.(placed) }));
  if (!signal.aborted) {
    await allReady(children, signal);
    if (!signal.aborted) process.stdout.write('shop: open\n');
  }

  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
  await Promise.all([control.close(), provider.close(), ...[...children.values()].map((child) => child.ended)]);
}

// Kafka may come later than the shop, as after a restart of the machine: the shop waits for it and says so once.
async function waitForTopics(settings: Settings, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const admin = createKafka({ brokers: settings.brokers, clientId: 'shop' }).admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      return await createTopics(admin, settings.topicPrefix);
    } catch (error) {
      if (attempt % 30 === 1) process.stderr.write(`shop: waiting for Kafka at ${settings.brokers.join(', ')}: ${String(error)}\n`);
      await delay(1_000, undefined, { signal }).catch(() => undefined);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}

interface SuperviseOptions {
  name: (typeof SERVICES)[number];
  settings: Settings;
  provider: Provider;
  control: Control;
  signal: AbortSignal;
  onCheckedOut: (requestId: string, placed: { correlationId: string; cartId: string }) => void;
}

function supervise({ name, settings, provider, control, signal, onCheckedOut }: SuperviseOptions): Child {
  const child: Child = { state: newState(name), process: null, ended: Promise.resolve() };
  // Figures go on over a restart, so that the page never counts backwards.
  let before = { ...child.state };

  const runOnce = (): Promise<void> =>
    new Promise((resolve) => {
      const running = fork(new URL(`services/${name}.ts`, import.meta.url), [], {
        // kafkajs computes a negative wait now and then; Node would print a warning for each process.
        execArgv: ['--disable-warning=TimeoutNegativeWarning'],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, SHOP_SEED: settings.seed, SHOP_PROVIDER_URL: provider.url, OTEL_EXPORTER_OTLP_ENDPOINT: settings.otlpEndpoint, KAFKAJS_NO_PARTITIONER_WARNING: '1' },
      });
      child.process = running;
      let killing: NodeJS.Timeout | undefined;
      const stop = (): void => {
        running.kill('SIGTERM');
        killing = setTimeout(() => running.kill('SIGKILL'), KILL_AFTER_MS);
      };
      const done = (): void => {
        clearTimeout(killing);
        signal.removeEventListener('abort', stop);
        child.process = null;
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
      running.on('message', (message: FromService) => {
        if (message.kind === 'ready') {
          child.state.state = 'running';
          post(running, { kind: 'faults', on: control.on() });
        } else if (message.kind === 'checked-out') onCheckedOut(message.requestId, message);
        else for (const figure of ['processed', 'sent', 'failedAttempts', 'deadLettered', 'deferred'] as const) child.state[figure] = before[figure] + message[figure];
      });
      running.on('error', done);
      running.on('exit', done);
      post(running, { kind: 'faults', on: control.on() });
    });

  child.ended = (async () => {
    for (let waitMs = 1_000; !signal.aborted; waitMs = Math.min(waitMs * 2, 30_000)) {
      const startedAt = Date.now();
      await runOnce();
      if (signal.aborted) return;
      if (Date.now() - startedAt > 60_000) waitMs = 1_000;
      child.state.state = 'restarting';
      child.state.restarts += 1;
      before = { ...child.state };
      process.stderr.write(`shop: ${name} ended, starting it again in ${waitMs / 1_000} s\n`);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  })();
  return child;
}

async function allReady(children: Map<string, Child>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && ![...children.values()].every((child) => child.state.state === 'running')) await delay(50, undefined, { signal }).catch(() => undefined);
}

function newState(name: string): ServiceState {
  return { name, state: 'starting', restarts: 0, processed: 0, sent: 0, failedAttempts: 0, deadLettered: 0, deferred: 0 };
}

function post(child: ChildProcess | null, message: ToService): void {
  if (child?.connected) child.send(message, () => undefined);
}
