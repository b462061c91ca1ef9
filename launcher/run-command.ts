import { spawn } from 'node:child_process';
import { PROJECT_DIR } from '#lib/paths.ts';

export interface Ran {
  /** null where it was killed: by the time limit or because the launcher ends */
  code: number | null;
  timedOut: boolean;
}

/** Runs one command in the project's folder with our own output; it and all it started are ended when `signal` aborts or time is up. */
export async function runCommand(command: string, args: string[], options: { env: NodeJS.ProcessEnv; timeoutMs: number; signal: AbortSignal }): Promise<Ran> {
  const limit = AbortSignal.timeout(options.timeoutMs);
  const end = AbortSignal.any([options.signal, limit]);
  if (end.aborted) return { code: null, timedOut: false };
  const ownGroup = process.platform !== 'win32';
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: PROJECT_DIR, env: options.env, stdio: ['ignore', 'inherit', 'inherit'], detached: ownGroup });
    const kill = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(ownGroup ? -child.pid : child.pid, signal);
      } catch {
        // It ended in between.
      }
    };
    let last: NodeJS.Timeout | undefined;
    const stop = () => {
      kill('SIGTERM');
      last = setTimeout(() => kill('SIGKILL'), 5_000);
    };
    end.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(last);
      end.removeEventListener('abort', stop);
      if (end.aborted) kill('SIGKILL'); // whatever of the group outlived its leader
      resolve({ code, timedOut: limit.aborted });
    });
  });
}
