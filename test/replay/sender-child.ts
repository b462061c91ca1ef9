// A worker that dies by SIGKILL in the middle of a transaction: node sender-child.ts '<json>'
import { openReplay } from '#lib/brokers/kafka/open-replay.ts';
import { kafkaClientOptions } from '#lib/brokers/kafka/connect.ts';
import { testBrokers } from '#test/harness/kafka.ts';

const { replayId, topic, dlq, from, count, dieBeforeCommit } = JSON.parse(process.argv[2]!) as { replayId: string; topic: string; dlq: string; from: number; count: number; dieBeforeCommit: boolean };
const sender = await openReplay(
  kafkaClientOptions({ name: 'test', brokers: testBrokers() }, { clientId: 'sender-child' }),
  { replayId, mode: 'exactly-once', transactionTimeoutMs: 60_000 },
  { beforeCommit: () => (dieBeforeCommit ? (process.kill(process.pid, 'SIGKILL'), new Promise<void>(() => undefined)) : Promise.resolve()) },
);
const records = Array.from({ length: count }, (_, index) => ({ topic, partition: 0, key: null, value: Buffer.from(`value ${from + index}`), headers: [] }));
await sender.send(records, [{ topic: dlq, partition: 0, offset: BigInt(from + count) }]);
process.kill(process.pid, 'SIGKILL'); // committed, and nobody was told
