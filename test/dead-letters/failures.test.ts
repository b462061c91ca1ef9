import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createToken } from '#lib/operations/create-token.ts';
import type { FailureWire } from '#lib/operations/list-failures.ts';
import { webUnderTest } from '#test/access/web-context.ts';
import { storeCorpora } from './fixtures.ts';

test('an operator gives a failure an owner, a note and a mute, each with a line in the audit trail; a viewer can not', async (t) => {
  const web = await webUnderTest(t);
  const { id: clusterId } = await web.store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  await storeCorpora(web.store, clusterId);
  const tokenOf = async (role: 'viewer' | 'operator') => (await createToken(web.store, { name: `ana-${role}`, role, expiresAt: null, principal: { kind: 'admin-token', name: 'owner', role: 'administrator', id: null, expiresAt: null }, now: web.clock.now() })).token;
  const operator = { authorization: `Bearer ${await tokenOf('operator')}` };
  const viewer = { authorization: `Bearer ${await tokenOf('viewer')}` };
  const { items } = (await (await web.call('GET', '/api/v1/failures', { headers: viewer })).json()) as { items: FailureWire[] };
  const [failure] = items;
  const change = async (body: unknown, headers = operator, id = failure!.id) => {
    const response = await web.call('PATCH', '/api/v1/failures/{id}', { headers, params: { id }, body });
    return { status: response.status, body: (await response.json()) as FailureWire & { code?: string } };
  };

  const until = new Date(web.clock.now().getTime() + 3_600_000).toISOString();
  const changed = await change({ owner: ' payments team ', note: 'ticket 4711', mutedUntil: until });
  assert.equal(changed.status, 200);
  assert.deepEqual([changed.body.owner, changed.body.note, changed.body.mutedUntil, changed.body.state, changed.body.count], ['payments team', 'ticket 4711', until, 'muted', failure!.count]);

  const noteGone = await change({ note: '' });
  assert.deepEqual([noteGone.body.owner, noteGone.body.note, noteGone.body.mutedUntil], ['payments team', null, until]);
  web.clock.set(new Date(Date.parse(until) + 1));
  const later = (await (await web.call('GET', '/api/v1/failures/{id}', { headers: viewer, params: { id: failure!.id } })).json()) as FailureWire;
  assert.equal(later.state, 'new');

  assert.equal((await change({ owner: 'x' }, viewer)).status, 403);
  assert.equal((await change({ owner: 'x' }, operator, 'no-such')).body.code, 'failure-not-found');
  assert.equal((await change({ mutedUntil: '2020-01-01T00:00:00Z' })).body.code, 'mute-invalid');
  assert.equal((await change({})).status, 400);
  assert.equal((await change({ owner: 'x'.repeat(101) })).status, 400);
  assert.equal((await change({ id: 'other' })).status, 400);
  for (const note of ['a\0b', 'half \ud800 of a pair']) assert.deepEqual([(await change({ note })).status, (await change({ note })).body.code], [400, 'invalid-request']);
  assert.equal((await web.call('GET', '/api/v1/failures', { headers: viewer, query: '?search=%00' })).status, 400);

  const lines = await web.store.query<{ actor: string; target: string; after: { note: string | null } }>(`select actor, target, after from audit_entry where action = 'failure.update' order by at, id`);
  assert.deepEqual(lines.map((line) => [line.actor, line.target, line.after.note]), [['token ana-operator', failure!.id, 'ticket 4711'], ['token ana-operator', failure!.id, null]]);
});
