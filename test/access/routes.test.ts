import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { describeApi } from '#app/api/v1/openapi.ts';
import { registry } from '#app/api/v1/registry.ts';
import { ROLES } from '#lib/model/access.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
/** Whoever adds one says here why anybody may call it. */
const PUBLIC: Record<string, string> = {
  'GET /api': 'leads to openapi.json',
  'GET /api/health': 'asked by supervisors and load balancers, says nothing but ok',
  'GET /api/ready': 'asked by load balancers, says which part fails, never why',
  'GET /api/v1/openapi.json': 'describes the API, holds no data',
  'POST /api/v1/sessions': 'signing in is what one does without a session',
};

/** POSTs that only read: asking a broker for messages is one, because its selection does not fit an address. */
const READING_POSTS: string[] = [];

const files = globSync('app/**/route.ts');

it('every route.ts is in the registry under its own path, and the registry names no other', () => {
  const paths = files.map((file) => `/${file.replace(/^app\//, '').replace(/\/route\.ts$/, '').replaceAll(/\([^)]*\)\//g, '').replaceAll(/\[(?:\.\.\.)?(\w+)\]/g, '{$1}')}`);
  assert.deepEqual(Object.keys(registry).sort(), paths.sort());
});

it('every method a route.ts exports is made by route(), with a role and a sentence', () => {
  for (const file of files) {
    const source = readFileSync(file, 'utf8');
    const exported = [...source.matchAll(/^export (?:const|(?:async )?function) ([A-Z]+)\b/gm)].map((match) => match[1] ?? '');
    assert.ok(exported.length > 0, `${file} exports no method`);
    for (const method of exported) {
      assert.ok(METHODS.includes(method), `${file} exports ${method}`);
      assert.match(source, new RegExp(`^export const ${method} = route\\(`, 'm'), `${file}: ${method} must be made by route(), which authorises`);
    }
  }
  for (const [path, module] of Object.entries(registry)) {
    for (const [method, handler] of Object.entries(module)) {
      if (typeof handler !== 'function' || !METHODS.includes(method)) continue;
      assert.ok(handler.spec, `${method} ${path} has no spec`);
      assert.ok([...ROLES, 'public'].includes(handler.spec.role), `${method} ${path} has no role`);
      assert.ok(handler.spec.summary.length > 8, `${method} ${path} has no summary`);
    }
  }
});

it('only these routes are public, each for a reason', () => {
  const open = Object.entries(registry).flatMap(([path, module]) => Object.entries(module).flatMap(([method, handler]) => (typeof handler === 'function' && handler.spec?.role === 'public' ? [`${method} ${path}`] : [])));
  assert.deepEqual(open.sort(), Object.keys(PUBLIC).sort());
});

it('no route that changes something is open to viewers, but the end of one’s own session', () => {
  const lax = Object.entries(registry).flatMap(([path, module]) =>
    Object.entries(module).flatMap(([method, handler]) => (method !== 'GET' && typeof handler === 'function' && handler.spec?.role === 'viewer' ? [`${method} ${path}`] : [])),
  );
  assert.deepEqual(lax.filter((one) => !READING_POSTS.includes(one)), ['DELETE /api/v1/sessions/current']);
});

it('there is no Server Action', () => {
  for (const file of globSync('{app,components,lib}/**/*.{ts,tsx}')) {
    assert.doesNotMatch(readFileSync(file, 'utf8'), /^\s*['"]use server['"]/m, file);
  }
});

it('openapi.json describes every route, with parameters for every part of its path', () => {
  const document = describeApi(registry, 'https://waybill.example.com') as { openapi: string; paths: Record<string, Record<string, { operationId: string; parameters: { name: string; in: string }[]; responses: Record<string, unknown> }>> };
  assert.equal(document.openapi, '3.1.0');
  assert.deepEqual(Object.keys(document.paths).sort(), Object.keys(registry).sort());
  const ids = new Set<string>();
  for (const [path, operations] of Object.entries(document.paths)) {
    assert.ok(Object.keys(operations).length > 0, `${path} has no operation`);
    for (const [method, operation] of Object.entries(operations)) {
      const id = `${operation.operationId}`;
      assert.ok(!ids.has(id), `${method} ${path}: operation id ${id} comes twice`);
      ids.add(id);
      const named = operation.parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name);
      assert.deepEqual(named.sort(), [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort(), `${method} ${path}`);
      assert.ok(operation.responses['default']);
    }
  }
  // It must survive the way to a client.
  assert.deepEqual(JSON.parse(JSON.stringify(document)), document);
});
