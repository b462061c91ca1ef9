import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText, WaybillError } from '#lib/errors.ts';
import { PROJECT_DIR } from '#lib/paths.ts';
import { buildWeb, generateClient } from './build-product.ts';
import { childEnv } from './describe-children.ts';
import { CHROMIUM_REMEDY, findChromium, installChromium } from './find-chromium.ts';
import { openProgress, type Progress } from './progress.ts';
import { runCommand } from './run-command.ts';
import { startTestServices, type TestServices } from './start-test-services.ts';

const PARTS = ['lint', 'unit', 'integration', 'browser'] as const;
type Part = (typeof PARTS)[number];

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

interface Run {
  filters: string[];
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  progress: Progress;
  /** Runs work on a PostgreSQL and a Kafka of its own: what one part leaves behind is not what the next one has to look at. */
  withServices: (work: (services: TestServices) => Promise<Totals>) => Promise<Totals>;
  /** Builds what the browser tests look at, once. */
  web: () => Promise<void>;
}

const UNIT_ROOMS = '{lib,components,app,collectors,launcher,demo,prisma}/**/*.test.ts';
const INTEGRATION = 'test/**/*.test.ts';
/** A test that hangs ends its file, not the whole run. */
const FILE_TIMEOUT_MS = 420_000;
/** A part that hangs ends, and the next one runs. Integration takes 6 to 7 minutes on 2 cores. */
const PART_TIMEOUT_MS = 1_800_000;

/**
 * `npm test [-- part [filter …]]`: lint and types, unit tests, then tests on one real PostgreSQL and one real Kafka, then browser tests.
 * A part fails on its own: the others still run. The last line is `N passed, N failed`; lint and types count as one each.
 * @returns whether all passed
 */
export async function runTests(args: string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<boolean> {
  const [first, ...filters] = args;
  if (first !== undefined && !PARTS.includes(first as Part)) throw new WaybillError('arguments-invalid', `There is no part "${first}" of the tests. There are: ${PARTS.join(', ')}.`);
  const parts = first === undefined ? PARTS : [first as Part];
  const progress = openProgress();
  const begun = performance.now();
  await generateClient(progress, signal);

  let web: Promise<void> | null = null;
  const withServices: Run['withServices'] = async (work) => {
    const services = await startTestServices(env, { durable: false, progress, signal });
    try {
      return await work(services);
    } finally {
      await services.stop();
    }
  };
  const run: Run = { filters, env: { ...childEnv({}), NODE_NO_WARNINGS: '1' }, signal, progress, withServices, web: () => (web ??= buildWeb(progress, signal)) };
  const runners: Record<Part, (run: Run) => Promise<Totals>> = { lint: runLint, unit: runUnit, integration: runIntegration, browser: runBrowser };
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  for (const part of parts) {
    if (signal.aborted) break;
    const partBegun = performance.now();
    progress.say(`\n── ${part}`);
    // Integration tests wait for brokers a good part of their time: the web is built beside them. A failure of that is the browser part's.
    if (part === 'integration' && (parts as readonly Part[]).includes('browser')) run.web().catch(() => undefined);
    const result = await runners[part](run).catch((error: unknown) => {
      if (!signal.aborted) console.error(`${part}: ${error instanceof WaybillError ? error.message : error instanceof Error ? error.stack : errorText(error)}`);
      return { passed: 0, failed: 1, skipped: 0 };
    });
    progress.say(`── ${part}: ${sentence(result)} (${Math.round((performance.now() - partBegun) / 1_000)} s)`);
    for (const key of ['passed', 'failed', 'skipped'] as const) totals[key] += result[key];
  }
  if (signal.aborted) {
    console.error('waybill: the tests were stopped before they ended.');
    totals.failed += 1;
  }
  if (totals.passed + totals.failed === 0) throw new WaybillError('no-tests', `No test file fits "${filters.join(' ')}".`);
  progress.say(`\nAfter ${Math.round((performance.now() - begun) / 1_000)} s${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}:`);
  progress.say(sentence(totals));
  return totals.failed === 0;
}

function sentence({ passed, failed }: Totals): string {
  return `${passed} passed, ${failed} failed`;
}

async function runLint({ env, signal }: Run): Promise<Totals> {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const checks = [
    { name: 'lint and import rules', args: [join('node_modules', 'oxlint', 'bin', 'oxlint'), '--type-aware'] },
    { name: 'types', args: [join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit'] },
  ];
  for (const { name, args } of checks) {
    const { code } = await runCommand(process.execPath, args, { env, timeoutMs: 180_000, signal });
    console.log(`${code === 0 ? '✓' : '✗'} ${name}`);
    totals[code === 0 ? 'passed' : 'failed'] += 1;
  }
  return totals;
}

async function runUnit(run: Run): Promise<Totals> {
  return await runNode(run, UNIT_ROOMS, {}, { concurrency: 2, timeoutMs: 300_000 });
}

async function runIntegration(run: Run): Promise<Totals> {
  const files = matching(INTEGRATION, run.filters);
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  // They wait for brokers, members and back-offs half of their time: with two at once half of the processor idles.
  return await run.withServices(({ env }) => runNode(run, INTEGRATION, env, { concurrency: 3, timeoutMs: PART_TIMEOUT_MS }));
}

async function runNode(run: Run, pattern: string, extra: Record<string, string>, limits: { concurrency: number; timeoutMs: number }): Promise<Totals> {
  const files = matching(pattern, run.filters);
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  return await withTotals(async (path) => {
    const args = [
      '--disable-warning=ExperimentalWarning',
      '--test',
      `--test-concurrency=${limits.concurrency}`,
      `--test-timeout=${FILE_TIMEOUT_MS}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=./launcher/count-tests.ts',
      '--test-reporter-destination=stderr',
      // Node takes each for a pattern: a test below app/…/[id] would be passed over without a word.
      ...files.map((file) => file.replaceAll('[', '[[]')),
    ];
    return await runCommand(process.execPath, args, { env: { ...run.env, ...extra, WAYBILL_TEST_TOTALS: path }, timeoutMs: limits.timeoutMs, signal: run.signal });
  }, (text) => JSON.parse(text) as Totals);
}

async function runBrowser(run: Run): Promise<Totals> {
  const specs = matching('e2e/**/*.spec.ts', run.filters);
  if (specs.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const chromium = findChromium(run.env) ?? (await run.progress.step('Chromium installed', () => Promise.resolve(installChromium(run.env))));
  if (chromium === null) throw new WaybillError('chromium-missing', `The browser tests need Chromium: ${CHROMIUM_REMEDY} (or name one with CHROMIUM_PATH).`);
  await run.web();
  return await run.withServices(({ env }) => withTotals(
    (path) =>
      runCommand(process.execPath, [join('node_modules', 'playwright', 'cli.js'), 'test', '--reporter=list,json', ...specs], {
        env: { ...run.env, ...env, CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: path },
        timeoutMs: PART_TIMEOUT_MS,
        signal: run.signal,
      }),
    (text) => {
      const { stats, errors } = JSON.parse(text) as { stats: { expected: number; unexpected: number; flaky: number; skipped: number }; errors: unknown[] };
      return { passed: stats.expected + stats.flaky, failed: stats.unexpected + errors.length, skipped: stats.skipped };
    },
  ));
}

function matching(pattern: string, filters: string[]): string[] {
  const files = globSync(pattern, { cwd: PROJECT_DIR, exclude: (name) => name === 'node_modules' || name === 'generated' }).sort();
  return filters.length === 0 ? files : files.filter((file) => filters.some((filter) => file.includes(filter)));
}

// A runner that dies without its totals, or says failure where its totals say none, is one failure: nothing is passed over in silence.
async function withTotals(work: (path: string) => Promise<{ code: number | null; timedOut: boolean }>, parse: (text: string) => Totals): Promise<Totals> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-totals-'));
  const path = join(folder, 'totals.json');
  try {
    const { code, timedOut } = await work(path);
    if (timedOut) console.error('waybill: this part took too long and was ended.');
    const totals = existsSync(path) ? parse(readFileSync(path, 'utf8')) : { passed: 0, failed: 0, skipped: 0 };
    if (code !== 0 && totals.failed === 0) totals.failed = 1;
    return totals;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
