import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WaybillError } from '#lib/errors.ts';

export const KAFKA_VERSION = '4.3.1';
const POM = fileURLToPath(new URL('pom.xml', import.meta.url));

/** Where Kafka's jars lie once they are fetched. */
export function kafkaLibsDir(toolchainDir: string): string {
  return join(toolchainDir, `kafka-${KAFKA_VERSION}`, 'libs');
}

/**
 * Fetches Apache Kafka's jars with Maven, once per clone.
 * @returns the folder of the jars
 * @throws WaybillError `kafka-not-fetched` with what Maven said
 */
export async function fetchKafka(toolchainDir: string, mvn: string, signal: AbortSignal): Promise<string> {
  const libs = kafkaLibsDir(toolchainDir);
  if (existsSync(libs)) return libs;
  const home = join(toolchainDir, `kafka-${KAFKA_VERSION}`);
  const fresh = `${home}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    const args = ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${join(fresh, 'libs')}`];
    const said = await run(mvn, args, signal);
    if (said !== null) throw new WaybillError('kafka-not-fetched', `Maven could not fetch Apache Kafka ${KAFKA_VERSION}; "mvn ${args.join(' ')}" said:\n  ${said}`);
    rmSync(home, { recursive: true, force: true });
    renameSync(fresh, home);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return libs;
}

async function run(command: string, args: string[], signal: AbortSignal): Promise<string | null> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, { signal, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let said = '';
    const keep = (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(0, 4_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0 ? null : said.trim().split('\n').slice(0, 6).join('\n  ')));
  });
}
