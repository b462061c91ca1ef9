import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '#lib/errors.ts';
import { recordCollectorRun } from '#lib/store/collectors/record-collector-run.ts';
import { traceWork } from '#lib/trace-work.ts';
import type { CollectorContext } from './context.ts';

export interface LoopOptions {
  /** "offsets", or "offsets:<cluster>" where one runs per cluster: the row in collector_status. */
  name: string;
  everyMs: number;
  context: CollectorContext;
  /** Resolves early when there is reason to run before the time is up (a notification). */
  wake?: (signal: AbortSignal) => Promise<void>;
}

const MAX_BACKOFF_FACTOR = 6;

/**
 * Runs `work` every `everyMs`, never overlapping, until the context's signal aborts. A run that throws is logged, recorded and tried again
 * with growing pauses (at most 6 x everyMs, never over a minute unless everyMs is); it never ends the loop. What `work` returns is kept as its figures.
 */
export async function runEvery(options: LoopOptions, work: (signal: AbortSignal) => Promise<Record<string, unknown> | void>): Promise<void> {
  const { name, everyMs, context } = options;
  const { signal, log, store, clock } = context;
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = clock.now();
    const startedMs = performance.now();
    let error: unknown = null;
    let figures: Record<string, unknown> | undefined;
    try {
      figures = (await traceWork('collector.run', { 'waybill.collector': name }, () => work(signal))) ?? undefined;
      failures = 0;
    } catch (failure) {
      if (signal.aborted) break;
      error = failure;
      failures += 1;
      log.warn({ collector: name, failures, err: failure }, 'a run failed');
    }
    const durationMs = performance.now() - startedMs;
    // The store may be what failed: the status row is then as old as its last success, which is what it should say.
    await recordCollectorRun(store, { name, everyMs, holder: context.holder, startedAt, durationMs, error: error === null ? null : errorText(error), figures }).catch(() => undefined);
    const pauseMs = failures === 0 ? Math.max(0, everyMs - durationMs) : Math.min(everyMs * Math.min(2 ** (failures - 1), MAX_BACKOFF_FACTOR), Math.max(everyMs, 60_000));
    await pause(pauseMs * (0.95 + Math.random() * 0.1), signal, failures === 0 ? options.wake : undefined);
  }
}

async function pause(ms: number, signal: AbortSignal, wake?: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const settled = new AbortController();
  const either = AbortSignal.any([signal, settled.signal]);
  const waits = [delay(ms, undefined, { signal: either }), ...(wake ? [wake(either)] : [])];
  try {
    await Promise.race(waits.map((wait) => wait.catch(() => undefined)));
  } finally {
    settled.abort();
  }
}
