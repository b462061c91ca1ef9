import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '#test/harness/eventually.ts';
import { startShop } from './running-shop.ts';

const execute = promisify(execFile);
const FAULT = new URL('../../demo/shop/fault.ts', import.meta.url).pathname;
const MAIN = new URL('../../demo/shop/main.ts', import.meta.url);

/** Process ids of the services of one shop, found by the topic prefix in their environment. */
function servicesOf(prefix: string): { pid: number; name: string }[] {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const name = /shop\/services\/(\w+)\.ts/.exec(command)?.[1];
      return name !== undefined && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SHOP_TOPIC_PREFIX=${prefix}`) ? [{ pid: Number(pid), name }] : [];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

describe('the life of the shop', { timeout: 180_000 }, () => {
  test('the command switches faults, a service that dies is started again, and SIGTERM ends all within 5 s', async (t) => {
    const shop = await startShop((ending) => t.after(ending));
    const fault = (...args: string[]): Promise<{ stdout: string }> => execute(process.execPath, [FAULT, ...args], { env: { ...process.env, SHOP_PORT: new URL(shop.url).port } });
    assert.equal((await fault('poison-message', 'on')).stdout, 'poison-message is on\n');
    assert.match((await fault('list')).stdout, /^on {3}poison-message/m);
    assert.equal((await fault('all', 'off')).stdout, 'all is off\n');
    assert.doesNotMatch((await fault('list')).stdout, /^on /m);
    await assert.rejects(fault('no-such-fault', 'on'), /usage: .*names: provider-outage, /s);

    const cart = servicesOf(shop.prefix).find((service) => service.name === 'cart')!;
    process.kill(cart.pid, 'SIGKILL');
    await eventually(async () => {
      const { services } = (await (await shop.api('GET', '/api/status')).json()) as { services: { name: string; state: string; restarts: number }[] };
      assert.deepEqual(services.filter((service) => service.name === 'cart').map(({ state, restarts }) => ({ state, restarts })), [{ state: 'running', restarts: 1 }]);
    }, { timeoutMs: 60_000 });
    await shop.checkOut();

    const began = performance.now();
    shop.process.kill('SIGTERM');
    await eventually(() => assert.equal(shop.process.exitCode, 0), { timeoutMs: 10_000 });
    assert.ok(performance.now() - began < 5_000);
    assert.deepEqual(servicesOf(shop.prefix), []);
    // Drained: the members said goodbye, so the broker has not to wait for their sessions to run out.
    const { groups } = await shop.admin.describeGroups(['cart', 'order', 'payment', 'inventory', 'notification'].map((name) => `${shop.prefix}${name}-service`));
    assert.deepEqual(groups.map((group) => group.state), Array.from({ length: 5 }, () => 'Empty'));
  });

  test('no service outlives a supervisor that was killed', async (t) => {
    const shop = await startShop((ending) => t.after(ending));
    assert.equal(servicesOf(shop.prefix).length, 5);
    shop.process.kill('SIGKILL');
    await eventually(() => assert.deepEqual(servicesOf(shop.prefix), []), { timeoutMs: 6_000 });
  });

  test('spans arrive at the OTLP endpoint with the correlation id, and attempts that failed are errors', async (t) => {
    interface Received { resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: { name: string; kind: number; status?: { code?: number }; attributes: Attribute[] }[] }[] }[] }
    interface Attribute { key: string; value: { stringValue?: string } }
    const text = (attributes: Attribute[], key: string): string | undefined => attributes.find((attribute) => attribute.key === key)?.value.stringValue;
    const spans: { service: string | undefined; name: string; kind: number; error: boolean; correlationId: string | undefined; group: string | undefined }[] = [];
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        for (const { resource, scopeSpans } of (JSON.parse(Buffer.concat(chunks).toString()) as Received).resourceSpans) {
          for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
            spans.push({ service: text(resource.attributes, 'service.name'), name: span.name, kind: span.kind, error: span.status?.code === 2, correlationId: text(span.attributes, 'messaging.message.conversation_id'), group: text(span.attributes, 'messaging.consumer.group.name') });
          }
        }
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    t.after(() => receiver.close());
    const shop = await startShop((ending) => t.after(ending), { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}` });
    await shop.setFault('provider-outage', true);
    const { correlationId } = await shop.checkOut();
    await eventually(() => {
      const mine = spans.filter((span) => span.correlationId === correlationId);
      const attempts = mine.filter((span) => span.service === 'payment-service' && span.name === `process ${shop.prefix}orders`);
      assert.equal(attempts.length, 3);
      assert.ok(attempts.every((attempt) => attempt.error && attempt.kind === 5 && attempt.group === `${shop.prefix}payment-service`));
      assert.ok(mine.some((span) => span.kind === 4 && span.name === `send ${shop.prefix}payments.DLT`));
      assert.ok(mine.some((span) => span.service === 'cart-service' && span.kind === 4));
    }, { timeoutMs: 30_000 });
    assert.ok(spans.some((span) => span.service === 'payment-service' && span.kind === 3 && span.name === 'POST'), 'the call of the provider is a client span');
  });

  test('a wrong setting and a taken port are said in a sentence', async (t) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    t.after(() => taken.close());
    const sentence = (env: Record<string, string>): Promise<string> =>
      new Promise((resolve) => {
        const shop = fork(MAIN, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { ...process.env, KAFKA_BROKERS: '127.0.0.1:1', ...env } });
        let output = '';
        shop.stderr!.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
        shop.on('close', (code) => resolve(`${code} ${output}`));
      });
    const port = String((taken.address() as AddressInfo).port);
    assert.equal(await sentence({ SHOP_PORT: port }), `1 shop: port ${port} is in use: stop what uses it or set SHOP_PORT\n`);
    assert.match(await sentence({ SHOP_RATE: 'plenty' }), /^1 shop: SHOP_RATE: /);
  });
});
