import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { registry, type Method } from '#app/api/v1/registry.ts';
import { createToken } from '#lib/operations/create-token.ts';
import { allows, ROLES, type Role } from '#lib/model/access.ts';
import { webUnderTest } from './web-context.ts';

const OWNER = { kind: 'admin-token', name: 'owner', role: 'administrator', id: null, expiresAt: null } as const;

// Headers that once let a request past a middleware (CVE-2025-29927) or make Next answer in another form.
const TRICKS: Record<string, string>[] = [
  {},
  { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' },
  { 'x-middleware-subrequest': 'src/middleware:src/middleware:src/middleware:src/middleware:src/middleware' },
  { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy', 'x-middleware-next': '1' },
  { rsc: '1', 'next-router-state-tree': '%5B%22%22%5D' },
  { rsc: '1', 'next-router-prefetch': '1', 'next-url': '/' },
  { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'localhost', 'x-real-ip': '127.0.0.1', host: 'localhost' },
  { cookie: '__Host-waybill=; waybill=x; __Host-waybill=' },
  { cookie: `__Host-waybill=${'a'.repeat(43)}` },
  { authorization: 'Bearer ' },
  { authorization: 'Bearer wb_' },
  { authorization: `Bearer wb_${'a'.repeat(43)}` },
  { authorization: 'Basic YWRtaW46YWRtaW4=' },
  { 'x-waybill-path': '/', 'x-nonce': 'x' },
];

const routes = Object.entries(registry).flatMap(([path, module]) =>
  Object.entries(module).flatMap(([method, handler]) => (typeof handler === 'function' && handler.spec ? [{ path, method: method as Method, role: handler.spec.role }] : [])),
);

describe('the role matrix of the API', () => {
  it('refuses every route but the public ones to whoever has no session and no token, whatever headers they send', async (t) => {
    const web = await webUnderTest(t);
    for (const { path, method, role } of routes) {
      if (role === 'public') continue;
      for (const headers of TRICKS) {
        const response = await web.call(method, path, { headers, ...(method === 'GET' ? {} : { body: {} }) });
        // A change without a token must also come from Waybill's own page, which is checked first.
        assert.ok(response.status === 401 || (method !== 'GET' && response.status === 403), `${method} ${path} answered ${response.status} to ${JSON.stringify(headers)}`);
        const problem = (await response.json()) as { code: string };
        assert.ok(['unauthenticated', 'cross-site'].includes(problem.code), `${method} ${path}: ${problem.code}`);
      }
    }
  });

  it('lets each role do what it may and refuses the rest with 403', async (t) => {
    const web = await webUnderTest(t);
    const now = web.clock.now();
    const tokens = Object.fromEntries(
      await Promise.all(ROLES.map(async (role) => [role, (await createToken(web.store, { name: role, role, expiresAt: null, principal: OWNER, now })).token] as const)),
    ) as Record<Role, string>;
    for (const { path, method, role } of routes) {
      for (const has of ROLES) {
        const response = await web.call(method, path, { headers: { authorization: `Bearer ${tokens[has]}` }, ...(method === 'GET' ? {} : { body: {} }) });
        await response.body?.cancel();
        const refused = response.status === 401 || response.status === 403;
        if (role === 'public') assert.notEqual(response.status, 403, `${method} ${path} as ${has}`);
        else assert.equal(refused, !allows(has, role), `${method} ${path} needs ${role}; as ${has} it answered ${response.status}`);
        assert.notEqual(response.status, 500, `${method} ${path} as ${has}: ${web.logLines.at(-1) ?? ''}`);
      }
    }
  });

  it('forgets a token from the next request after it is revoked or has expired', async (t) => {
    const web = await webUnderTest(t);
    const now = web.clock.now();
    const made = await createToken(web.store, { name: 'ci', role: 'viewer', expiresAt: new Date(now.getTime() + 60_000).toISOString(), principal: OWNER, now });
    const revoked = await createToken(web.store, { name: 'old', role: 'viewer', expiresAt: null, principal: OWNER, now });
    const as = (token: string) => web.call('GET', '/api/v1/sessions/current', { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await as(made.token)).status, 200);
    assert.equal((await as(revoked.token)).status, 200);
    const answer = await web.call('DELETE', '/api/v1/tokens/{token}', { params: { token: revoked.id }, headers: { authorization: 'Bearer administrator-token-of-the-test' } });
    assert.equal(answer.status, 204);
    assert.equal((await as(revoked.token)).status, 401);
    web.clock.set(new Date(now.getTime() + 60_001));
    assert.equal((await as(made.token)).status, 401);
  });
});
