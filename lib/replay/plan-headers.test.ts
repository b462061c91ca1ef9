import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ReplayHeader } from '#lib/model/replay.ts';
import { planHeaders } from './plan-headers.ts';

const header = (name: string, value: string | null): ReplayHeader => [Buffer.from(name), value === null ? null : Buffer.from(value)];
const rest = { strip: ['kafka_dlt-*', 'retry-count'], replayRef: 'r:1-0-5:1', traceparent: '00-aa-bb-01', originalTimestampMs: 1_700_000_000_000n, edited: null };

test('error headers, retry counters and replication headers go, the correlation id stays in its place', () => {
  const plan = planHeaders({
    ...rest,
    headers: [header('correlation-id', 'order-1'), header('kafka_dlt-exception-message', 'boom'), header('retry-count', '5'), header('a', null), header('a', ''), header('mm2-source', 'x'), header('a', '2')],
  });
  assert.deepEqual(plan.headers.slice(0, 4).map(([name, value]) => [String(name), value === null ? null : String(value)]), [['correlation-id', 'order-1'], ['a', null], ['a', ''], ['a', '2']]);
  assert.deepEqual(plan.removed, ['kafka_dlt-exception-message', 'retry-count', 'mm2-source']);
  assert.deepEqual(plan.added, ['replay-id', 'replay-count', 'replay-original-timestamp', 'traceparent']);
});

test('a record that was replayed before counts on, and the trace it came from is kept beside the new one', () => {
  const plan = planHeaders({ ...rest, originalTimestampMs: null, headers: [header('replay-id', 'old'), header('replay-count', '2'), header('traceparent', '00-old')] });
  assert.deepEqual(plan.headers.map(([name, value]) => `${String(name)}=${String(value)}`), ['replay-id=r:1-0-5:1', 'replay-count=3', 'traceparent=00-aa-bb-01', 'replay-previous-traceparent=00-old']);
  assert.equal(plan.replayCountBefore, 2);
});

test('an edited record says so and by whom; sent on as it is it stays labelled, edited anew it takes the new label', () => {
  const first = planHeaders({ ...rest, headers: [header('a', '1')], edited: { by: 'ana', originalSha256: 'aa' } });
  assert.deepEqual(first.added.filter((name) => name.startsWith('replay-edited')), ['replay-edited-by', 'replay-edited-original-sha256']);
  const text = (plan: { headers: readonly ReplayHeader[] }) => plan.headers.map(([name, value]) => `${String(name)}=${String(value)}`).filter((one) => one.startsWith('replay-edited'));
  assert.deepEqual(text(planHeaders({ ...rest, headers: first.headers })), ['replay-edited-by=ana', 'replay-edited-original-sha256=aa']);
  assert.deepEqual(text(planHeaders({ ...rest, headers: first.headers, edited: { by: 'ben', originalSha256: null } })), ['replay-edited-by=ben', 'replay-edited-original-sha256=null']);
});

test('whatever is not on the strip list comes out byte for byte and in order', () => {
  const bytes = fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(fc.array(fc.tuple(bytes, fc.option(bytes))), (entries) => {
      const headers = entries.map(([name, value]): ReplayHeader => [Buffer.concat([Buffer.from('x'), name]), value]);
      const plan = planHeaders({ ...rest, headers });
      assert.deepEqual(plan.headers.slice(0, headers.length), headers);
      assert.equal(plan.removed.length, 0);
    }),
  );
});
