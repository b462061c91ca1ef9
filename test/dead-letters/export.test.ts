import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createToken } from '#lib/operations/create-token.ts';
import type { ExportedDeadLetter } from '#lib/operations/export-dead-letters.ts';
import { deadLettersQuerySchema, listDeadLetters } from '#lib/operations/list-dead-letters.ts';
import { webUnderTest } from '#test/access/web-context.ts';
import { header, storeCorpora, storeDeadLetters } from './fixtures.ts';

test('an export holds every row of the list once, one JSON a line, and its bytes only for an operator who asks', async (t) => {
  const web = await webUnderTest(t);
  const { id: clusterId } = await web.store.prisma.cluster.create({ data: { name: 'prod', kafkaClusterId: 'abc' } });
  const total = await storeCorpora(web.store, clusterId);
  const value = Buffer.from([0, 0xff, 10, 13]);
  await storeDeadLetters(web.store, clusterId, 'odd.DLT', [{ key: null, value, headers: [header('x', 'line\nbreak'), header('x', '2')] }]);
  const tokenOf = async (role: 'viewer' | 'operator') => (await createToken(web.store, { name: role, role, expiresAt: null, principal: { kind: 'admin-token', name: 'owner', role: 'administrator', id: null, expiresAt: null }, now: web.clock.now() })).token;
  const viewer = await tokenOf('viewer');
  const operator = await tokenOf('operator');
  const read = async (token: string, query: string) => {
    const response = await web.call('GET', '/api/v1/dead-letters/export', { headers: { authorization: `Bearer ${token}` }, query });
    return { response, lines: response.status === 200 ? (await response.text()).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as ExportedDeadLetter) : [] };
  };

  const all = await read(viewer, '');
  assert.equal(all.response.headers.get('content-type'), 'application/x-ndjson; charset=utf-8');
  assert.match(all.response.headers.get('content-disposition') ?? '', /^attachment/u);
  const listed = await listDeadLetters(web.store, deadLettersQuerySchema.parse({ limit: 5_000 }));
  assert.deepEqual(all.lines.map((line) => line.id), listed.items.map((item) => item.id));
  assert.equal(all.lines.length, total + 1);
  assert.ok(all.lines.every((line) => line.bytes === undefined));
  assert.ok(all.lines.some((line) => line.error.stack?.includes('\tat ')));

  const withBytes = await read(operator, '?bytes=true&topic=odd.DLT');
  assert.deepEqual(withBytes.lines.map((line) => line.bytes), [{ keyBase64: null, valueBase64: value.toString('base64'), headers: [['x', Buffer.from('line\nbreak').toString('base64')], ['x', Buffer.from('2').toString('base64')]], headerNamesBase64: null, masked: null, body: 'stored' }]);
  assert.equal((await read(operator, '?bytes=true')).lines.length, total + 1);
  assert.deepEqual(await web.store.query(`select actor, target, after from audit_entry where action = 'dead-letters.export' order by at, id`), [
    { actor: 'token operator', target: 'odd.DLT', after: { filter: { topic: 'odd.DLT' }, limit: 100_000 } },
    { actor: 'token operator', target: 'all', after: { filter: {}, limit: 100_000 } },
  ]);
  assert.equal((await read(viewer, '?bytes=true')).response.status, 403);
  assert.equal((await read(viewer, '?limit=3')).lines.length, 3);
  assert.equal((await read(viewer, '?originTopic=gift.cards')).lines.length, 8);
  assert.equal((await read(viewer, '?state=whatever')).response.status, 400);
});
