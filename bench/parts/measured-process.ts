import { fork } from 'node:child_process';
import { once } from 'node:events';
import { COLLECTORS_HEAP, COLLECTORS_MALLOC } from '../../launcher/describe-children.ts';

/** Runs a part of a bench in a process with the settings of the collectors: its memory and CPU are then what it measures and nothing else. */
export async function inMeasuredProcess<Report>(part: string, request: object): Promise<Report> {
  const child = fork(new URL(part, import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: ['--disable-warning=ExperimentalWarning', COLLECTORS_HEAP], env: { ...process.env, ...COLLECTORS_MALLOC } });
  child.send(request);
  const [report] = (await Promise.race([once(child, 'message'), once(child, 'exit').then(([code]) => Promise.reject(new Error(`The measured process ended with ${String(code)}.`)))])) as [Report];
  return report;
}
