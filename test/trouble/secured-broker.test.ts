import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { consumerGroupHeartbeatV0, createAPI, type Reader, Writer } from '@platformatic/kafka';
import kafkajs from 'kafkajs';
import type { KafkaClusterConfig } from '#lib/brokers/kafka/connect.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { WaybillError } from '#lib/errors.ts';
import { createAuthority } from '#test/harness/certificates.ts';
import { readGroupFacts } from '#lib/store/alerts/read-group-facts.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopics } from '#test/harness/kafka.ts';
import { type KafkaCluster, startKafkaCluster } from '#test/harness/kafka-cluster.ts';
import { commitOffsets } from '#test/lag/commit-offsets.ts';
import { launch } from '#test/launcher/run-launcher.ts';
import { clientOf, kafkaJsOf, lags, producerOf, watchCluster, write } from './watch.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

type Mechanism = NonNullable<KafkaClusterConfig['sasl']>['mechanism'];
const sasl = (mechanism: Mechanism, username = 'reader', password = 'right') => ({ mechanism, username, password });

/** OffsetCommit v2, whose committer says how long it holds: how clients before Kafka 2.1 commit. The broker takes it until today. */
const commitFor = createAPI<[string, string, bigint, bigint], null>(
  8,
  2,
  (group, topic, offset, retentionMs) =>
    Writer.create()
      .appendString(group, false)
      .appendInt32(-1)
      .appendString('', false)
      .appendInt64(retentionMs)
      .appendArray([topic], (w, name) => {
        w.appendString(name, false).appendArray([0], (wp, partition) => void wp.appendInt32(partition).appendInt64(offset).appendString('', false), false, false);
      }, false, false),
  (_correlationId: number, _key: number, _version: number, _reader: Reader) => null,
  false,
  false,
);

describe('a broker with users, rights, certificates and expiring offsets', () => {
  let cluster: KafkaCluster;
  after(() => cluster?.close());
  before(async () => {
    cluster = await startKafkaCluster(null, { listeners: ['SASL', 'TLS', 'MTLS', 'SASL_TLS', 'EXPIRED'], users: { reader: 'right', limited: 'right', blinkered: 'right', narrow: 'right' }, authorizer: true, settings: { 'offsets.retention.check.interval.ms': '300' } });
    await createTopics(cluster.admin, ['open-orders', 'closed-orders'].map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 })));
    await allow('reader', AclResourceTypes.CLUSTER, 'kafka-cluster', 'CN=waybill');
    for (const principal of ['reader', 'CN=waybill']) for (const resource of [AclResourceTypes.TOPIC, AclResourceTypes.GROUP]) await allow(principal, resource, '*');
    // Anybody over TLS without a certificate is User:ANONYMOUS, who is a super user here.
    const hooks: (() => unknown)[] = [];
    const t = { after: (hook: () => unknown) => void hooks.push(hook) } as never;
    const producer = await producerOf(t, cluster.brokers());
    for (const topic of ['open-orders', 'closed-orders']) await write(producer, topic, 0, 10);
    const kafka = clientOf(t, cluster.config('admin'));
    await commitOffsets(kafka, 'open-billing', 'open-orders', new Map([[0, 4n]]));
    await commitOffsets(kafka, 'open-billing', 'closed-orders', new Map([[0, 3n]]));
    await commitOffsets(kafka, 'closed-billing', 'open-orders', new Map([[0, 1n]]));
    for (const hook of hooks) await hook();
  });

  async function allow(principal: string, resourceType: kafkajs.AclResourceTypes, resourceName: string, ...more: string[]): Promise<void> {
    await cluster.admin.createAcls({ acl: [principal, ...more].map((name) => ({ resourceType, resourceName, resourcePatternType: ResourcePatternTypes.LITERAL, principal: `User:${name}`, host: '*', operation: AclOperationTypes.DESCRIBE, permissionType: AclPermissionTypes.ALLOW })) });
  }

  async function revoke(principal: string, resourceType: kafkajs.AclResourceTypes, resourceName: string): Promise<void> {
    await cluster.admin.deleteAcls({ filters: [{ resourceType, resourceName, resourcePatternType: ResourcePatternTypes.LITERAL, principal: `User:${principal}`, host: '*', operation: AclOperationTypes.DESCRIBE, permissionType: AclPermissionTypes.ALLOW }] });
  }

  it('reads the same exact lag through PLAIN, SCRAM, TLS with an authority of its own, and mutual TLS', async (t) => {
    const { caFile } = cluster.authority;
    const ways: Record<string, KafkaClusterConfig> = {
      plain: cluster.config('plain', { listener: 'SASL', sasl: sasl('PLAIN') }),
      'scram-256': cluster.config('scram-256', { listener: 'SASL', sasl: sasl('SCRAM-SHA-256') }),
      'scram-512': cluster.config('scram-512', { listener: 'SASL', sasl: sasl('SCRAM-SHA-512') }),
      tls: cluster.config('tls', { listener: 'TLS', tls: { caFile } }),
      mutual: cluster.config('mutual', { listener: 'MTLS', tls: { caFile, ...cluster.authority.issue('waybill') } }),
      both: cluster.config('both', { listener: 'SASL_TLS', sasl: sasl('SCRAM-SHA-512'), tls: { caFile, serverName: 'localhost' } }),
    };
    const registry = openBrokerRegistry(Object.values(ways));
    t.after(() => registry.close());
    for (const way of Object.keys(ways)) {
      const { groups, topics, brokerFailures } = await eventually(() => registry.get(way).snapshotOffsets({ signal: AbortSignal.timeout(30_000) }));
      assert.equal(brokerFailures.size, 0, way);
      const committed = groups.find((group) => group.name === 'open-billing')?.committed?.toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
      assert.deepEqual(committed?.map(({ topic, offsets }) => [topic, (topics.get(topic)?.highWatermarks[0] ?? 0n) - (offsets[0] ?? 0n)]), [['closed-orders', 7n], ['open-orders', 6n]], way);
    }
    const watch = watchCluster(t, await testStore(t), cluster.config('shop', { listener: 'SASL_TLS', sasl: sasl('SCRAM-SHA-256'), tls: { caFile } }));
    await eventually(() => watch.cycle());
    assert.deepEqual(lags(await watch.group('open-billing')), { 'closed-orders:0': '7', 'open-orders:0': '6' });
    assert.equal((await watch.cluster()).state, 'ok');
  });

  it('says what is wrong and what to set, also in `npm run doctor`, when user, mechanism, authority, certificate or protocol do not fit', async (t) => {
    const { caFile } = cluster.authority;
    const other = createAuthority(cluster.folder, 'Somebody else');
    const wrong: Record<string, [KafkaClusterConfig, RegExp]> = {
      'password-plain': [cluster.config('password-plain', { listener: 'SASL', sasl: sasl('PLAIN', 'reader', 'mistaken') }), /refused the user "reader" \(PLAIN\).*KAFKA_SASL_PASSWORD/],
      'password-scram': [cluster.config('password-scram', { listener: 'SASL', sasl: sasl('SCRAM-SHA-512', 'reader', 'mistaken') }), /refused the user "reader" \(SCRAM-SHA-512\).*KAFKA_SASL_PASSWORD/],
      'no-sasl': [cluster.config('no-sasl', { listener: 'SASL' }), /closed the connection.*may want SASL: set KAFKA_SASL_MECHANISM/],
      'sasl-nowhere': [cluster.config('sasl-nowhere', { sasl: sasl('PLAIN') }), /takes no SASL: remove KAFKA_SASL_/],
      authority: [cluster.config('authority', { listener: 'TLS', tls: { caFile: other.caFile } }), /is not signed by the authority in .*KAFKA_TLS_CA_FILE/],
      'system-authority': [cluster.config('system-authority', { listener: 'TLS', tls: {} }), /authority that this machine does not know: set KAFKA_TLS_CA_FILE/],
      expired: [cluster.config('expired', { listener: 'EXPIRED', tls: { caFile } }), /certificate of .* has expired: renew it on the broker/],
      'other-name': [cluster.config('other-name', { listener: 'TLS', tls: { caFile, serverName: 'kafka.example.org' } }), /is for other names \(DNS:localhost, IP Address:127\.0\.0\.1\).*KAFKA_TLS_SERVER_NAME/],
      'client-missing': [cluster.config('client-missing', { listener: 'MTLS', tls: { caFile } }), /may ask for a client certificate: set KAFKA_TLS_CERT_FILE/],
      'client-foreign': [cluster.config('client-foreign', { listener: 'MTLS', tls: { caFile, ...other.issue('waybill') } }), /may not accept the client certificate/],
      'client-expired': [cluster.config('client-expired', { listener: 'MTLS', tls: { caFile, ...cluster.authority.issue('waybill', { expired: true }) } }), /client certificate .* expired at .*renew it/],
      'wants-tls': [cluster.config('wants-tls', { listener: 'TLS' }), /speaks TLS: set KAFKA_TLS=true/],
      'without-tls': [cluster.config('without-tls', { tls: { caFile } }), /does not speak TLS: remove KAFKA_TLS/],
      closed: [{ name: 'closed', brokers: ['127.0.0.1:1'] }, /refuses connections.*Is the broker running/],
      nowhere: [{ name: 'nowhere', brokers: ['kafka.nowhere.invalid:9092'] }, /host name .* is not known here/],
      'no-file': [cluster.config('no-file', { listener: 'TLS', tls: { caFile: '/nowhere/ca.pem' } }), /tls\.caFile of the cluster "no-file" names \/nowhere\/ca\.pem/],
    };
    const configs = Object.values(wrong).map(([config]) => config);
    const registry = openBrokerRegistry(configs);
    t.after(() => registry.close());
    for (const [name, [, sentence]] of Object.entries(wrong)) {
      const failure: unknown = await registry.get(name).describeCluster().then(() => null, (error: unknown) => error);
      assert.ok(failure instanceof WaybillError, `${name}: ${String(failure)}`);
      assert.match(failure.message, sentence, name);
      assert.doesNotMatch(failure.message, /mistaken/, 'no password in a message');
    }
    // A file that comes later mends it without a restart.
    const late = join(cluster.folder, 'late-ca.pem');
    const mended = openBrokerRegistry([cluster.config('late', { listener: 'TLS', tls: { caFile: late } })]);
    t.after(() => mended.close());
    const broker = mended.get('late');
    await assert.rejects(broker.describeCluster(), /names .*late-ca\.pem, which can't be read/);
    copyFileSync(caFile, late);
    assert.equal((await broker.describeCluster()).nodes.length, 1);
    const file = join(cluster.folder, 'waybill.config.yaml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ clusters: [...configs, { ...cluster.config('limits', { listener: 'SASL', sasl: sasl('PLAIN', 'narrow') }), schemaRegistry: { url: 'http://127.0.0.1:1' } }].map(({ tls, ...config }) => ({ ...config, ...(typeof tls === 'object' ? { tls: Object.fromEntries(Object.entries(tls).filter(([key]) => key !== 'bothFile')) } : {}) })) }));
    await allow('narrow', AclResourceTypes.TOPIC, 'open-orders');
    await allow('narrow', AclResourceTypes.GROUP, 'open-billing');
    const doctor = launch(t, ['doctor', '--json'], { WAYBILL_CONFIG: file, WAYBILL_DATA_DIR: join(cluster.folder, 'data') });
    await doctor.exited;
    const { findings, healthy } = JSON.parse(doctor.output().slice(doctor.output().indexOf('{'))) as { healthy: boolean; findings: { check: string; state: string; detail: string }[] };
    assert.equal(healthy, false);
    for (const [name, [, sentence]] of Object.entries(wrong)) {
      const finding = findings.find(({ check }) => check === `Kafka "${name}"`);
      assert.equal(finding?.state, 'missing', name);
      assert.match(finding.detail, sentence, name);
    }
    // Of a user who may read a part: which rights it lacks, what for, and the command.
    const rights = findings.filter(({ check }) => check === 'Rights on "limits"');
    assert.deepEqual([...new Set(rights.map(({ state }) => state))], ['missing', 'optional']);
    const told = rights.map(({ detail }) => detail).join('\n');
    assert.match(told, /^Describe on the cluster is missing: .*--allow-principal 'User:narrow' --operation Describe --cluster$/m);
    assert.match(told, /may not see every topic.*--operation Describe --topic '\*'$/m);
    assert.match(told, /^Read on the topic "open-orders" is missing: .*--operation Read --topic 'open-orders'$/m);
    assert.match(told, /^Delete on the group "open-billing" is missing/m);
    assert.match(told, /transactional ids of replays is missing/);
    assert.doesNotMatch(told, /Describe on the (topic|group)/);
    const schemas = findings.find(({ check }) => check === 'Schemas of "limits"');
    assert.equal(schemas?.state, 'missing');
    assert.match(schemas.detail, /can't be reached/);
  });

  it('shows what it may not see as unknown with the right that is missing, keeps what it knew, and reads the rest exactly', async (t) => {
    const store = await testStore(t);
    await allow('limited', AclResourceTypes.CLUSTER, 'kafka-cluster');
    for (const topic of ['open-orders', 'closed-orders']) await allow('limited', AclResourceTypes.TOPIC, topic);
    await allow('limited', AclResourceTypes.GROUP, 'open-billing');
    const watch = watchCluster(t, store, cluster.config('shop', { listener: 'SASL', sasl: sasl('PLAIN', 'limited') }));
    await eventually(async () => {
      await watch.cycle();
      assert.deepEqual(lags(await watch.group('open-billing')), { 'closed-orders:0': '7', 'open-orders:0': '6' });
    });
    const never = await watch.group('closed-billing');
    assert.deepEqual([never.status, never.lag], ['unknown', null]);
    assert.match(never.verdict, /no right to DESCRIBE the group "closed-billing"/);
    assert.equal((await watch.cluster()).state, 'partial');
    assert.match((await watch.cluster()).error ?? '', /1 of \d+ groups.*DESCRIBE the group "closed-billing"/);

    await revoke('limited', AclResourceTypes.TOPIC, 'closed-orders');
    await eventually(async () => {
      await watch.cycle();
      assert.equal(lags(await watch.group('open-billing'))['closed-orders:0'], 'unknown');
    });
    watch.skip(10_000);
    await watch.cycle();
    const partial = await watch.group('open-billing');
    assert.deepEqual(lags(partial), { 'closed-orders:0': 'unknown', 'open-orders:0': '6' });
    const closed = partial.partitions.find((p) => p.topic === 'closed-orders');
    assert.equal(closed?.committedOffset, '3');
    assert.match(closed?.error ?? '', /no right to DESCRIBE the topic "closed-orders"/);
    assert.match(partial.verdict, /1 partition could not be read/);
    assert.notEqual(partial.status, 'expired');

    await revoke('limited', AclResourceTypes.GROUP, 'open-billing');
    await revoke('limited', AclResourceTypes.CLUSTER, 'kafka-cluster');
    await eventually(async () => {
      await watch.cycle();
      const hidden = await watch.group('open-billing');
      assert.equal(hidden.status, 'unknown');
      assert.match(hidden.verdict, /no right to DESCRIBE the group "open-billing"/);
      assert.equal(hidden.partitions.find((p) => p.topic === 'open-orders')?.committedOffset, '4');
    });

    await allow('limited', AclResourceTypes.CLUSTER, 'kafka-cluster');
    await allow('limited', AclResourceTypes.GROUP, '*');
    await allow('limited', AclResourceTypes.TOPIC, 'closed-orders');
    await eventually(async () => {
      await watch.cycle();
      assert.deepEqual(lags(await watch.group('open-billing')), { 'closed-orders:0': '7', 'open-orders:0': '6' });
      assert.equal((await watch.cluster()).state, 'ok');
    });
  });

  it('shows what members read on topics that it may not see as unknown, with the right that is missing, and calls a group whose commits it cannot see not one without commits', async (t) => {
    const store = await testStore(t);
    await createTopics(cluster.admin, ['secret-orders', 'seen-orders'].map((topic) => ({ topic, numPartitions: 2, replicationFactor: 1 })));
    await allow('blinkered', AclResourceTypes.CLUSTER, 'kafka-cluster');
    await allow('blinkered', AclResourceTypes.GROUP, '*');
    await allow('blinkered', AclResourceTypes.TOPIC, 'seen-orders');
    const [classic, modern, closed] = ['secret-classic', 'secret-modern', 'secret-commits'] as const;
    const consumer = kafkaJsOf(cluster.brokers()).consumer({ groupId: classic });
    t.after(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topics: ['secret-orders', 'seen-orders'], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
    await eventually(() => consumer.commitOffsets([{ topic: 'secret-orders', partition: 0, offset: '0' }, { topic: 'seen-orders', partition: 0, offset: '0' }]));
    const kafka = clientOf(t, cluster.config('admin'));
    await commitOffsets(kafka, closed, 'secret-orders', new Map([[0, 0n]]));
    await eventually(async () => {
      const { connection } = await kafka.connections.coordinator('group', modern);
      await consumerGroupHeartbeatV0.api.async(connection, modern, randomUUID(), 0, null, null, 60_000, ['secret-orders'], null, null, []);
    });
    const watch = watchCluster(t, store, cluster.config('shop', { listener: 'SASL', sasl: sasl('PLAIN', 'blinkered') }));
    await eventually(async () => {
      watch.skip(60_000);
      await watch.cycle();
      const found = await watch.group(classic);
      assert.deepEqual(lags(found), { 'secret-orders:0': 'unknown', 'secret-orders:1': 'unknown', 'seen-orders:0': '0', 'seen-orders:1': 'unknown' });
      assert.equal(found.unknownPartitions, 2);
    });
    // The members were asked for when the figures of that cycle were out.
    await watch.cycle();
    const found = await watch.group(classic);
    assert.match(found.verdict, /2 partitions could not be read: Waybill's user has no right to DESCRIBE the topic "secret-orders"\. Grant it: kafka-acls/);
    assert.match(found.partitions[0]?.error ?? '', /no right to DESCRIBE the topic "secret-orders"/);
    assert.deepEqual([found.partitions[0]?.committedOffset, found.partitions[0]?.observedAt], [null, null]);
    assert.deepEqual(found.diagnosis.map(({ kind }) => kind), ['missing-right'], 'no topic that does not exist, and no broker in trouble');
    assert.equal((await watch.cluster()).state, 'partial');
    // A rule does not take the sum of what can be seen for the whole.
    assert.equal((await readGroupFacts(store, watch.now())).find((row) => row.group_name === classic)?.unknown_partitions, 1);
    const hidden = await watch.group(modern);
    assert.deepEqual([hidden.status, hidden.lag], ['unknown', null]);
    assert.match(hidden.verdict, /no right to DESCRIBE every topic that "secret-modern" reads/);
    const unseen = await watch.group(closed);
    assert.equal(unseen.status, 'unknown');
    assert.match(unseen.verdict, /No commit of secret-commits is visible.*or only in topics that Waybill's user has no right to DESCRIBE/);
    // A restart in between forgets nothing of it.
    const restarted = watchCluster(t, store, cluster.config('shop', { listener: 'SASL', sasl: sasl('PLAIN', 'blinkered') }));
    restarted.skip(watch.now().getTime() - Date.now() + 10_000);
    await restarted.cycle();
    assert.equal((await restarted.group(classic)).verdict, found.verdict);

    await allow('blinkered', AclResourceTypes.TOPIC, '*');
    await eventually(async () => {
      restarted.skip(60_000);
      await restarted.cycle();
      assert.equal((await restarted.group(classic)).lag, '0');
      assert.equal((await restarted.group(classic)).unknownPartitions, 0);
      assert.deepEqual((await restarted.group(modern)).memberList.length, 1);
      assert.doesNotMatch((await restarted.group(modern)).verdict, /right/);
      assert.equal((await restarted.group(closed)).lag, '0');
      assert.equal((await restarted.cluster()).state, 'ok');
    });
  });

  it('calls offsets that expired with records waiting expired, and not a recovery', async (t) => {
    const store = await testStore(t);
    const kafka = clientOf(t, cluster.config('admin'));
    await commitOffsets(kafka, 'old-half', 'closed-orders', new Map([[0, 10n]]));
    const watch = watchCluster(t, store, cluster.config('shop'));
    const { connection } = await kafka.connections.coordinator('group', 'old-half');
    for (const group of ['old-half', 'old-whole']) await commitFor.async(connection, group, 'open-orders', 2n, 4_000n);
    await watch.cycle();
    assert.equal((await watch.group('old-half')).lag, '8');
    assert.equal((await watch.group('old-whole')).lag, '8');
    // They live for seconds because their committer says so. To Waybill eight days pass, longer than offsets.retention.minutes.
    watch.skip(8 * 86_400_000);
    await eventually(async () => {
      await watch.cycle();
      for (const name of ['old-half', 'old-whole']) assert.equal((await watch.group(name)).status, 'expired');
    }, { timeoutMs: 20_000, everyMs: 300 });
    const half = await watch.group('old-half');
    assert.match(half.verdict, /expired .*records still waiting: no commit and no member was seen for longer than that, and the brokers keep offsets for 7 d/);
    const gone = half.partitions.find((p) => p.topic === 'open-orders');
    assert.deepEqual([gone?.status, gone?.lag, gone?.committedOffset], ['expired', null, null]);
    assert.notEqual((await watch.group('old-whole')).lag, '0');
  });

  it('keeps every figure with its age while the only broker is down, and goes on by itself when it is back', async (t) => {
    const store = await testStore(t);
    const watch = watchCluster(t, store, cluster.config('shop'));
    await watch.cycle();
    const before = await watch.group('open-billing');
    await cluster.stop(1);
    await assert.rejects(watch.cycle(), /refuses connections: nothing listens there/);
    assert.equal((await watch.cluster()).state, 'down');
    watch.skip(60_000);
    await assert.rejects(watch.cycle());
    const down = await watch.group('open-billing');
    assert.deepEqual([down.lag, down.status, down.stale, down.observedAt], [before.lag, 'unknown', true, before.observedAt]);
    assert.match(down.verdict, /does not answer/);
    assert.deepEqual(lags(down), { 'closed-orders:0': 'unknown', 'open-orders:0': 'unknown' });
    await cluster.start(1);
    await eventually(async () => {
      await watch.cycle();
      const back = await watch.group('open-billing');
      assert.deepEqual(lags(back), { 'closed-orders:0': '7', 'open-orders:0': '6' });
      assert.equal((await watch.cluster()).state, 'ok');
      assert.deepEqual([back.producedPerSecond ?? 0, back.consumedPerSecond ?? 0], [0, 0]);
    });
  });
});
