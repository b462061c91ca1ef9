import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { WaybillError } from '#lib/errors.ts';
import { PROJECT_DIR } from '#lib/paths.ts';
import { buildWeb, generateClient } from './build-product.ts';
import { childEnv } from './describe-children.ts';
import { openProgress } from './progress.ts';
import { runCommand } from './run-command.ts';
import { startTestServices } from './start-test-services.ts';

const LIMIT_MS = 900_000;
/** These measure the built web: an older build would be another product. */
const MEASURES_SCREENS = new Set(['pages']);

/**
 * `npm run bench [name]`: runs `bench/<name>.ts` on one real PostgreSQL (with fsync) and one real Kafka; without a name it lists them.
 * @returns whether it ended well; each measurement judges its own goal and prints one JSON line last
 */
export async function runBench(args: string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<boolean> {
  const names = globSync('bench/*.ts', { cwd: PROJECT_DIR }).map((file) => basename(file, '.ts')).filter((name) => !name.endsWith('.test')).sort();
  const [name, ...rest] = args;
  if (name === undefined) {
    console.log(names.length === 0 ? 'There are no measurements yet.' : `npm run bench <name>; there are:\n${names.map((each) => `  ${each}`).join('\n')}`);
    return true;
  }
  if (!names.includes(name)) throw new WaybillError('arguments-invalid', `There is no measurement "${name}". There are: ${names.join(', ') || 'none yet'}.`);
  const progress = openProgress(process.stderr);
  await generateClient(progress, signal);
  if (MEASURES_SCREENS.has(name)) await buildWeb(progress, signal);
  const services = await startTestServices(env, { durable: true, progress, signal });
  try {
    const { code, timedOut } = await runCommand(process.execPath, ['--disable-warning=ExperimentalWarning', `bench/${name}.ts`, ...rest], { env: { ...childEnv({}), ...services.env }, timeoutMs: LIMIT_MS, signal });
    if (timedOut) console.error(`waybill: ${name} took longer than ${LIMIT_MS / 60_000} minutes and was ended.`);
    return code === 0;
  } finally {
    await services.stop();
  }
}
