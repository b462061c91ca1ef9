import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Broker } from '#lib/brokers/broker.ts';
import type { OffsetsSnapshot } from '#lib/brokers/port-offsets.ts';
import { explainGroup, type GroupFigures } from '#lib/lag/explain-group.ts';
import { groupStatus } from '#lib/lag/group-status.ts';
import { lagTrend, type LagTrend } from '#lib/lag/lag-trend.ts';
import { movementOf } from '#lib/lag/movement.ts';
import { partitionLag } from '#lib/lag/partition-lag.ts';
import { type PartitionFacts, partitionStatus, statusTimes } from '#lib/lag/partition-status.ts';
import { timeToLoss } from '#lib/lag/time-to-loss.ts';
import { LAG_STATUSES, type LagStatus } from '#lib/model/lag.ts';
import { getGroup } from '#lib/operations/get-group.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { createTopic, uniqueName } from '#test/harness/kafka.ts';
import { testCollection } from './collection.ts';
import { commitOffsets, produce, testKafka, testProducer } from './commit-offsets.ts';

const INTERVAL_MS = 10_000;

describe('a restart of the collector', () => {
  // What a cluster may do in a cycle, by a seeded generator: two collectors see exactly the same, one of them is restarted before every cycle.
  for (const seed of [1, 7, 42]) {
    it(`changes no status, no since and no age, whatever the groups do (seed ${seed})`, async (t) => {
      const [whole, restarted] = [await testStore(t), await testStore(t)];
      const topic = await createTopic(uniqueName('orders'), { partitions: 4 });
      const names = Array.from({ length: 6 }, (_, i) => uniqueName(`group${i}`));
      const kafka = testKafka(t);
      for (const name of names) await commitOffsets(kafka, name, topic, new Map([[0, 0n]]));
      const script = openScript(seed, topic, names);
      const snapshot = await testCollection(t, whole).registry.get('test').snapshotOffsets({ signal: AbortSignal.timeout(60_000) });
      const wrap = (broker: Broker): Broker => ({ ...broker, snapshotOffsets: async () => script.rewrite(snapshot), findOffsetsAtTime: async () => [], describeGroups: async () => [] });
      const continuous = testCollection(t, whole, { wrap });
      const seen = new Set<string>();
      for (let step = 0; step < 45; step += 1) {
        script.next();
        await continuous.cycle();
        await testCollection(t, restarted, { wrap }).cycle();
        const [expected, found] = [await statuses(whole), await statuses(restarted)];
        assert.deepEqual(found, expected, `after cycle ${step}`);
        for (const row of expected) seen.add(row.status);
      }
      // The script must reach what it is to compare.
      assert.ok(seen.size >= 5, [...seen].join(', '));
    });
  }

  it('remembers what a group was before an outage that the restart falls into', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'));
    const group = uniqueName('billing');
    await produce(testProducer(t), topic, 0, 10);
    await commitOffsets(kafka, group, topic, new Map([[0, 4n]]));
    const start = Date.now();
    const at = (ms: number, failing: boolean) => (broker: Broker): Broker => ({
      ...broker,
      async snapshotOffsets(options) {
        const snapshot = await broker.snapshotOffsets(options);
        return {
          ...snapshot,
          endsReadAt: start + ms,
          groups: snapshot.groups
            .filter((g) => g.name === group)
            .map((g) => ({ ...g, type: 'classic' as const, ...(failing ? { committed: null, failure: { code: 'timeout', message: 'The coordinator did not answer.', retryable: true } } : {}) })),
        };
      },
    });
    const row = () => store.prisma.consumerGroup.findFirstOrThrow({ where: { name: group } });
    const partition = async () => store.prisma.groupPartitionOffset.findFirstOrThrow({ where: { groupId: (await row()).id } });
    await testCollection(t, store, { wrap: at(0, false) }).cycle();
    await testCollection(t, store, { wrap: at(60_000, false) }).cycle();
    const [before, partitionBefore] = [await row(), await partition()];
    assert.equal(before.status, 'stopped');
    await testCollection(t, store, { wrap: at(70_000, true) }).cycle();
    const outage = await getGroup(store, { cluster: 'test', group, now: new Date(start + 70_000) });
    assert.deepEqual([outage.status, outage.lastKnownStatus, outage.partitions[0]?.status], ['unknown', 'stopped', 'unknown']);
    // Nobody remembers anything but the store.
    await testCollection(t, store, { wrap: at(80_000, true) }).cycle();
    await testCollection(t, store, { wrap: at(90_000, false) }).cycle();
    const [after, partitionAfter] = [await row(), await partition()];
    assert.deepEqual([after.status, after.statusSince, partitionAfter.status, partitionAfter.statusSince], [before.status, before.statusSince, partitionBefore.status, partitionBefore.statusSince]);
  });
});

describe('status by figures', () => {
  const times = statusTimes(INTERVAL_MS);
  const offset = fc.bigInt({ min: 0n, max: 2n ** 62n });
  const trend = fc.constantFrom<LagTrend>('growing', 'steady', 'shrinking', 'caught-up', 'incomplete');
  const status = fc.constantFrom(...LAG_STATUSES);
  const now = 10 ** 12;
  const ago = fc.option(fc.integer({ min: 0, max: 10 ** 8 }).map((ms) => now - ms), { nil: null });
  const facts = fc.record({
    position: fc.record({ committedOffset: fc.option(offset, { nil: null }), endOffset: fc.option(offset, { nil: null }), lastStableOffset: fc.option(offset, { nil: null }), logStartOffset: fc.option(offset, { nil: null }) }),
    readFailed: fc.boolean(),
    committedAt: ago,
    watchedSince: fc.integer({ min: 0, max: 10 ** 8 }).map((ms) => now - ms),
    oldestAt: ago,
    rewoundAt: ago,
    endMovedSince: fc.boolean(),
    vanished: fc.boolean(),
    commitGapMs: fc.option(fc.integer({ min: 0, max: 10 ** 7 }), { nil: null }),
    trend,
    previous: status,
  });
  const context = fc.record({ memberless: fc.boolean(), progressed: fc.boolean() });

  it('is never ok, empty or any other claim where the reading failed or a figure is missing', () => {
    fc.assert(
      fc.property(facts, context, (given, group) => {
        const found = partitionStatus(given, group, times, now);
        if (given.readFailed) assert.equal(found, 'unknown');
        else if (!given.vanished && (given.position.committedOffset === null || given.position.endOffset === null)) assert.equal(found, 'unknown');
      }),
    );
  });

  it('is ok or empty for what is idle and caught up, whatever it was and however long ago, unless it was just rewound or lost records', () => {
    fc.assert(
      fc.property(facts, context, offset, (given: PartitionFacts, group, end) => {
        const idle = { ...given, readFailed: false, vanished: false, rewoundAt: null, oldestAt: null, position: { committedOffset: end, endOffset: end, lastStableOffset: end, logStartOffset: 0n } };
        assert.equal(partitionStatus(idle, group, times, now), group.memberless ? 'empty' : 'ok');
      }),
    );
  });

  it('is losing data whenever retention passed the commit, and never otherwise', () => {
    fc.assert(
      fc.property(facts, context, (given, group) => {
        if (given.readFailed || given.vanished) return;
        const { lag, lost, clamped } = partitionLag(given.position);
        if (lag === null) return;
        const found = partitionStatus(given, group, times, now);
        // A commit beyond the end belongs to another log: nothing is known of it.
        if (clamped) assert.equal(found, 'unknown');
        else assert.equal(found === 'losing-data', lost !== null && lost > 0n);
      }),
    );
  });

  it('of a group does not depend on the order of its partitions, nor a trend on the order of its window', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(status, fc.integer({ min: 1, max: 9 })), { maxLength: 10 }), fc.boolean(), fc.option(fc.integer({ min: 0, max: 10 ** 5 }), { nil: null }), (partitions, memberless, since) => {
        const judge = (list: [LagStatus, number][]) => groupStatus({ partitions: new Map(list), readFailed: false, rebalancingSince: since, memberless }, 10 ** 5);
        const unique = [...new Map(partitions)];
        assert.equal(judge(unique), judge(unique.toReversed()));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 16 }), fc.infiniteStream(fc.nat()), (lags, order) => {
        const points = lags.map((lag, i) => ({ lag, at: now - i * INTERVAL_MS }));
        const shuffled = points.map((point) => ({ point, key: order.next().value })).toSorted((a, b) => a.key - b.key).map(({ point }) => point);
        const judge = (list: typeof points) => lagTrend(list.map(({ lag }) => lag), list.map(({ at }) => at), now, times.windowMs);
        assert.equal(judge(shuffled), judge(points));
      }),
    );
  });

  it('of a group that could not be read is unknown, and unknown partitions never make it ok', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(status, fc.integer({ min: 1, max: 9 })), { maxLength: 6 }), fc.boolean(), (partitions, memberless) => {
        assert.equal(groupStatus({ partitions: new Map(partitions), readFailed: true, rebalancingSince: null, memberless }, 0), 'unknown');
        assert.equal(groupStatus({ partitions: new Map([['unknown', 3]]), readFailed: false, rebalancingSince: null, memberless }, 0), 'unknown');
      }),
    );
  });

  it('gives no negative figure, whatever is stored', () => {
    const samples = fc.array(fc.record({ at: fc.integer({ min: now - 600_000, max: now }), offset: fc.option(offset, { nil: null }) }), { maxLength: 20 }).map((list) => list.toSorted((a, b) => a.at - b.at));
    fc.assert(
      fc.property(samples, fc.option(offset, { nil: null }), facts, fc.constantFrom(null, 'forever' as const, 3_600_000), (list, current, { position, oldestAt }, retentionMs) => {
        const { perSecond } = movementOf(list, current, now, now - 1_000_000);
        assert.ok(perSecond === null || perSecond >= 0);
        const loss = timeToLoss({ position, oldestAt, retentionMs, deletesBySize: null, logStartPerSecond: 3 }, now);
        assert.ok(loss === null || loss === 'never' || loss.seconds >= 0);
      }),
    );
  });
});

describe('movement of a partition', () => {
  const now = 1_000_000;
  it('is the growth of the last minute, with what it stood at before', () => assert.deepEqual(movementOf([{ at: now - 90_000, offset: 10n }, { at: now - 40_000, offset: 40n }], 70n, now, 0), { perSecond: 1, before: 10n }));
  it('is 0 where nothing moved while it was watched, and unknown where it was not', () => {
    assert.deepEqual(movementOf([], 70n, now, 0), { perSecond: 0, before: 70n });
    assert.equal(movementOf([], 70n, now, now - 1_000).perSecond, null);
  });
  it('counts a step back as no progress', () => assert.equal(movementOf([{ at: now - 60_000, offset: 100n }, { at: now - 30_000, offset: 40n }], 70n, now, 0).perSecond, 0.5));
  it('is unknown without an offset', () => assert.equal(movementOf([], null, now, 0).perSecond, null));
});

describe('time until records are lost', () => {
  const position = { committedOffset: 100n, endOffset: 500n, lastStableOffset: 500n, logStartOffset: 40n };
  const facts = { position, oldestAt: 1_000_000, retentionMs: 3_600_000 as number | 'forever' | null, deletesBySize: false as boolean | null, logStartPerSecond: null as number | null };
  it('is when the oldest unread record has reached the retention of its topic', () => assert.deepEqual(timeToLoss(facts, 1_600_000), { seconds: 3_000, by: 'retention' }));
  it('is when the start of the log gets there, where only its movement is known', () => assert.deepEqual(timeToLoss({ ...facts, retentionMs: null, logStartPerSecond: 2 }, 1_600_000), { seconds: 30, by: 'log-start' }));
  it('is the sooner of both where the topic deletes by size too', () => assert.deepEqual(timeToLoss({ ...facts, deletesBySize: true, logStartPerSecond: 2 }, 1_600_000), { seconds: 30, by: 'log-start' }));
  it('is now where records are lost already', () => assert.deepEqual(timeToLoss({ ...facts, position: { ...position, logStartOffset: 120n } }, 0), { seconds: 0, by: 'log-start' }));
  it('is never for a topic that keeps everything, and unknown where nothing is known', () => {
    assert.equal(timeToLoss({ ...facts, retentionMs: 'forever' }, 0), 'never');
    assert.equal(timeToLoss({ ...facts, retentionMs: null, deletesBySize: null }, 0), null);
    assert.equal(timeToLoss({ ...facts, position: { ...position, committedOffset: 500n } }, 0), null);
  });
});

describe('the sentence of a status', () => {
  const figures: GroupFigures = { name: 'billing', status: 'stopped', statusSince: 0, lag: 1_304n, oldestSeconds: 252, oldestQuality: 'exact', topics: ['payments'], topicsBehind: 1, partitionsBehind: 3, partitions: 3, unknownPartitions: 0, uncommittedPartitions: 0, beyondPartitions: 0, lost: 0n, arrived: 1_204n, watchedMs: null, members: 3, drain: null, error: null, hidden: null, mayHide: false, endedBecause: null };
  it('says in figures why a group counts as stopped', () => assert.equal(explainGroup(figures, 250_000), 'billing stopped: no commit for 4 min 10 s while 1,204 records arrived; 3 members are connected. 1,304 records wait on payments, the oldest 4 min 12 s.'));
  it('does not call what lies between two commits waiting', () => assert.equal(explainGroup({ ...figures, status: 'ok', lag: 9n, oldestSeconds: 2 }, 0), 'billing keeps up, 9 records behind on payments.'));
  it('does not claim in the first seconds that a group keeps up', () => {
    assert.equal(explainGroup({ ...figures, status: 'ok', lag: 9n, oldestSeconds: null, watchedMs: 8_000 }, 0), 'billing has been watched for 8 s: too short to say whether it keeps up. 9 records wait on payments.');
    assert.equal(explainGroup({ ...figures, status: 'ok', lag: 0n, oldestSeconds: 0, watchedMs: 8_000 }, 0), 'billing keeps up.');
  });
});

interface StatusRow {
  group: string;
  partition: number | null;
  status: string;
  since: string | null;
  oldestAt: string | null;
}

async function statuses(store: Store): Promise<StatusRow[]> {
  return store.query<StatusRow>(
    `select g.name as "group", null::int as partition, g.status, g.status_since::text as since, null as "oldestAt" from consumer_group g
     union all select g.name, o.partition, o.status, o.status_since::text, o.oldest_at::text || ' ' || o.oldest_quality from group_partition_offset o join consumer_group g on g.id = o.group_id
     order by 1, 2 nulls first`,
  );
}

/** A cluster that does something in every cycle, the same for the same seed: ends grow, groups commit in different moods, members rearrange. */
function openScript(seed: number, topic: string, names: readonly string[]): { next(): void; rewrite(snapshot: OffsetsSnapshot): OffsetsSnapshot } {
  let state = seed * 2_654_435_761;
  const random = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return state % below;
  };
  const start = Math.floor(Date.now() / 1_000) * 1_000;
  let step = -1;
  let atMs = start;
  const ends = [100n, 100n, 100n, 100n];
  const groups = names.map((name) => ({ name, mood: 'keeps up', state: 'Stable', commits: [100n, 100n, 100n, 100n] }));
  return {
    next() {
      step += 1;
      // Now and then nothing is read for longer than a cycle, and for less than the window.
      atMs += INTERVAL_MS + (random(7) === 0 ? 30_000 + random(4) * 20_000 : 0);
      const quiet = Math.floor(step / 8) % 3 === 2;
      for (const [partition, end] of ends.entries()) if (!quiet) ends[partition] = end + BigInt(random(40));
      for (const group of groups) {
        if (random(9) === 0) group.mood = ['keeps up', 'falls behind', 'stands', 'one stands', 'rewinds', 'catches up'][random(6)] ?? 'stands';
        if (random(12) === 0) group.state = ['Stable', 'Stable', 'Empty', 'PreparingRebalance'][random(4)] ?? 'Stable';
        for (const [partition, commit] of group.commits.entries()) {
          const end = ends[partition] ?? 0n;
          if (group.mood === 'stands' || group.state === 'Empty' || (group.mood === 'one stands' && partition === 1)) continue;
          if (group.mood === 'keeps up' || group.mood === 'one stands') group.commits[partition] = end - (end - commit > 5n ? BigInt(random(5)) : 0n);
          else if (group.mood === 'falls behind') group.commits[partition] = commit + (end - commit) / 8n;
          else if (group.mood === 'catches up') group.commits[partition] = commit + (end - commit) / 2n;
          else if (random(4) === 0) group.commits[partition] = commit > 20n ? commit - 20n : commit;
        }
      }
    },
    rewrite(snapshot) {
      const template = snapshot.topics.get(topic);
      if (!template) throw new Error(`${topic} is not in the snapshot`);
      return {
        ...snapshot,
        endsReadAt: atMs,
        topics: new Map([[topic, { ...template, highWatermarks: [...ends], lastStableOffsets: [...ends], logStartOffsets: [0n, 0n, 0n, 0n], failures: new Map() }]]),
        groups: groups.map((group) => ({
          name: group.name,
          type: 'classic',
          state: group.state,
          protocolType: 'consumer',
          coordinator: 1,
          committed: [{ topic, partitions: [0, 1, 2, 3], offsets: [...group.commits] }],
          failure: null,
        })),
      };
    },
  };
}
