import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { test, type TestContext } from 'node:test';
import { kafkaClientOptions } from '#lib/brokers/kafka/connect.ts';
import { openReplay } from '#lib/brokers/kafka/open-replay.ts';
import { ReplaySendError } from '#lib/brokers/port-replay.ts';
import type { ReplayRecord } from '#lib/model/replay.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { readCommitted } from './read-committed.ts';

const base = kafkaClientOptions({ name: 'test', brokers: testBrokers() }, { clientId: 'sender-test' });
const brokers = testBrokers().join(',');

async function open(t: TestContext, replayId: string) {
  const sender = await openReplay(base, { replayId, mode: 'exactly-once', transactionTimeoutMs: 60_000 });
  t.after(() => sender.close());
  return sender;
}

function text(topic: string, values: string[]): ReplayRecord[] {
  return values.map((value) => ({ topic, partition: 0, key: null, value: Buffer.from(value), headers: [] }));
}

async function killed(settings: object): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('sender-child.ts', import.meta.url)), JSON.stringify(settings)], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL');
}

test('records and progress are committed together, byte for byte', async (t) => {
  const topic = await createTopic(uniqueName('replay-target'), { partitions: 2 });
  const dlq = await createTopic(uniqueName('replay-dlq'));
  const sender = await open(t, randomUUID());
  const records: ReplayRecord[] = [
    { topic, partition: 0, key: Buffer.from([0, 255, 128]), value: null, headers: [] },
    { topic, partition: 1, key: null, value: Buffer.alloc(0), headers: [[Buffer.from('a'), null], [Buffer.from('a'), Buffer.alloc(0)], [Buffer.from('b'), Buffer.from([7])], [Buffer.from('a'), Buffer.from('again')]] },
    { topic, partition: 0, key: Buffer.alloc(0), value: Buffer.from('ü'), headers: [[Buffer.alloc(0), Buffer.from('no name')]] },
  ];
  const outcome = await sender.send(records, [{ topic: dlq, partition: 0, offset: 3n }]);
  assert.equal(outcome.kind, 'committed');
  assert.deepEqual(outcome.kind === 'committed' && outcome.offsets, [0n, 0n, 1n]);
  const seen = await readCommitted(brokers, topic);
  assert.deepEqual(
    seen.map(({ partition, offset, key, value, headers }) => ({ partition, offset, key, value, headers })).sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset)),
    [records[0]!, records[2]!, records[1]!].map((record, index) => ({ partition: record.partition, offset: [0n, 1n, 0n][index], key: record.key, value: record.value, headers: record.headers.map(([name, value]) => [name.toString(), value]) })),
  );
  assert.deepEqual(await sender.readProgress([{ topic: dlq, partition: 0 }]), new Map([[`${dlq}:0`, 3n]]));
});

test('several requests are one transaction: all of it or nothing, and a refusal names its record among all', async (t) => {
  const topic = await createTopic(uniqueName('replay-target'), { partitions: 2, config: { 'max.message.bytes': '2000' } });
  const dlq = await createTopic(uniqueName('replay-dlq'));
  const replayId = randomUUID();
  const sender = await open(t, replayId);
  const records = Array.from({ length: 7 }, (_, n): ReplayRecord => ({ topic, partition: n % 2, key: null, value: Buffer.from(`${n} ${'x'.repeat(700)}`), headers: [] }));
  const outcome = await sender.send(records, [{ topic: dlq, partition: 0, offset: 7n }], [3, 0, 3, 1]);
  assert.deepEqual(outcome, { kind: 'committed', offsets: [0n, 0n, 1n, 1n, 2n, 2n, 3n] });

  const tooLarge = [...records.slice(0, 4), { ...records[5]!, value: Buffer.alloc(5_000, 'y') }];
  const refused = await sender.send(tooLarge, [{ topic: dlq, partition: 0, offset: 12n }], [2, 2, 1]);
  assert.deepEqual(refused.kind === 'refused' && [refused.code, refused.suspects], ['too-large', [4]]);
  const next = await open(t, replayId);
  assert.deepEqual(await next.readProgress([{ topic: dlq, partition: 0 }]), new Map([[`${dlq}:0`, 7n]]), 'nothing of it was passed');
  assert.deepEqual((await readCommitted(brokers, topic)).map((record) => String(record.value).slice(0, 1)).toSorted(), ['0', '1', '2', '3', '4', '5', '6'], 'nor sent');
});

test('a worker killed between send and commit leaves nothing behind, one killed after the commit leaves everything', async (t) => {
  const topic = await createTopic(uniqueName('replay-target'));
  const dlq = await createTopic(uniqueName('replay-dlq'));
  const replayId = randomUUID();
  const first = await open(t, replayId);
  await first.commitPositions([{ topic: dlq, partition: 0, offset: 0n }]);
  assert.deepEqual(await first.readProgress([{ topic: dlq, partition: 0 }]), new Map([[`${dlq}:0`, 0n]]));

  await killed({ replayId, topic, dlq, from: 0, count: 5, dieBeforeCommit: true });
  const second = await open(t, replayId);
  assert.deepEqual(await second.readProgress([{ topic: dlq, partition: 0 }]), new Map([[`${dlq}:0`, 0n]]), 'the killed transaction was aborted');

  await killed({ replayId, topic, dlq, from: 0, count: 5, dieBeforeCommit: false });
  const third = await open(t, replayId);
  assert.deepEqual(await third.readProgress([{ topic: dlq, partition: 0 }]), new Map([[`${dlq}:0`, 5n]]), 'the commit is seen although nobody was told');
  await third.send(text(topic, ['value 5']), [{ topic: dlq, partition: 0, offset: 6n }]);
  assert.deepEqual((await readCommitted(brokers, topic)).map((record) => String(record.value)), [0, 1, 2, 3, 4, 5].map((n) => `value ${n}`));
});

test('a paused worker is fenced by the second and commits neither records nor progress', async (t) => {
  const topic = await createTopic(uniqueName('replay-target'));
  const dlq = await createTopic(uniqueName('replay-dlq'));
  const replayId = randomUUID();
  const paused = await open(t, replayId);
  await paused.commitPositions([{ topic: dlq, partition: 0, offset: 0n }]);
  const rightful = await open(t, replayId);
  await rightful.send(text(topic, ['a', 'b']), [{ topic: dlq, partition: 0, offset: 2n }]);

  await assert.rejects(paused.send(text(topic, ['a', 'b']), [{ topic: dlq, partition: 0, offset: 2n }]), (error) => error instanceof ReplaySendError && error.kind === 'fenced');
  await assert.rejects(paused.send(text(topic, ['a']), []), /must not be used again/);
  await rightful.send(text(topic, ['c']), [{ topic: dlq, partition: 0, offset: 3n }]);
  assert.deepEqual((await readCommitted(brokers, topic)).map((record) => String(record.value)), ['a', 'b', 'c']);
  assert.deepEqual(await rightful.readProgress([{ topic: dlq, partition: 0 }]), new Map([[`${dlq}:0`, 3n]]));

  const late = await open(t, randomUUID());
  await assert.rejects(paused.commitPositions([{ topic: dlq, partition: 0, offset: 0n }]), ReplaySendError, 'nor may it set progress back');
  await late.close();
});

test('a record the broker finds too large is named, nothing of its transaction is committed, and the rest goes again', async (t) => {
  const topic = await createTopic(uniqueName('replay-target'), { partitions: 2, config: { 'max.message.bytes': '2000' } });
  const dlq = await createTopic(uniqueName('replay-dlq'));
  const replayId = randomUUID();
  const sender = await open(t, replayId);
  const records: ReplayRecord[] = [
    { topic, partition: 0, key: null, value: Buffer.from('fits'), headers: [] },
    { topic, partition: 1, key: null, value: Buffer.alloc(5_000, 'x'), headers: [] },
  ];
  const outcome = await sender.send(records, [{ topic: dlq, partition: 0, offset: 2n }]);
  assert.equal(outcome.kind, 'refused');
  assert.deepEqual(outcome.kind === 'refused' && [outcome.code, outcome.suspects], ['too-large', [1]]);
  const next = await open(t, replayId);
  assert.deepEqual(await next.readProgress([{ topic: dlq, partition: 0 }]), new Map([[`${dlq}:0`, null]]));
  await next.send(records.slice(0, 1), [{ topic: dlq, partition: 0, offset: 2n }]);
  assert.deepEqual((await readCommitted(brokers, topic)).map((record) => String(record.value)), ['fits']);
});
