import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { javaProgram } from '#test/harness/java-program.ts';
import { testBrokers } from '#test/harness/kafka.ts';

/** What Kafka's own tool says of one partition of a group: digits as printed, or "-" where it knows none. */
export interface OracleRow {
  group: string;
  topic: string;
  partition: number;
  committed: string;
  /** null where the tool does not print it. */
  end: string | null;
  lag: string;
}

const TOOLS = {
  consumer: { main: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', args: [] },
  share: { main: 'org.apache.kafka.tools.consumer.group.ShareGroupCommand', args: [] },
  streams: { main: 'org.apache.kafka.tools.streams.StreamsGroupCommand', args: ['--verbose'] },
} as const;

const COLUMNS: Record<string, keyof Omit<OracleRow, 'partition'>> = { GROUP: 'group', TOPIC: 'topic', 'CURRENT-OFFSET': 'committed', 'START-OFFSET': 'committed', 'LOG-END-OFFSET': 'end', LAG: 'lag', 'OFFSET-LAG': 'lag' };

/**
 * Runs Kafka's command-line tool of a group type.
 * @returns its standard output
 * @throws with what it said where it failed
 */
export async function runGroupTool(tool: keyof typeof TOOLS, args: readonly string[]): Promise<string> {
  const { main } = TOOLS[tool];
  const java = javaProgram(main);
  const { stdout } = await promisify(execFile)(java.command, [...java.args, '--bootstrap-server', testBrokers().join(','), ...args], { maxBuffer: 64 * 1024 * 1024, timeout: 240_000 });
  // Its exit status is 0 all the same.
  const error = /^Error: .*$/m.exec(stdout)?.[0];
  if (error !== undefined) throw new Error(`${main} said: ${error}`);
  return stdout;
}

/** `--describe` of one of Kafka's tools for these groups or `--all-groups`, as rows: the oracle for lag. The header of each table says which column is which. */
export async function describeWithTool(tool: keyof typeof TOOLS, groups: readonly string[] | 'all'): Promise<OracleRow[]> {
  const which = groups === 'all' ? ['--all-groups'] : groups.flatMap((group) => ['--group', group]);
  const rows: OracleRow[] = [];
  let header: string[] = [];
  for (const line of (await runGroupTool(tool, ['--describe', ...which, ...TOOLS[tool].args])).split('\n')) {
    const cells = line.trim().split(/\s+/);
    if (cells[0] === 'GROUP') header = cells;
    else if (header.length > 0 && cells.length >= header.length && /^\d+$/.test(cells[header.indexOf('PARTITION')] ?? '')) {
      const row: OracleRow = { group: '', topic: '', partition: Number(cells[header.indexOf('PARTITION')]), committed: '-', end: null, lag: '-' };
      header.forEach((name, i) => {
        const field = COLUMNS[name];
        if (field) row[field] = cells[i] ?? '-';
      });
      rows.push(row);
    }
  }
  return rows;
}
