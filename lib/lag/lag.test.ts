import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LagStatus, PartitionPosition } from '#lib/model/lag.ts';
import { ANCHOR_CAPACITY, createAnchors, insertPast, observeEnd, secondsSince, timeOfOffset } from './anchors.ts';
import { explainGroup, type GroupFigures } from './explain-group.ts';
import { groupStatus } from './group-status.ts';
import { lagTrend } from './lag-trend.ts';
import { packCommitSample, packTopicSample, unpackCommitSample, unpackTopicSample } from './pack-sample.ts';
import { partitionLag } from './partition-lag.ts';
import { type GroupContext, type PartitionFacts, partitionStatus, statusTimes } from './partition-status.ts';
import { timeToDrain } from './time-to-drain.ts';

const offset = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const maybe = fc.option(offset, { nil: null });

describe('lag of a partition', () => {
  const at = (committedOffset: bigint | null, endOffset: bigint | null, lastStableOffset: bigint | null = endOffset, logStartOffset: bigint | null = 0n): PartitionPosition => ({ committedOffset, endOffset, lastStableOffset, logStartOffset });

  it('is the distance from the commit to the high watermark, beyond 2^53 too', () => {
    assert.equal(partitionLag(at(9_007_199_254_740_993n, 9_007_199_254_740_996n)).lag, 3n);
  });

  it('is unknown, not 0 and not the whole log, without a commit', () => {
    assert.deepEqual(partitionLag(at(null, 100n)), { lag: null, clamped: false, lost: null, blocked: 0n, retentionUsed: null });
  });

  it('never reads negative, and says when it had to clamp', () => {
    assert.deepEqual([partitionLag(at(12n, 10n)).lag, partitionLag(at(12n, 10n)).clamped], [0n, true]);
  });

  it('tells records that retention took from records that wait', () => {
    assert.equal(partitionLag(at(5n, 100n, 100n, 40n)).lost, 35n);
  });

  it('shows what an open transaction holds back', () => {
    assert.equal(partitionLag(at(50n, 75n, 50n)).blocked, 25n);
  });

  it('holds its invariants whatever the broker says', () => {
    fc.assert(
      fc.property(maybe, maybe, maybe, maybe, (committedOffset, endOffset, lastStableOffset, logStartOffset) => {
        const { lag, lost, blocked, retentionUsed, clamped } = partitionLag({ committedOffset, endOffset, lastStableOffset, logStartOffset });
        assert.equal(lag === null, committedOffset === null || endOffset === null);
        for (const figure of [lag, lost, blocked]) assert.ok(figure === null || figure >= 0n);
        assert.ok(retentionUsed === null || (retentionUsed >= 0 && retentionUsed <= 1));
        if (clamped) assert.equal(lag, 0n);
      }),
    );
  });
});

describe('time lag', () => {
  const seen = (...entries: [bigint, number][]) => {
    const anchors = createAnchors();
    for (const [end, time] of entries) observeEnd(anchors, end, time);
    return anchors;
  };

  it('is exact on an anchor, counted from the last moment the end stood there', () => {
    assert.deepEqual(timeOfOffset(seen([10n, 1_000], [10n, 5_000], [20n, 6_000]), 10n), { atMs: 5_000, quality: 'exact' });
  });

  it('is interpolated between two anchors', () => {
    assert.deepEqual(timeOfOffset(seen([10n, 1_000], [20n, 2_000]), 15n), { atMs: 1_500, quality: 'interpolated' });
  });

  it('is a lower bound below the oldest anchor, never an extrapolation', () => {
    assert.deepEqual(timeOfOffset(seen([10n, 1_000], [20n, 2_000]), 3n), { atMs: 1_000, quality: 'at-least' });
  });

  it('is unknown where nothing was seen', () => {
    assert.deepEqual(timeOfOffset(createAnchors(), 3n), { atMs: null, quality: 'unknown' });
  });

  it('takes older facts from the broker and refuses those that contradict what was seen', () => {
    const anchors = seen([100n, 10_000], [120n, 20_000]);
    assert.equal(insertPast(anchors, 50n, 4_000), true);
    assert.equal(insertPast(anchors, 60n, 90_000), false);
    assert.deepEqual(timeOfOffset(anchors, 50n), { atMs: 4_000, quality: 'exact' });
    assert.deepEqual(timeOfOffset(anchors, 75n), { atMs: 7_000, quality: 'interpolated' });
  });

  it('forgets what lay beyond when the end of the log goes back', () => {
    const anchors = seen([10n, 1_000], [50n, 2_000], [20n, 3_000]);
    assert.deepEqual(anchors.offsets, [10n, 20n]);
  });

  it('counts a time in the future as now', () => {
    assert.equal(secondsSince(5_000, 1_000), 0);
  });

  it('keeps its oldest anchor, stays in its bounds and never gives a younger age to an older offset', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 1_000n }), fc.integer({ min: 0, max: 10_000 })), { minLength: 1, maxLength: 400 }), offset, offset, (steps, a, b) => {
        const anchors = createAnchors();
        let end = 0n;
        let time = 0;
        for (const [grow, later] of steps) observeEnd(anchors, (end += grow), (time += later));
        assert.ok(anchors.offsets.length <= ANCHOR_CAPACITY);
        assert.equal(anchors.offsets[0], steps[0]![0]);
        const [low, high] = a < b ? [a, b] : [b, a];
        const first = timeOfOffset(anchors, low % (end + 1n));
        const second = timeOfOffset(anchors, high % (end + 1n));
        if (low % (end + 1n) <= high % (end + 1n)) assert.ok(first.atMs! <= second.atMs!);
        assert.ok(first.atMs! >= anchors.firstAt[0]! && first.atMs! <= anchors.lastAt.at(-1)!);
      }),
    );
  });
});

describe('time to drain', () => {
  it('is the backlog by the difference of the rates', () => assert.deepEqual(timeToDrain(100n, 10, 20), { seconds: 10 }));
  it('is never where the backlog grows', () => assert.equal(timeToDrain(100n, 20, 20), 'never'));
  it('is unknown without rates', () => assert.equal(timeToDrain(100n, null, 20), null));
});

describe('trend', () => {
  const now = 200_000;
  const trend = (lags: number[]) => lagTrend(lags, lags.map((_, i) => now - (lags.length - 1 - i) * 10_000), now, 120_000);

  it('grows although a sawtooth dips', () => assert.equal(trend([10, 30, 20, 40, 30, 50, 40, 60, 50, 70, 60, 80]), 'growing'));
  it('shrinks while a backlog drains', () => assert.equal(trend([90, 85, 80, 70, 65, 60, 50, 45, 40, 30, 20, 10]), 'shrinking'));
  it('is incomplete until most of the window was seen', () => assert.equal(trend([1, 2, 3, 4, 5, 6]), 'incomplete'));
  it('knows that zero is caught up', () => assert.equal(trend([5, 6, 7, 0, 5, 6, 7, 8, 9, 10, 11, 12]), 'caught-up'));
});

describe('status of a partition', () => {
  const times = statusTimes(10_000);
  const now = 10_000_000;
  const live: GroupContext = { memberless: false, progressed: true };
  const status = (over: Partial<PartitionFacts> & { committed?: bigint | null; end?: bigint; start?: bigint } = {}, group: GroupContext = live, at = now): LagStatus => {
    const { committed = 100n, end = 150n, start = 0n, ...facts } = over;
    return partitionStatus(
      {
        position: { committedOffset: committed, endOffset: end, lastStableOffset: end, logStartOffset: start },
        readFailed: false,
        committedAt: now - 5_000,
        watchedSince: now - 3_600_000,
        oldestAt: now - 5_000,
        rewoundAt: null,
        endMovedSince: true,
        vanished: false,
        commitGapMs: null,
        trend: 'steady',
        previous: 'ok',
        ...facts,
      },
      group,
      times,
      at,
    );
  };

  it('is ok while commits come and the lag holds', () => assert.equal(status(), 'ok'));
  it('is ok when idle and caught up, however old the last commit is (Burrow #38, #128)', () => assert.equal(status({ committed: 150n, committedAt: now - 86_400_000, oldestAt: null }), 'ok'));
  it('does not call a group stopped because one record came after hours of quiet', () => assert.equal(status({ committed: 149n, committedAt: now - 86_400_000, oldestAt: now - 2_000 }, { memberless: false, progressed: false }), 'ok'));
  it('is stopped when nobody is there and records wait', () => assert.equal(status({ committedAt: now - 60_000, oldestAt: now - 60_000 }, { memberless: true, progressed: false }), 'stopped'));
  it('gives a restart a moment', () => assert.equal(status({ committedAt: now - 10_000, oldestAt: now - 10_000 }, { memberless: true, progressed: false }), 'ok'));
  it('is stopped when members are there, none commits and the end moves on', () => assert.equal(status({ committedAt: now - 300_000, oldestAt: now - 300_000 }, { memberless: false, progressed: false }), 'stopped'));
  it('is stalled when one partition stands while the group moves', () => assert.equal(status({ committedAt: now - 300_000, oldestAt: now - 300_000 }), 'stalled'));
  it('has patience with a slow committer (Burrow #303)', () => assert.equal(status({ committedAt: now - 300_000, oldestAt: now - 300_000, commitGapMs: 290_000 }), 'ok'));
  it('is not blinded by a zero in the window when the consumer is dead (Burrow #745)', () => assert.equal(status({ committedAt: now - 130_000, oldestAt: now - 125_000, trend: 'caught-up' }, { memberless: false, progressed: false }), 'stopped'));
  it('falls behind when the lag only grows', () => assert.equal(status({ trend: 'growing', oldestAt: now - 60_000 }), 'falling-behind'));
  it('does not call seconds of growth behind', () => assert.equal(status({ trend: 'growing', oldestAt: now - 3_000 }), 'ok'));
  it('stays behind until the lag falls', () => assert.equal(status({ trend: 'steady', oldestAt: now - 60_000, previous: 'falling-behind' }), 'falling-behind'));
  it('is rewound for the length of the window', () => assert.equal(status({ rewoundAt: now - 20_000 }), 'rewound'));
  it('is losing data when the log start passed the commit', () => assert.equal(status({ start: 120n }), 'losing-data'));
  it('is unknown without a commit', () => assert.equal(status({ committed: null }), 'unknown'));
  it('is expired when the commit vanished with records waiting', () => assert.equal(status({ committed: null, vanished: true }), 'expired'));
  it('is empty without members and without anything waiting', () => assert.equal(status({ committed: 150n, oldestAt: null }, { memberless: true, progressed: false }), 'empty'));
  it('keeps its status over a restart that emptied the window', () => {
    for (const previous of ['stopped', 'stalled'] as const) {
      assert.equal(status({ trend: 'incomplete', previous, committedAt: null, watchedSince: now, oldestAt: now - 60_000, endMovedSince: false }, { memberless: false, progressed: false }), previous);
    }
    assert.equal(status({ trend: 'incomplete', previous: 'falling-behind', oldestAt: now - 60_000 }), 'falling-behind');
  });
  it('is never ok when its reading failed', () => assert.equal(status({ readFailed: true }), 'unknown'));

  it('is ok or empty whenever nothing waits, and never unknown when everything was read', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 10 ** 9 }), fc.constantFrom('growing', 'steady', 'shrinking', 'caught-up', 'incomplete'), (end, memberless, progressed, agoMs, trend) => {
        assert.ok(['ok', 'empty'].includes(status({ committed: end, end, oldestAt: null, committedAt: now - agoMs, trend }, { memberless, progressed })));
        assert.notEqual(status({ committed: end, end: end + 5n, committedAt: now - agoMs, oldestAt: now - agoMs, trend }, { memberless, progressed }), 'unknown');
      }),
    );
  });
});

describe('status of a group', () => {
  const group = (partitions: Partial<Record<LagStatus, number>>, over = {}) =>
    groupStatus({ partitions: new Map(Object.entries(partitions) as [LagStatus, number][]), readFailed: false, rebalancingSince: null, memberless: false, ...over }, 100_000);

  it('is that of its most urgent partition', () => assert.equal(group({ ok: 9, stalled: 1, 'falling-behind': 3 }), 'stalled'));
  it('is not spoiled by one partition that could not be read', () => assert.equal(group({ ok: 9, unknown: 1 }), 'ok'));
  it('is unknown where nothing could be read', () => assert.equal(group({ ok: 9 }, { readFailed: true }), 'unknown'));
  it('is unknown where nothing was ever committed', () => assert.equal(group({}), 'unknown'));
  it('is rebalancing only when that lasts', () => {
    assert.equal(group({ ok: 9 }, { rebalancingSince: 95_000 }), 'ok');
    assert.equal(group({ 'falling-behind': 9 }, { rebalancingSince: 50_000 }), 'rebalancing');
    assert.equal(group({ stopped: 1 }, { rebalancingSince: 50_000 }), 'stopped');
  });
});

describe('packed samples', () => {
  it('come back as they went in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { maxLength: 50 }), fc.array(fc.tuple(maybe, maybe, maybe), { minLength: 50, maxLength: 50 }), (partitions, values) => {
        const topic = partitions.toSorted((a, b) => a - b).map((partition, i) => ({ partition, highWatermark: values[i]![0], lastStableOffset: values[i]![1], logStartOffset: values[i]![2] }));
        assert.deepEqual(unpackTopicSample(packTopicSample(topic)), topic);
        const commits = partitions.map((partition, i) => ({ topicId: (i * 7_919) % 13, partition, committedOffset: values[i]![0] }));
        assert.deepEqual(unpackCommitSample(packCommitSample(commits)), commits);
      }),
    );
  });
  it('refuse bytes that are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        for (const unpack of [unpackTopicSample, unpackCommitSample]) {
          try {
            unpack(bytes);
          } catch (error) {
            assert.ok(error instanceof RangeError);
          }
        }
      }),
    );
  });
});

describe('the sentence', () => {
  const figures: GroupFigures = { name: 'billing', status: 'stopped', statusSince: 0, lag: 1_204n, oldestSeconds: 238, oldestQuality: 'exact', topics: ['payments', 'refunds'], topicsBehind: 1, partitionsBehind: 3, partitions: 3, unknownPartitions: 0, uncommittedPartitions: 0, beyondPartitions: 0, lost: 0n, arrived: null, watchedMs: null, members: 3, drain: null, error: null, hidden: null, mayHide: false, endedBecause: null };

  it('says who, since when, how much and why', () => {
    assert.equal(explainGroup(figures, 240_000), 'billing stopped 4 min ago. 1,204 records wait on payments, the oldest 3 min 58 s. 3 members are connected but none commits.');
  });
  it('says when figures are a lower bound or partial', () => {
    assert.match(explainGroup({ ...figures, oldestQuality: 'at-least', unknownPartitions: 1 }, 240_000), /the oldest at least 3 min 58 s\..* 1 partition could not be read\.$/);
  });
  it('says why a group is unknown', () => {
    assert.equal(explainGroup({ ...figures, status: 'unknown', lag: null, error: 'Not authorized to access group.' }, 240_000), 'billing could not be read 4 min ago: Not authorized to access group.');
    assert.match(explainGroup({ ...figures, status: 'unknown', lag: null, partitions: 0 }, 240_000), /never committed/);
  });
});
