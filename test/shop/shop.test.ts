import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '#test/harness/eventually.ts';
import { header, startShop, withHeader, type RunningShop, type Seen } from './running-shop.ts';

const PATIENCE = { timeoutMs: 30_000 };

interface Body {
  id: string;
  type: string;
  data: { orderId: string; lines: unknown[] };
}

function json(record: Seen): Body {
  return JSON.parse(record.value!.toString()) as Body;
}

function eventOf(shop: RunningShop, topic: Seen['topic'], type: string, correlationId: string): Promise<Seen> {
  return eventually(() => {
    const found = withHeader(withHeader(shop.seen(topic), 'correlation-id', correlationId), 'event-type', type)[0];
    assert.ok(found, `${type} of ${correlationId} on ${topic}`);
    return found;
  }, PATIENCE);
}

describe('the shop on a real Kafka', { timeout: 240_000 }, () => {
  let shop: RunningShop;

  const endings: (() => Promise<void>)[] = [];

  before(async () => {
    shop = await startShop((ending) => void endings.push(ending));
  });

  after(async () => {
    for (const ending of endings) await ending();
  });

  test('an order flows from the cart to the notification with one correlation id', async () => {
    const { correlationId, cartId } = await shop.checkOut();
    await eventOf(shop, 'notifications', 'CustomerNotified', correlationId);
    await eventOf(shop, 'orders', 'OrderCompleted', correlationId);
    const types = (['carts', 'orders', 'payments', 'stock', 'notifications'] as const).flatMap((topic) => withHeader(shop.seen(topic), 'correlation-id', correlationId).map((record) => json(record).type));
    assert.deepEqual([...new Set(types)].toSorted(), ['CartCheckedOut', 'CartItemAdded', 'CustomerNotified', 'OrderCompleted', 'OrderPlaced', 'PaymentCaptured', 'StockReserved']);
    const checkedOut = json(await eventOf(shop, 'carts', 'CartCheckedOut', correlationId)) as unknown as { data: { cartId: string } };
    assert.equal(checkedOut.data.cartId, cartId);
  });

  test('while the provider is out an order is tried three times and parked with Spring headers that name where it lay; mended, the same bytes go through', async () => {
    await shop.setFault('provider-outage', true);
    const { correlationId } = await shop.checkOut();
    const origin = await eventOf(shop, 'orders', 'OrderPlaced', correlationId);
    const parked = await eventOf(shop, 'paymentDead', 'OrderPlaced', correlationId);
    assert.equal(header(parked, 'kafka_dlt-original-topic')?.toString(), `${shop.prefix}orders`);
    assert.equal(header(parked, 'kafka_dlt-original-partition')?.readInt32BE(), origin.partition);
    assert.equal(parked.partition, origin.partition);
    assert.equal(header(parked, 'kafka_dlt-original-offset')?.readBigInt64BE(), BigInt(origin.offset));
    assert.equal(header(parked, 'kafka_dlt-original-timestamp')?.readBigInt64BE(), BigInt(origin.timestamp));
    assert.equal(header(parked, 'kafka_dlt-original-consumer-group')?.toString(), `${shop.prefix}payment-service`);
    assert.equal(header(parked, 'kafka_dlt-exception-cause-fqcn')?.toString(), 'com.example.shop.ProviderUnavailableError');
    assert.match(header(parked, 'kafka_dlt-exception-message')!.toString(), /ECONNREFUSED/);
    assert.deepEqual(parked.value, origin.value);
    assert.deepEqual(parked.key, origin.key);

    const resend = (replayId: string): Promise<unknown> =>
      shop.producer.send({
        topic: `${shop.prefix}orders`,
        messages: [{ key: parked.key, value: parked.value, headers: { 'correlation-id': correlationId, 'event-type': 'OrderPlaced', 'replay-id': replayId }, partition: origin.partition }],
      });
    await resend('r-1:1:1');
    const again = await eventually(() => {
      const found = withHeader(shop.seen('paymentDead'), 'replay-id', 'r-1:1:1')[0];
      assert.ok(found);
      return found;
    }, PATIENCE);
    assert.notEqual(header(again, 'kafka_dlt-original-offset')?.readBigInt64BE(), BigInt(origin.offset));

    await shop.setFault('provider-outage', false);
    await resend('r-1:1:2');
    await eventOf(shop, 'payments', 'PaymentCaptured', correlationId);
    await eventOf(shop, 'notifications', 'CustomerNotified', correlationId);
    assert.equal(withHeader(shop.seen('paymentDead'), 'replay-id', 'r-1:1:2').length, 0);
  });

  test('a poison message goes to the dead letters of both its readers, in the home-made dialect, without a retry', async () => {
    await shop.setFault('poison-message', true);
    const orders = [await shop.checkOut(), await shop.checkOut(), await shop.checkOut()];
    const parked = await eventually(() => {
      const ids = new Set(orders.map((order) => order.correlationId));
      const mine = (topic: Seen['topic']): Seen | undefined => shop.seen(topic).find((record) => ids.has(header(record, 'correlation-id')?.toString() ?? ''));
      const found = [mine('inventoryDead'), mine('notificationDead')];
      assert.ok(found[0] && found[1]);
      return found as Seen[];
    }, PATIENCE);
    await shop.setFault('poison-message', false);
    for (const record of parked) {
      assert.equal(header(record, 'error-name')?.toString(), 'SyntaxError');
      assert.match(header(record, 'error-stack')!.toString(), /^SyntaxError: /);
      assert.equal(header(record, 'original-topic')?.toString(), `${shop.prefix}payments`);
      assert.equal(header(record, 'retry-count')?.toString(), '1');
      assert.match(header(record, 'failed-at')!.toString(), /^\d{13}$/);
      const origin = shop.seen('payments').find((candidate) => candidate.partition === Number(header(record, 'original-partition')) && candidate.offset === header(record, 'original-offset')?.toString());
      assert.deepEqual(record.value, origin?.value);
    }
    assert.deepEqual(parked.map((record) => header(record, 'consumer-group')?.toString()), [`${shop.prefix}inventory-service`, `${shop.prefix}notification-service`]);
    // Mended, an order goes through again.
    await eventOf(shop, 'notifications', 'CustomerNotified', (await shop.checkOut()).correlationId);
  });

  test('with the lost correlation id inventory sends without the header, and with it again afterwards', async () => {
    await shop.setFault('lost-correlation-id', true);
    const { correlationId } = await shop.checkOut();
    const { data } = json(await eventOf(shop, 'payments', 'PaymentCaptured', correlationId));
    const reserved = await eventually(() => {
      const found = shop.seen('stock').find((record) => json(record).data.orderId === data.orderId);
      assert.ok(found);
      return found;
    }, PATIENCE);
    assert.equal(header(reserved, 'correlation-id'), undefined);
    assert.ok(header(reserved, 'traceparent') !== undefined);
    await shop.setFault('lost-correlation-id', false);
    await eventOf(shop, 'stock', 'StockReserved', (await shop.checkOut()).correlationId);
  });

  test('an unversioned event is its data alone, with the correlation id; without spans notification still passes the trace on, marked as not recorded', async () => {
    for (const fault of ['unversioned-event', 'untraced-service']) await shop.setFault(fault, true);
    const { correlationId } = await shop.checkOut();
    const bare = await eventually(() => {
      const found = shop.seen('notifications').find((record) => header(record, 'correlation-id')?.toString() === correlationId);
      assert.ok(found);
      return found;
    }, PATIENCE);
    assert.deepEqual(Object.keys(JSON.parse(bare.value!.toString()) as object), ['orderId', 'customerId', 'channel', 'template']);
    assert.deepEqual(['event-id', 'event-type', 'schema-version'].map((name) => header(bare, name)), [undefined, undefined, undefined]);
    assert.match(String(header(bare, 'traceparent')), /-00$/);
    for (const fault of ['unversioned-event', 'untraced-service']) await shop.setFault(fault, false);
    assert.match(String(header(await eventOf(shop, 'notifications', 'CustomerNotified', (await shop.checkOut()).correlationId), 'traceparent')), /-01$/);
  });

  test('a stopped consumer stays a member of its group while nothing is processed, and catches up when it is switched on', async () => {
    await shop.setFault('stopped-consumer', true);
    const { correlationId } = await shop.checkOut();
    await eventOf(shop, 'stock', 'StockReserved', correlationId);
    const { groups } = await shop.admin.describeGroups([`${shop.prefix}notification-service`]);
    assert.equal(groups[0]?.state, 'Stable');
    assert.equal(groups[0]?.members.length, 1);
    await eventOf(shop, 'orders', 'OrderCompleted', correlationId);
    assert.equal(withHeader(shop.seen('notifications'), 'correlation-id', correlationId).length, 0);
    await shop.setFault('stopped-consumer', false);
    await eventOf(shop, 'notifications', 'CustomerNotified', correlationId);
  });

  test('a drifted schema is parked by order, naming the field; the old version goes on working', async () => {
    await shop.setFault('schema-drift', true);
    const orders = [await shop.checkOut(), await shop.checkOut()];
    const parked = await eventually(() => {
      const found = shop.seen('orderDead').find((record) => orders.some((order) => header(record, 'correlation-id')?.toString() === order.correlationId));
      assert.ok(found);
      return found;
    }, PATIENCE);
    assert.match(header(parked, 'kafka_dlt-exception-message')!.toString(), /CartCheckedOut version 2 does not match: lines\.0\.unitPriceCents/);
    assert.equal(header(parked, 'kafka_dlt-exception-cause-fqcn')?.toString(), 'com.example.shop.SchemaMismatchError');
    const other = orders.find((order) => order.correlationId !== header(parked, 'correlation-id')?.toString())!;
    await eventOf(shop, 'orders', 'OrderPlaced', other.correlationId);
    await shop.setFault('schema-drift', false);
  });

  test('an event out of order is parked by order', async () => {
    await shop.setFault('out-of-order', true);
    const orders = [await shop.checkOut(), await shop.checkOut()];
    await eventually(() => {
      const found = shop.seen('orderDead').find((record) => orders.some((order) => header(record, 'correlation-id')?.toString() === order.correlationId));
      assert.match(header(found, 'kafka_dlt-exception-message')?.toString() ?? '', /came after the cart was checked out/);
    }, PATIENCE);
    await shop.setFault('out-of-order', false);
  });

  test('a duplicate is published twice and charged once', async () => {
    await shop.setFault('duplicate-event', true);
    const orders = [await shop.checkOut(), await shop.checkOut()];
    const twice = await eventually(() => {
      const found = orders.find((order) => withHeader(withHeader(shop.seen('orders'), 'event-type', 'OrderPlaced'), 'correlation-id', order.correlationId).length === 2);
      assert.ok(found);
      return found;
    }, PATIENCE);
    await shop.setFault('duplicate-event', false);
    const [first, second] = withHeader(withHeader(shop.seen('orders'), 'event-type', 'OrderPlaced'), 'correlation-id', twice.correlationId);
    assert.equal(json(first!).id, json(second!).id);
    await eventOf(shop, 'orders', 'OrderCompleted', twice.correlationId);
    assert.equal(withHeader(shop.seen('payments'), 'correlation-id', twice.correlationId).length, 1);
  });

  test('an oversized cart is parked whole, because the order made from it is over the limit', async () => {
    await shop.setFault('oversized-event', true);
    await shop.checkOut();
    const parked = await eventually(() => {
      const found = shop.seen('orderDead').find((record) => record.value!.length > 900_000);
      assert.ok(found);
      return found;
    }, PATIENCE);
    await shop.setFault('oversized-event', false);
    assert.match(header(parked, 'kafka_dlt-exception-message')!.toString(), /larger than the max/);
    await eventOf(shop, 'notifications', 'CustomerNotified', (await shop.checkOut()).correlationId);
  });

  test('the slow consumer takes seconds, and is quick again as soon as it is mended', async () => {
    await shop.setFault('slow-consumer', true);
    const { correlationId } = await shop.checkOut();
    await eventOf(shop, 'payments', 'PaymentCaptured', correlationId);
    assert.equal(withHeader(shop.seen('stock'), 'correlation-id', correlationId).length, 0);
    await shop.setFault('slow-consumer', false);
    await eventOf(shop, 'stock', 'StockReserved', correlationId);
  });

  test('another site, another host name and what is no switch are refused', async () => {
    const body = '{"on": true}';
    const status = async (path: string, options: Parameters<RunningShop['api']>[2]): Promise<number> => (await shop.api('PUT', path, options)).status;
    assert.equal(await status('/api/faults/poison-message', { body, headers: { origin: 'https://evil.example' } }), 403);
    assert.equal(await status('/api/faults/poison-message', { body, headers: { 'content-type': 'text/plain' } }), 403);
    assert.equal(await status('/api/faults/poison-message', { body: '{"on": "yes"}' }), 400);
    assert.equal(await status('/api/faults/poison-message', { body: `"${'x'.repeat(2_000)}"` }), 400);
    assert.equal(await status('/api/faults/constructor', { body }), 404);
    const { on } = (await (await shop.api('GET', '/api/status')).json()) as { on: string[] };
    assert.deepEqual(on, []);
  });
});
