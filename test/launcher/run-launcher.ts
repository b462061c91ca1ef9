import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { PROJECT_DIR } from '#lib/paths.ts';
import { eventually } from '#test/harness/eventually.ts';

export interface Launched {
  child: ChildProcess;
  output(): string;
  /** Resolves once the output holds `text`. */
  said(text: string): Promise<void>;
  exited: Promise<number | null>;
}

/** Runs `waybill <args>` as a person would, with an environment that names no cluster or database of the machine. */
export function launch(t: TestContext, args: string[], env: Record<string, string>): Launched {
  return run(t, process.execPath, [LAUNCHER, ...args], env);
}

/** The same as a grandchild, as npm starts it: npm, a shell, the launcher. Here two shells. */
export function launchUnderShell(t: TestContext, args: string[], env: Record<string, string>): Launched {
  const inner = `'${process.execPath}' '${LAUNCHER}' ${args.join(' ')}; exit $?`;
  return run(t, 'sh', ['-c', 'sh -c "$INNER"; exit $?'], { ...env, INNER: inner, npm_lifecycle_event: 'collect' });
}

const LAUNCHER = join(PROJECT_DIR, 'bin', 'waybill.mjs');

function run(t: TestContext, command: string, args: string[], env: Record<string, string>): Launched {
  const inherited: Record<string, string | undefined> = { ...process.env };
  for (const name of Object.keys(inherited)) if (/^(WAYBILL_|KAFKA_|OTLP_|DATABASE_URL$|PORT$|NODE_TEST|npm_)/.test(name)) delete inherited[name];
  const child = spawn(command, args, {
    cwd: env['WAYBILL_DATA_DIR'] === undefined ? PROJECT_DIR : tmpdir(), // no configuration file of this clone
    env: { ...(inherited as NodeJS.ProcessEnv), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  });
  return {
    child,
    exited,
    output: () => text,
    said: (wanted) =>
      eventually(
        () => {
          if (!text.includes(wanted)) throw new Error(`The launcher did not say "${wanted}" but:\n${text}`);
        },
        { timeoutMs: 60_000, everyMs: 50 },
      ),
  };
}

/** A folder that is gone after the test; another user may pass through it, as PostgreSQL does where we are root. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-launcher-'));
  chmodSync(folder, 0o711);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Takes a port of the loopback address until the test ends. */
export async function takePort(t: TestContext): Promise<number> {
  const server = await new Promise<Server>((resolve) => {
    const listening = createServer().listen(0, '127.0.0.1', () => resolve(listening));
  });
  t.after(() => server.close());
  return (server.address() as { port: number }).port;
}

/** Ids of processes whose command line names `text`. */
export function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      } catch {
        return false;
      }
    });
}

/** Process ids in a data folder's run files, by name. */
export function runningProcesses(dataDir: string): Record<string, number> {
  const folder = join(dataDir, 'run');
  const entries = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as { name: string; pid: number });
  return Object.fromEntries(entries.map(({ name, pid }) => [name, pid]));
}

/** Whether a process with this id lives (a zombie does not). */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
