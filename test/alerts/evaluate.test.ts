import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Clock } from '#lib/clock.ts';
import { ruleInputSchema, type RuleInput } from '#lib/operations/alert-rule-shape.ts';
import { createAlertRule } from '#lib/operations/create-alert-rule.ts';
import { createSilence } from '#lib/operations/create-silence.ts';
import { deleteAlertRule } from '#lib/operations/delete-alert-rule.ts';
import { deleteWebhookEndpoint } from '#lib/operations/delete-webhook-endpoint.ts';
import { endSilence } from '#lib/operations/end-silence.ts';
import { evaluateAlertRule } from '#lib/operations/evaluate-alert-rule.ts';
import { listAlertRules } from '#lib/operations/list-alert-rules.ts';
import { listAlerts, type AlertView } from '#lib/operations/list-alerts.ts';
import { listSilences } from '#lib/operations/list-silences.ts';
import { readAlertFacts } from '#lib/operations/read-alert-facts.ts';
import { BUILT_IN_RULES, seedAlertRules } from '#lib/operations/seed-alert-rules.ts';
import type { Settled } from '#lib/operations/settle-alert-rule.ts';
import { updateAlertRule } from '#lib/operations/update-alert-rule.ts';
import { openStore, type Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { ACTOR, addEndpoint, startDeliveries, TestClock } from '#test/webhooks/context.ts';
import { openReceiver } from '#test/webhooks/receiver.ts';

const INTERVAL_MS = 10_000;
const timings = { groupWaitMs: 30_000, groupIntervalMs: 300_000, repeatIntervalMs: 14_400_000 };
const PUBLIC = 'https://waybill.example';

/** A cluster with one group that is `lag` records behind on one partition. */
class World {
  readonly store: Store;
  readonly clock: TestClock;
  clusterId = 0;
  topicId = 0;
  groupIds = new Map<string, number>();
  constructor(store: Store, clock: TestClock) {
    this.store = store;
    this.clock = clock;
  }

  static async open(t: TestContext, poolSize = 6): Promise<World> {
    const world = new World(await testStore(t, { poolSize }), new TestClock());
    const cluster = await world.store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: randomUUID(), lastCycleAt: world.clock.now() } });
    world.clusterId = cluster.id;
    const topic = await world.store.prisma.topic.create({ data: { clusterId: cluster.id, name: 'payments', kafkaTopicId: randomUUID(), partitionCount: 1 } });
    world.topicId = topic.id;
    await world.store.prisma.topicPartitionOffset.create({ data: { topicId: topic.id, partition: 0, highWatermark: 10_000n, lastStableOffset: 10_000n, logStartOffset: 0n, changedAt: world.clock.now() } });
    return world;
  }

  /** Sets what a group's lag is, and that the cluster was just read. */
  async read(lags: Record<string, bigint>): Promise<void> {
    for (const [name, lag] of Object.entries(lags)) {
      let id = this.groupIds.get(name);
      if (id === undefined) {
        id = (await this.store.prisma.consumerGroup.create({ data: { clusterId: this.clusterId, name, status: 'ok' } })).id;
        this.groupIds.set(name, id);
        await this.store.prisma.groupPartitionOffset.create({ data: { groupId: id, topicId: this.topicId, partition: 0 } });
      }
      await this.store.prisma.groupPartitionOffset.updateMany({ where: { groupId: id }, data: { committedOffset: 10_000n - lag } });
    }
    await this.store.prisma.cluster.update({ where: { id: this.clusterId }, data: { lastCycleAt: this.clock.now() } });
  }

  async evaluate(ruleId: string, store: Store = this.store): Promise<Settled | null> {
    const now = this.clock.now();
    return evaluateAlertRule(store, { ruleId, facts: readAlertFacts(store, now, INTERVAL_MS), now, intervalMs: INTERVAL_MS, timings, publicUrl: PUBLIC });
  }

  async alerts(store: Store = this.store): Promise<AlertView[]> {
    return (await listAlerts(store, { phase: 'all', limit: 100 }, this.clock.now())).items;
  }

  async outbox(): Promise<{ id: string; type: string; state: string; alerts: { status: string; labels: Record<string, string> }[]; reason: string }[]> {
    const rows = await this.store.prisma.delivery.findMany({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
    return rows.map((row) => {
      const body = JSON.parse(row.payload) as { data: { reason: string; alerts: { status: string; labels: Record<string, string> }[] } };
      return { id: row.id, type: row.type, state: row.state, alerts: body.data.alerts, reason: body.data.reason };
    });
  }
}

const behind = (over: Partial<RuleInput> = {}): RuleInput => ({
  ...ruleInputSchema.parse({ name: 'Behind', params: { kind: 'group-lag-records', cluster: null, group: null, aboveRecords: 1_000 }, forSeconds: 60 }),
  ...over,
});

async function rule(world: World, over: Partial<RuleInput> = {}): Promise<string> {
  return (await createAlertRule(world.store, behind(over), ACTOR)).id;
}

describe('evaluating rules', () => {
  it('goes from pending to firing to resolved, tells so once each, and the receiver can verify it', async (t) => {
    const world = await World.open(t);
    const { store, clock } = world;
    const receiver = await openReceiver(t);
    const { secret } = await addEndpoint(store, clock, 'ops', receiver.url);
    const id = await rule(world);
    startDeliveries(t, store, clock as Clock);

    await world.read({ billing: 1_204n, audit: 3n });
    await world.evaluate(id);
    assert.deepEqual((await world.alerts()).map((alert) => [alert.labels['group'], alert.state]), [['billing', 'pending']]);
    clock.advance(60);
    await world.read({ billing: 1_300n });
    await world.evaluate(id);
    const [firing] = await world.alerts();
    assert.equal(firing?.state, 'firing');
    assert.equal(firing?.sentence, 'billing is 1,300 records behind, more than 1,000.');
    assert.equal((await world.outbox()).length, 0, 'the group waits for companions');
    clock.advance(30);
    await world.read({ billing: 1_300n, shipping: 5_000n });
    await world.evaluate(id);
    assert.deepEqual((await world.outbox()).map((row) => [row.type, row.reason, row.alerts.length]), [['alert.firing', 'new-firing', 1]]);
    await eventually(() => assert.equal(receiver.seen.length, 1));
    const body = new Webhook(secret).verify(receiver.seen[0]?.body ?? '', receiver.seen[0]?.headers ?? {}) as {
      type: string;
      data: { status: string; groupKey: string; receiver: string; alerts: { labels: Record<string, string>; values: unknown; silenceURL: string; dashboardURL: string; fingerprint: string }[] };
    };
    assert.deepEqual([body.type, body.data.status, body.data.receiver], ['alert.firing', 'firing', 'ops']);
    assert.deepEqual(body.data.alerts[0]?.labels, { alertname: 'Behind', severity: 'warning', cluster: 'prod', group: 'billing' });
    assert.deepEqual(body.data.alerts[0]?.values, { value: 1_300, threshold: 1_000 });
    assert.equal(body.data.alerts[0]?.dashboardURL, `${PUBLIC}/lag/prod/billing`);
    assert.match(body.data.alerts[0]?.silenceURL ?? '', /^https:\/\/waybill\.example\/alerts\/silences\?new=1&match=alertname%3DBehind&match=cluster%3Dprod&match=group%3Dbilling$/);
    await eventually(async () => assert.deepEqual((await world.alerts())[0]?.told.map((told) => [told.endpoint, told.firing, told.state]), [['ops', true, 'delivered']]));

    clock.advance(300);
    await world.read({ billing: 0n, shipping: 0n });
    await world.evaluate(id);
    const outbox = await world.outbox();
    assert.deepEqual(outbox.map((row) => [row.type, row.reason]), [['alert.firing', 'new-firing'], ['alert.resolved', 'new-resolved']]);
    assert.deepEqual(outbox[1]?.alerts.map((alert) => [alert.labels['group'], alert.status]), [['billing', 'resolved']]);
    await eventually(() => assert.equal(receiver.seen.length, 2));
    clock.advance(20_000);
    await world.read({});
    await world.evaluate(id);
    assert.equal((await world.outbox()).length, 2, 'nothing is said twice');
  });

  it('keeps pending and firing across a restart, with their times', async (t) => {
    const world = await World.open(t);
    const { store, clock } = world;
    await addEndpoint(store, clock, 'ops', 'https://example.org/');
    const id = await rule(world);
    await world.read({ billing: 2_000n });
    await world.evaluate(id);
    const since = (await world.alerts())[0]?.pendingSince;
    clock.advance(60);
    await world.read({});
    // A process that has never seen this alert: everything it needs is in the store.
    const second = openStore(store.databaseUrl, { poolSize: 3 });
    await world.evaluate(id, second);
    await second.close();
    const [firing] = await world.alerts();
    assert.deepEqual([firing?.state, firing?.pendingSince], ['firing', since]);
    clock.advance(30);
    await world.read({});
    const third = openStore(store.databaseUrl, { poolSize: 3 });
    await world.evaluate(id, third);
    await third.close();
    assert.equal((await world.outbox()).length, 1);
    assert.equal((await world.alerts())[0]?.firingSince, firing?.firingSince);
  });

  it('evaluates a rule once per bucket, however many evaluators there are', async (t) => {
    const world = await World.open(t, 12);
    await addEndpoint(world.store, world.clock, 'ops', 'https://example.org/');
    const id = await rule(world, { forSeconds: 0 });
    world.clock.at = Math.floor(world.clock.at / INTERVAL_MS) * INTERVAL_MS;
    await world.read({ billing: 2_000n });
    const results = await Promise.all(Array.from({ length: 4 }, () => world.evaluate(id)));
    assert.equal(results.filter((result) => result !== null).length, 1);
    world.clock.advance(30);
    await Promise.all(Array.from({ length: 4 }, () => world.evaluate(id)));
    assert.equal((await world.outbox()).length, 1);
    world.clock.advance(9);
    assert.equal(await world.evaluate(id), null, 'still the same bucket');
  });

  it('leaves no delivery without its state and no state without its delivery when the transaction breaks', async (t) => {
    const world = await World.open(t);
    await addEndpoint(world.store, world.clock, 'ops', 'https://example.org/');
    const id = await rule(world, { forSeconds: 0 });
    await world.read({ billing: 2_000n });
    await world.evaluate(id);
    await world.store.execute(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$`);
    await world.store.execute('create trigger refuse before insert on delivery for each row execute function refuse()');
    world.clock.advance(30);
    await world.read({ shipping: 5_000n });
    await assert.rejects(world.evaluate(id), /disk full/);
    assert.deepEqual((await world.alerts()).map((alert) => alert.labels['group']), ['billing'], 'the new alert is not there without its message');
    assert.equal(await world.store.prisma.alertGroup.count({ where: { lastNotifiedAt: { not: null } } }), 0);
    await world.store.execute('drop trigger refuse on delivery');
    await world.evaluate(id);
    assert.deepEqual((await world.outbox()).map((row) => row.alerts.length), [2], 'the bucket was given back with the rest');
  });

  it('keeps a firing alert while the cluster can not be read, and never turns old figures into new ones', async (t) => {
    const world = await World.open(t);
    const id = await rule(world, { forSeconds: 0 });
    await world.read({ billing: 2_000n, audit: 1n });
    await world.evaluate(id);
    world.clock.advance(300);
    await world.evaluate(id);
    const [alert, ...rest] = await world.alerts();
    assert.deepEqual([alert?.state, alert?.phase, rest.length], ['no-data', 'firing', 0]);
    assert.equal(alert?.missingSince, world.clock.now().toISOString());
    await world.read({ billing: 0n });
    world.clock.advance(10);
    await world.evaluate(id);
    assert.equal((await world.alerts())[0]?.state, 'normal');
  });

  it('does not tell of what a silence covers, and tells the end of what was told before it', async (t) => {
    const world = await World.open(t);
    const { store, clock } = world;
    await addEndpoint(store, clock, 'ops', 'https://example.org/');
    const id = await rule(world, { forSeconds: 0 });
    const silence = await createSilence(store, { matchers: [{ label: 'group', operator: '=~', value: 'bill.*' }], endsAt: new Date(clock.at + 3_600_000).toISOString(), comment: 'deploy' }, ACTOR, clock.now());
    await world.read({ billing: 2_000n, shipping: 3_000n });
    await world.evaluate(id);
    clock.advance(30);
    await world.read({});
    await world.evaluate(id);
    const [first] = await world.outbox();
    assert.deepEqual(first?.alerts.map((alert) => alert.labels['group']), ['shipping']);
    assert.deepEqual((await world.alerts()).map((alert) => [alert.labels['group'], alert.silencedBy?.id ?? null]), [['billing', silence.id], ['shipping', null]]);
    assert.equal((await listSilences(store, clock.now())).items[0]?.silencing, 1);
    await createSilence(store, { matchers: [{ label: 'group', operator: '=', value: 'shipping' }], endsAt: new Date(clock.at + 3_600_000).toISOString(), comment: 'deploy' }, ACTOR, clock.now());
    clock.advance(300);
    await world.read({ shipping: 0n });
    await world.evaluate(id);
    const outbox = await world.outbox();
    assert.deepEqual(outbox.at(-1)?.alerts.map((alert) => [alert.labels['group'], alert.status]), [['shipping', 'resolved']]);
    await endSilence(store, silence.id, ACTOR, clock.now());
    for (const seconds of [300, 30]) {
      clock.advance(seconds);
      await world.read({});
      await world.evaluate(id);
    }
    assert.deepEqual(
      (await world.outbox()).at(-1)?.alerts.map((alert) => [alert.labels['group'], alert.status]),
      [['billing', 'firing'], ['shipping', 'resolved']],
      'the resolve that nobody has taken yet is said again, because this message supersedes it',
    );
  });

  it('supersedes a message that nobody took with the next one, which says all that the first would have', async (t) => {
    const world = await World.open(t);
    const { store, clock } = world;
    const receiver = await openReceiver(t, (_request, response) => void response.writeHead(500).end());
    await addEndpoint(store, clock, 'ops', receiver.url);
    const id = await rule(world, { forSeconds: 0 });
    await world.read({ billing: 2_000n, shipping: 2_000n });
    await world.evaluate(id);
    clock.advance(30);
    await world.read({});
    await world.evaluate(id);
    startDeliveries(t, store, clock);
    await eventually(() => assert.equal(receiver.seen.length, 1));
    await eventually(async () => assert.equal((await world.outbox())[0]?.state, 'waiting'));
    // Nothing fires any more, but the resolve is not due yet: the retry would be a lie.
    clock.advance(60);
    await world.read({ billing: 0n, shipping: 0n });
    await world.evaluate(id);
    await store.notify('deliveries');
    await eventually(async () => assert.equal((await world.outbox())[0]?.state, 'superseded'));
    assert.equal(receiver.seen.length, 1);
    receiver.answer = (_request, response) => void response.end();
    clock.advance(300);
    await world.read({});
    await world.evaluate(id);
    await eventually(() => assert.equal(receiver.seen.length, 2));
    assert.deepEqual((await world.outbox()).map((row) => [row.type, row.state === 'superseded' ? 'superseded' : 'sent', row.alerts.length]), [['alert.firing', 'superseded', 2], ['alert.resolved', 'sent', 2]]);
  });

  it('tells only whom the rule names, and owes them the end when it no longer does', async (t) => {
    const world = await World.open(t);
    const { store, clock } = world;
    const ops = await addEndpoint(store, clock, 'ops', 'https://example.org/ops');
    const dev = await addEndpoint(store, clock, 'dev', 'https://example.org/dev');
    const id = await rule(world, { forSeconds: 0, endpointIds: [ops.id] });
    await world.read({ billing: 2_000n });
    await world.evaluate(id);
    clock.advance(30);
    await world.read({});
    await world.evaluate(id);
    assert.deepEqual((await store.prisma.delivery.findMany()).map((row) => row.endpointId), [ops.id]);
    await updateAlertRule(store, id, behind({ forSeconds: 0, endpointIds: [dev.id] }), ACTOR, clock.now());
    clock.advance(300);
    await world.read({});
    await world.evaluate(id);
    clock.advance(300);
    await world.read({});
    await world.evaluate(id);
    const told = (await store.prisma.delivery.findMany({ orderBy: { createdAt: 'asc' } })).map((row) => `${row.endpointId === ops.id ? 'ops' : 'dev'} ${row.type}`);
    assert.deepEqual(told.slice(1).toSorted(), ['dev alert.firing', 'ops alert.resolved']);
    await deleteWebhookEndpoint(store, dev.id, ACTOR, clock.now());
    const [after] = (await listAlertRules(store)).items;
    assert.deepEqual([after?.enabled, after?.endpointIds], [false, []], 'a rule that told one deleted webhook does not begin to tell everybody');
  });

  it('tells the end of what fired when its rule is deleted or switched off', async (t) => {
    const world = await World.open(t);
    const { store, clock } = world;
    await addEndpoint(store, clock, 'ops', 'https://example.org/');
    const id = await rule(world, { forSeconds: 0 });
    await world.read({ billing: 2_000n });
    await world.evaluate(id);
    clock.advance(30);
    await world.read({});
    await world.evaluate(id);
    clock.advance(10);
    await deleteAlertRule(store, id, ACTOR, { now: clock.now(), publicUrl: PUBLIC });
    assert.deepEqual((await world.outbox()).map((row) => row.type), ['alert.firing', 'alert.resolved']);
    assert.equal((await world.alerts()).length, 0);
    assert.equal(await world.evaluate(id), null);
    await assert.rejects(deleteAlertRule(store, id, ACTOR, { now: clock.now(), publicUrl: PUBLIC }), { code: 'alert-rule-not-found' });
  });

  it('says on the rule that its figures can not be read, and keeps its alerts', async (t) => {
    const world = await World.open(t);
    const id = await rule(world, { forSeconds: 0 });
    await world.read({ billing: 2_000n });
    await world.evaluate(id);
    await world.store.execute('alter table group_partition_offset rename to elsewhere');
    world.clock.advance(10);
    await world.evaluate(id);
    const [alert] = await world.alerts();
    assert.deepEqual([alert?.state, alert?.phase], ['error', 'firing']);
    assert.match((await listAlertRules(world.store)).items[0]?.problem ?? '', /could not be evaluated/);
    await world.store.execute('alter table elsewhere rename to group_partition_offset');
    world.clock.advance(10);
    await world.evaluate(id);
    assert.equal((await world.alerts())[0]?.state, 'firing');
    assert.equal((await listAlertRules(world.store)).items[0]?.problem, null);
  });

  it('counts dead letters that arrive, stale collectors, replays that failed again and disabled webhooks', async (t) => {
    const world = await World.open(t);
    const { store, clock } = world;
    await seedAlertRules(store);
    await seedAlertRules(store);
    assert.equal(await store.prisma.alertRule.count(), BUILT_IN_RULES.length);
    const now = clock.now();
    await store.prisma.consumerGroup.create({ data: { clusterId: world.clusterId, name: 'stuck', status: 'stopped', statusSince: now } });
    for (let index = 0; index < 3; index += 1) {
      await store.prisma.deadLetter.create({ data: { topicId: world.topicId, partition: 0, offset: BigInt(index), clusterId: world.clusterId, timestamp: now, ingestedAt: now, errorClass: 'CardDeclinedException' } });
    }
    // Read now, written long ago: what an old topic holds when it is first read is not an arrival.
    await store.prisma.deadLetter.create({ data: { topicId: world.topicId, partition: 0, offset: 99n, clusterId: world.clusterId, timestamp: new Date(0), ingestedAt: now } });
    await store.prisma.collectorStatus.create({ data: { name: 'offsets:prod', everyMs: 10_000, holder: 'h:1', lastOkAt: new Date(clock.at - 600_000), lastError: 'ECONNREFUSED' } });
    const replayId = randomUUID();
    await store.prisma.replay.create({ data: { id: replayId, clusterId: world.clusterId, state: 'finished', selection: {}, snapshotSeq: 0n, reason: 'r', createdBy: 'ana' } });
    await store.prisma.replayItem.create({ data: { topicId: world.topicId, partition: 0, offset: 0n, generation: 1, replayId, state: 'failed-again', final: true, outcomeAt: now } });
    const endpoint = await addEndpoint(store, clock, 'ops', 'https://example.org/');
    await store.prisma.webhookEndpoint.update({ where: { id: endpoint.id }, data: { enabled: false, disabledReason: 'It took nothing for 5 d.' } });
    for (const { id } of (await listAlertRules(store)).items) await world.evaluate(id);
    clock.advance(60);
    await world.read({});
    for (const { id } of (await listAlertRules(store)).items) await world.evaluate(id);
    const sentences = (await world.alerts()).filter((alert) => alert.phase === 'firing').map((alert) => `${alert.rule}: ${alert.sentence}`);
    assert.deepEqual(sentences.toSorted(), [
      'Collector is stale: The offsets:prod collector last completed a run 11 min ago; it should every 10 s. Last error: ECONNREFUSED',
      'Dead letters arrive: 3 dead letters arrived on payments within 5 min, most often CardDeclinedException.',
      'Group is not consuming: stuck has been stopped for 1 min.',
      'Replay failed again: 1 replayed record failed again within 1 h.',
      'Webhook was disabled: Webhook ops was disabled. It took nothing for 5 d.',
    ]);
    const critical = (await world.alerts())[0];
    assert.equal(critical?.severity, 'critical', 'the most urgent first');
  });

  it('refuses rules and silences that make no sense, and leaves an audit line for those that do', async (t) => {
    const world = await World.open(t);
    const { store, clock } = world;
    await rule(world);
    await assert.rejects(rule(world), { code: 'alert-rule-exists', status: 409 });
    await assert.rejects(rule(world, { name: 'Other', endpointIds: [randomUUID()] }), { code: 'webhook-endpoint-not-found', status: 400 });
    assert.equal(await store.prisma.alertRule.count(), 1);
    assert.equal(await store.prisma.auditEntry.count({ where: { action: 'alert-rule.create' } }), 1, 'a rollback leaves none');
    const past = new Date(clock.at - 1).toISOString();
    const matchers = [{ label: 'group', operator: '=' as const, value: 'x' }];
    await assert.rejects(createSilence(store, { matchers, endsAt: past, comment: 'x' }, ACTOR, clock.now()), { code: 'silence-invalid' });
    await assert.rejects(createSilence(store, { matchers, endsAt: new Date(clock.at + 100 * 86_400_000).toISOString(), comment: 'x' }, ACTOR, clock.now()), { code: 'silence-invalid' });
    await assert.rejects(endSilence(store, randomUUID(), ACTOR, clock.now()), { code: 'silence-not-found' });
    for (const params of [{ kind: 'group-lag-records', aboveRecords: -1 }, { kind: 'group-lag-records', aboveRecords: 1, extra: 1 }, { kind: 'nothing' }, { kind: 'group-status', statuses: [] }, { kind: 'dead-letter-rate', atLeast: 0, withinSeconds: 60 }]) {
      assert.equal(ruleInputSchema.safeParse({ name: 'x', params }).success, false, JSON.stringify(params));
    }
  });

  it('evaluates a rule over 5,000 groups in well under its interval', async (t) => {
    const world = await World.open(t);
    const { store, clock } = world;
    await store.execute(
      `insert into consumer_group (cluster_id, name, status) select $1, 'group-' || n, 'ok' from generate_series(1, 5000) n`,
      [world.clusterId],
    );
    await store.execute(`insert into topic_partition_offset (topic_id, partition, high_watermark, changed_at) select $1, n, 10000, now() from generate_series(1, 9) n`, [world.topicId]);
    await store.execute(
      `insert into group_partition_offset (group_id, topic_id, partition, committed_offset)
       select g.id, $1, p, case when g.id % 50 = 0 then 0 else 10000 end from consumer_group g, generate_series(0, 9) p`,
      [world.topicId],
    );
    await store.execute('analyze');
    await addEndpoint(store, clock, 'ops', 'https://example.org/');
    const id = await rule(world, { forSeconds: 0 });
    const started = performance.now();
    await world.evaluate(id);
    const firstMs = performance.now() - started;
    assert.equal((await world.alerts()).length, 100);
    clock.advance(30);
    await world.read({});
    await world.evaluate(id);
    const [message] = await store.prisma.delivery.findMany();
    assert.ok(Buffer.byteLength(message?.payload ?? '') < 20_000);
    const body = JSON.parse(message?.payload ?? '') as { data: { truncatedAlerts: number; alerts: unknown[] } };
    assert.equal(body.data.truncatedAlerts + body.data.alerts.length, 100);
    assert.ok(firstMs < 10_000, `${firstMs} ms`);
    t.diagnostic(`5,000 groups, 50,000 partitions: ${Math.round(firstMs)} ms`);
  });
});
