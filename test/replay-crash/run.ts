// Kills replay workers at random moments, judges with the Java consumer: node test/replay-crash/run.ts [runs] [seed]
// Each run plants dead letters, starts workers one after the other that die by SIGKILL at a failpoint drawn from the seed
// (some find the next worker already there, some are paused and come back), and ends with one that is left alone.
import assert from 'node:assert/strict';
import { testStore } from '#test/harness/database.ts';
import { assertExactlyOnce, killAt } from '#test/replay/exactly-once.ts';
import { createJob, plant, type DeadLetterToPlant } from '#test/replay/fixture.ts';
import { work } from '#test/replay/worker.ts';

const POINTS = ['opened', 'anchored', 'claimed', 'refused', 'before-commit', 'committed', 'saved'] as const;

/** mulberry32: the same seed draws the same run on every machine. */
export function drawer(seed: number): (below: number) => number {
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
    const replayId = await createJob(store, planted);
    const batchSize = 3 + draw(12);
    const chunkSize = 7 + draw(40);
    const story: string[] = [];
    let done = false;
    for (let worker = 0, workers = 1 + draw(3); worker < workers && !done; worker += 1) {
      const die = POINTS[draw(POINTS.length)]!;
      const after = draw(5);
      const killed = await killAt(store, planted, { holder: `worker-${worker}`, die, after, batchSize, chunkSize });
      story.push(killed ? `killed at ${die} ${after + 1}` : 'came to its end');
      done = !killed;
    }
    if (!done) assert.equal(await work(store, planted.clusterId, { holder: 'last', batchSize, chunkSize }), 'finished');
    await assertExactlyOnce(store, planted, replayId, { refused });
    return `${count} records, ${refused} refused, batches of ${batchSize}: ${story.join(', ')}`;
  } finally {
    for (const hook of hooks) await hook();
  }
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
