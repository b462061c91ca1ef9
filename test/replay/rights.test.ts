import assert from 'node:assert/strict';
import { test } from 'node:test';
import kafkajs from 'kafkajs';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { headersToStrip } from '#lib/dead-letter/dialects.ts';
import { dryRunReplay } from '#lib/operations/broker/dry-run-replay.ts';
import { getReplay } from '#lib/operations/get-replay.ts';
import { resumeReplay } from '#lib/operations/resume-replay.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { startKafkaCluster } from '#test/harness/kafka-cluster.ts';
import { lacksTransactionRights } from '../../app/(console)/replays/at-least-once.ts';
import { assertExactlyOnce } from './exactly-once.ts';
import { createJob, plant } from './fixture.ts';
import { work } from './worker.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

test('without the right to its transactional id a job sends nothing and names it; granted, it goes on exactly once; a person may also go on at least once', async (t) => {
  const cluster = await startKafkaCluster(t, { listeners: ['SASL'], users: { waybill: 'right' }, authorizer: true });
  process.env['WAYBILL_TEST_KAFKA'] = cluster.brokers().join(','); // topics are made and judged by who may do everything
  const allow = (resourceType: number, resourceName: string, resourcePatternType: number, ...operations: number[]) =>
    cluster.admin.createAcls({ acl: operations.map((operation) => ({ resourceType, resourceName, resourcePatternType, principal: 'User:waybill', host: '*', operation, permissionType: AclPermissionTypes.ALLOW })) });
  await allow(AclResourceTypes.TOPIC, '*', ResourcePatternTypes.LITERAL, AclOperationTypes.READ, AclOperationTypes.WRITE, AclOperationTypes.DESCRIBE);
  const signedIn = cluster.config('test', { listener: 'SASL', sasl: { mechanism: 'PLAIN', username: 'waybill', password: 'right' } });

  const store = await testStore(t);
  const planted = await plant(store, { count: 6 });
  const broker = createKafkaBroker(openKafka(signedIn, { clientId: 'rights-test' }));
  t.after(() => broker.close());
  const look = () => dryRunReplay({ selection: { filter: { topic: planted.dlq } }, target: null, partitioning: 'origin', mode: 'exactly-once' }, { store, broker, clusterId: planted.clusterId, headersToStrip, signal: new AbortController().signal });
  const before = await look();
  assert.equal(before.mode, 'at-least-once');
  assert.match(before.modeReason ?? '', /TRANSACTIONAL_ID_AUTHORIZATION_FAILED/);

  const replayId = await createJob(store, planted);
  assert.equal(await work(store, planted.clusterId, { holder: 'w', cluster: signedIn }), 'needs-decision');
  const denied = await getReplay(store, replayId);
  assert.deepEqual([denied.state, denied.mode, denied.counts.sent, lacksTransactionRights(denied)], ['needs-decision', 'exactly-once', 0, true]);

  const other = await plant(store, { count: 6 });
  const second = await createJob(store, other);
  assert.equal(await work(store, other.clusterId, { holder: 'w', cluster: signedIn }), 'needs-decision');
  await resumeReplay(store, { id: second, principal: { name: 'ana' }, mode: 'at-least-once' });
  assert.equal(await work(store, other.clusterId, { holder: 'w', cluster: signedIn }), 'finished');
  await assertExactlyOnce(store, other, second); // nothing crashed, so at least once is once
  assert.deepEqual([(await getReplay(store, second)).mode, lacksTransactionRights(await getReplay(store, second))], ['at-least-once', false]);

  await allow(AclResourceTypes.TRANSACTIONAL_ID, 'waybill-replay-', ResourcePatternTypes.PREFIXED, AclOperationTypes.WRITE, AclOperationTypes.DESCRIBE);
  await allow(AclResourceTypes.GROUP, 'waybill-replay-', ResourcePatternTypes.PREFIXED, AclOperationTypes.READ);
  await eventually(async () => assert.equal((await look()).mode, 'exactly-once')); // every broker hears of rights in its own time
  await resumeReplay(store, { id: replayId, principal: { name: 'ana' } });
  const end = await work(store, planted.clusterId, { holder: 'w', cluster: signedIn });
  assert.deepEqual([end, (await getReplay(store, replayId)).lastError], ['finished', null]);
  await assertExactlyOnce(store, planted, replayId);
  assert.equal((await getReplay(store, replayId)).mode, 'exactly-once');
});
