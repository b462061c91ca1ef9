import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { listAlerts } from '#lib/operations/list-alerts.ts';
import { createAlertRule } from '#lib/operations/create-alert-rule.ts';
import { ruleInputSchema } from '#lib/operations/alert-rule-shape.ts';
import { evaluateAlertRule } from '#lib/operations/evaluate-alert-rule.ts';
import { readOverview } from '#lib/operations/overview.ts';
import { readAlertFacts } from '#lib/operations/read-alert-facts.ts';
import { readFrame } from '#lib/operations/read-frame.ts';
import { testStore } from '#test/harness/database.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;
const INTERVAL_MS = 10_000;

test('what waits for a person stands on the overview, counts in the rail and calls: approvals, canaries, decisions, rules that stopped, topics that were found', async (t) => {
  const store = await testStore(t);
  const [shop, staging] = [await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'k1' } }), await store.prisma.cluster.create({ data: { name: 'staging', kafkaClusterId: 'k2' } })];
  const replay = async (clusterId: number, state: string, minutesAgo: number) => {
    const id = randomUUID();
    await store.prisma.replay.create({ data: { id, clusterId, state, selection: {}, snapshotSeq: 1n, reason: `to be ${state}`, createdBy: 'ana', createdAt: new Date(NOW.getTime() - minutesAgo * MINUTE_MS) } });
    return id;
  };
  // Six older ones that wait for an approval do not hide the one that needs a decision.
  for (let index = 0; index < 6; index += 1) await replay(shop.id, 'awaiting-approval', 60 + index);
  const decision = await replay(shop.id, 'needs-decision', 4);
  await store.execute(`update replay set last_error = 'Whether some records were sent cannot be proved.' where id = $1`, [decision]);
  await replay(staging.id, 'canary', 2);
  await replay(shop.id, 'running', 1);
  await store.execute(`insert into failure (id, cluster_id, version, error_class, sample_topic_id, sample_partition, sample_offset, first_seen_at, last_seen_at) values ('1-3-f', $1, 3, 'shop.CardDeclined', 1, 0, 0, now(), now())`, [shop.id]);
  await store.execute(
    `insert into replay_rule (id, cluster_id, failure_id, delay_seconds, max_attempts, max_per_hour, stop_percent, state, reason, created_by, created_at, since, stopped_at, stopped_why)
     values ($1, $2, '1-3-f', 600, 3, 100, 20, 'stopped', 'try again', 'ben', $3, $3, $3, '12 of 20 failed again.')`,
    [randomUUID(), shop.id, new Date(NOW.getTime() - 10 * MINUTE_MS)],
  );
  for (const topic of ['parcels-lost', 'letters-lost']) {
    await store.prisma.topic.create({ data: { clusterId: shop.id, name: topic, kafkaTopicId: randomUUID(), partitionCount: 1 } });
    await store.prisma.topicDiscovery.create({ data: { clusterId: shop.id, topic, state: 'proposed', role: 'dead-letter', sampledAt: NOW, foundAt: NOW } });
  }

  const { needs, more, needCount } = await readOverview(store, { cluster: null, now: NOW, rangeMs: MINUTE_MS });
  assert.deepEqual(needs.map((need) => (need.kind === 'replay' ? need.state : need.kind)), ['needs-decision', 'canary', 'awaiting-approval', 'awaiting-approval', 'awaiting-approval', 'replay-rule', 'found-topics']);
  assert.deepEqual([more.replays, needCount], [3, 10]);
  assert.deepEqual(needs.find((need) => need.kind === 'replay-rule'), { kind: 'replay-rule', failure: '1-3-f', cluster: 'shop', errorClass: 'shop.CardDeclined', why: '12 of 20 failed again.', since: '2026-11-21T11:50:00.000Z', by: 'ben' });
  assert.deepEqual(needs.find((need) => need.kind === 'found-topics'), { kind: 'found-topics', topics: ['letters-lost', 'parcels-lost'], count: 2 });
  assert.deepEqual((await readOverview(store, { cluster: 'staging', now: NOW, rangeMs: MINUTE_MS })).needs.map((need) => need.kind), ['replay']);
  assert.equal((await readFrame(store, { now: NOW })).needs.replays, 9);

  const { id: ruleId } = await createAlertRule(store, ruleInputSchema.parse({ name: 'waits', params: { kind: 'replay-waiting' } }), { name: 'ana' });
  const evaluate = async (now: Date) => {
    await evaluateAlertRule(store, { ruleId, facts: readAlertFacts(store, now, INTERVAL_MS), now, intervalMs: INTERVAL_MS, timings: { groupWaitMs: 0, groupIntervalMs: 0, repeatIntervalMs: 0 }, publicUrl: 'https://waybill.example.com' });
    return (await listAlerts(store, { phase: 'active', limit: 100 }, now)).items;
  };
  const firing = await evaluate(NOW);
  assert.equal(firing.length, 9);
  const stopped = firing.find((alert) => alert.labels['failure'] === '1-3-f');
  assert.deepEqual([stopped?.sentence, stopped?.path], ['A rule that ben turned on to replay by itself stopped 10 min ago. 12 of 20 failed again.', '/dead-letters?failure=1-3-f']);
  const undecided = firing.find((alert) => alert.labels['replay'] === decision);
  assert.deepEqual([undecided?.sentence, undecided?.path], ['A replay by ana has needed a decision for 4 min. Whether some records were sent cannot be proved.', `/replays/${decision}`]);

  await store.execute(`update replay set state = 'finished' where state in ('needs-decision', 'awaiting-approval')`);
  await store.execute(`update replay_rule set state = 'on'`);
  const left = await evaluate(new Date(NOW.getTime() + INTERVAL_MS));
  assert.deepEqual(left.map((alert) => alert.labels['cluster']), ['staging'], 'who decided is not called again');
  assert.deepEqual((await listAlerts(store, { phase: 'all', limit: 100, cluster: 'staging' }, NOW)).items.map((alert) => alert.labels['cluster']), ['staging']);
});
