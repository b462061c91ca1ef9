import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { route } from '#app/api/route.ts';
import { eventually } from '#test/harness/eventually.ts';
import { PUBLIC_URL, webUnderTest } from './web-context.ts';

const get = (handler: (request: Request) => Promise<Response>, query = '') => handler(new Request(`${PUBLIC_URL}/api/v1/x${query}`));

describe('answers of the API', () => {
  it('carry offsets beyond 2^53 as decimal strings and times as ISO 8601', async (t) => {
    await webUnderTest(t);
    const answer = await get(route({ role: 'public', summary: 'a test' }, async () => ({ offset: 9_223_372_036_854_775_807n, at: new Date(0), none: null })));
    assert.deepEqual(await answer.json(), { offset: '9223372036854775807', at: '1970-01-01T00:00:00.000Z', none: null });
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  });

  it('turn a known error into problem details with its code, and an unknown one into 500 with an id that the log has too', async (t) => {
    const web = await webUnderTest(t);
    const known = await get(
      route({ role: 'public', summary: 'a test' }, async () => {
        throw new WaybillError('group-not-found', 'There is no group billing.', { status: 404, detail: { group: 'billing' } });
      }),
    );
    assert.equal(known.status, 404);
    assert.equal(known.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    const problem = (await known.json()) as Record<string, unknown>;
    assert.equal(problem['code'], 'group-not-found');
    assert.equal(problem['type'], 'urn:waybill:problem:group-not-found');
    assert.deepEqual(problem['facts'], { group: 'billing' });
    const unknown = await get(
      route({ role: 'public', summary: 'a test' }, async () => {
        throw new TypeError('password=hunter2 is not a function');
      }),
    );
    assert.equal(unknown.status, 500);
    const text = await unknown.text();
    assert.equal(text.includes('hunter2'), false);
    const id = (JSON.parse(text) as { instance: string }).instance.replace('urn:uuid:', '');
    assert.ok(web.logLines.some((line) => line.includes(id) && line.includes('not a function')));
  });

  it('name the part and the field that is wrong', async (t) => {
    await webUnderTest(t);
    const handler = route({ role: 'public', summary: 'a test', query: z.object({ limit: z.coerce.number().int().max(10) }) }, async ({ query }) => query);
    const problem = (await (await get(handler, '?limit=11')).json()) as { code: string; detail: string; facts: { issues: { in: string; path: string }[] } };
    assert.equal(problem.code, 'invalid-request');
    assert.match(problem.detail, /^query "limit": /);
    assert.deepEqual(problem.facts.issues.map(({ in: where, path }) => ({ where, path })), [{ where: 'query', path: 'limit' }]);
    assert.equal((await get(handler, '?limit=1&limit=2')).status, 400);
    assert.deepEqual(await (await get(handler, '?limit=10&__proto__=1&constructor=2')).json(), { limit: 10 });
  });

  it('of health and readiness need nobody signed in, and readiness says which part fails, not why', async (t) => {
    const web = await webUnderTest(t);
    assert.deepEqual(await (await web.call('GET', '/api/health')).json(), { status: 'ok' });
    assert.deepEqual(await (await web.call('GET', '/api/ready')).json(), { status: 'ready', checks: [{ name: 'store', ok: true, detail: 'answers' }] });
    await web.store.execute('drop table _prisma_migrations');
    const answer = await web.call('GET', '/api/ready');
    assert.equal(answer.status, 503);
    const text = await answer.text();
    assert.deepEqual(JSON.parse(text), { status: 'not-ready', checks: [{ name: 'store', ok: false, detail: 'The database does not answer; the log says why.' }] });
  });
});

describe('the live stream', () => {
  it('tells every open page what changed, over one connection to the store, and ends when the process does', async (t) => {
    const web = await webUnderTest(t);
    const authorization = 'Bearer administrator-token-of-the-test';
    const streams = await Promise.all(Array.from({ length: 5 }, () => web.call('GET', '/api/v1/events', { headers: { authorization } })));
    const heard = streams.map(() => '');
    const readers = streams.map(async (stream, index) => {
      assert.equal(stream.headers.get('content-type'), 'text/event-stream; charset=utf-8');
      for await (const part of stream.body ?? []) heard[index] += Buffer.from(part as Uint8Array).toString('utf8');
    });
    await eventually(async () => {
      await web.store.notify('lag', { cluster: 'shop' });
      for (const text of heard) assert.match(text, /event: change\ndata: \{"kind":"lag","payload":\{"cluster":"shop"\}\}\n\n/);
    });
    const [row] = await web.store.query<{ count: bigint }>("select count(*) as count from pg_stat_activity where datname = current_database() and application_name = 'waybill-listen'");
    assert.equal(row?.count, 1n);
    web.closing.abort();
    await Promise.all(readers);
    await eventually(async () => {
      const [left] = await web.store.query<{ count: bigint }>("select count(*) as count from pg_stat_activity where datname = current_database() and application_name = 'waybill-listen'");
      assert.equal(left?.count, 0n);
    });
  });
});
