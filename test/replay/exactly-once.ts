import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { formatReplayRef } from '#lib/model/replay.ts';
import type { Store } from '#lib/store/store.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import type { Planted } from './fixture.ts';
import { readCommitted } from './read-committed.ts';

/** Runs a worker in a process of its own that dies by SIGKILL at a failpoint. False: it came to its end before. */
export async function killAt(store: Store, planted: Planted, settings: { holder: string; die: string; after?: number; batchSize?: number; chunkSize?: number }): Promise<boolean> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('worker-child.ts', import.meta.url)), JSON.stringify({ databaseUrl: store.databaseUrl, clusterId: planted.clusterId, after: 0, batchSize: 10, chunkSize: 25, leaseMs: 400, ...settings })],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal !== 'SIGKILL') assert.equal(code, 0, 'the worker neither was killed nor came to its end');
  return signal === 'SIGKILL';
}

/**
 * The judgement: a read_committed Java consumer sees each requested record once, with its bytes and headers and in order, the ledger
 * names the place of each, and no item of the job may still be sent.
 */
export async function assertExactlyOnce(store: Store, planted: Planted, replayId: string, options: { refused?: number } = {}): Promise<void> {
  const items = await store.query<{ partition: number; offset: bigint; generation: number; state: string; final: boolean; sentPartition: number | null; sentOffset: bigint | null }>(
    `select partition, "offset", generation, state, final, sent_partition as "sentPartition", sent_offset as "sentOffset" from replay_item where replay_id = $1 order by topic_id, partition, "offset"`,
    [replayId],
  );
  assert.equal(items.length, planted.letters.length, 'every requested record is in the ledger');
  assert.deepEqual(items.filter((one) => !one.final), [], 'no row is left in a state that is not final');
  assert.equal(items.filter((one) => one.state === 'refused').length, options.refused ?? 0);
  const sent = items.filter((one) => one.state === 'sent');
  assert.equal(sent.length, planted.letters.length - (options.refused ?? 0));

  const seen = await readCommitted(testBrokers().join(','), planted.target);
  const byRef = new Map(seen.map((record) => [String(record.headers.find(([name]) => name === 'replay-id')?.[1]), record]));
  assert.equal(seen.length, byRef.size, 'no record is there twice');
  assert.equal(seen.length, sent.length, 'none is missing and none too many');
  const letters = new Map(planted.letters.map((letter) => [`${letter.partition}:${letter.offset}`, letter]));
  for (const item of sent) {
    const record = byRef.get(formatReplayRef(replayId, { topicId: planted.dlqTopicId, ...item }, item.generation));
    const letter = letters.get(`${item.partition}:${item.offset}`)!;
    assert.ok(record, `partition ${item.partition} offset ${item.offset} is in the target`);
    assert.deepEqual([record.key, record.value], [letter.key, letter.value], 'key and value are the same bytes');
    assert.deepEqual(record.headers.slice(0, letter.headers.length), letter.headers.map(([name, value]) => [String(name), value]), 'so are the headers, in order');
    assert.deepEqual([item.sentPartition, item.sentOffset], [record.partition, record.offset], 'the ledger knows the place');
  }
  const order = sent.map((item) => [item.sentPartition, item.sentOffset] as const);
  for (const [partition, offsets] of Map.groupBy(order, ([at]) => at)) {
    assert.ok(offsets.every(([, offset], index) => index === 0 || offset! > offsets[index - 1]![1]!), `partition ${partition} keeps the order of the dead letters`);
  }
  const [replay] = await store.query<{ state: string; sent: bigint; refused: bigint; selected: bigint }>('select state, sent, refused, selected from replay where id = $1', [replayId]);
  assert.deepEqual(replay, { state: 'finished', sent: BigInt(sent.length), refused: BigInt(options.refused ?? 0), selected: BigInt(items.length) });
}
