import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createToken } from '#lib/operations/create-token.ts';
import { MOST_SAVED_FILTERS, type SavedFilterWire } from '#lib/operations/saved-filter-shape.ts';
import { webUnderTest } from '#test/access/web-context.ts';

test('a filter gets a name for everybody, another name, another filter, and is deleted, each with a line in the audit trail', async (t) => {
  const web = await webUnderTest(t);
  const owner = { kind: 'admin-token', name: 'owner', role: 'administrator', id: null, expiresAt: null } as const;
  const headersOf = async (role: 'viewer' | 'operator') => ({ authorization: `Bearer ${(await createToken(web.store, { name: `ana-${role}`, role, expiresAt: null, principal: owner, now: web.clock.now() })).token}` });
  const operator = await headersOf('operator');
  const viewer = await headersOf('viewer');
  const ask = async (method: 'POST' | 'PATCH' | 'DELETE', body?: unknown, id?: number, headers = operator) => {
    const response = await web.call(method, id === undefined ? '/api/v1/saved-filters' : '/api/v1/saved-filters/{id}', { headers, ...(id === undefined ? {} : { params: { id: String(id) } }), ...(body === undefined ? {} : { body }) });
    return { status: response.status, body: (response.status === 204 ? {} : await response.json()) as SavedFilterWire & { code?: string; detail?: string } };
  };
  const list = async () => ((await (await web.call('GET', '/api/v1/saved-filters', { headers: viewer })).json()) as { items: SavedFilterWire[] }).items;

  const created = await ask('POST', { name: ' payments, new ', filter: { originTopic: 'payments', state: 'new', search: '' } });
  assert.deepEqual([created.status, created.body.name, created.body.filter, created.body.createdBy], [201, 'payments, new', { originTopic: 'payments', state: 'new' }, 'token ana-operator']);
  const { id } = created.body;
  assert.deepEqual(await list(), [created.body]);

  assert.equal((await ask('POST', { name: 'payments, new', filter: { state: 'parked' } })).body.code, 'name-taken');
  assert.equal((await ask('POST', { name: 'mine', filter: { state: 'new' } }, undefined, viewer)).status, 403);
  for (const body of [{ name: '', filter: { state: 'new' } }, { name: 'x', filter: {} }, { name: 'x', filter: { search: '' } }, { name: 'x', filter: { failure: '1-3-abc' } }, { name: 'x', filter: { nonsense: '1' } }, { name: 'x', filter: { state: 'no-state' } }, { name: 'x'.repeat(61), filter: { state: 'new' } }]) {
    assert.equal((await ask('POST', body)).status, 400, JSON.stringify(body));
  }

  const other = await ask('POST', { name: 'Alpha', filter: { errorClass: 'java.lang.Error' } });
  assert.deepEqual((await list()).map((one) => one.name), ['Alpha', 'payments, new']);
  assert.equal((await ask('PATCH', { name: 'Alpha' }, id)).body.code, 'name-taken');
  assert.equal((await ask('PATCH', {}, id)).status, 400);
  assert.deepEqual((await ask('PATCH', { name: 'payments' }, id)).body.filter, { originTopic: 'payments', state: 'new' });
  const changed = await ask('PATCH', { filter: { originTopic: 'payments' } }, id);
  assert.deepEqual([changed.body.name, changed.body.filter], ['payments', { originTopic: 'payments' }]);
  assert.equal((await ask('DELETE', undefined, id, viewer)).status, 403);
  assert.equal((await ask('DELETE', undefined, id)).status, 204);
  assert.equal((await ask('DELETE', undefined, id)).body.code, 'saved-filter-not-found');
  assert.equal((await ask('PATCH', { name: 'again' }, id)).body.code, 'saved-filter-not-found');
  assert.deepEqual(await list(), [other.body]);

  const lines = await web.store.query<{ action: string; target: string; actor: string }>(`select action, target, actor from audit_entry where action like 'saved-filter.%' order by id`);
  assert.deepEqual(lines.map(({ action, target }) => [action, target]), [['saved-filter.create', 'payments, new'], ['saved-filter.create', 'Alpha'], ['saved-filter.update', 'payments, new'], ['saved-filter.update', 'payments'], ['saved-filter.delete', 'payments']]);
  assert.ok(lines.every(({ actor }) => actor === 'token ana-operator'));

  await web.store.execute(`insert into saved_filter (name, filter, created_by) select 'n' || n, '{"state":"new"}', 'x' from generate_series(2, $1) n`, [MOST_SAVED_FILTERS]);
  assert.equal((await ask('POST', { name: 'one more', filter: { state: 'new' } })).body.code, 'too-many-saved-filters');
});
