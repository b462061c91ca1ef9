import { setTimeout as delay } from 'node:timers/promises';
import { processIdentity } from './process-identity.ts';

/**
 * Ends a process this launcher did not start itself (what an earlier, killed one left), and waits until it is gone.
 * Nothing is sent where the id belongs to another process by now.
 */
export async function stopProcess(pid: number, identity: string, options: { signal: NodeJS.Signals; last: NodeJS.Signals; withinMs: number; group?: boolean }): Promise<void> {
  const alive = () => processIdentity(pid) === identity;
  const send = (signal: NodeJS.Signals) => {
    if (!alive()) return;
    try {
      process.kill(options.group ? -pid : pid, signal);
    } catch {
      // It ended in between.
    }
  };
  const gone = async (withinMs: number) => {
    const deadline = performance.now() + withinMs;
    while (alive()) {
      if (performance.now() > deadline) return false;
      await delay(20);
    }
    return true;
  };
  send(options.signal);
  if (await gone(options.withinMs)) return;
  send(options.last);
  await gone(5_000);
}
