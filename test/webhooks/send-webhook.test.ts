import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { parseTargetPolicy, type Resolver } from '#lib/webhook/guard-target.ts';
import { newWebhookId } from '#lib/webhook/new-webhook-id.ts';
import { KEPT_ANSWER_BYTES, sendWebhook, type WebhookOptions } from '#lib/webhook/send-webhook.ts';
import { newWebhookSecret, signWebhook } from '#lib/webhook/sign-webhook.ts';
import { openReceiver } from './receiver.ts';

const loopback = parseTargetPolicy(['127.0.0.1/32']);
const strict = parseTargetPolicy([]);

const options = (over: Partial<WebhookOptions> = {}): WebhookOptions => ({ policy: loopback, signal: new AbortController().signal, ...over });
const message = (url: string, headers: Record<string, string> = {}): { url: string; headers: Record<string, string>; body: string } => ({ url, headers: { 'content-type': 'application/json', ...headers }, body: '{"ä":1}' });

describe('a webhook', () => {
  it('arrives byte for byte with a signature that the standardwebhooks library verifies, for both keys of a rotation', async (t) => {
    const { port, seen } = await openReceiver(t, (_request, response) => void response.end('thanks'));
    const [current, previous] = [newWebhookSecret(), newWebhookSecret()];
    const now = new Date();
    const input = message(`http://127.0.0.1:${port}/hook?x=1`);
    const id = newWebhookId(now);
    const outcome = await sendWebhook({ ...input, headers: { ...input.headers, ...signWebhook(id, now, input.body, [current, previous]) } }, options());
    assert.equal(outcome.kind === 'answered' && outcome.statusCode, 200);
    assert.equal(outcome.kind === 'answered' && outcome.body, 'thanks');
    assert.equal(seen.length, 1);
    assert.match(seen[0]?.headers['webhook-id'] ?? '', /^msg_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    for (const secret of [current, previous]) assert.deepEqual(new Webhook(secret).verify(seen[0]?.body ?? '', seen[0]?.headers ?? {}), { ä: 1 });
    assert.throws(() => new Webhook(newWebhookSecret()).verify(seen[0]?.body ?? '', seen[0]?.headers ?? {}));
    assert.throws(() => new Webhook(current).verify(`${seen[0]?.body} `, seen[0]?.headers ?? {}));
  });

  it('is not sent on to where a 302 points', async (t) => {
    const inner = await openReceiver(t, (_request, response) => void response.end('secret'));
    const outer = await openReceiver(t, (_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${inner.port}/` }).end();
    });
    const outcome = await sendWebhook(message(`http://127.0.0.1:${outer.port}/`), options());
    assert.equal(outcome.kind === 'answered' && outcome.statusCode, 302);
    assert.equal(inner.seen.length, 0);
  });

  it('does not reach a private address by any spelling or name', async (t) => {
    const { port, seen } = await openReceiver(t, (_request, response) => void response.end());
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:7f00:1]', 'localhost']) {
      for (const scheme of ['http', 'https']) {
        const outcome = await sendWebhook(message(`${scheme}://${host}:${port}/`), options({ policy: strict }));
        assert.equal(outcome.kind, 'refused', `${scheme}://${host}`);
      }
    }
    assert.equal(seen.length, 0);
  });

  it('resolves once and dials what was checked, so a name that changes its mind gains nothing', async (t) => {
    const { port, seen } = await openReceiver(t, (_request, response) => void response.end());
    let calls = 0;
    const rebinding: Resolver = async () => {
      calls += 1;
      return [{ address: calls === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    };
    const first = await sendWebhook(message(`http://rebind.example:${port}/`), options({ resolver: rebinding }));
    assert.equal(first.kind, 'answered');
    assert.equal(calls, 1);
    assert.equal(seen[0]?.headers['host'], `rebind.example:${port}`);
    const second = await sendWebhook(message(`http://rebind.example:${port}/`), options({ resolver: rebinding }));
    assert.equal(second.kind === 'refused' && second.code, 'scheme', 'checked again at each attempt');
    const turned: Resolver = async () => [{ address: '127.0.0.1', family: 4 }];
    const third = await sendWebhook(message(`https://rebind.example:${port}/`), options({ policy: strict, resolver: turned }));
    assert.equal(third.kind === 'refused' && third.code, 'address');
    assert.equal(seen.length, 1);
  });

  it('ends at its deadline when the receiver hangs, drips or the name never resolves', async (t) => {
    const hanging = await openReceiver(t, () => undefined);
    const dripping = await openReceiver(t, (_request, response) => {
      const timer = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(timer));
    });
    for (const port of [hanging.port, dripping.port]) {
      const outcome = await sendWebhook(message(`http://127.0.0.1:${port}/`), options({ timeoutMs: 150 }));
      assert.equal(outcome.kind === 'failed' && outcome.code, 'timeout');
      assert.ok(outcome.latencyMs < 2_000);
    }
    const never: Resolver = () => new Promise(() => undefined);
    const outcome = await sendWebhook(message('https://never.example/'), options({ timeoutMs: 50, resolver: never }));
    assert.equal(outcome.kind === 'failed' && outcome.code, 'timeout');
  });

  it('keeps the first 20 kB of an answer and reads no flood', async (t) => {
    let written = 0;
    const { port } = await openReceiver(t, (_request, response) => {
      const chunk = Buffer.alloc(16_384, 'y');
      const more = (): void => {
        while (written < 200_000_000 && response.write(chunk)) written += chunk.byteLength;
      };
      response.on('drain', more);
      response.writeHead(200, { 'set-cookie': 'session=1' });
      more();
    });
    const outcome = await sendWebhook(message(`http://127.0.0.1:${port}/`), options());
    assert.ok(outcome.kind === 'answered');
    assert.equal(outcome.body.length, KEPT_ANSWER_BYTES);
    assert.equal(outcome.bodyTruncated, true);
    assert.equal(outcome.headers['set-cookie'], undefined);
    assert.ok(written < 20_000_000, `${written} bytes were taken`);
  });

  it('says in words why nobody answered', async () => {
    const refused = await sendWebhook(message('http://127.0.0.1:1/'), options());
    assert.deepEqual(refused.kind === 'failed' && [refused.code, refused.sentence], ['ECONNREFUSED', 'The receiver refused the connection.']);
    const gone = new AbortController();
    gone.abort();
    const stopped = await sendWebhook(message('http://127.0.0.1:1/'), options({ signal: gone.signal }));
    assert.equal(stopped.kind === 'failed' && stopped.code, 'stopped');
  });

  it('ignores a proxy of the environment', async (t) => {
    const { port, seen } = await openReceiver(t, (_request, response) => void response.end());
    // In a process of its own: Node reads NODE_USE_ENV_PROXY once, when it starts.
    const script = `
      import { sendWebhook } from '#lib/webhook/send-webhook.ts';
      import { parseTargetPolicy } from '#lib/webhook/guard-target.ts';
      const outcome = await sendWebhook({ url: 'http://127.0.0.1:${port}/', headers: {}, body: '{}' }, { policy: parseTargetPolicy(['127.0.0.1']), signal: new AbortController().signal });
      console.log(outcome.kind);`;
    const proxy = 'http://127.0.0.1:1';
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy, http_proxy: proxy, NO_PROXY: '', no_proxy: '' },
    });
    assert.equal(stdout.trim(), 'answered');
    assert.equal(seen.length, 1);
  });
});
