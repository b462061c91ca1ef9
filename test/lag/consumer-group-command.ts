import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { kafkaLibs, testBrokers } from '#test/harness/kafka.ts';

export interface OracleRow {
  group: string;
  topic: string;
  partition: number;
  /** As printed: digits, or "-" where Kafka's own tool knows none. */
  committed: string;
  end: string;
  lag: string;
}

/** What Kafka's own command-line tool says of groups: the oracle for lag. */
export async function consumerGroupCommand(groups: readonly string[]): Promise<OracleRow[]> {
  const { stdout } = await promisify(execFile)(
    'java',
    ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${kafkaLibs()}/*`, 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', '--bootstrap-server', testBrokers().join(','), '--describe', ...groups.flatMap((group) => ['--group', group])],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((cells) => cells.length >= 6 && /^\d+$/.test(cells[2] ?? ''))
    .map(([group, topic, partition, committed, end, lag]) => ({ group: group ?? '', topic: topic ?? '', partition: Number(partition), committed: committed ?? '', end: end ?? '', lag: lag ?? '' }));
}
