import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packCommitBlock, unpackCommitBlock } from '#lib/lag/pack-block.ts';
import { packCommitSample, packTopicSample } from '#lib/lag/pack-sample.ts';
import { foldOffsets } from '#lib/operations/fold-offsets.ts';
import { pruneStore } from '#lib/operations/prune-store.ts';
import { compressBlock, inflateBlock } from '#lib/store/lag/compress-block.ts';
import { foldSamples } from '#lib/store/lag/fold-samples.ts';
import { readCommitHistory, readEndHistory } from '#lib/store/lag/read-offset-history.ts';
import { insertSamples } from '#lib/store/lag/save-offsets.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';

const HOUR_MS = 3_600_000;
const never = new AbortController().signal;
const retention = { spans: 7, bodies: 14, charts: 30 };

/** Samples of two groups and one topic, one each ten minutes, from `from` on. */
async function plant(store: Store, from: Date, hours: number): Promise<void> {
  const to = new Date(from.getTime() + hours * HOUR_MS);
  for (const table of ['topic_offset_sample', 'group_commit_sample', 'topic_offset_block', 'group_commit_block']) await ensurePartitions(store, table, from, to);
  for (let i = 0; i < hours * 6; i += 1) {
    const at = new Date(from.getTime() + i * 600_000);
    const offset = BigInt(100 + i * 10);
    await insertSamples(store, 'topic_offset_sample', at, [{ id: 7, packed: packTopicSample([{ partition: 2, highWatermark: offset + 5n, lastStableOffset: offset, logStartOffset: 3n }]) }]);
    await insertSamples(store, 'group_commit_sample', at, [
      { id: 1, packed: packCommitSample([{ topicId: 7, partition: 2, committedOffset: i === 3 ? null : offset }]) },
      { id: 2, packed: packCommitSample([{ topicId: 7, partition: 2, committedOffset: offset + 1n }]) },
    ]);
  }
}

const hourBefore = (now: Date, hours: number): Date => new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS - hours * HOUR_MS);

describe('the history of offsets', () => {
  it('is the same before its hours are folded, after that, and after its samples are dropped', async (t) => {
    const store = await testStore(t);
    // Ten minutes past the hour, so that the last hour is settled.
    const now = new Date(hourBefore(new Date(), 0).getTime() + 600_000);
    await plant(store, hourBefore(now, 4), 4);
    const range = { topicId: 7, partition: 2, from: hourBefore(now, 4), to: now };
    const read = async () => ({ commits: await readCommitHistory(store, { groupId: 1, ...range }), ends: await readEndHistory(store, range) });
    const before = await read();
    assert.equal(before.commits.length, 24);
    assert.deepEqual(before.commits.slice(2, 5).map((p) => p.committedOffset), [120n, null, 140n]);
    assert.deepEqual(before.ends[1], { atMs: range.from.getTime() + 600_000, highWatermark: 115n, lastStableOffset: 110n, logStartOffset: 3n });

    await foldOffsets(store, now, never);
    assert.deepEqual(await read(), before);
    const pruned = await pruneStore(store, retention, now, never);
    assert.deepEqual(pruned.problems, []);
    assert.equal((await store.query<{ n: bigint }>('select count(*) as n from group_commit_sample where at < $1', [hourBefore(now, 2)]))[0]?.n, 0n);
    assert.deepEqual(await read(), before);

    // A span without a change still begins with what was true then.
    const quiet = await readCommitHistory(store, { groupId: 2, topicId: 7, partition: 2, from: new Date(range.from.getTime() + 601_000), to: new Date(range.from.getTime() + 602_000) });
    assert.deepEqual(quiet.map((p) => p.committedOffset), [111n]);
  });

  it('keeps the samples of an hour that is not folded, and folds it in a later round', async (t) => {
    const store = await testStore(t);
    const now = new Date(hourBefore(new Date(), 0).getTime() + 600_000);
    await plant(store, hourBefore(now, 5), 5);
    await store.execute('alter table group_commit_block rename to elsewhere');
    const stuck = await pruneStore(store, retention, now, never);
    assert.ok(stuck.problems.some((problem) => problem.startsWith('fold offsets')), stuck.problems.join('; '));
    const samples = async () => (await store.query<{ n: bigint }>('select count(*) as n from group_commit_sample where at < $1', [hourBefore(now, 2)]))[0]?.n;
    assert.equal(await samples(), 36n);
    await store.execute('alter table elsewhere rename to group_commit_block');
    assert.deepEqual((await pruneStore(store, retention, now, never)).problems, []);
    assert.equal(await samples(), 0n);
    assert.equal((await store.query<{ n: bigint }>('select count(*) as n from group_commit_block'))[0]?.n, 10n);
  });

  it('costs two bytes a cycle for a partition that moves all the time', () => {
    const points = Array.from({ length: 360 }, (_, i) => ({ atMs: 1_700_000_000_000 + i * 10_000 + ((i * 7_919) % 600), committedOffset: BigInt(i * 40 + ((i * 7_907) % 97)) }));
    const stored = compressBlock(packCommitBlock(points));
    assert.ok(stored.length < 2 * 360, `${stored.length} bytes`);
    assert.deepEqual(unpackCommitBlock(inflateBlock(stored)).map((p) => p.committedOffset), points.map((p) => p.committedOffset));
    assert.throws(() => inflateBlock(Buffer.from([9, 1, 1])), RangeError);
  });

  it('goes on where a killed folding ended, whoever goes on, and two at once write nothing twice', async (t) => {
    const store = await testStore(t);
    const hour = hourBefore(new Date(), 2);
    await plant(store, hour, 1);
    for (let id = 100; id < 250; id += 1) await insertSamples(store, 'group_commit_sample', new Date(hour.getTime() + 1_000), [{ id, packed: packCommitSample([{ topicId: 7, partition: 0, committedOffset: 5n }]) }]);
    assert.equal(await foldSamples(store, 'group', hour), false);
    const [progress] = await store.query<{ last_id: number }>(`select last_id from offset_fold where kind = 'group'`);
    assert.equal(progress?.last_id, 197);
    assert.deepEqual(await Promise.all([foldSamples(store, 'group', hour), foldSamples(store, 'group', hour)]), [true, true]);
    assert.equal((await store.query<{ n: bigint }>('select count(*) as n from group_commit_block'))[0]?.n, 152n);
  });
});
