import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { createToken } from '#lib/operations/create-token.ts';
import type { Role } from '#lib/model/access.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { collectorContext, TestClock } from '#test/webhooks/context.ts';
import type { RouteHandler } from '../../app/api/route.ts';
import * as rules from '../../app/api/v1/alert-rules/route.ts';
import * as rule from '../../app/api/v1/alert-rules/[id]/route.ts';
import * as alerts from '../../app/api/v1/alerts/route.ts';
import * as deliveries from '../../app/api/v1/deliveries/route.ts';
import * as delivery from '../../app/api/v1/deliveries/[id]/route.ts';
import * as silences from '../../app/api/v1/silences/route.ts';
import * as endpoints from '../../app/api/v1/webhook-endpoints/route.ts';
import * as endpoint from '../../app/api/v1/webhook-endpoints/[id]/route.ts';
import * as rotate from '../../app/api/v1/webhook-endpoints/[id]/rotate-secret/route.ts';
import * as sendTest from '../../app/api/v1/webhook-endpoints/[id]/test/route.ts';
import { useWeb } from '../../app/web.ts';

interface Answer {
  status: number;
  body: Record<string, unknown> & { items: Record<string, unknown>[] };
}

async function open(t: TestContext): Promise<{ store: Store; call: (role: Role, handler: RouteHandler, options?: { id?: string; query?: string; method?: string; body?: unknown }) => Promise<Answer> }> {
  const store = await testStore(t);
  const clock = new TestClock();
  const { config } = collectorContext(store, clock, new AbortController().signal);
  useWeb({ store, config, clock, log: pino({ level: 'silent' }), closing: new AbortController() });
  const tokens = new Map<Role, string>();
  for (const role of ['viewer', 'operator', 'administrator'] as const) {
    const principal = { kind: 'admin-token' as const, name: 'test', role: 'administrator' as const, id: null, expiresAt: null };
    tokens.set(role, (await createToken(store, { name: role, role, expiresAt: null, principal, now: clock.now() })).token);
  }
  return {
    store,
    async call(role, handler, { id, query = '', method = 'GET', body } = {}) {
      const request = new Request(`http://localhost:3000/api${query}`, {
        method,
        headers: { authorization: `Bearer ${tokens.get(role)}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const response = await handler(request, { params: Promise.resolve(id === undefined ? {} : { id }) });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] };
    },
  };
}

describe('the API of alerts', () => {
  it('shows a secret once, to administrators only, and whole URLs to nobody else', async (t) => {
    const { call, store } = await open(t);
    const made = await call('administrator', endpoints.POST, { method: 'POST', body: { name: 'ops', url: 'https://example.org/hook/verysecret' } });
    assert.equal(made.status, 201);
    const secret = String(made.body['secret']);
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    const id = String(made.body['id']);
    for (const role of ['viewer', 'operator', 'administrator'] as const) {
      const text = JSON.stringify([await call(role, endpoints.GET), await call(role, endpoint.GET, { id })]);
      assert.ok(!text.includes('whsec_'));
      assert.equal(text.includes('verysecret'), role === 'administrator');
    }
    assert.equal((await call('operator', rotate.POST, { id, method: 'POST' })).status, 403);
    const rotated = await call('administrator', rotate.POST, { id, method: 'POST' });
    assert.notEqual(rotated.body['secret'], secret);
    assert.equal((await call('operator', endpoints.POST, { method: 'POST', body: { name: 'x', url: 'https://example.org/' } })).status, 403);
    assert.equal(await store.prisma.auditEntry.count({ where: { action: 'webhook-endpoint.rotate-secret' } }), 1);
  });

  it('answers bad input with a sentence and a code', async (t) => {
    const { call } = await open(t);
    const cases: [RouteHandler, unknown, number, string][] = [
      [endpoints.POST, { name: 'x', url: 'https://10.0.0.1/' }, 400, 'webhook-target-refused'],
      [endpoints.POST, { name: 'x', url: 'http://example.org/', format: 'nothing' }, 400, 'invalid-request'],
      [endpoints.POST, { name: 'x', format: 'pagerduty' }, 400, 'webhook-endpoint-invalid'],
      [endpoints.POST, { name: 'x', url: 'https://example.org/', secret: 'whsec_mine' }, 400, 'invalid-request'],
      [rules.POST, { name: 'x', params: { kind: 'group-lag-records', aboveRecords: '5' } }, 400, 'invalid-request'],
      [rules.POST, { name: 'x', params: { kind: 'group-lag-records', aboveRecords: 5, __proto__x: 1 } }, 400, 'invalid-request'],
      [silences.POST, { matchers: [], endsAt: new Date(Date.now() + 60_000).toISOString(), comment: 'x' }, 400, 'invalid-request'],
      [silences.POST, { matchers: [{ label: 'group', operator: '=~', value: '(a+)+' }], endsAt: new Date(Date.now() + 60_000).toISOString(), comment: 'x' }, 400, 'invalid-request'],
    ];
    for (const [handler, body, status, code] of cases) {
      const answer = await call('administrator', handler, { method: 'POST', body });
      assert.deepEqual([answer.status, answer.body['code']], [status, code], JSON.stringify(body));
    }
    assert.equal((await call('viewer', deliveries.GET, { query: '?cursor=nonsense' })).body['code'], 'cursor-invalid');
    assert.equal((await call('operator', delivery.GET, { id: 'msg_nothing' })).status, 404);
    assert.equal((await call('administrator', rule.DELETE, { id: '00000000-0000-4000-8000-000000000000', method: 'DELETE' })).status, 404);
  });

  it('lets operators keep rules and silences, and viewers read them', async (t) => {
    const { call } = await open(t);
    const body = { name: 'Behind', params: { kind: 'group-lag-seconds', group: 'billing', aboveSeconds: 60 }, forSeconds: 120 };
    assert.equal((await call('viewer', rules.POST, { method: 'POST', body })).status, 403);
    const made = await call('operator', rules.POST, { method: 'POST', body });
    assert.equal(made.status, 201);
    assert.equal(made.body['sentence'], 'When billing is more than 1 min behind for 2 min, tell every webhook.');
    const id = String(made.body['id']);
    const changed = await call('operator', rule.PUT, { id, method: 'PUT', body: { ...body, enabled: false } });
    assert.equal(changed.body['enabled'], false);
    assert.equal((await call('viewer', rules.GET)).body.items.length, 1);
    assert.equal((await call('operator', rule.DELETE, { id, method: 'DELETE' })).status, 204);
    const silence = await call('operator', silences.POST, { method: 'POST', body: { matchers: [{ label: 'group', operator: '=', value: 'billing' }], endsAt: new Date(Date.now() + 60_000).toISOString(), comment: 'deploy' } });
    assert.equal(silence.status, 201);
    assert.equal((await call('viewer', silences.GET)).body.items[0]?.['state'], 'active');
    assert.equal((await call('viewer', alerts.GET, { query: '?phase=active' })).status, 200);
  });

  it('queues tests and pages through deliveries, the latest first', async (t) => {
    const { call } = await open(t);
    const { body } = await call('administrator', endpoints.POST, { method: 'POST', body: { name: 'ops', url: 'https://example.org/' } });
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.push(String((await call('operator', sendTest.POST, { id: String(body['id']), method: 'POST' })).body['deliveryId']));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Answer = await call('viewer', deliveries.GET, { query: `?limit=2${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}` });
      seen.push(...page.body.items.map((item) => String(item['id'])));
      cursor = page.body['nextCursor'] as string | null;
    } while (cursor !== null);
    assert.deepEqual(seen.toSorted(), made.toSorted());
    assert.equal(new Set(seen).size, 5);
  });
});
