import { test } from 'node:test';
import { crashRun } from './run.ts';

// A few of the runs that `node test/replay-crash/run.ts 200` makes.
for (let seed = 1; seed <= 20; seed += 1) {
  test(`workers killed at random moments leave each record exactly once (seed ${seed})`, async (t) => {
    t.diagnostic(await crashRun(seed));
  });
}
