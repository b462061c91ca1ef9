// Kills replay workers at random moments, judges with the Java consumer: node test/replay-crash/run.ts [runs] [seed]
// Each run plants dead letters and starts workers one after the other. The seed draws how each ends: by SIGKILL at a failpoint, by SIGKILL whatever
// it does at that moment, or paused while another takes over and then woken. It also draws what happens between them: the job's progress is deleted at
// the broker, the dead-letter topic is deleted and made anew, a second operator asks for some of the same records. The last worker is left alone.
import assert from 'node:assert/strict';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { replayGroupName } from '#lib/model/replay.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers } from '#test/harness/kafka.ts';
import { assertExactlyOnce, assertOnceAcross, killAt } from '#test/replay/exactly-once.ts';
import { createJob, failureOf, plant, type DeadLetterToPlant, type Planted } from '#test/replay/fixture.ts';
import { work } from '#test/replay/worker.ts';

const POINTS = ['opened', 'anchored', 'claimed', 'refused', 'before-commit', 'committed', 'saved'] as const;
/** A worker process lives so long at most before it is killed: it starts, and some batches. */
const LIFE_MS = 2_500;

type Draw = (below: number) => number;
interface Sizes {
  batchSize: number;
  chunkSize: number;
}

/** mulberry32: the same seed draws the same run on every machine. */
export function drawer(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below | 0;
  };
}

/** One run. @returns what was done, for the log */
export async function crashRun(seed: number): Promise<string> {
  const draw = drawer(seed);
  const hooks: (() => Promise<unknown> | void)[] = [];
  const t = { after: (hook: unknown) => void hooks.push(hook as () => Promise<unknown>) };
  const store = await testStore(t);
  try {
    const count = 20 + draw(80);
    const refused = draw(3) === 0 ? 1 + draw(3) : 0;
    const planted = await plant(store, {
      count,
      dlqPartitions: 1 + draw(4),
      targetPartitions: 1 + draw(4),
      // Half of the runs need several requests for a transaction.
      targetConfig: { 'max.message.bytes': seed % 2 === 0 ? '20000' : '1500' },
      letter: (index): Partial<DeadLetterToPlant> => ({
        value: index < refused ? Buffer.alloc(30_000) : index % 9 === 0 ? null : index % 9 === 1 ? Buffer.alloc(0) : Buffer.from(`value ${index}`.repeat(1 + draw(60))),
        headers: [[Buffer.from('correlation-id'), Buffer.from(`order-${index}`)], [Buffer.from('x'), index % 2 ? null : Buffer.alloc(0)], [Buffer.from('x'), Buffer.from([index & 255])]],
      }),
    });
    // By its failure the selection is looked up ahead of the claims, by its topic it is read on.
    const jobs = [await createJob(store, planted, draw(2) === 0 ? { selection: { filter: { failure: failureOf(planted.dlqTopicId) } } } : {})];
    const sizes = { batchSize: 3 + draw(12), chunkSize: 7 + draw(40) };
    const story: string[] = [];
    for (let worker = 0, workers = 1 + draw(3); worker < workers && (await isOpen(store)); worker += 1) {
      story.push(await endOneWorker(store, planted, `worker-${worker}`, sizes, draw));
      if (draw(4) === 0) story.push(await spoilEvidence(planted, jobs[0]!, draw));
      // Its older half: what the first job has claimed is refused, what it has not is taken from it.
      if (jobs.length === 1 && draw(4) === 0) {
        jobs.push(await createJob(store, planted, { selection: { ids: planted.ids.slice(0, Math.ceil(count / 2)).map((id) => ({ id, generation: null })) } }));
        story.push('a second operator asked for half of it');
      }
    }
    // At once, where there are two.
    while (await isOpen(store)) {
      await store.execute(`update replay set lease_until = now() - interval '1 second' where state in ('queued', 'running')`);
      assert.deepEqual(new Set(await Promise.all(Array.from({ length: await countOpen(store) }, (_, index) => work(store, planted.clusterId, { holder: `last-${index}`, ...sizes })))), new Set(['finished']));
    }
    if (jobs.length === 1) await assertExactlyOnce(store, planted, jobs[0]!, { refused });
    else await assertOnceAcross(store, planted, jobs, { refused });
    return `${count} records, ${refused} refused, batches of ${sizes.batchSize}: ${story.join(', ')}`;
  } finally {
    for (const hook of hooks) await hook();
  }
}

async function endOneWorker(store: Store, planted: Planted, holder: string, sizes: Sizes, draw: Draw): Promise<string> {
  const how = draw(10);
  if (how < 2) return overtake(store, planted, holder, sizes, 1 + draw(4));
  if (how < 5) {
    const killAfterMs = 300 + draw(LIFE_MS);
    return (await killAt(store, planted, { holder, die: 'at any moment', killAfterMs, ...sizes })) ? `killed after ${killAfterMs} ms` : 'came to its end';
  }
  const die = POINTS[draw(POINTS.length)]!;
  const after = draw(5);
  return (await killAt(store, planted, { holder, die, after, ...sizes })) ? `killed at ${die} ${after + 1}` : 'came to its end';
}

/** A worker stops just before its nth commit, another takes the job and ends it, the first one wakes. */
async function overtake(store: Store, planted: Planted, holder: string, sizes: Sizes, nth: number): Promise<string> {
  const asleep = Promise.withResolvers<void>();
  const wake = Promise.withResolvers<void>();
  let commits = 0;
  const paused = work(store, planted.clusterId, {
    holder,
    ...sizes,
    failpoint: async (point) => {
      if (point !== 'before-commit' || (commits += 1) !== nth) return;
      asleep.resolve();
      await wake.promise;
    },
  });
  await Promise.race([asleep.promise, paused]);
  if (commits < nth) return 'came to its end';
  // Its renewals stopped: here they would go on, and may come between.
  await store.execute('update replay set lease_holder = null, lease_until = null where lease_holder = $1', [holder]);
  const next = work(store, planted.clusterId, { holder: `${holder}-next`, ...sizes, leaseMs: 30_000 });
  assert.equal(await next, 'finished');
  wake.resolve();
  // Where there are two jobs the other one may have been the next one's.
  assert.ok(['dropped', 'finished'].includes(await paused));
  return `paused at commit ${nth} and overtaken`;
}

/** Takes away what recovery asks first. */
async function spoilEvidence(planted: Planted, replayId: string, draw: Draw): Promise<string> {
  const admin = new KafkaJs({ brokers: testBrokers(), clientId: 'replay-crash', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    if (draw(2) === 0) {
      const deleted = await admin.deleteGroups([replayGroupName(replayId)]).then(() => true, () => false); // there is none before the first commit
      return deleted ? 'progress deleted' : 'no progress to delete';
    }
    const partitions = (await admin.fetchTopicMetadata({ topics: [planted.dlq] })).topics[0]!.partitions.length;
    await admin.deleteTopics({ topics: [planted.dlq] });
    await eventually(async () => assert.ok(!(await admin.listTopics()).includes(planted.dlq)));
    await createTopic(planted.dlq, { partitions });
    return 'dead-letter topic made anew';
  } finally {
    await admin.disconnect();
  }
}

async function countOpen(store: Store): Promise<number> {
  const [row] = await store.query<{ open: number }>(`select count(*)::int as open from replay where state in ('queued', 'running')`);
  return row!.open;
}

async function isOpen(store: Store): Promise<boolean> {
  return (await countOpen(store)) > 0;
}

if (import.meta.main) {
  const runs = Number(process.argv[2] ?? 8);
  const first = Number(process.argv[3] ?? 1);
  let failed = 0;
  for (let seed = first; seed < first + runs; seed += 1) {
    try {
      console.log(`seed ${seed}: ${await crashRun(seed)}`);
    } catch (error) {
      failed += 1;
      console.log(`seed ${seed}: FAILED`, error);
    }
  }
  console.log(JSON.stringify({ runs, failed }));
  process.exitCode = failed > 0 ? 1 : 0;
}
