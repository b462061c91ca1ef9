import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { javaProgram } from '#test/harness/java-program.ts';

export interface CommittedRecord {
  partition: number;
  offset: bigint;
  key: Buffer | null;
  value: Buffer | null;
  headers: [string, Buffer | null][];
}

/** Everything a read_committed Java consumer sees of a topic, from its start to its last stable offset. */
export async function readCommitted(brokers: string, topic: string): Promise<CommittedRecord[]> {
  const { command, args } = javaProgram(fileURLToPath(new URL('ReadCommitted.java', import.meta.url)), { heapMb: 1_024 });
  const { stdout } = await promisify(execFile)(command, [...args, brokers, topic], { timeout: 60_000, maxBuffer: 512 * 1024 * 1024 });
  return stdout.split('\n').filter(Boolean).map((line) => {
    const [partition, offset, key, value, ...headers] = line.split(' ') as [string, string, string, string, ...string[]];
    return {
      partition: Number(partition),
      offset: BigInt(offset),
      key: bytes(key),
      value: bytes(value),
      headers: Array.from({ length: headers.length / 2 }, (_, index) => [bytes(headers[2 * index]!)?.toString() ?? '', bytes(headers[2 * index + 1]!)]),
    };
  });
}

function bytes(text: string): Buffer | null {
  return text === '-' ? null : text === '.' ? Buffer.alloc(0) : Buffer.from(text, 'base64');
}
