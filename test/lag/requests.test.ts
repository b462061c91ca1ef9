import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTopicLayout } from '#lib/brokers/kafka/topic-layout.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { snapshotOffsets } from '#lib/brokers/kafka/snapshot-offsets.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { testCollection } from './collection.ts';
import { commitOffsets, testKafka } from './commit-offsets.ts';

describe('what a reading asks of a broker', () => {
  it('is at most six requests, also for more groups than one request takes', async (t) => {
    const store = await testStore(t);
    const kafka = testKafka(t);
    const topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    const stem = uniqueName('many');
    for (let i = 0; i < 520; i += 40) await Promise.all(Array.from({ length: 40 }, (_, j) => commitOffsets(kafka, `${stem}-${i + j}`, topic, new Map([[0, 0n], [1, 0n]]))));
    const { cycle } = testCollection(t, store);
    await cycle();
    // One in which nothing new is found: other tests make topics on the same broker.
    await eventually(async () => {
      const figures = await cycle();
      assert.ok(figures.groups >= 520);
      assert.ok(figures.requests <= 6, `${figures.requests} requests`);
    });
  });

  it('finds a new topic by the first commit in it, without waiting for the layout to be read again', async (t) => {
    const kafka = testKafka(t);
    const layout = createTopicLayout(kafka);
    const read = () => snapshotOffsets(kafka, layout, { signal: AbortSignal.timeout(30_000) });
    await read();
    const topic = await createTopic(uniqueName('later'));
    await commitOffsets(kafka, uniqueName('billing'), topic, new Map([[0, 0n]]));
    const found = (await read()).topics.get(topic);
    assert.deepEqual(found?.highWatermarks, [0n]);
    assert.match(found.topicId ?? '', /^[0-9a-f-]{36}$/);
  });

  it('waits as long as a broker with a quota asks before it sends the next request', async (t) => {
    const { admin } = openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'waybill-lag-tests' });
    const clientId = uniqueName('waybill-throttled');
    const entities = [{ entityType: 'client-id' as const, entityName: clientId }];
    await admin.alterClientQuotas({ entries: [{ entities, ops: [{ key: 'request_percentage', value: 0.1, remove: false }] }] });
    t.after(async () => {
      await admin.alterClientQuotas({ entries: [{ entities, ops: [{ key: 'request_percentage', remove: true }] }] });
      await admin.close();
    });
    const kafka = openKafka({ name: 'test', brokers: testBrokers() }, { clientId });
    t.after(() => kafka.close());
    const layout = createTopicLayout(kafka);
    const told: { at: number; ms: number }[] = [];
    const sent: number[] = [];
    const pace = { ...layout.pace };
    const connections = { ...kafka.connections };
    Object.assign(layout.pace, {
      told: (nodeId: number, ms: number) => {
        if (ms > 0) told.push({ at: performance.now(), ms });
        pace.told(nodeId, ms);
      },
    });
    Object.assign(kafka.connections, {
      node: (nodeId: number) => {
        sent.push(performance.now());
        return connections.node(nodeId);
      },
    });
    await eventually(async () => {
      const snapshot = await snapshotOffsets(kafka, layout, { signal: AbortSignal.timeout(60_000) });
      assert.ok(snapshot.throttledMs > 0, 'the broker does not throttle yet');
      assert.ok(sent.some((at) => told.some((word) => at > word.at)), 'nothing was sent after a throttled answer');
    }, { timeoutMs: 60_000 });
    for (const word of told) {
      const next = sent.find((at) => at > word.at);
      // The timer may fire a millisecond early.
      if (next !== undefined) assert.ok(next - word.at >= Math.min(word.ms, 10_000) - 2, `sent ${next - word.at} ms after an answer that asked for ${word.ms} ms`);
    }
  });
});
