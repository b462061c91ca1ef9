import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from './random.ts';

export interface Provider {
  url: string;
  /** Switched off, it refuses connections and breaks those that are open. */
  setOn(on: boolean): Promise<void>;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 4_096;

/** Starts the payment provider, another company's HTTP service as the shop sees it: with `accidents` it declines some cards and has a bad second now and then. */
export async function startProvider(random: Random, accidents: boolean): Promise<Provider> {
  // Decisions by idempotency key, so that a charge that is asked for twice is made once. Bounded: the oldest are forgotten.
  const decisions = new Map<string, { status: number; body: string }>();
  const decide = (): { status: number; body: string } => {
    if (!accidents || !random.chance(0.04)) return { status: 201, body: '{"status":"captured"}' };
    return { status: 402, body: random.pick(['insufficient funds', 'card expired', 'declined by the issuer']) };
  };

  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) request.destroy();
    });
    request.on('error', () => undefined);
    request.on('end', () => {
      const key = request.headers['idempotency-key'];
      if (request.method !== 'POST' || request.url !== '/v1/charges' || typeof key !== 'string') return void response.writeHead(404).end();
      setTimeout(() => {
        if (accidents && random.chance(0.01)) return void response.writeHead(503, { 'content-type': 'text/plain' }).end('busy, come back');
        const decision = decisions.get(key) ?? decide();
        decisions.delete(key);
        decisions.set(key, decision);
        if (decisions.size > 5_000) decisions.delete(decisions.keys().next().value!);
        response.writeHead(decision.status, { 'content-type': 'text/plain' }).end(decision.body);
      }, random.between(25, 160));
    });
  });
  server.requestTimeout = 5_000;
  server.headersTimeout = 5_000;

  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  await listen(0);
  const { port } = server.address() as AddressInfo;
  // Switching is serial: the last wish wins, and a click storm cannot listen twice.
  let switching = Promise.resolve();
  const setOn = (on: boolean): Promise<void> => {
    switching = switching.then(async () => {
      if (on !== server.listening) await (on ? listen(port) : stop());
    });
    return switching;
  };
  return { url: `http://127.0.0.1:${port}`, setOn, close: () => setOn(false) };
}
