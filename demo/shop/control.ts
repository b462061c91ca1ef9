import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FAULT_NAMES, FAULTS, isFaultName, type FaultName } from './faults.ts';
import { renderPage } from './page.ts';
import type { Settings } from './settings.ts';

export interface ServiceState {
  name: string;
  state: 'starting' | 'running' | 'restarting';
  restarts: number;
  processed: number;
  sent: number;
  failedAttempts: number;
  deadLettered: number;
  deferred: number;
}

export interface ControlParts {
  settings: Settings;
  services(): ServiceState[];
  /** Told after each switch. */
  onFaults(on: FaultName[]): void | Promise<void>;
  /** Has one cart checked out now. */
  checkOut(): Promise<{ correlationId: string; cartId: string }>;
}

export interface Control {
  url: string;
  on(): FaultName[];
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1_024;

/**
 * Serves the shop's page and its JSON API, and holds which faults are on.
 * `GET /api/faults`, `PUT /api/faults/{name}` with `{"on": true}`, `POST /api/checkouts`, `GET /api/status`, `GET /api/health`.
 * @throws Error with the code EADDRINUSE where the port is taken
 */
export async function startControl(parts: ControlParts): Promise<Control> {
  const since = new Map<FaultName, Date>();
  const on = (): FaultName[] => FAULT_NAMES.filter((name) => since.has(name));
  const faults = () => FAULT_NAMES.map((name) => ({ name, on: since.has(name), since: since.get(name)?.toISOString() ?? null, what: FAULTS[name].what, look: FAULTS[name].look }));

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://shop');
    const refusal = refuse(request, parts.settings.host);
    if (refusal !== null) return json(response, 403, { error: refusal });
    if (pathname === '/' && request.method === 'GET') {
      const nonce = randomBytes(16).toString('base64');
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      response.end(renderPage({ nonce, faults: faults(), services: parts.services(), waybillUrl: parts.settings.waybillUrl }));
      return;
    }
    if (pathname === '/api/faults' && request.method === 'GET') return json(response, 200, { faults: faults() });
    if (pathname === '/api/status' && request.method === 'GET') return json(response, 200, { services: parts.services(), on: on() });
    if (pathname === '/api/health' && request.method === 'GET') {
      const ready = parts.services().every((service) => service.state === 'running');
      return json(response, ready ? 200 : 503, { ready });
    }
    if (pathname === '/api/checkouts' && request.method === 'POST') {
      await readJson(request);
      return json(response, 201, await parts.checkOut());
    }
    const named = /^\/api\/faults\/([a-z-]+)$/.exec(pathname)?.[1];
    if (named !== undefined && request.method === 'PUT') {
      if (!isFaultName(named)) return json(response, 404, { error: `no fault is called ${named}`, faults: FAULT_NAMES });
      const body = await readJson(request);
      if (typeof body !== 'object' || body === null || typeof (body as { on?: unknown }).on !== 'boolean') return json(response, 400, { error: 'send {"on": true} or {"on": false}' });
      if (!(body as { on: boolean }).on) since.delete(named);
      else if (!since.has(named)) since.set(named, new Date());
      await parts.onFaults(on());
      return json(response, 200, { fault: faults().find((fault) => fault.name === named) });
    }
    return json(response, 404, { error: 'nothing here; the page is at /' });
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      json(response, error instanceof BadRequest ? 400 : 503, { error: error instanceof Error ? error.message : String(error) });
    });
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.settings.port, parts.settings.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${parts.settings.host === '0.0.0.0' ? '127.0.0.1' : parts.settings.host}:${port}`,
    on,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class BadRequest extends Error {}

// Whoever can reach the port may break the shop, but a web page elsewhere must not do it through the visitor's browser:
// writes come from this origin and as JSON, and on loopback the host name must be loopback too (DNS rebinding).
function refuse(request: IncomingMessage, listenHost: string): string | null {
  const host = request.headers.host ?? '';
  const loopback = listenHost === '127.0.0.1' || listenHost === 'localhost' || listenHost === '::1';
  if (loopback && !/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)) return 'this host name is not the shop’s';
  if (request.method === 'GET' || request.method === 'HEAD') return null;
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) return 'this comes from another site';
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return 'send JSON';
  return null;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new BadRequest('the body is too long');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  } catch {
    throw new BadRequest('the body is no JSON');
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  response.end(JSON.stringify(body));
}
