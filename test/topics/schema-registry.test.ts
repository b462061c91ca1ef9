import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import avsc from 'avsc';
import protobuf from 'protobufjs';
import { checkSchemaRegistry } from '#lib/schema-registry/check-schema-registry.ts';
import { type Apicurio, startApicurio } from './apicurio.ts';
import { type Browsing, openBrowsing, raw } from './browsing.ts';
import { framed } from './registry-server.ts';

const AVRO = '{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"long"},{"name":"note","type":["null","string"]}]}';
const ADDRESS = '{"type":"record","name":"Address","namespace":"shop","fields":[{"name":"town","type":"string"}]}';
const PARCEL = '{"type":"record","name":"Parcel","namespace":"shop","fields":[{"name":"to","type":"shop.Address"}]}';
const PROTO = 'syntax = "proto3"; package shop; import "money.proto"; message Other {} message Order { int64 id = 1; Money price = 2; }';
const MONEY = 'syntax = "proto3"; package shop; message Money { int64 cents = 1; }';

describe('a real schema registry', () => {
  const hooks: (() => unknown)[] = [];
  let registry: Apicurio;
  let browsing: Browsing;
  before(async () => {
    registry = await startApicurio({ after: (hook) => void hooks.push(hook as () => unknown) });
    browsing = await openBrowsing(registry.url);
  });
  after(async () => {
    await browsing?.close();
    for (const hook of hooks) await hook();
  });

  it('has the schemas by which Avro, Protobuf and JSON are shown and filtered, with all that they refer to', async () => {
    const order = await registry.register('orders-value', { schema: AVRO });
    await registry.register('address', { schema: ADDRESS });
    const parcel = await registry.register('parcels-value', { schema: PARCEL, references: [{ name: 'shop.Address', subject: 'address', version: 1 }] });
    await registry.register('money.proto', { schema: MONEY, schemaType: 'PROTOBUF' });
    const proto = await registry.register('order-proto-value', { schema: PROTO, schemaType: 'PROTOBUF', references: [{ name: 'money.proto', subject: 'money.proto', version: 1 }] });
    const json = await registry.register('json-value', { schema: '{"type":"object","properties":{"id":{"type":"integer"}}}', schemaType: 'JSON' });

    const avro = avsc.Type.forSchema(JSON.parse(AVRO), { wrapUnions: false } as never);
    const root = new protobuf.Root();
    for (const schema of [MONEY, PROTO]) protobuf.parse(schema, root, { keepCase: true });
    const message = root.resolveAll().lookupType('shop.Order');
    const topic = await browsing.topicWith([
      raw(framed(order, avro.toBuffer({ id: 41, note: 'naïve' })), { key: framed(order, avro.toBuffer({ id: 1, note: null })) }),
      raw(framed(proto, [2, 2], message.encode(message.fromObject({ id: '9007199254740993', price: { cents: 5 } })).finish())),
      raw(framed(json, Buffer.from('{"id": 3}'))),
      raw(framed(parcel, avsc.Type.forSchema('string').toBuffer('Bern'))),
      raw(framed(987_654, [1])),
    ]);
    const { items } = await browsing.browse(topic, { order: 'oldest' });
    assert.deepEqual(items.slice(0, 4).map(({ value }) => value), [
      { format: 'avro', schemaId: order, name: 'shop.Order', json: '{"id":41,"note":"naïve"}', truncated: false },
      { format: 'protobuf', schemaId: proto, name: 'shop.Order', json: '{"id":9007199254740993,"price":{"cents":5}}', truncated: false },
      { format: 'json', schemaId: json, name: null, json: '{"id":3}', truncated: false },
      { format: 'avro', schemaId: parcel, name: 'shop.Parcel', json: '{"to":{"town":"Bern"}}', truncated: false },
    ]);
    assert.deepEqual(items[0]?.key, { format: 'avro', schemaId: order, name: 'shop.Order', json: '{"id":1,"note":null}', truncated: false });
    assert.match((items[4]!.value as { error: string }).error, /has no schema 987654/u);
    const filtered = await browsing.browse(topic, { order: 'oldest', filter: 'value.id == 41 || value.id == 9007199254740993' });
    assert.deepEqual(filtered.items.map(({ offset }) => offset), ['0', '1']);
  });

  it('is found right by the doctor, and values stay readable as bytes while it is down', async () => {
    const known = await registry.register('known-value', { schema: '"string"' });
    const unread = await registry.register('unread-value', { schema: '{"type":"array","items":"int"}' });
    const read = await browsing.topicWith([raw(framed(known, avsc.Type.forSchema('string').toBuffer('kept')))]);
    const shown = async (topic: string) => (await browsing.browse(topic, { order: 'oldest' })).items[0]!;
    await shown(read);
    await checkSchemaRegistry({ url: registry.url });
    await registry.stop();
    assert.equal(((await shown(read)).value as { json: string }).json, '"kept"', 'what was read once is known');
    const late = await shown(await browsing.topicWith([raw(framed(unread, [0]))]));
    assert.match((late.value as { error: string }).error, /registry/iu);
    assert.equal(late.valueBase64, framed(unread, [0]).toString('base64'));
    await assert.rejects(checkSchemaRegistry({ url: registry.url }));
  });
});
