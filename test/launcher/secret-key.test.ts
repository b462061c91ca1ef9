import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import test from 'node:test';
import { systemClock } from '#lib/clock.ts';
import { testStore } from '#test/harness/database.ts';
import { addEndpoint, SECRET_KEY } from '../webhooks/context.ts';
import { launch, temporaryFolder } from './run-launcher.ts';

const ANOTHER = randomBytes(32).toString('base64');

test('a key that opens none of the stored webhook secrets is refused at the start, and one that is put first beside the old is not', { timeout: 60_000 }, async (t) => {
  const store = await testStore(t);
  await addEndpoint(store, systemClock, 'pager', 'http://127.0.0.1:9/hook');
  const start = (settings: Record<string, string>) =>
    launch(t, ['collect', '--only', 'retention'], { KAFKA_BROKERS: '127.0.0.1:1', WAYBILL_DATA_DIR: join(temporaryFolder(t), 'data'), DATABASE_URL: store.databaseUrl, ...settings });

  const refused = start({ WAYBILL_SECRET_KEY: ANOTHER });
  assert.equal(await refused.exited, 1);
  assert.match(refused.output(), /WAYBILL_SECRET_KEY opens none of the 1 webhook secrets stored in this database \("pager" …\)/);

  for (const settings of [{ WAYBILL_SECRET_KEY: SECRET_KEY }, { WAYBILL_SECRET_KEY: `${ANOTHER},${SECRET_KEY}` }, { WAYBILL_SECRET_KEY: ANOTHER, WAYBILL_SECRET_KEY_LOST: 'yes' }]) {
    const started = start(settings);
    await started.said('Waybill runs');
    started.child.kill('SIGTERM');
    await started.exited;
  }
});
