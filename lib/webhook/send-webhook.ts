// One request of one attempt: guarded, bounded, never redirected. Does not throw for what a receiver does.

import { request as httpRequest, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { checkTargetUrl, refuseAddress, resolveTarget, systemResolver, TargetRefused, type Resolver, type TargetPolicy } from './guard-target.ts';

export const ATTEMPT_TIMEOUT_MS = 15_000;
export const KEPT_ANSWER_BYTES = 20_000;
const KEPT_HEADER_BYTES = 8_192;
/** Beyond this the rest of an answer is not worth reading: the socket is closed. */
const READ_ANSWER_BYTES = 64 * 1_024;

export interface WebhookRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface WebhookOptions {
  policy: TargetPolicy;
  /** Ends the attempt early (a drain that ran out of patience). */
  signal: AbortSignal;
  timeoutMs?: number;
  resolver?: Resolver;
}

/** What an attempt came to. `sentence` says what a person reads. */
export type WebhookOutcome =
  | { kind: 'answered'; statusCode: number; headers: Record<string, string>; body: string; bodyTruncated: boolean; latencyMs: number }
  | { kind: 'refused'; code: string; sentence: string; latencyMs: number }
  | { kind: 'failed'; code: string; sentence: string; latencyMs: number };

/** Sends one POST. The body is sent as given: it is what was signed. */
export async function sendWebhook(input: WebhookRequest, options: WebhookOptions): Promise<WebhookOutcome> {
  const started = performance.now();
  const latency = (): number => Math.round(performance.now() - started);
  const timeoutMs = options.timeoutMs ?? ATTEMPT_TIMEOUT_MS;
  // One deadline over resolving, connecting, sending and reading: a receiver that drips bytes gains nothing.
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([deadline, options.signal]);
  try {
    const url = checkTargetUrl(input.url, options.policy);
    const answer = await exchange(url, input, options, signal);
    return { kind: 'answered', ...answer, latencyMs: latency() };
  } catch (error) {
    if (error instanceof TargetRefused) return { kind: 'refused', code: error.refusal.code, sentence: error.refusal.sentence, latencyMs: latency() };
    if (options.signal.aborted) return { kind: 'failed', code: 'stopped', sentence: 'Waybill stopped before the answer came.', latencyMs: latency() };
    if (deadline.aborted) return { kind: 'failed', code: 'timeout', sentence: `No complete answer within ${timeoutMs / 1_000} s.`, latencyMs: latency() };
    const code = errorCode(error);
    return { kind: 'failed', code, sentence: sayNetworkError(code, error), latencyMs: latency() };
  }
}

async function exchange(
  url: URL,
  input: WebhookRequest,
  options: WebhookOptions,
  signal: AbortSignal,
): Promise<{ statusCode: number; headers: Record<string, string>; body: string; bodyTruncated: boolean }> {
  const secure = url.protocol === 'https:';
  const body = Buffer.from(input.body, 'utf8');
  // An agent of our own per attempt: no connection is kept, so each attempt resolves and checks anew, and the global
  // agent's proxy settings (NODE_USE_ENV_PROXY) do not apply.
  const agent = secure ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });
  try {
    return await new Promise((resolve, reject) => {
      const send = secure ? httpsRequest : httpRequest;
      const request = send(url, {
        method: 'POST',
        agent,
        signal,
        lookup: pinnedLookup(secure, options.policy, options.resolver ?? systemResolver),
        maxHeaderSize: KEPT_HEADER_BYTES * 2,
        headers: { ...input.headers, 'content-length': body.byteLength.toString() },
      });
      request.on('error', reject);
      request.on('socket', (socket) => {
        socket.on('connect', () => {
          // Belt and braces: whatever dialled, the peer must be one that may be dialled.
          const refusal = socket.remoteAddress === undefined ? null : refuseAddress(socket.remoteAddress, secure, options.policy);
          if (refusal !== null) request.destroy(new TargetRefused(refusal));
        });
      });
      request.on('response', (response) => {
        readAnswer(response).then(resolve, reject);
      });
      request.end(body);
    });
  } finally {
    agent.destroy();
  }
}

/** A look-up that gives the socket only checked addresses; the socket dials what it is given, so they are pinned. */
function pinnedLookup(secure: boolean, policy: TargetPolicy, resolver: Resolver): LookupFunction {
  return (hostname, options, callback) => {
    resolveTarget(hostname, secure, policy, resolver).then(
      (addresses) => {
        const first = addresses[0];
        if (options.all === true) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family ?? isIP(first?.address ?? ''));
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error(String(error)), '', 0);
      },
    );
  };
}

async function readAnswer(response: IncomingMessage): Promise<{ statusCode: number; headers: Record<string, string>; body: string; bodyTruncated: boolean }> {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let readBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    readBytes += chunk.byteLength;
    if (keptBytes < KEPT_ANSWER_BYTES) {
      const part = chunk.subarray(0, KEPT_ANSWER_BYTES - keptBytes);
      kept.push(part);
      keptBytes += part.byteLength;
    }
    if (readBytes > READ_ANSWER_BYTES) break; // leaving the loop destroys the stream and with it the socket
  }
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  let headerBytes = 0;
  for (const [name, value] of Object.entries(response.headers)) {
    // Cookies and the like are the receiver's secrets, not ours to show.
    if (value === undefined || name === 'set-cookie') continue;
    const text = Array.isArray(value) ? value.join(', ') : value;
    headerBytes += name.length + text.length;
    if (headerBytes > KEPT_HEADER_BYTES) break;
    headers[name] = text;
  }
  return {
    statusCode: response.statusCode ?? 0,
    headers,
    // PostgreSQL's text can not hold a zero character.
    body: Buffer.concat(kept).toString('utf8').replaceAll('\u0000', '\uFFFD'),
    bodyTruncated: readBytes > keptBytes,
  };
}

function errorCode(error: unknown): string {
  if (error instanceof AggregateError) {
    const first: unknown = error.errors[0];
    if (first !== undefined) return errorCode(first);
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'failed';
}

function sayNetworkError(code: string, error: unknown): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'The receiver refused the connection.';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'The receiver closed the connection before it answered.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The name of the receiver does not resolve.';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'The receiver can not be reached from here.';
    case 'CERT_HAS_EXPIRED':
      return 'The certificate of the receiver has expired.';
    default:
      return error instanceof Error ? error.message.slice(0, 300) : 'The request failed.';
  }
}
