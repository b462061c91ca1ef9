import { randomUUID } from 'node:crypto';
import { WaybillError } from '#lib/errors.ts';
import { addRequest } from '#lib/store/requests/add-request.ts';
import { cancelRequest } from '#lib/store/requests/cancel-request.ts';
import { readAnswer } from '#lib/store/requests/read-answer.ts';
import type { Store } from '#lib/store/store.ts';

export interface BrokerQuestion {
  clusterId: number;
  /** A key of `requestKinds` in lib/operations/broker/request-kinds.ts. */
  kind: string;
  params: Record<string, unknown>;
  /** Name of who asks, for the row. */
  principal: string;
  /** Default 15,000; at most 120,000. */
  timeoutMs?: number;
  /** How often to look although nothing was heard; default 500. */
  pollMs?: number;
  /** Aborting cancels the request (the person left). */
  signal?: AbortSignal;
  /** An id (UUID) of the asker's own: asked again, it is the same request with the same answer. Leaving does not cancel it. */
  once?: string;
}

const MAX_TIMEOUT_MS = 120_000;
/** Notifications are what normally wakes; this is for one that got lost. */
const POLL_MS = 500;

/**
 * Asks a broker through the collectors: stores a request, waits for its end, returns the parts of the answer in order.
 * The web process itself never talks to a broker.
 * @throws WaybillError `idempotency-key-reused` 409 where `once` was another question, `broker-request-timeout` 504 where no collector answered in time, `cancelled` 499, or what the collector reported
 */
export async function askBroker(store: Store, question: BrokerQuestion): Promise<unknown[]> {
  const chunks: unknown[] = [];
  for await (const chunk of followBroker(store, question)) chunks.push(chunk);
  return chunks;
}

/** Like askBroker, part by part as they arrive. Leaving the loop early cancels the request. */
export async function* followBroker(store: Store, question: BrokerQuestion): AsyncGenerator<unknown> {
  const id = question.once ?? randomUUID();
  const timeoutMs = Math.min(question.timeoutMs ?? 15_000, MAX_TIMEOUT_MS);
  const deadline = performance.now() + timeoutMs;
  const bell = listenFor(store, id);
  let number = 0;
  let ended = false;
  try {
    const added = await addRequest(store, { id, clusterId: question.clusterId, kind: question.kind, params: question.params, principal: question.principal, timeoutMs });
    if (!added) throw new WaybillError('idempotency-key-reused', 'This Idempotency-Key was used with another body. Use a new key for another change.', { status: 409 });
    for (;;) {
      if (question.signal?.aborted) throw new WaybillError('cancelled', 'The request was cancelled.', { status: 499, retryable: true });
      const answer = await readAnswer(store, id, number);
      for (const chunk of answer?.chunks ?? []) {
        number++;
        yield chunk;
      }
      if (answer?.state === 'done') {
        ended = true;
        return;
      }
      if (answer?.state === 'failed') {
        ended = true;
        const error = answer.error ?? { code: 'broker-request-failed', message: 'The request failed.', retryable: true };
        throw new WaybillError(error.code, error.message, { status: error.status ?? 502, retryable: error.retryable });
      }
      if (answer === null || answer.state === 'cancelled') {
        ended = true;
        throw new WaybillError('cancelled', 'The request was cancelled.', { status: 499, retryable: true });
      }
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) {
        const text = answer.state === 'waiting' ? 'No collector took the request: check that a collector runs for this cluster.' : 'The broker did not answer in time.';
        throw new WaybillError('broker-request-timeout', text, { status: 504, retryable: true });
      }
      await bell.wait(Math.min(question.pollMs ?? POLL_MS, leftMs), question.signal);
    }
  } finally {
    bell.stop();
    if (!ended && question.once === undefined) await cancelRequest(store, id).catch(() => undefined);
  }
}

// One LISTEN connection a store, open only while somebody waits.
interface Ear {
  /** By request: several askers may wait for the same one. */
  waiting: Map<string, Set<() => void>>;
  stop: AbortController;
}
const ears = new WeakMap<Store, Ear>();

function listenFor(store: Store, id: string): { wait(ms: number, signal?: AbortSignal): Promise<void>; stop(): void } {
  let ear = ears.get(store);
  if (!ear) {
    ear = { waiting: new Map(), stop: new AbortController() };
    ears.set(store, ear);
    const { waiting, stop } = ear;
    void store.listen((event) => {
      if (event.kind === 'broker-answer') for (const ring of waiting.get(String(event.payload['id'])) ?? []) ring();
      // What was said before this connection could hear it was missed: look again.
      if (event.kind === 'listening' || event.kind === 'reconnected') for (const rings of waiting.values()) for (const ring of rings) ring();
    }, stop.signal);
  }
  const { waiting, stop } = ear;
  // A bell that rang while nobody waited must not be lost.
  let rung = false;
  let wake: (() => void) | null = null;
  const ring = () => {
    rung = true;
    wake?.();
  };
  const rings = waiting.get(id) ?? new Set();
  waiting.set(id, rings.add(ring));
  return {
    wait: (ms, signal) =>
      new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          wake = null;
          rung = false;
          resolve();
        };
        const timer = setTimeout(done, ms);
        wake = done;
        signal?.addEventListener('abort', done, { once: true });
        if (rung || signal?.aborted) done();
      }),
    stop: () => {
      rings.delete(ring);
      if (rings.size === 0) waiting.delete(id);
      if (waiting.size > 0) return;
      ears.delete(store);
      stop.abort();
    },
  };
}
