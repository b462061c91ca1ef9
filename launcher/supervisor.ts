import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText, WaybillError } from '#lib/errors.ts';
import type { DataPaths } from '#lib/paths.ts';
import { LogFile } from './log-file.ts';
import { processIdentity } from './process-identity.ts';
import type { Progress } from './progress.ts';
import { stopProcess } from './stop-process.ts';

/** One process to keep alive. */
export interface ChildSpec {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Node children get a channel: its end tells them that the launcher is gone, even by SIGKILL. */
  channel: boolean;
  /** Resolves once the process serves; it is called again after a restart. */
  ready: (signal: AbortSignal) => Promise<void>;
  readyMs: number;
  stopSignal: NodeJS.Signals;
  lastSignal: NodeJS.Signals;
  stopMs: number;
  /** Called before a restart, to clear what a crash left. */
  beforeRestart?: () => Promise<void>;
}

interface Running {
  spec: ChildSpec;
  child: ChildProcess;
  exited: Promise<void>;
  stop: AbortController;
  loop: Promise<void>;
}

/** Everything ends within this after a signal: a person waits for it. */
const STOP_ALL_MS = 9_000;
const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;
/** A child that ran this long starts with the first wait again. */
const STEADY_MS = 60_000;

/**
 * Starts processes, waits for them to serve, restarts those that die and ends all in reverse order.
 *
 * States of a child: starting (spawned, not ready) → serving → [dead → waiting → starting …] → stopping → gone.
 * A child that dies before it served for the first time fails the whole start; later deaths are mended.
 */
export class Supervisor {
  readonly #paths: DataPaths | null;
  readonly #progress: Progress;
  readonly #echoLogs: boolean;
  readonly #children: Running[] = [];
  #stopping: Promise<void> | null = null;

  /**
   * @param paths the locked data folder, for logs and pid files; null where this launcher holds none: then logs go to the standard output
   * @param options.echoLogs whether what our own processes print is shown too
   */
  constructor(paths: DataPaths | null, progress: Progress, options: { echoLogs?: boolean } = {}) {
    this.#paths = paths;
    this.#progress = progress;
    this.#echoLogs = options.echoLogs ?? false;
  }

  /** Stops what an earlier launcher left when it was killed. Other processes that got the same id since are left alone. */
  async stopLeftovers(): Promise<string[]> {
    const stopped: string[] = [];
    const runDir = this.#paths?.runDir;
    if (runDir === undefined) return stopped;
    const files = readdirSync(runDir).filter((file) => file.endsWith('.json'));
    await Promise.all(
      files.map(async (file) => {
        const path = join(runDir, file);
        try {
          const left = JSON.parse(readFileSync(path, 'utf8')) as { name: string; pid: number; identity: string; stopSignal: NodeJS.Signals; lastSignal: NodeJS.Signals };
          if (left.identity && processIdentity(left.pid) === left.identity) {
            await stopProcess(left.pid, left.identity, { signal: left.stopSignal, last: left.lastSignal, withinMs: 5_000 });
            stopped.push(left.name);
          }
        } catch {
          // A file that was cut off names nobody.
        }
        rmSync(path, { force: true });
      }),
    );
    return stopped;
  }

  /**
   * Starts one process and resolves once it serves.
   * @throws WaybillError `child-failed` with the end of its log where it dies or stays silent before it ever served
   */
  async start(spec: ChildSpec): Promise<void> {
    if (this.#stopping) throw new WaybillError('stopping', `${spec.name} is not started: Waybill is ending.`);
    const stop = new AbortController();
    const log = new LogFile(this.#paths && join(this.#paths.logsDir, `${spec.name}.log`), (this.#echoLogs && spec.channel) || !this.#paths ? process.stdout : null);
    const { child, exited } = this.#spawn(spec, log);
    const running: Running = { spec, child, exited, stop, loop: Promise.resolve() };
    this.#children.push(running);
    try {
      await this.#awaitReady(running, log);
    } catch (error) {
      if (!stop.signal.aborted) await this.#end(running, performance.now() + 3_000);
      throw error;
    }
    if (!stop.signal.aborted) running.loop = this.#keepAlive(running, log);
  }

  /** Ends all in reverse order, within ten seconds. Safe to call twice. */
  async stopAll(): Promise<void> {
    this.#stopping ??= (async () => {
      const deadline = performance.now() + STOP_ALL_MS;
      for (const running of this.#children) running.stop.abort();
      for (const [index, running] of [...this.#children].reverse().entries()) {
        // Each of those that wait still gets half a second at least.
        const reserveMs = (this.#children.length - 1 - index) * 500;
        await this.#end(running, Math.min(performance.now() + running.spec.stopMs, deadline - reserveMs));
      }
      await Promise.all(this.#children.map((running) => running.loop));
    })();
    await this.#stopping;
  }

  /** Kills everything at once: the second Ctrl-C. */
  killAll(): void {
    for (const { child, spec } of this.#children) {
      if (child.exitCode === null && child.signalCode === null) child.kill(spec.lastSignal);
    }
  }

  #spawn(spec: ChildSpec, log: LogFile): { child: ChildProcess; exited: Promise<void> } {
    const child = spawn(spec.command, spec.args, {
      env: spec.env,
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
      stdio: spec.channel ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C reaches only the launcher, which then ends the others in order.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    child.stdout?.on('data', (chunk: Buffer) => log.write(chunk));
    child.stderr?.on('data', (chunk: Buffer) => log.write(chunk));
    const pidFile = this.#paths && join(this.#paths.runDir, `${spec.name}.json`);
    if (child.pid !== undefined && pidFile) {
      const { name, stopSignal, lastSignal } = spec;
      writeFileSync(pidFile, JSON.stringify({ name, pid: child.pid, identity: processIdentity(child.pid), stopSignal, lastSignal }), { mode: 0o600 });
    }
    const exited = new Promise<void>((resolve) => {
      child.once('error', (error) => {
        log.write(Buffer.from(`${error.message}\n`));
        resolve();
      });
      child.once('exit', () => {
        if (pidFile) rmSync(pidFile, { force: true });
        resolve();
      });
    });
    return { child, exited };
  }

  async #awaitReady(running: Running, log: LogFile): Promise<void> {
    const { spec, exited, stop } = running;
    const giveUp = AbortSignal.any([stop.signal, AbortSignal.timeout(spec.readyMs)]);
    const settled = new AbortController();
    try {
      const outcome = await Promise.race([
        spec.ready(AbortSignal.any([giveUp, settled.signal])).then(() => 'ready' as const, (error: unknown) => ({ error })),
        exited.then(() => 'exited' as const),
      ]);
      if (outcome === 'ready') return;
      if (stop.signal.aborted) throw new WaybillError('stopping', `${spec.name} was ended before it served.`);
      const happened = outcome === 'exited' ? 'ended before it served' : giveUp.aborted ? `did not serve within ${Math.round(spec.readyMs / 1_000)} s` : `did not serve: ${errorText(outcome.error)}`;
      throw new WaybillError('child-failed', `${spec.name} ${happened}. ${log.explain()}`);
    } finally {
      settled.abort();
    }
  }

  async #keepAlive(running: Running, log: LogFile): Promise<void> {
    const { spec, stop } = running;
    let waitMs = BACKOFF_FIRST_MS;
    let servingSince = performance.now();
    for (;;) {
      await running.exited;
      if (stop.signal.aborted) return;
      if (performance.now() - servingSince > STEADY_MS) waitMs = BACKOFF_FIRST_MS;
      const how = running.child.signalCode ?? `exit code ${running.child.exitCode}`;
      this.#progress.say(`! ${spec.name} ended (${how}); it is started again in ${waitMs / 1_000} s. ${log.explain()}`);
      await delay(waitMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted) return;
      waitMs = Math.min(waitMs * 2, BACKOFF_MAX_MS);
      try {
        await spec.beforeRestart?.();
        if (stop.signal.aborted) return;
        Object.assign(running, this.#spawn(spec, log));
        servingSince = performance.now();
        await this.#awaitReady(running, log);
        this.#progress.say(`✓ ${spec.name} serves again`);
      } catch (error) {
        if (stop.signal.aborted) return;
        this.#progress.say(`! ${errorText(error)}`);
        await this.#end(running, performance.now() + 3_000);
      }
    }
  }

  async #end(running: Running, deadline: number): Promise<void> {
    const { child, exited, spec } = running;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(spec.stopSignal);
    const inTime = await Promise.race([exited.then(() => true), delay(Math.max(300, deadline - performance.now()), false, { ref: false })]);
    if (inTime) return;
    child.kill(spec.lastSignal);
    await Promise.race([exited, delay(2_000, undefined, { ref: false })]);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}
