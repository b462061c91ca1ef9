import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareKafka } from './prepare-kafka.ts';

/** Where the archive of a Java's version lies: another Java would not take it. */
export function classArchiveOf(libs: string, javaVersion: string): string {
  return join(libs, '..', `classes-${javaVersion.replaceAll(/[^\w.+-]/g, '_')}.jsa`);
}

/**
 * Lets a JVM that starts and ends a Kafka of its own in a temporary folder write down the loaded classes (JEP 350, application class data sharing):
 * each later start of the broker then takes 1.0 s instead of 1.8 s. Java ignores an archive that does not fit, so nothing depends on it.
 * @returns the archive, or null where this Java could not make one
 */
export async function archiveClasses(options: { java: string; libs: string; archive: string; ports: { broker: number; controller: number }; signal: AbortSignal }): Promise<string | null> {
  const { java, libs, archive, ports } = options;
  const folder = mkdtempSync(join(tmpdir(), 'waybill-classes-'));
  const fresh = `${archive}.${process.pid}`;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(60_000)]);
  try {
    const kafka = prepareKafka({ java, libs, kafkaDir: join(folder, 'kafka'), ports, retentionHours: 1, classArchive: null, brief: true });
    const child = spawn(kafka.command, [`-XX:ArchiveClassesAtExit=${fresh}`, '-Xlog:disable', ...kafka.args], { stdio: 'ignore', signal, killSignal: 'SIGKILL' });
    const ended = new Promise<void>((resolve) => child.once('error', () => resolve()).once('exit', () => resolve()));
    await Promise.race([kafka.ready(signal), ended]).catch(() => undefined);
    child.kill('SIGTERM');
    await ended;
    options.signal.throwIfAborted();
    // Whole or not at all: it is written while the JVM ends.
    if (!existsSync(fresh)) return null;
    renameSync(fresh, archive);
    return archive;
  } finally {
    rmSync(fresh, { force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}
