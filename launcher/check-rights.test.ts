import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OPERATIONS, type Operation, type Rights } from '#lib/brokers/port-rights.ts';
import { missingRights } from './check-rights.ts';

const every = new Set(OPERATIONS);
const may = (...operations: Operation[]) => new Set(operations);
const rights = (over: Partial<Rights> = {}): Rights => ({ cluster: every, topics: new Map([['orders', every], ['refunds', every]]), groups: new Map([['billing', every]]), everyTopic: true, replayTransactions: true, ...over });

describe('the rights that a user lacks', () => {
  it('are none where it may do everything, and none where the brokers tell nothing', () => {
    assert.deepEqual(missingRights(rights(), 'waybill'), []);
    assert.deepEqual(missingRights({ cluster: null, topics: new Map(), groups: new Map(), everyTopic: null, replayTransactions: null }, null), []);
  });
  it('are told with what is lost and the command that grants them, the needed ones first', () => {
    const found = missingRights(rights({ everyTopic: false, cluster: may('DescribeConfigs'), groups: new Map([['billing', every], ['audit', may()]]), topics: new Map([['orders', may('Describe', 'DescribeConfigs', 'Write')], ['refunds', every]]) }), 'waybill');
    assert.deepEqual(found.map(({ needed }) => needed), [true, true, false, false, false, false]);
    assert.equal(found[0]?.detail, `Describe on the cluster is missing: groups are seen only one by one, and sizes of topics not at all. kafka-acls --add --allow-principal 'User:waybill' --operation Describe --cluster`);
    assert.equal(found[1]?.detail, `Describe on the group "audit" is missing: their lag is unknown. kafka-acls --add --allow-principal 'User:waybill' --operation Describe --group 'audit'`);
    assert.match(found.map(({ detail }) => detail).join('\n'), /Read on the topic "orders" is missing: messages and dead letters cannot be read/);
  });
  it('are summed up where there are many', () => {
    const topics = new Map(Array.from({ length: 5 }, (_, i) => [`orders-${i}`, may('Describe', 'Read', 'DescribeConfigs', ...(i === 4 ? ['Write' as const] : []))]));
    assert.match(missingRights(rights({ topics }), null)[0]?.detail ?? '', /^Write on 4 of 5 topics \("orders-0", "orders-1", "orders-2" …\) is missing: .*User:<Waybill's user>' --operation Write --topic '\*'$/);
  });
});
