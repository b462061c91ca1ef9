import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { WaybillError } from '#lib/errors.ts';

/**
 * Runs one command of the launcher; bin/waybill.mjs calls it once Node and the dependencies are there.
 * A failure that a person can mend is one sentence on the standard error, and exit code 1.
 */
export async function runVerb(verb: string, args: string[]): Promise<void> {
  const stop = new AbortController();
  const kill = new AbortController();
  listenForTheEnd(stop, kill);
  try {
    if (existsSync('.env')) process.loadEnvFile('.env'); // what the environment sets already wins
    await VERBS[verb]!(args, stop.signal, kill.signal);
  } catch (error) {
    if (error instanceof WaybillError) console.error(`waybill: ${error.message}`);
    else if (error instanceof TypeError && (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) console.error(`waybill ${verb}: ${error.message}`);
    else if (!stop.signal.aborted) console.error(error);
    process.exitCode ||= 1;
  }
  // The channel to stage one would keep this process.
  if (process.connected) process.disconnect();
}

// Loaded only where they run: `start` needs no test runner.
const VERBS: Record<string, (args: string[], signal: AbortSignal, kill: AbortSignal) => Promise<void>> = {
  demo: async (args, signal, kill) => {
    noArguments(args);
    const { runStack } = await import('./run-stack.ts');
    await runStack({ demo: true, web: true, collectors: null }, process.env, signal, kill);
  },
  start: async (args, signal, kill) => {
    noArguments(args);
    const { runStack } = await import('./run-stack.ts');
    await runStack({ demo: false, web: true, collectors: null }, process.env, signal, kill);
  },
  web: async (args, signal, kill) => {
    noArguments(args);
    const { runStack } = await import('./run-stack.ts');
    await runStack({ demo: false, web: true, collectors: [] }, process.env, signal, kill);
  },
  collect: async (args, signal, kill) => {
    const { values } = parseArgs({ args, options: { only: { type: 'string' } } });
    const { runStack } = await import('./run-stack.ts');
    const only = values.only === undefined ? null : values.only.split(',').map((name) => name.trim()).filter(Boolean);
    if (only?.length === 0) throw new WaybillError('arguments-invalid', '--only names no collector: give some, such as --only offsets,traces.');
    await runStack({ demo: false, web: false, collectors: only }, process.env, signal, kill);
  },
  build: async (args, signal) => {
    noArguments(args);
    const [{ buildWeb, generateClient }, { openProgress }] = await Promise.all([import('./build-product.ts'), import('./progress.ts')]);
    const progress = openProgress();
    await generateClient(progress, signal);
    await buildWeb(progress, signal);
  },
  doctor: async (args) => {
    const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } });
    const { runDoctor } = await import('./run-doctor.ts');
    process.exitCode = (await runDoctor(process.env, values)) ? 0 : 1;
  },
  test: async (args, signal) => {
    const { runTests } = await import('./run-tests.ts');
    process.exitCode = (await runTests(args, process.env, signal)) ? 0 : 1;
  },
  bench: async (args, signal) => {
    const { runBench } = await import('./run-bench.ts');
    process.exitCode = (await runBench(args, process.env, signal)) ? 0 : 1;
  },
};

function noArguments(args: string[]): void {
  parseArgs({ args, options: {} });
}

/** A second signal this long after the first is a person who has lost patience; sooner it is the same Ctrl-C, once from the terminal and once from npm. */
const PATIENCE_MS = 1_000;

function listenForTheEnd(stop: AbortController, kill: AbortController): void {
  let first = 0;
  const end = () => {
    if (!stop.signal.aborted) {
      first = performance.now();
      stop.abort();
    } else if (performance.now() - first > PATIENCE_MS) kill.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  // Stage one, under an unsupported Node, holds this channel open as long as it lives.
  if (process.channel) {
    process.on('disconnect', () => stop.abort());
    process.channel.unref();
  }
}
