import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { pruneStore } from '#lib/operations/prune-store.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import { testStore } from '#test/harness/database.ts';

const DAY_MS = 86_400_000;
const retention = { spans: 7, bodies: 14, charts: 30 };
const never = new AbortController().signal;

describe('retention', () => {
  it('drops whole partitions that are too old, makes those ahead, and forgets bodies before it drops them', async (t) => {
    const store = await testStore(t);
    const now = new Date();
    const old = new Date(now.getTime() - 16 * DAY_MS);
    await ensurePartitions(store, 'span', old, old);
    await ensurePartitions(store, 'dead_letter_body', old, old);
    await ensurePartitions(store, 'topic_offset_sample', old, old);
    const day = new Date(old.toISOString().slice(0, 10));
    const keep = new Date(now.toISOString().slice(0, 10));
    for (const [offset, bodyDay] of [[1n, day], [2n, keep]] as const) {
      await store.prisma.deadLetter.create({ data: { topicId: 1, partition: 0, offset, clusterId: 1, bodyDay } });
      await store.execute('insert into dead_letter_body (day, topic_id, partition, "offset") values ($1, 1, 0, $2)', [bodyDay, offset]);
    }
    const pruned = await pruneStore(store, retention, now, never);
    assert.deepEqual(pruned.problems, []);
    assert.equal(pruned.partitionsDropped, 3);
    assert.equal(pruned.bodiesForgotten, 1);
    assert.deepEqual((await store.prisma.deadLetter.findMany({ orderBy: { offset: 'asc' } })).map((row) => row.bodyDay === null), [true, false]);
    assert.equal(await store.prisma.deadLetterBody.count(), 1);
    // Two days on, without anybody having made a partition: there is one.
    await store.execute(`insert into dead_letter_body (day, topic_id, partition, "offset") values (($1::timestamptz + interval '1 day')::date, 1, 0, 3)`, [now]);
    assert.equal((await pruneStore(store, retention, now, never)).partitionsDropped, 0);
  });

  it('keeps old bytes that a replay may still send', async (t) => {
    const store = await testStore(t);
    const now = new Date();
    const old = new Date(now.getTime() - 16 * DAY_MS);
    await ensurePartitions(store, 'dead_letter_body', old, old);
    const bodyDay = new Date(old.toISOString().slice(0, 10));
    await store.prisma.deadLetter.create({ data: { topicId: 1, partition: 0, offset: 1n, clusterId: 1, bodyDay } });
    await store.execute('insert into dead_letter_body (day, topic_id, partition, "offset") values ($1, 1, 0, 1)', [bodyDay]);
    await store.prisma.replayItem.create({ data: { topicId: 1, partition: 0, offset: 1n, generation: 1, replayId: randomUUID(), state: 'claimed' } });
    assert.equal((await pruneStore(store, retention, now, never)).bodiesForgotten, 0);
    assert.equal(await store.prisma.deadLetterBody.count(), 1);
    await store.prisma.replayItem.updateMany({ data: { final: true } });
    assert.equal((await pruneStore(store, retention, now, never)).bodiesForgotten, 1);
    assert.equal(await store.prisma.deadLetterBody.count(), 0);
  });

  it('deletes expired requests, sessions, deliveries and journeys with what belongs to them, and nothing younger', async (t) => {
    const store = await testStore(t);
    const now = new Date();
    const ago = (ms: number): Date => new Date(now.getTime() - ms);
    for (const [age, state] of [[11 * 60_000, 'done'], [11 * 60_000, 'running'], [60_000, 'done']] as const) {
      const id = randomUUID();
      await store.prisma.brokerRequest.create({ data: { id, clusterId: 1, kind: 'browse', params: {}, principal: 'ana', state, createdAt: ago(age), deadline: new Date(now.getTime() + 60_000) } });
      await store.prisma.brokerRequestChunk.create({ data: { requestId: id, number: 0, body: {} } });
    }
    for (const age of [8 * DAY_MS, -DAY_MS]) {
      await store.prisma.session.create({ data: { idHash: randomBytes(32), name: 'ana', role: 'viewer', lastSeenAt: ago(age), expiresAt: ago(age) } });
    }
    for (const [age, state] of [[31 * DAY_MS, 'delivered'], [31 * DAY_MS, 'waiting'], [DAY_MS, 'delivered']] as const) {
      const id = `msg_${randomUUID()}`;
      await store.prisma.delivery.create({ data: { id, endpointId: randomUUID(), type: 'alert.firing', payload: '{}', state, createdAt: ago(age), endedAt: state === 'waiting' ? null : ago(age) } });
      await store.prisma.deliveryAttempt.create({ data: { deliveryId: id, number: 1, startedAt: ago(age) } });
    }
    for (const age of [8 * DAY_MS, DAY_MS]) {
      const id = randomUUID();
      await store.prisma.journey.create({ data: { id, startedAt: ago(age), lastActivityAt: ago(age) } });
      await store.prisma.journeyMember.create({ data: { by: 'key', ref: id, journeyId: id, at: ago(age) } });
    }
    await store.prisma.alertEvaluation.createMany({ data: Array.from({ length: 4_500 }, (_, index) => ({ ruleId: randomUUID(), bucket: ago(2 * 3_600_000 + index * 1_000) })) });
    const pruned = await pruneStore(store, retention, now, never);
    assert.deepEqual(pruned.problems, []);
    const counts = await Promise.all([
      store.prisma.brokerRequest.count(),
      store.prisma.brokerRequestChunk.count(),
      store.prisma.session.count(),
      store.prisma.delivery.count(),
      store.prisma.deliveryAttempt.count(),
      store.prisma.journey.count(),
      store.prisma.journeyMember.count(),
      store.prisma.alertEvaluation.count(),
    ]);
    assert.deepEqual(counts, [2, 2, 1, 2, 2, 1, 1, 0]);
    assert.equal(pruned.rowsDeleted, 1 + 1 + 1 + 1 + 4_500);
  });

  it('lets one part fail without keeping the others from their work', async (t) => {
    const store = await testStore(t);
    const now = new Date();
    await store.execute('alter table session rename to elsewhere');
    await store.prisma.signInLink.create({ data: { tokenHash: randomBytes(32), role: 'viewer', name: 'ana', expiresAt: new Date(now.getTime() - 2 * DAY_MS) } });
    const pruned = await pruneStore(store, retention, now, never);
    assert.equal(pruned.problems.length, 1);
    assert.match(pruned.problems[0] ?? '', /^session: /);
    assert.equal(await store.prisma.signInLink.count(), 0);
  });
});
