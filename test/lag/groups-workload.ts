import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TOOLCHAIN_DIR } from '#lib/paths.ts';
import { javaProgram } from '#test/harness/java-program.ts';
import { testBrokers } from '#test/harness/kafka.ts';

export interface GroupToMake {
  type: 'classic' | 'consumer' | 'share' | 'streams';
  group: string;
  topics: readonly string[];
  /** How many records its member sees before it commits; 0 = joins and commits nothing. */
  records: number;
  /** Whether the member stays until the test ends. */
  keep: boolean;
}

const STREAMS_VERSION = '4.3.1';

/** Folder of the Kafka Streams jar, fetched once per clone by Maven. */
function streamsLibs(): string {
  const libs = join(TOOLCHAIN_DIR, `kafka-streams-${STREAMS_VERSION}`);
  if (existsSync(libs)) return libs;
  const fresh = `${libs}.${process.pid}`;
  const maven = spawnSync('mvn', ['-q', '-B', '-f', fileURLToPath(new URL('streams.pom.xml', import.meta.url)), 'dependency:copy-dependencies', `-DoutputDirectory=${fresh}`], { encoding: 'utf8', timeout: 120_000 });
  if (maven.status !== 0) throw new Error(`Maven could not fetch Kafka Streams: ${maven.stdout}${maven.stderr}`);
  try {
    renameSync(fresh, libs);
  } catch {
    // Another test file was faster.
    rmSync(fresh, { recursive: true, force: true });
  }
  return libs;
}

/** Makes groups with Kafka's Java clients, all in one process, and returns when every one of them has done its part. Members that were to stay leave when the test ends, or just end where `leave` is false: on a broker that ends with the test. */
export async function makeGroups(t: Pick<TestContext, 'after'>, groups: readonly GroupToMake[], { timeoutMs = 180_000, leave = true } = {}): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), 'waybill-groups-'));
  const { command, args } = javaProgram(fileURLToPath(new URL('GroupsWorkload.java', import.meta.url)), { classPath: [join(streamsLibs(), '*')], heapMb: 400 });
  const child = spawn(command, [...args, testBrokers().join(','), stateDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  t.after(async () => {
    if (leave) child.stdin.end();
    else child.kill('SIGKILL');
    const late = setTimeout(() => child.kill('SIGKILL'), 25_000);
    await ended;
    clearTimeout(late);
    rmSync(stateDir, { recursive: true, force: true });
  });
  child.stdin.on('error', () => undefined);
  const waiting = new Set(groups.map((group) => group.group));
  for (const { type, group, topics, records, keep } of groups) child.stdin.write(`${[type, group, topics.join(','), records, keep ? 'keep' : 'leave'].join('\t')}\n`);
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${waiting.size} groups were not made in ${timeoutMs} ms: ${[...waiting].slice(0, 5).join(', ')}`)), timeoutMs);
    const end = (error?: Error) => {
      clearTimeout(late);
      if (error) reject(error);
      else resolve();
    };
    void ended.then(() => end(new Error('the Java process that makes groups ended early')));
    createInterface(child.stdout).on('line', (line) => {
      const [word, group = ''] = line.split(' ');
      if (word === 'failed') end(new Error(line));
      waiting.delete(group);
      if (waiting.size === 0) end();
    });
  });
}
