import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { WaybillError } from '#lib/errors.ts';
import type { PreparedSpans } from '#lib/operations/prepare-spans.ts';
import type { SpanQueue } from '#lib/operations/span-queue.ts';
import { encodeResponse, encodeStatus } from '#lib/otlp/encode-response.ts';
import { type Encoding, encodingOf, mediaTypes, requireEncoding } from '#lib/otlp/encoding.ts';
import { readBody } from '#lib/otlp/read-body.ts';
import { OtlpRefusal } from '#lib/otlp/refusal.ts';
import { maySend, type RequestsBySource, TOKEN_NEEDED } from './allow-sender.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';
import { openTraceIntake } from './trace-intake.ts';

const bodyTimeoutMs = 30_000;
const figuresEveryMs = 5_000;
/** Of a body that is refused unread, so much is still swallowed to keep the connection; beyond it the connection goes. */
const swallowBytes = 1024 * 1024;

/** What the receiver counts, by why a request was refused; shown on the collectors' status. */
interface Refusals {
  [status: string]: number;
}

export interface TracesReceiver {
  /** Where it listens. */
  port: number;
  /** null: not for gRPC. */
  grpcPort: number | null;
  queue: SpanQueue;
  refusals: Refusals;
  sources: RequestsBySource;
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
      ...receiver.queue.counts, waiting: receiver.queue.waiting, storeFailure: receiver.queue.storeFailure, refusals: { ...receiver.refusals }, sources: { ...receiver.sources }, port: receiver.port, grpcPort: receiver.grpcPort,
    }));
  } finally {
    await receiver.close();
  }
}

/** Opens the receiver on `config.otlpPort` (0 picks a free one). @throws WaybillError `port-in-use` */
export async function openTracesReceiver(context: CollectorContext): Promise<TracesReceiver> {
  const { config, log } = context;
  const refusals: Refusals = {};
  const sources = Object.create(null) as RequestsBySource;
  const intake = openTraceIntake(context, 'OTLP');
  const { queue, prepare, budget } = intake;

  const receive = async (request: IncomingMessage): Promise<{ encoding: Encoding; body: Buffer }> => {
    const encoding = requireEncoding(request.headers['content-type']);
    queue.admit();
    const read = await readBody(request, config.otlpMaxBodyBytes, budget);
    let prepared: PreparedSpans;
    try {
      prepared = await prepare(read.body, encoding);
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
        if (!maySend(request.headers.authorization, config, sources)) throw new OtlpRefusal(401, TOKEN_NEEDED);
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
  // Loaded only where it is asked for.
  const grpc = config.otlpGrpcPort === null ? null : await (await import('./traces-grpc.ts')).openGrpcReceiver(context, intake, refusals, sources).catch(async (error: unknown) => {
    server.close();
    throw error;
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : config.otlpPort,
    grpcPort: grpc?.port ?? null,
    queue,
    refusals,
    sources,
    async close() {
      const grpcClosed = grpc?.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await queue.drained();
      // Whoever still sends is cut off: nothing of an unanswered request counts as taken.
      const cut = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(cut);
      await grpcClosed;
    },
  };
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
