import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { createWebhookEndpoint } from '#lib/operations/create-webhook-endpoint.ts';
import { getDelivery, listDeliveries } from '#lib/operations/list-deliveries.ts';
import { getWebhookEndpoint } from '#lib/operations/list-webhook-endpoints.ts';
import { redeliverWebhook } from '#lib/operations/redeliver-webhook.ts';
import { rotateWebhookSecret } from '#lib/operations/rotate-webhook-secret.ts';
import { testWebhookEndpoint } from '#lib/operations/test-webhook-endpoint.ts';
import { enqueueDelivery } from '#lib/store/deliveries/enqueue-delivery.ts';
import type { Store } from '#lib/store/store.ts';
import { newWebhookId } from '#lib/webhook/new-webhook-id.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { ACTOR, addEndpoint, channelContext, SECRET_KEY, startDeliveries, TestClock } from './context.ts';
import { openReceiver } from './receiver.ts';

const PUBLIC = 'https://waybill.example';

async function enqueue(store: Store, clock: TestClock, endpointId: string, type = 'alert.firing'): Promise<string> {
  const id = newWebhookId(clock.now());
  await enqueueDelivery(store, { id, endpointId, alertGroupId: null, type, payload: '{"type":"alert.firing"}' }, clock.now());
  await store.notify('deliveries');
  return id;
}

async function stateOf(store: Store, id: string): Promise<string> {
  return (await getDelivery(store, id)).state;
}

describe('deliveries', () => {
  it('a test takes the real path: signed, stored with its attempt, its answer on record', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const receiver = await openReceiver(t, (_request, response) => void response.writeHead(202, { 'x-answer': 'yes' }).end('taken'));
    const { id, secret } = await addEndpoint(store, clock, 'ops', receiver.url);
    startDeliveries(t, store, clock);
    const { deliveryId } = await testWebhookEndpoint(store, id, ACTOR, { now: clock.now(), publicUrl: PUBLIC });
    await eventually(async () => assert.equal(await stateOf(store, deliveryId), 'delivered'));
    const [request] = receiver.seen;
    assert.equal(request?.headers['webhook-id'], deliveryId);
    const body = new Webhook(secret).verify(request?.body ?? '', request?.headers ?? {}) as { type: string; data: { version: string } };
    assert.equal(body.type, 'webhook.test');
    assert.equal(body.data.version, '4');
    const { attempts } = await getDelivery(store, deliveryId);
    assert.equal(attempts.length, 1);
    assert.deepEqual([attempts[0]?.statusCode, attempts[0]?.responseBody, attempts[0]?.responseHeaders?.['x-answer']], [202, 'taken', 'yes']);
    assert.equal(attempts[0]?.requestHeaders['webhook-id'], deliveryId);
    assert.doesNotMatch(JSON.stringify(attempts), /whsec_/);
    assert.equal((await getWebhookEndpoint(store, id, clock.now())).last24h.delivered, 1);
  });

  it('tries again by the schedule, with the same id and a new stamp, until the receiver takes it', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const receiver = await openReceiver(t, (_request, response) => void response.writeHead(500).end('no'));
    const { id } = await addEndpoint(store, clock, 'ops', receiver.url);
    startDeliveries(t, store, clock);
    const delivery = await enqueue(store, clock, id);
    await eventually(async () => assert.equal((await getDelivery(store, delivery)).attemptCount, 1));
    assert.notEqual((await getWebhookEndpoint(store, id, clock.now())).failingSince, null);
    const next = Date.parse((await getDelivery(store, delivery)).nextAttemptAt ?? '') - clock.at;
    assert.ok(next >= 4_000 && next <= 6_000, `${next} ms`);
    receiver.answer = (_request, response) => void response.end();
    clock.advance(6.1);
    await store.notify('deliveries');
    await eventually(async () => assert.equal(await stateOf(store, delivery), 'delivered'));
    assert.equal(receiver.seen.length, 2);
    assert.equal(receiver.seen[0]?.headers['webhook-id'], receiver.seen[1]?.headers['webhook-id']);
    assert.notEqual(receiver.seen[0]?.headers['webhook-timestamp'], receiver.seen[1]?.headers['webhook-timestamp']);
    assert.equal((await getWebhookEndpoint(store, id, clock.now())).failingSince, null);
  });

  it('honours Retry-After, an hour at most', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const receiver = await openReceiver(t, (_request, response) => void response.writeHead(429, { 'retry-after': '86400' }).end());
    const { id } = await addEndpoint(store, clock, 'ops', receiver.url);
    startDeliveries(t, store, clock);
    const delivery = await enqueue(store, clock, id);
    await eventually(async () => assert.equal(Date.parse((await getDelivery(store, delivery)).nextAttemptAt ?? '') - clock.at, 3_600_000));
  });

  it('fails a redirect without following it', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const inner = await openReceiver(t);
    const outer = await openReceiver(t, (_request, response) => void response.writeHead(302, { location: inner.url }).end());
    const { id } = await addEndpoint(store, clock, 'ops', outer.url);
    startDeliveries(t, store, clock);
    const delivery = await enqueue(store, clock, id);
    await eventually(async () => assert.match((await getDelivery(store, delivery)).lastError ?? '', /302; redirects are never followed/));
    assert.equal(inner.seen.length, 0);
  });

  it('switches an endpoint off on 410 and says so in the audit log', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const receiver = await openReceiver(t, (_request, response) => void response.writeHead(410).end());
    const { id } = await addEndpoint(store, clock, 'ops', receiver.url);
    startDeliveries(t, store, clock);
    const delivery = await enqueue(store, clock, id);
    await eventually(async () => assert.equal(await stateOf(store, delivery), 'failed'));
    const endpoint = await getWebhookEndpoint(store, id, clock.now());
    assert.equal(endpoint.enabled, false);
    assert.match(endpoint.disabledReason ?? '', /410/);
    assert.equal(await store.prisma.auditEntry.count({ where: { action: 'webhook-endpoint.disable', target: id } }), 1);
  });

  it('switches an endpoint off that took nothing for 120 h', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const receiver = await openReceiver(t, (_request, response) => void response.writeHead(500).end());
    const { id } = await addEndpoint(store, clock, 'ops', receiver.url);
    startDeliveries(t, store, clock);
    const first = await enqueue(store, clock, id);
    await eventually(async () => assert.equal((await getDelivery(store, first)).attemptCount, 1));
    clock.advance(120 * 3_600);
    await store.notify('deliveries');
    await eventually(async () => assert.equal((await getWebhookEndpoint(store, id, clock.now())).enabled, false));
    assert.match((await getWebhookEndpoint(store, id, clock.now())).disabledReason ?? '', /took nothing for 5 d/);
    assert.equal(await stateOf(store, first), 'failed');
  });

  it('gives up after the last attempt of the schedule', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const receiver = await openReceiver(t, (_request, response) => void response.writeHead(400).end());
    const { id } = await addEndpoint(store, clock, 'ops', receiver.url);
    startDeliveries(t, store, clock);
    const delivery = await enqueue(store, clock, id);
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      await eventually(async () => assert.equal((await getDelivery(store, delivery)).attemptCount, attempt), { everyMs: 20 });
      clock.advance(5 * 3_600);
      await store.notify('deliveries');
    }
    await eventually(async () => assert.equal(await stateOf(store, delivery), 'failed'));
    assert.equal(receiver.seen.length, 10);
  });

  it('redelivers under the same id, and only what has ended', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const receiver = await openReceiver(t);
    const { id } = await addEndpoint(store, clock, 'ops', receiver.url);
    const delivery = await enqueue(store, clock, id);
    await assert.rejects(redeliverWebhook(store, delivery, ACTOR, clock.now()), { code: 'delivery-under-way' });
    await assert.rejects(redeliverWebhook(store, 'msg_nothing', ACTOR, clock.now()), { code: 'delivery-not-found' });
    startDeliveries(t, store, clock);
    await eventually(async () => assert.equal(await stateOf(store, delivery), 'delivered'));
    await redeliverWebhook(store, delivery, ACTOR, clock.advance(60));
    await eventually(() => assert.equal(receiver.seen.length, 2));
    assert.equal(receiver.seen[1]?.headers['webhook-id'], delivery);
    await eventually(async () => assert.equal((await getDelivery(store, delivery)).attempts.length, 2));
  });

  it('signs with both secrets for a day after a rotation, and with the new one only from then on', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const receiver = await openReceiver(t);
    const { id, secret: old } = await addEndpoint(store, clock, 'ops', receiver.url);
    const { secret } = await rotateWebhookSecret(store, id, ACTOR, channelContext(clock));
    startDeliveries(t, store, clock);
    await enqueue(store, clock, id);
    await eventually(() => assert.equal(receiver.seen.length, 1));
    const [first] = receiver.seen;
    new Webhook(old).verify(first?.body ?? '', first?.headers ?? {});
    new Webhook(secret).verify(first?.body ?? '', first?.headers ?? {});
    clock.advance(24 * 3_600);
    await enqueue(store, clock, id);
    await eventually(() => assert.equal(receiver.seen.length, 2));
    assert.equal(receiver.seen[1]?.headers['webhook-signature']?.split(' ').length, 1);
  });

  it('a receiver that hangs slows no other, and holds two sockets at most', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    let open = 0;
    let most = 0;
    const hanging = await openReceiver(t, (request) => {
      open += 1;
      most = Math.max(most, open);
      request.socket.once('close', () => (open -= 1));
    });
    const good = await openReceiver(t);
    const slow = await addEndpoint(store, clock, 'slow', hanging.url);
    const fast = await addEndpoint(store, clock, 'fast', good.url);
    for (let index = 0; index < 40; index += 1) await enqueue(store, clock, slow.id);
    const end = startDeliveries(t, store, clock, { timeoutMs: 60_000 });
    await eventually(() => assert.equal(hanging.seen.length, 2));
    const ids: string[] = [];
    const started = performance.now();
    for (let index = 0; index < 10; index += 1) ids.push(await enqueue(store, clock, fast.id));
    await eventually(() => assert.equal(good.seen.length, 10), { everyMs: 20 });
    const tookMs = performance.now() - started;
    assert.ok(tookMs < 15_000, `${tookMs} ms`);
    assert.equal(most, 2);
    await eventually(async () => assert.equal(await stateOf(store, ids[9] ?? ''), 'delivered'));
    const before = performance.now();
    await end();
    assert.ok(performance.now() - before < 15_000, 'the drain is bounded');
    const { items } = await listDeliveries(store, { limit: 100, endpoint: slow.id });
    assert.ok(items.every((item) => item.state === 'waiting' && item.attemptCount === 0), 'what was cut off does not count and goes out again');
    assert.equal(items.filter((item) => item.lastError === 'Waybill stopped before the answer came.').length, 2);
  });

  it('killed between the request and its mark, the message arrives again under one webhook-id', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const receiver = await openReceiver(t, () => undefined);
    const { id, secret } = await addEndpoint(store, clock, 'ops', receiver.url);
    const delivery = await enqueue(store, clock, id);
    const child = spawn(process.execPath, ['--no-warnings', new URL('./deliver-child.ts', import.meta.url).pathname], {
      env: { ...process.env, DATABASE_URL: store.databaseUrl, WAYBILL_SECRET_KEY: SECRET_KEY },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const exited = once(child, 'exit');
    await eventually(() => assert.equal(receiver.seen.length, 1), { timeoutMs: 60_000 });
    child.kill('SIGKILL');
    await exited;
    const cutOff = await getDelivery(store, delivery);
    assert.equal(cutOff.state, 'sending');
    assert.deepEqual([cutOff.attempts.length, cutOff.attempts[0]?.endedAt], [1, null], 'the attempt was written before its request');

    receiver.answer = (_request, response) => void response.end();
    startDeliveries(t, store, clock, {}, 'test:2');
    await store.notify('deliveries');
    assert.equal(receiver.seen.length, 1, 'a lease that holds is respected');
    // The child's clock is the real one and it took its time to start: an hour is past its lease whatever the machine does.
    clock.advance(3_600);
    await store.notify('deliveries');
    await eventually(async () => assert.equal(await stateOf(store, delivery), 'delivered'));
    assert.equal(receiver.seen.length, 2);
    assert.deepEqual(new Set(receiver.seen.map((request) => request.headers['webhook-id'])), new Set([delivery]));
    new Webhook(secret).verify(receiver.seen[0]?.body ?? '', receiver.seen[0]?.headers ?? {});
    assert.equal(receiver.seen[0]?.body, receiver.seen[1]?.body);
  });

  it('two collectors send each message once', async (t) => {
    const store = await testStore(t, { poolSize: 10 });
    const clock = new TestClock();
    const receivers = await Promise.all(Array.from({ length: 5 }, () => openReceiver(t)));
    const ids: string[] = [];
    for (const [index, receiver] of receivers.entries()) {
      const { id } = await addEndpoint(store, clock, `ops-${index}`, receiver.url);
      for (let count = 0; count < 10; count += 1) ids.push(await enqueue(store, clock, id));
    }
    startDeliveries(t, store, clock, {}, 'test:1');
    startDeliveries(t, store, clock, {}, 'test:2');
    await eventually(async () => assert.equal(await store.prisma.delivery.count({ where: { state: 'delivered' } }), 50));
    const seen = receivers.flatMap((receiver) => receiver.seen.map((request) => request.headers['webhook-id'] ?? ''));
    assert.deepEqual(seen.toSorted(), ids.toSorted());
  });

  it('stores no secret in the clear', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const signed = await addEndpoint(store, clock, 'ops', 'https://example.org/hook');
    const slack = await createWebhookEndpoint(store, { name: 'slack', format: 'slack', url: 'https://hooks.slack.com/services/T000/B000/verysecret' }, ACTOR, channelContext(clock));
    const pager = await createWebhookEndpoint(store, { name: 'pager', format: 'pagerduty', routingKey: 'routing-key-verysecret' }, ACTOR, channelContext(clock));
    assert.deepEqual([slack.secret, pager.secret, slack.url], [null, null, 'https://hooks.slack.com/…']);
    await testWebhookEndpoint(store, pager.id, ACTOR, { now: clock.now(), publicUrl: PUBLIC });
    const dump: string[] = [];
    for (const table of ['webhook_endpoint', 'audit_entry', 'delivery', 'delivery_attempt', 'setting']) {
      const rows = await store.query<{ text: string }>(`select (t.*)::text as text from ${table} t`);
      dump.push(...rows.map((row) => row.text));
    }
    const hexOf = (text: string): string => Buffer.from(text).toString('hex');
    for (const secret of [signed.secret, signed.secret.slice(6), 'verysecret']) {
      assert.ok(!dump.some((row) => row.includes(secret) || row.includes(hexOf(secret))), secret.slice(0, 4));
    }
  });

  it('refuses a private target when it is entered, and again when it is dialled', async (t) => {
    const store = await testStore(t);
    const clock = new TestClock();
    const strict = { ...channelContext(clock), policy: { allowed: [] } };
    for (const url of ['http://127.0.0.1/', 'https://127.0.0.1/', 'https://169.254.169.254/latest', 'https://localhost/', 'https://[::ffff:7f00:1]/']) {
      await assert.rejects(createWebhookEndpoint(store, { name: 'x', format: 'standard', url }, ACTOR, strict), { code: 'webhook-target-refused', status: 400 }, url);
    }
    const { id } = await addEndpoint(store, clock, 'ops', 'https://rebind.example/hook');
    startDeliveries(t, store, clock, { resolver: async () => [{ address: '10.0.0.1', family: 4 }] });
    const delivery = await enqueue(store, clock, id);
    await eventually(async () => assert.match((await getDelivery(store, delivery)).lastError ?? '', /resolves to 10\.0\.0\.1/));
  });
});
