import { Worker } from 'node:worker_threads';
import { WaybillError } from '#lib/errors.ts';
import { type FromWorker, type Judged, type KnownSchema, PHASE, PROGRESS, type RecordToJudge, type ToWorker } from './judging.ts';

export interface Judge {
  /**
   * Decodes records and tells which match. A schema that takes too long or too much memory costs only the records written with it.
   * @throws WaybillError `filter-stopped` 422 naming the record at which the filter took too long or too much memory
   */
  judge(records: readonly RecordToJudge[], schemas: readonly KnownSchema[]): Promise<Judged[]>;
  /** Ends the thread. */
  close(): Promise<void>;
}

export interface JudgeOptions {
  /** A CEL expression; null: every record matches. */
  filter: string | null;
  /** Of each decoded key and value. */
  mostJsonChars: number;
  /** One record may take so long. The thread shares the machine: this is wall time, and much more than any honest filter needs. */
  mostStepMs?: number;
  mostHeapMb?: number;
}

const LOOK_EVERY_MS = 25;
/** Loading the evaluator is not the filter's doing. */
const MOST_START_MS = 15_000;

/**
 * Opens the thread that decodes and filters records: one of its own, so that it can be killed, with a bounded heap and an empty environment.
 * @throws WaybillError `filter-invalid` 400 with the place in the expression
 */
export async function openJudge(options: JudgeOptions): Promise<Judge> {
  const { filter, mostJsonChars, mostStepMs = 500, mostHeapMb = 128 } = options;
  let thread = start(mostHeapMb);
  const broken = new Map<number, KnownSchema>();

  const compile = async () => {
    if (filter === null) return;
    const answer = await thread.ask({ kind: 'filter', text: filter }, Math.max(mostStepMs, 2_000));
    if (answer.kind === 'invalid') throw new WaybillError('filter-invalid', `The filter can't be used: ${answer.message}${answer.position === null ? '' : ` (at character ${answer.position + 1})`}.`, { status: 400, detail: { position: answer.position } });
    if (answer.kind === 'stopped') throw new WaybillError('filter-stopped', `The filter was stopped while it was read: it ${answer.because}.`, { status: 422 });
  };
  const restart = async () => {
    await thread.end();
    thread = start(mostHeapMb);
    await compile();
  };
  try {
    await compile();
  } catch (error) {
    await thread.end();
    throw error;
  }

  return {
    async judge(records, schemas) {
      for (;;) {
        const known = schemas.map((schema) => broken.get(schema.id) ?? schema);
        const answer = await thread.ask({ kind: 'records', records, schemas: known, mostJsonChars }, mostStepMs);
        if (answer.kind === 'judged') return answer.judged;
        if (answer.kind !== 'stopped') throw new Error(`the judging thread answered ${answer.kind}`);
        const record = records[answer.record];
        const schemaIds = answer.phase === PHASE.filtering ? [] : [record?.keySchema, record?.valueSchema].filter((id): id is number => typeof id === 'number' && !broken.has(id));
        if (schemaIds.length === 0) {
          throw new WaybillError('filter-stopped', `The filter was stopped at partition ${record?.partition ?? '?'}, offset ${record?.offset ?? '?'}: it ${answer.because}.`, { status: 422, detail: { partition: record?.partition ?? null, offset: record?.offset.toString() ?? null } });
        }
        for (const id of schemaIds) broken.set(id, { id, error: `decoding with this schema was stopped: it ${answer.because}` });
        await restart();
      }
    },
    close: () => thread.end(),
  };
}

type Stopped = { kind: 'stopped'; because: string; record: number; phase: number };

function start(mostHeapMb: number): { ask(message: ToWorker, mostStepMs: number): Promise<FromWorker | Stopped>; end(): Promise<void> } {
  const progress = new Int32Array(new SharedArrayBuffer(12));
  const worker = new Worker(new URL('./judge-worker.ts', import.meta.url), {
    workerData: { progress: progress.buffer },
    // Nothing of the process's environment: it holds passwords.
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: mostHeapMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
  });
  worker.unref();
  // Between two questions nobody listens; what ended it is told by the next one.
  worker.on('error', () => undefined);
  let started = false;

  return {
    async ask(message, mostStepMs) {
      return new Promise((resolve, reject) => {
        let step = Atomics.load(progress, PROGRESS.step);
        let sinceMs = performance.now();
        const settle = (act: () => void) => {
          clearInterval(timer);
          worker.off('message', answered).off('error', failed).off('exit', gone);
          act();
        };
        const stopped = (because: string) => settle(() => resolve({ kind: 'stopped', because, record: Atomics.load(progress, PROGRESS.record), phase: Atomics.load(progress, PROGRESS.phase) }));
        const answered = (answer: FromWorker) => {
          started = true;
          settle(() => resolve(answer));
        };
        const failed = (error: NodeJS.ErrnoException) => (error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? stopped(`took more than ${mostHeapMb} MB of memory`) : settle(() => reject(error)));
        const gone = () => stopped('ended its thread');
        const timer = setInterval(() => {
          const now = Atomics.load(progress, PROGRESS.step);
          if (now !== step) {
            started = true;
            step = now;
            sinceMs = performance.now();
          } else if (performance.now() - sinceMs > (started ? mostStepMs : MOST_START_MS)) {
            stopped(`took longer than ${mostStepMs} ms`);
            void worker.terminate();
          }
        }, LOOK_EVERY_MS);
        worker.on('message', answered).on('error', failed).on('exit', gone);
        worker.postMessage(message);
      });
    },
    async end() {
      await worker.terminate();
    },
  };
}
