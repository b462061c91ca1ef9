import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTelemetry } from '#lib/telemetry.ts';
import { traceWork } from '#lib/trace-work.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { testReceiver } from './receiver.ts';

test('Waybill traces itself into its own receiver, which does not trace what it receives, and no journey comes of it', async (t) => {
  const store = await testStore(t);
  const { context, port, queue } = await testReceiver(t, store);
  // The spans carry the present; the receiver's clock has to be there too.
  context.clock.now = () => new Date();
  const stop = startTelemetry({ service: 'waybill-collect', config: { ...context.config, otlpPort: port } });
  await traceWork('test.quick', {}, async () => undefined);
  await assert.rejects(traceWork('test.failed', { 'waybill.collector': 'offsets', 'messaging.destination.name': 'orders', correlation_id: 'o-1' }, () => Promise.reject(new Error('no broker'))), /no broker/);
  await stop();
  await eventually(async () => {
    const rows = await store.query<{ name: string; service: string; status_message: string; topic: string | null }>('select name, service, status_message, topic from span');
    assert.deepEqual(rows, [{ name: 'test.failed', service: 'waybill-collect', status_message: 'no broker', topic: null }]);
  });
  assert.equal(queue.counts.accepted, 1, 'receiving made no further spans');
  assert.deepEqual(await store.query('select 1 from journey_pending'), []);
});
