import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '#lib/errors.ts';
import { PROJECT_DIR } from '#lib/paths.ts';
import type { Progress } from './progress.ts';

const GENERATED = join(PROJECT_DIR, 'prisma', 'generated');
const NEXT = join(PROJECT_DIR, '.next');
/** What `next build` reads. Tests are left out: editing one must not cost a build. */
const BUILD_INPUTS = ['app', 'components', 'lib', 'public', 'prisma/schema.prisma', 'next.config.ts', 'postcss.config.mjs', 'proxy.ts', 'instrumentation.ts', 'instrumentation-client.ts', 'tsconfig.json', 'package.json', 'package-lock.json'];
const STEP_MS = 600_000;

/** Generates the Prisma client where schema.prisma changed since. Cheap where it did not: one hash of one file. */
export async function generateClient(progress: Progress, signal: AbortSignal): Promise<void> {
  const hash = hashInputs(['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json']);
  const stamp = join(GENERATED, '.waybill-stamp');
  if (readStamp(stamp) === hash) return;
  await progress.step('Database client generated', async () => {
    await run('Prisma could not generate its client', ['node_modules/prisma/build/index.js', 'generate'], { WAYBILL_PRISMA_OFFLINE: '1', CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' }, signal);
    writeFileSync(stamp, hash);
  });
}

/** Builds the web where a source changed since. */
export async function buildWeb(progress: Progress, signal: AbortSignal): Promise<void> {
  const hash = hashInputs(BUILD_INPUTS);
  const stamp = join(NEXT, '.waybill-stamp');
  if (readStamp(stamp) === hash && existsSync(join(NEXT, 'BUILD_ID'))) return;
  await progress.step('Web built', async () => {
    rmSync(stamp, { force: true });
    await run('The web could not be built', ['node_modules/next/dist/bin/next', 'build'], { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }, signal);
    writeFileSync(stamp, hash);
  });
}

/** One hash over the paths and bytes of files and folders below the project. */
export function hashInputs(inputs: readonly string[], root: string = PROJECT_DIR): string {
  const hash = createHash('sha256');
  const add = (path: string) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      for (const name of readdirSync(join(root, path)).sort()) add(`${path}/${name}`);
    } else if (stat?.isFile() && !/\.test\.tsx?$/.test(path)) {
      hash.update(`${path}\0${stat.size}\0`).update(readFileSync(join(root, path)));
    }
  };
  for (const input of inputs) add(input);
  return hash.digest('hex');
}

function readStamp(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

async function run(failure: string, args: string[], env: Record<string, string>, signal: AbortSignal): Promise<void> {
  const said: string[] = [];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: PROJECT_DIR, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], signal, timeout: STEP_MS });
    const keep = (chunk: Buffer) => {
      said.push(...chunk.toString('utf8').split('\n').filter((line) => line.trim() !== ''));
      said.splice(0, Math.max(0, said.length - 40));
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new WaybillError('build-failed', `${failure}:\n${said.map((line) => `    ${line}`).join('\n')}`);
}
