import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { formatReplayRef } from '#lib/model/replay.ts';
import type { Store } from '#lib/store/store.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import type { Planted } from './fixture.ts';
import { readCommitted } from './read-committed.ts';

/**
 * Runs a worker in a process of its own that dies by SIGKILL: at a failpoint, or whatever it does after some time. False: it came to its end before.
 * @param settings.killAfterMs how long it lives; `die` is then no failpoint's name
 */
export async function killAt(store: Store, planted: Planted, settings: { holder: string; die: string; after?: number; batchSize?: number; chunkSize?: number; killAfterMs?: number }): Promise<boolean> {
  const { killAfterMs, ...given } = settings;
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('worker-child.ts', import.meta.url)), JSON.stringify({ databaseUrl: store.databaseUrl, clusterId: planted.clusterId, after: 0, batchSize: 10, chunkSize: 25, leaseMs: 400, ...given })],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  if (signal !== 'SIGKILL') assert.equal(code, 0, 'the worker neither was killed nor came to its end');
  return signal === 'SIGKILL';
}

interface JudgedItem {
  replayId: string;
  partition: number;
  offset: bigint;
  generation: number;
  state: string;
  final: boolean;
  refusal: string | null;
  sentPartition: number | null;
  sentOffset: bigint | null;
}

/**
 * The judgement: a read_committed Java consumer sees each requested record once, with its bytes and headers and in order, the ledger
 * names the place of each, and no item of the job may still be sent.
 */
export async function assertExactlyOnce(store: Store, planted: Planted, replayId: string, options: { refused?: number } = {}): Promise<void> {
  const items = await ledgerOf(store, [replayId]);
  assert.equal(items.length, planted.letters.length, 'every requested record is in the ledger');
  assert.equal(items.filter((one) => one.state === 'refused').length, options.refused ?? 0);
  const sent = items.filter((one) => one.state === 'sent');
  assert.equal(sent.length, planted.letters.length - (options.refused ?? 0));
  await assertSentOnce(planted, items);
  const [replay] = await store.query<{ state: string; sent: bigint; refused: bigint; selected: bigint }>('select state, sent, refused, selected from replay where id = $1', [replayId]);
  assert.deepEqual(replay, { state: 'finished', sent: BigInt(sent.length), refused: BigInt(options.refused ?? 0), selected: BigInt(items.length) });
}

/** The same of several jobs that were asked for some of the same records: each record went out with one of them. */
export async function assertOnceAcross(store: Store, planted: Planted, replayIds: readonly string[], options: { refused?: number } = {}): Promise<void> {
  const items = await ledgerOf(store, replayIds);
  await assertSentOnce(planted, items);
  const sent = new Set(items.filter((one) => one.state === 'sent').map((one) => `${one.partition}:${one.offset}`));
  assert.equal(sent.size, planted.letters.length - (options.refused ?? 0), 'each record was sent by one of the jobs');
  for (const one of items) if (one.state === 'refused' && sent.has(`${one.partition}:${one.offset}`)) assert.ok(['already-replaying', 'already-replayed'].includes(one.refusal ?? ''), `refused as ${one.refusal}`);
  assert.deepEqual(await store.query('select distinct state from replay where id = any($1::uuid[])', [replayIds]), [{ state: 'finished' }]);
}

async function ledgerOf(store: Store, replayIds: readonly string[]): Promise<JudgedItem[]> {
  const items = await store.query<JudgedItem>(
    `select replay_id as "replayId", partition, "offset", generation, state, final, refusal, sent_partition as "sentPartition", sent_offset as "sentOffset" from replay_item where replay_id = any($1::uuid[]) order by topic_id, partition, "offset"`,
    [replayIds],
  );
  assert.deepEqual(items.filter((one) => !one.final), [], 'no row is left in a state that is not final');
  return items;
}

/** What a committed reader of the target sees is what the ledger calls sent, each once, with its bytes, and in order within a job. */
async function assertSentOnce(planted: Planted, items: readonly JudgedItem[]): Promise<void> {
  const sent = items.filter((one) => one.state === 'sent');
  const seen = await readCommitted(testBrokers().join(','), planted.target);
  const byRef = new Map(seen.map((record) => [String(record.headers.find(([name]) => name === 'replay-id')?.[1]), record]));
  assert.equal(seen.length, byRef.size, 'no record is there twice');
  assert.equal(seen.length, sent.length, 'none is missing and none too many');
  const letters = new Map(planted.letters.map((letter) => [`${letter.partition}:${letter.offset}`, letter]));
  for (const item of sent) {
    const record = byRef.get(formatReplayRef(item.replayId, { topicId: planted.dlqTopicId, ...item }, item.generation));
    const letter = letters.get(`${item.partition}:${item.offset}`)!;
    assert.ok(record, `partition ${item.partition} offset ${item.offset} is in the target`);
    assert.deepEqual([record.key, record.value], [letter.key, letter.value], 'key and value are the same bytes');
    assert.deepEqual(record.headers.slice(0, letter.headers.length), letter.headers.map(([name, value]) => [String(name), value]), 'so are the headers, in order');
    assert.deepEqual([item.sentPartition, item.sentOffset], [record.partition, record.offset], 'the ledger knows the place');
  }
  for (const [place, ofPlace] of Map.groupBy(sent, (item) => `${item.replayId} ${item.sentPartition}`)) {
    assert.ok(ofPlace.every((item, index) => index === 0 || item.sentOffset! > ofPlace[index - 1]!.sentOffset!), `${place} keeps the order of the dead letters`);
  }
}
