import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it, type TestContext } from 'node:test';
import { loadConfig, METRIC_NAMES } from '#lib/config.ts';
import { renderMetrics } from '#lib/operations/render-metrics.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { parseExposition, type ParsedMetric } from './parse-exposition.ts';

const ALL = { names: METRIC_NAMES, maxSeries: 50_000 };
const NOW = new Date('2026-11-20T12:00:00Z');
const AWKWARD = 'bill"ing\\\nof\tüber {a="b"} 100';

interface Planted {
  cluster?: string;
  groups: Record<string, { topic: string; committed: (number | null)[] }>;
  topics: Record<string, { ends: (number | null)[]; role?: string }>;
}

/** Rows as the collectors write them. A null end is a partition that could not be read. */
async function plant(store: Store, { cluster = 'shop', groups, topics }: Planted): Promise<void> {
  const brokers = [{ id: 1, host: 'kafka-1', port: 9092, rack: 'a' }, { id: 2, host: 'kafka-2', port: 9092, rack: null }];
  const lastCycle = { durationMs: 120, readMs: 80, requests: 6, groups: 2, groupsFailed: 0, partitions: 4, partitionsFailed: 1, groupPartitions: 4, clamped: 0, throttledMs: 0, intervalMs: 10_000, rowsWritten: 3 };
  const row = await store.prisma.cluster.create({ data: { name: cluster, kafkaClusterId: `id-of-${cluster}`, state: 'ok', brokers, controllerId: 1, lastCycleAt: NOW, lastCycle } });
  const ids = new Map<string, number>();
  for (const [name, { ends, role }] of Object.entries(topics)) {
    const topic = await store.prisma.topic.create({ data: { clusterId: row.id, name, kafkaTopicId: `${cluster}-${name}`, partitionCount: ends.length, replicationFactor: 2, firstSeenAt: NOW, ...(role ? { role } : {}) } });
    ids.set(name, topic.id);
    for (const [partition, end] of ends.entries()) {
      await store.execute('insert into topic_partition_offset (topic_id, partition, leader, high_watermark, last_stable_offset, log_start_offset, changed_at, failed_since, last_error) values ($1, $2, 1, $3, $3, 0, $4, $5, $6)', [topic.id, partition, end ?? 999, NOW, end === null ? NOW : null, end === null ? 'no leader' : null]);
    }
    await store.execute(`insert into topic_facts (topic_id, config, replicas, in_sync_replicas, size_bytes, changed_at) values ($1, '{"cleanup.policy":"compact"}', $2, $3, 500, $4)`, [topic.id, JSON.stringify(ends.map(() => [1, 2])), JSON.stringify(ends.map((_, i) => (i === 0 ? [1] : [1, 2]))), NOW]);
  }
  for (const [name, { topic, committed }] of Object.entries(groups)) {
    const members = JSON.stringify([{ memberId: 'm1', clientId: 'c1', host: 'h', instanceId: null, assignments: [{ topic, partitions: committed.map((_, i) => i) }] }, { memberId: 'm2', clientId: 'c2', host: 'h', instanceId: null, assignments: [] }]);
    const [group] = await store.query<{ id: number }>(`insert into consumer_group (cluster_id, name, type, state, coordinator, protocol, members, members_at, status, first_seen_at, last_good_at) values ($1, $2, 'classic', 'Stable', 2, 'range', $3, $4, 'ok', $4, $4) returning id`, [row.id, name, members, NOW]);
    for (const [partition, offset] of committed.entries()) {
      await store.execute(`insert into group_partition_offset (group_id, topic_id, partition, committed_offset, status, watched_since) values ($1, $2, $3, $4, 'ok', $5)`, [group?.id, ids.get(topic), partition, offset, NOW]);
    }
  }
}

async function metrics(t: TestContext, planted: Planted[], options: Parameters<typeof renderMetrics>[2] = ALL): Promise<Map<string, ParsedMetric>> {
  const store = await testStore(t);
  for (const one of planted) await plant(store, one);
  return parseExposition(await renderMetrics(store, NOW, options));
}

const SHOP: Planted = {
  topics: { orders: { ends: [10, null, 40] }, 'orders.dlq': { ends: [7], role: 'dead-letter' } },
  groups: { [AWKWARD]: { topic: 'orders', committed: [4, 3, null] }, ahead: { topic: 'orders', committed: [25, null, 40] } },
};

/** Names, labels and types as kminion 2 and kafka_exporter 1.9 have them. */
const THEIRS: Record<string, string[]> = {
  kminion_exporter_up: ['version'],
  kminion_kafka_cluster_info: ['cluster_version', 'broker_count', 'controller_id', 'cluster_id'],
  kminion_kafka_broker_info: ['broker_id', 'address', 'port', 'rack_id', 'is_controller'],
  kminion_kafka_topic_info: ['topic_name', 'partition_count', 'replication_factor', 'cleanup_policy'],
  kminion_kafka_topic_log_dir_size_total_bytes: ['topic_name'],
  kminion_kafka_topic_partition_low_water_mark: ['topic_name', 'partition_id'],
  kminion_kafka_topic_low_water_mark_sum: ['topic_name'],
  kminion_kafka_topic_partition_high_water_mark: ['topic_name', 'partition_id'],
  kminion_kafka_topic_high_water_mark_sum: ['topic_name'],
  kminion_kafka_consumer_group_info: ['group_id', 'protocol', 'protocol_type', 'state', 'coordinator_id'],
  kminion_kafka_consumer_group_members: ['group_id'],
  kminion_kafka_consumer_group_empty_members: ['group_id'],
  kminion_kafka_consumer_group_topic_members: ['group_id', 'topic_name'],
  kminion_kafka_consumer_group_topic_assigned_partitions: ['group_id', 'topic_name'],
  kminion_kafka_consumer_group_topic_offset_sum: ['group_id', 'topic_name'],
  kminion_kafka_consumer_group_topic_partition_lag: ['group_id', 'topic_name', 'partition_id'],
  kminion_kafka_consumer_group_topic_lag: ['group_id', 'topic_name'],
  kafka_brokers: [],
  kafka_broker_info: ['id', 'address'],
  kafka_topic_partitions: ['topic'],
  kafka_topic_partition_current_offset: ['topic', 'partition'],
  kafka_topic_partition_oldest_offset: ['topic', 'partition'],
  kafka_topic_partition_leader: ['topic', 'partition'],
  kafka_topic_partition_replicas: ['topic', 'partition'],
  kafka_topic_partition_in_sync_replica: ['topic', 'partition'],
  kafka_topic_partition_leader_is_preferred: ['topic', 'partition'],
  kafka_topic_partition_under_replicated_partition: ['topic', 'partition'],
  kafka_consumergroup_current_offset: ['consumergroup', 'topic', 'partition'],
  kafka_consumergroup_current_offset_sum: ['consumergroup', 'topic'],
  kafka_consumergroup_lag: ['consumergroup', 'topic', 'partition'],
  kafka_consumergroup_lag_sum: ['consumergroup', 'topic'],
  kafka_consumergroup_members: ['consumergroup'],
};

describe('/metrics', () => {
  let store: Store;
  const hooks: (() => unknown)[] = [];
  before(async () => {
    store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
    await plant(store, SHOP);
  });
  after(async () => {
    for (const hook of hooks) await hook();
  });
  const shop = async (options: Parameters<typeof renderMetrics>[2] = ALL) => parseExposition(await renderMetrics(store, NOW, options));

  it('is the text format to the letter, whatever groups are called', async () => {
    const parsed = await shop();
    const lag = parsed.get('waybill_group_lag')?.samples.find(({ labels }) => labels['group'] === AWKWARD);
    assert.deepEqual([lag?.labels, lag?.value], [{ cluster: 'shop', group: AWKWARD }, 6 + 996]);
    for (const [name, { type }] of parsed) assert.equal(type, name.endsWith('_total') ? 'counter' : 'gauge', name);
  });

  it("speaks kminion's and kafka_exporter's names with exactly their labels", async () => {
    const parsed = await shop();
    for (const [name, labels] of Object.entries(THEIRS)) {
      const samples = parsed.get(name)?.samples ?? [];
      assert.ok(samples.length > 0, `${name} has no series`);
      for (const sample of samples) assert.deepEqual(Object.keys(sample.labels).toSorted(), labels.toSorted(), name);
    }
    for (const name of parsed.keys()) if (!name.startsWith('waybill_')) assert.ok(name in THEIRS, `${name} is none of theirs`);
    const value = (name: string, wanted: Record<string, string>) => parsed.get(name)?.samples.find(({ labels }) => Object.entries(wanted).every(([key, text]) => labels[key] === text))?.value;
    assert.equal(value('kminion_kafka_consumer_group_topic_partition_lag', { group_id: AWKWARD, topic_name: 'orders', partition_id: '0' }), 6);
    assert.equal(value('kafka_consumergroup_lag', { consumergroup: AWKWARD, partition: '0' }), 6);
    assert.equal(value('kafka_consumergroup_members', { consumergroup: AWKWARD }), 2);
    assert.equal(value('kminion_kafka_consumer_group_empty_members', { group_id: AWKWARD }), 1);
    assert.equal(value('kminion_kafka_consumer_group_topic_assigned_partitions', { group_id: AWKWARD }), 3);
    assert.equal(value('kafka_topic_partition_under_replicated_partition', { topic: 'orders', partition: '0' }), 1);
    assert.equal(value('kafka_topic_partition_under_replicated_partition', { topic: 'orders', partition: '2' }), 0);
    assert.equal(value('waybill_dead_letter_records_total', { topic: 'orders.dlq' }), 7);
  });

  it('leaves out what is unknown: a partition that was not read, one without a commit, a commit beyond the end, a cluster that fell silent', async () => {
    const parsed = await shop();
    const partitions = (name: string, group: string) => (parsed.get(name)?.samples ?? []).filter(({ labels }) => (labels['consumergroup'] ?? labels['group_id'] ?? labels['group']) === group).map(({ labels, value }) => [labels['partition'] ?? labels['partition_id'], value]);
    for (const name of ['kafka_consumergroup_lag', 'kminion_kafka_consumer_group_topic_partition_lag', 'waybill_group_partition_lag']) {
      assert.deepEqual(partitions(name, AWKWARD), [['0', 6]], name);
      assert.deepEqual(partitions(name, 'ahead'), [['2', 0]], name);
    }
    const sum = parsed.get('kafka_consumergroup_lag_sum')?.samples.find(({ labels }) => labels['consumergroup'] === AWKWARD);
    assert.equal(sum?.value, 6 + 996, 'a sum keeps the last figure: it would fall as if somebody had caught up');
    assert.deepEqual(parsed.get('waybill_group_unknown_partitions')?.samples.map(({ labels, value }) => [labels['group'], value]), [['ahead', 1], [AWKWARD, 1]]);
    const topics = (name: string) => (parsed.get(name)?.samples ?? []).map(({ labels }) => labels['topic_name']);
    assert.deepEqual(topics('kminion_kafka_topic_high_water_mark_sum'), ['orders.dlq'], 'no sum where a part is not known');
    assert.deepEqual((parsed.get('kafka_topic_partition_current_offset')?.samples ?? []).filter(({ labels }) => labels['topic'] === 'orders').map(({ labels }) => labels['partition']), ['0', '2']);

    const later = parseExposition(await renderMetrics(store, new Date(NOW.getTime() + 3_600_000), ALL));
    for (const [name, { samples }] of later) {
      if (/lag|offset_sum|current_offset|water_mark|members|records/.test(name)) assert.deepEqual(samples, [], name);
    }
    assert.deepEqual(later.get('waybill_cluster_up')?.samples.map(({ value }) => value), [0]);
    assert.deepEqual(later.get('waybill_group_status')?.samples.map(({ labels }) => labels['status']), ['unknown', 'unknown']);
  });

  it('tells clusters apart by a label once there are several', async (t) => {
    const parsed = await metrics(t, [SHOP, { ...SHOP, cluster: 'staging' }]);
    for (const name of Object.keys(THEIRS)) {
      if (name === 'kminion_exporter_up') continue;
      assert.deepEqual(new Set(parsed.get(name)?.samples.map(({ labels }) => labels['cluster'])), new Set(['shop', 'staging']), name);
    }
  });

  it('has at most as many series of a metric as allowed, and says how many it left out', async (t) => {
    const topics = { orders: { ends: Array.from({ length: 30 }, () => 5) } };
    const parsed = await metrics(t, [{ topics, groups: { billing: { topic: 'orders', committed: topics.orders.ends.map(() => 1) } } }], { names: ['waybill', 'waybill-partitions'], maxSeries: 20 });
    assert.equal(parsed.get('waybill_group_partition_lag')?.samples.length, 20);
    assert.deepEqual(parsed.get('waybill_metrics_truncated_series')?.samples.find(({ labels }) => labels['metric'] === 'waybill_group_partition_lag')?.value, 10);
    for (const { samples } of parsed.values()) assert.ok(samples.length <= 20);
  });

  it('speaks only the names that are set, and refuses others', async () => {
    const parsed = await shop({ names: ['kminion'], maxSeries: 1_000 });
    assert.deepEqual([...parsed.keys()].filter((name) => !name.startsWith('kminion_')), ['waybill_metrics_truncated_series']);
    assert.deepEqual(loadConfig({ NODE_ENV: 'test', WAYBILL_METRICS_NAMES: 'kafka-exporter, waybill' }, '/nowhere').metrics, { names: ['waybill', 'kafka-exporter'], maxSeries: 50_000 });
    assert.throws(() => loadConfig({ NODE_ENV: 'test', WAYBILL_METRICS_NAMES: 'burrow' }, '/nowhere'), /WAYBILL_METRICS_NAMES is "burrow": give one or several of waybill, /);
  });

  it('has every metric that the Grafana dashboard asks for, and the dashboard has what Grafana needs', async () => {
    const emitted = new Set((await shop({ names: ['waybill'], maxSeries: 1_000 })).keys());
    const dashboard = JSON.parse(readFileSync(new URL('../../docs/grafana-dashboard.json', import.meta.url), 'utf8')) as {
      uid: string;
      title: string;
      schemaVersion: number;
      templating: { list: { name: string; type: string; definition?: string }[] };
      panels: { id: number; type: string; title: string; gridPos: { x: number; y: number; w: number; h: number }; datasource?: { uid: string }; targets?: { expr: string; datasource: { uid: string } }[] }[];
    };
    assert.match(dashboard.uid, /^[A-Za-z0-9_-]{1,40}$/);
    assert.ok(dashboard.templating.list.some(({ type, name }) => type === 'datasource' && name === 'datasource'));
    const variables = new Set(dashboard.templating.list.map(({ name }) => name));
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
    const queries = [...dashboard.panels.flatMap(({ targets }) => targets?.map(({ expr }) => expr) ?? []), ...dashboard.templating.list.flatMap(({ definition }) => definition ?? [])];
    assert.ok(queries.length > 20);
    for (const query of queries) {
      const bare = query.replaceAll(/"[^"]*"/g, '""');
      const names = bare.match(/\b(?:waybill|kafka|kminion)_[a-z_]+/g) ?? [];
      assert.ok(names.length > 0, query);
      for (const name of names) assert.ok(emitted.has(name), `${name} in ${query}`);
      for (const [, variable = ''] of query.matchAll(/\$(\w+)/g)) assert.ok(variables.has(variable), query);
      assert.equal(bare.split('(').length, bare.split(')').length, query);
    }
    for (const panel of dashboard.panels) {
      const { x, y, w, h } = panel.gridPos;
      assert.ok(x >= 0 && x + w <= 24 && h > 0, panel.title);
      for (const other of dashboard.panels) {
        const at = other.gridPos;
        assert.ok(other === panel || x + w <= at.x || at.x + at.w <= x || y + h <= at.y || at.y + at.h <= y, `${panel.title} lies on ${other.title}`);
      }
      if (panel.type !== 'row') assert.ok(panel.targets?.every(({ datasource }) => datasource.uid === '${datasource}'), panel.title);
    }
  });
});
