import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { readOverview } from '#lib/operations/overview.ts';
import { testStore } from '../harness/database.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const HOUR = 3_600_000;

test('with a cluster chosen, what is about another one is in no tile and no line; what is about none in particular stays', async (t) => {
  const store = await testStore(t);
  const [shop, staging] = [await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'k1' } }), await store.prisma.cluster.create({ data: { name: 'staging', kafkaClusterId: 'k2', state: 'down', downSince: NOW } })];
  const rule = await store.prisma.alertRule.create({ data: { id: randomUUID(), name: 'behind', kind: 'group-lag-seconds', params: {}, createdBy: 'test' } });
  for (const [sentence, labels] of [['shop is late', { cluster: 'shop', group: 'a' }], ['staging is late', { cluster: 'staging', group: 'b' }], ['journeys are stuck', {}]] as const) {
    await store.prisma.alert.create({ data: { id: randomUUID(), ruleId: rule.id, fingerprint: sentence, labels, state: 'firing', sentence, firingSince: NOW, lastEvaluatedAt: NOW } });
  }
  for (const [clusterId, state] of [[shop.id, 'canary'], [staging.id, 'canary'], [staging.id, 'running']] as const) {
    await store.prisma.replay.create({ data: { id: randomUUID(), clusterId, state, selection: {}, snapshotSeq: 1n, reason: `of ${clusterId}`, createdBy: 'test' } });
  }
  for (const name of ['offsets:shop', 'offsets:staging', 'alerts']) await store.prisma.collectorStatus.create({ data: { name, everyMs: 1_000, holder: 'x', consecutiveFailures: 5, lastError: `${name} fails` } });
  for (const [clusterId, name] of [[shop.id, 'billing'], [staging.id, 'billing-next']] as const) await store.prisma.consumerGroup.create({ data: { clusterId, name, status: 'stopped', firstSeenAt: NOW } as never });

  const of = async (cluster: string | null) => {
    const { needs, needCount, alerts, replays, groups } = await readOverview(store, { cluster, now: NOW, rangeMs: HOUR });
    const names = needs.map((need) => `${need.kind} ${need.kind === 'alert' ? need.sentence : need.kind === 'replay' ? need.reason : need.kind === 'group' ? need.group : need.kind === 'cluster' ? need.cluster : need.kind === 'collector' ? need.name : ''}`);
    return { names, needCount, firing: alerts.firing, open: replays.open, groups: groups.total };
  };
  assert.deepEqual(await of('shop'), {
    names: ['group billing', 'alert shop is late', 'alert journeys are stuck', `replay of ${shop.id}`, 'collector alerts', 'collector offsets:shop'],
    needCount: 6,
    firing: 2,
    open: 1,
    groups: 1,
  });
  const staged = await of('staging');
  assert.deepEqual([staged.names[0], staged.firing, staged.open], ['cluster staging', 2, 2]);
  assert.deepEqual([(await of(null)).needCount, (await of(null)).firing], [1 + 2 + 3 + 2 + 3, 3]);
});
