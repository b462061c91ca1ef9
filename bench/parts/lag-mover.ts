import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { createTopicsV7, offsetCommitV9, Producer } from '@platformatic/kafka';
import { answerOf, openKafka } from '#lib/brokers/kafka/connect.ts';
import { eventually } from '#test/harness/eventually.ts';
import { testBrokers } from '#test/harness/kafka.ts';

// The child of bench/lag.ts: makes topics, records and groups, and moves them at each word from its parent: "all" commits in every partition of
// every group and produces in every partition, "some" in one partition of a hundred, "end" ends.

const RECORDS = 4;

const { values } = parseArgs({ options: { groups: { type: 'string', default: '5000' }, partitions: { type: 'string', default: '10' }, stem: { type: 'string', default: 'bench' } }, strict: true });
const groups = Number(values.groups);
const partitions = Number(values.partitions);
const topics = Math.max(1, Math.round(groups / 5));
const topicOf = (i: number) => `${values.stem}.topic-${i % topics}`;
const groupOf = (i: number) => `${values.stem}.group-${i}`;

await move();

async function move(): Promise<void> {
  const kafka = openKafka({ name: 'bench', brokers: testBrokers() }, { clientId: 'bench-mover', requestTimeoutMs: 60_000 });
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ clientId: 'bench-mover', bootstrapBrokers: testBrokers(), timeout: 60_000, retries: 0 });
  const { controllerId } = await kafka.connections.metadata({ topics: [] });
  const controller = await kafka.connections.node(controllerId ?? 1);
  for (let i = 0; i < topics; i += 200) {
    const batch = Array.from({ length: Math.min(200, topics - i) }, (_, j) => ({ name: topicOf(i + j), numPartitions: partitions, replicationFactor: 1, assignments: [], configs: [] }));
    // Topics of an interrupted run with the same --stem are taken as they are.
    await answerOf(createTopicsV7.api.async(controller, batch, 60_000, false));
  }
  await eventually(
    async () => {
      const { topics: found } = await kafka.connections.metadata();
      for (let i = 0; i < topics; i += 1) if (found.get(topicOf(i))?.partitions.filter((p) => p.leader !== null && p.errorCode === 0).length !== partitions) throw new Error(`${topicOf(i)} has no leaders yet`);
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
  let committed = 0n;
  /** Topic 0, 100, 200 … where only some move. */
  const moves = (topic: number, some: boolean) => !some || topic % 100 === 0;
  const everyPartition = async (count: number, some = false) => {
    for (let i = 0; i < topics; i += 50) {
      const messages: { topic: string; partition: number; value: Buffer }[] = [];
      for (let topic = i; topic < Math.min(topics, i + 50); topic += 1) if (moves(topic, some)) for (let partition = 0; partition < partitions; partition += 1) for (let n = 0; n < count; n += 1) messages.push({ topic: topicOf(topic), partition, value: Buffer.from('x') });
      if (messages.length === 0) continue;
      // The metadata names a leader before the broker has made the log.
      await eventually(() => producer.send({ messages, acks: 1 }), { timeoutMs: 180_000, everyMs: 500 });
    }
  };
  const commitAll = async (some = false) => {
    const { connection } = await kafka.connections.coordinator('group', groupOf(0));
    const byCoordinator = [connection];
    let next = 0;
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        while (next < groups) {
          const i = next++;
          if (!moves(i % topics, some)) continue;
          const at = byCoordinator[0] ?? connection;
          await offsetCommitV9.api.async(at, groupOf(i), -1, '', null, [{ name: topicOf(i), partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, committedOffset: committed, committedLeaderEpoch: -1, committedMetadata: '' })) }]);
        }
      }),
    );
  };
  await everyPartition(RECORDS);
  // A coordinator that has just come into being is loading for a moment.
  await eventually(() => commitAll(), { timeoutMs: 120_000, everyMs: 500 });
  process.send?.('moved');
  for await (const [word] of listen()) {
    if (word === 'end') break;
    committed += 1n;
    await everyPartition(1, word === 'some');
    await commitAll(word === 'some');
    process.send?.('moved');
  }
  await producer.close();
  await kafka.close();
  process.disconnect?.();
}

async function* listen(): AsyncGenerator<[unknown]> {
  for (;;) yield (await once(process, 'message')) as [unknown];
}
