import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorText, WaybillError } from '#lib/errors.ts';
import { listClusterIds } from '#lib/operations/list-cluster-ids.ts';
import { type PreparedSpans, prepareSpans } from '#lib/operations/prepare-spans.ts';
import { SpanQueue } from '#lib/operations/span-queue.ts';
import { decodeTraces } from '#lib/otlp/decode-traces.ts';
import { encodeResponse, encodeStatus } from '#lib/otlp/encode-response.ts';
import { type Encoding, encodingOf, mediaTypes, requireEncoding } from '#lib/otlp/encoding.ts';
import { BodyBudget, readBody } from '#lib/otlp/read-body.ts';
import { OtlpRefusal } from '#lib/otlp/refusal.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';

const mostWaitingSpans = 50_000;
const mostPerCommit = 4_000;
const writers = 2;
const budgetFactor = 6;
const bodyTimeoutMs = 30_000;
const figuresEveryMs = 5_000;
const notifyEveryMs = 1_000;
/** Of a body that is refused unread, so much is still swallowed to keep the connection; beyond it the connection goes. */
const swallowBytes = 1024 * 1024;

/** What the receiver counts, by why a request was refused; shown on the collectors' status. */
interface Refusals {
  [status: string]: number;
}

export interface TracesReceiver {
  /** Where it listens. */
  port: number;
  queue: SpanQueue;
  refusals: Refusals;
  close(): Promise<void>;
}

/**
 * OTLP/HTTP receiver for traces (OpenTelemetry protocol 1.x): its own HTTP server, so that limits and backpressure are its
 * own. It answers after the commit. Resolves after the context's signal aborts, when what it had taken is answered.
 * @throws WaybillError `port-in-use` where another process listens on OTLP_PORT
 */
export async function runTracesCollector(context: CollectorContext): Promise<void> {
  const receiver = await openTracesReceiver(context);
  context.log.info({ port: receiver.port, path: context.config.otlpPath }, 'traces are received');
  try {
    await runEvery({ name: 'traces', everyMs: figuresEveryMs, context }, async () => ({
      ...receiver.queue.counts, waiting: receiver.queue.waiting, refusals: { ...receiver.refusals }, port: receiver.port,
    }));
  } finally {
    await receiver.close();
  }
}

/** Opens the receiver on `config.otlpPort` (0 picks a free one). @throws WaybillError `port-in-use` */
export async function openTracesReceiver(context: CollectorContext): Promise<TracesReceiver> {
  const { store, config, clock, log } = context;
  const refusals: Refusals = {};
  let lastFailureMs = Number.NEGATIVE_INFINITY;
  const tell = tellAtMost(notifyEveryMs, () => void store.notify('journeys', {}).catch(() => undefined));
  const queue = new SpanQueue({
    store, clock, mostWaiting: mostWaitingSpans, mostPerCommit, writers,
    onStored: tell,
    onFailure: (error) => {
      // A store that is down fails every batch: one line in ten seconds says it.
      if (performance.now() - lastFailureMs < 10_000) return;
      lastFailureMs = performance.now();
      log.warn({ err: errorText(error) }, 'spans could not be stored');
    },
  });
  const budget = new BodyBudget(Math.max(config.otlpMaxBodyBytes * budgetFactor, 64 * 1024 * 1024), 4);
  const clusters = clusterIds(context);

  const receive = async (request: IncomingMessage): Promise<{ encoding: Encoding; body: Buffer }> => {
    const encoding = requireEncoding(request.headers['content-type']);
    queue.admit();
    const known = await clusters();
    const read = await readBody(request, config.otlpMaxBodyBytes, budget);
    let prepared: PreparedSpans;
    try {
      prepared = prepareSpans(decodeTraces(read.body, encoding), { now: clock.now(), retentionDays: config.retentionDays.spans, names: config, clusters: known });
    } finally {
      read.release(); // what waits for the store is counted in spans
    }
    const { rejected, errorMessage } = await queue.store(prepared);
    return { encoding, body: encodeResponse(encoding, rejected, errorMessage) };
  };

  const server = createServer({ requestTimeout: bodyTimeoutMs, headersTimeout: 10_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 }, (request, response) => {
    const encoding = encodingOf(request.headers['content-type']) ?? 'json';
    allowOrigin(request, response, config.otlpAllowedOrigins);
    Promise.resolve()
      .then(() => {
        const path = (request.url ?? '').split('?', 1)[0];
        if (path !== config.otlpPath) throw new OtlpRefusal(404, `Traces are taken at POST ${config.otlpPath}.`);
        if (request.method === 'OPTIONS' && response.hasHeader('access-control-allow-origin')) return null;
        if (!isAllowed(request.headers.authorization, config.otlpToken)) throw new OtlpRefusal(401, 'Traces need the token of this receiver: send "Authorization: Bearer …" (OTEL_EXPORTER_OTLP_HEADERS).');
        if (request.method !== 'POST') throw new OtlpRefusal(405, `Traces are taken by POST, not ${String(request.method)}.`);
        return receive(request);
      })
      .then(
        (answer) => (answer === null ? send(request, response, 204, 'json', Buffer.alloc(0)) : send(request, response, 200, answer.encoding, answer.body)),
        (error: unknown) => {
          const refusal = error instanceof OtlpRefusal ? error : new OtlpRefusal(500, 'The receiver failed. The log says why.');
          if (!(error instanceof OtlpRefusal)) log.error({ err: error }, 'a trace request failed');
          refusals[refusal.httpStatus] = (refusals[refusal.httpStatus] ?? 0) + 1;
          if (refusal.httpStatus === 401) response.setHeader('www-authenticate', 'Bearer realm="waybill-otlp"');
          if (refusal.httpStatus === 405) response.setHeader('allow', 'POST');
          if (refusal.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(refusal.retryAfterSeconds));
          send(request, response, refusal.httpStatus, encoding, encodeStatus(encoding, refusal.code, refusal.message));
        },
      )
      .catch((error: unknown) => {
        log.error({ err: error }, 'an answer could not be sent');
        response.destroy();
      });
  });
  server.maxConnections = 1_024;
  await listen(server, config.otlpPort, config.otlpHost);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : config.otlpPort,
    queue,
    refusals,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await queue.drained();
      // Whoever still sends is cut off: nothing of an unanswered request counts as taken.
      const cut = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(cut);
    },
  };
}

/** Compared as hashes: neither length nor content of the token shows in the time it takes. */
function isAllowed(authorization: string | undefined, token: string | null): boolean {
  if (token === null) return true;
  const given = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(token).digest());
}

function send(request: IncomingMessage, response: ServerResponse, status: number, encoding: Encoding, body: Buffer): void {
  if (response.destroyed) return;
  if (!request.readableEnded) {
    // Refused before its end: read on a little so that the sender sees the answer instead of a broken pipe.
    let swallowed = 0;
    request.on('data', (chunk: Buffer) => {
      swallowed += chunk.length;
      if (swallowed > swallowBytes) request.destroy();
    });
    request.on('error', () => undefined);
    request.resume();
    response.setHeader('connection', 'close');
  }
  response.writeHead(status, { 'content-type': mediaTypes[encoding], 'content-length': body.length });
  response.end(body);
}

/** CORS is off unless origins are configured; never `*` together with credentials. */
function allowOrigin(request: IncomingMessage, response: ServerResponse, patterns: readonly string[]): void {
  const { origin } = request.headers;
  if (origin === undefined || patterns.length === 0) return;
  response.setHeader('vary', 'origin');
  if (!patterns.some((pattern) => matches(pattern, origin))) return;
  response.setHeader('access-control-allow-origin', origin);
  if (request.method === 'OPTIONS') {
    response.setHeader('access-control-allow-methods', 'POST');
    response.setHeader('access-control-allow-headers', 'authorization, content-type, content-encoding');
    response.setHeader('access-control-max-age', '7200');
  }
}

/** `*` in a pattern stands for any text. Split, not a regular expression: the pattern is a user's. */
function matches(pattern: string, origin: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === origin;
  let at = parts[0]!.length;
  if (!origin.startsWith(parts[0]!)) return false;
  for (const part of parts.slice(1, -1)) {
    const found = origin.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const last = parts.at(-1)!;
  return origin.length - last.length >= at && origin.endsWith(last);
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new WaybillError('port-in-use', `Port ${port} on ${host} is in use, so no traces can be received. Set OTLP_PORT to a free one.`, { cause: error }) : error);
    });
    server.listen(port, host, resolve);
  });
}

/** Waybill's row ids by Kafka's cluster id; a store that is down leaves the last known ones. */
function clusterIds(context: CollectorContext): () => Promise<ReadonlyMap<string, number>> {
  let known: ReadonlyMap<string, number> = new Map();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  return async () => {
    if (performance.now() - readAtMs > 30_000 && reading === null) {
      reading = listClusterIds(context.store)
        .then((found) => void (known = found), () => undefined)
        .finally(() => {
          readAtMs = performance.now();
          reading = null;
        });
      // The first request waits for it; later ones use what is known meanwhile.
      if (known.size === 0) await reading;
    }
    return known;
  };
}

/** Calls `tell` at once, then at most once in `everyMs`, and never loses the last call. */
function tellAtMost(everyMs: number, tell: () => void): () => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  return () => {
    if (timer !== null) return;
    const wait = lastMs + everyMs - performance.now();
    const now = () => {
      timer = null;
      lastMs = performance.now();
      tell();
    };
    if (wait <= 0) now();
    else timer = setTimeout(now, wait).unref();
  };
}
