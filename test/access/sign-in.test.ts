import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS } from '#lib/access/session.ts';
import { recordAudit } from '#lib/access/record-audit.ts';
import { mintSignInLink, SIGN_IN_LINK_MS } from '#lib/operations/mint-sign-in-link.ts';
import { cookieOf, PUBLIC_URL, SAME_ORIGIN, webUnderTest, type WebUnderTest } from './web-context.ts';

async function link(web: WebUnderTest, role?: 'viewer' | 'operator' | 'administrator'): Promise<string> {
  const url = new URL(await mintSignInLink(web.store, { publicUrl: PUBLIC_URL, now: web.clock.now(), ...(role ? { role } : {}) }));
  assert.equal(url.origin + url.pathname, `${PUBLIC_URL}/sign-in`);
  assert.equal(url.search, '', 'the secret must be in the fragment, which no server and no referrer sees');
  return new URLSearchParams(url.hash.slice(1)).get('link') ?? '';
}

const redeem = (web: WebUnderTest, secret: string, headers: Record<string, string> = SAME_ORIGIN) => web.call('POST', '/api/v1/sessions', { headers, body: { link: secret } });
const whoAmI = (web: WebUnderTest, cookie: string) => web.call('GET', '/api/v1/sessions/current', { headers: { cookie } });

describe('signing in', () => {
  it('redeems a link once, for a session whose cookie no script and no other site can use', async (t) => {
    const web = await webUnderTest(t);
    const secret = await link(web, 'operator');
    const answer = await redeem(web, secret);
    assert.equal(answer.status, 201);
    const setCookie = answer.headers.get('set-cookie') ?? '';
    assert.match(setCookie, /^__Host-waybill=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=604800; Secure$/);
    const me = (await (await whoAmI(web, cookieOf(answer))).json()) as { role: string; kind: string };
    assert.deepEqual({ role: me.role, kind: me.kind }, { role: 'operator', kind: 'session' });
    const again = await redeem(web, secret);
    assert.equal(again.status, 401);
    assert.equal(((await again.json()) as { code: string }).code, 'sign-in-link-invalid');
    assert.equal(again.headers.get('set-cookie'), null);
  });

  it('gives one session to twenty who redeem one link at once', async (t) => {
    const web = await webUnderTest(t);
    const secret = await link(web);
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(web, secret)));
    assert.equal(answers.filter((answer) => answer.status === 201).length, 1);
  });

  it('refuses a link after ten minutes, and a made-up one, with the same words', async (t) => {
    const web = await webUnderTest(t);
    const secret = await link(web);
    web.clock.set(new Date(web.clock.now().getTime() + SIGN_IN_LINK_MS + 1));
    const late = (await (await redeem(web, secret)).json()) as { detail: string };
    const unknown = (await (await redeem(web, 'x'.repeat(43))).json()) as { detail: string };
    assert.equal(late.detail, unknown.detail);
  });

  it('names the cookie plainly on http, where browsers would drop the __Host- one', async (t) => {
    const web = await webUnderTest(t, { WAYBILL_PUBLIC_URL: 'http://localhost:3000' });
    const secret = await link(web);
    for (const origin of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000']) {
      const answer = await redeem(web, origin === 'http://localhost:3000' ? secret : 'x', { origin, 'sec-fetch-site': 'same-origin' });
      assert.notEqual(answer.status, 403, origin);
      if (answer.status === 201) assert.match(answer.headers.get('set-cookie') ?? '', /^waybill=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=604800$/);
    }
    for (const origin of ['http://localhost:3001', 'https://localhost:3000', 'http://localhost.example.com:3000']) assert.equal((await redeem(web, 'x', { origin })).status, 403, origin);
  });

  it('never takes over a session id that the browser brought', async (t) => {
    const web = await webUnderTest(t);
    const planted = 'p'.repeat(43);
    const answer = await redeem(web, await link(web), { ...SAME_ORIGIN, cookie: `__Host-waybill=${planted}` });
    assert.equal(answer.status, 201);
    assert.notEqual(cookieOf(answer), `__Host-waybill=${planted}`);
    assert.equal((await whoAmI(web, `__Host-waybill=${planted}`)).status, 401);
  });

  it('ends a session after 12 h without use, after 7 d in any case, and at once when somebody ends it', async (t) => {
    const web = await webUnderTest(t);
    const start = web.clock.now().getTime();
    const idle = cookieOf(await redeem(web, await link(web)));
    web.clock.set(new Date(start + SESSION_IDLE_MS - 1_000));
    assert.equal((await whoAmI(web, idle)).status, 200);
    web.clock.set(new Date(start + 2 * SESSION_IDLE_MS - 2_000));
    assert.equal((await whoAmI(web, idle)).status, 200, 'use keeps it from going idle');
    web.clock.set(new Date(start + 3 * SESSION_IDLE_MS));
    assert.equal((await whoAmI(web, idle)).status, 401);

    web.clock.set(new Date(start));
    const old = cookieOf(await redeem(web, await link(web)));
    for (let at = 0; at < SESSION_ABSOLUTE_MS; at += SESSION_IDLE_MS - 1_000) {
      web.clock.set(new Date(start + at));
      assert.equal((await whoAmI(web, old)).status, 200);
    }
    web.clock.set(new Date(start + SESSION_ABSOLUTE_MS));
    assert.equal((await whoAmI(web, old)).status, 401);

    web.clock.set(new Date(start));
    const ended = cookieOf(await redeem(web, await link(web)));
    const sessions = (await (await web.call('GET', '/api/v1/sessions', { headers: { cookie: ended } })).json()) as { items: { id: string; current: boolean }[] };
    const mine = sessions.items.find((session) => session.current);
    assert.ok(mine);
    const answer = await web.call('DELETE', '/api/v1/sessions/{session}', { params: { session: mine.id }, headers: { authorization: 'Bearer administrator-token-of-the-test' } });
    assert.equal(answer.status, 204);
    assert.equal((await whoAmI(web, ended)).status, 401);
  });

  it('signs out: the cookie goes and the id is worth nothing any more', async (t) => {
    const web = await webUnderTest(t);
    const cookie = cookieOf(await redeem(web, await link(web, 'viewer')));
    const answer = await web.call('DELETE', '/api/v1/sessions/current', { headers: { ...SAME_ORIGIN, cookie } });
    assert.equal(answer.status, 204);
    assert.match(answer.headers.get('set-cookie') ?? '', /^__Host-waybill=; .*Max-Age=0/);
    assert.equal((await whoAmI(web, cookie)).status, 401);
  });

  it('takes a token instead of a link, and slows down guesses', async (t) => {
    const web = await webUnderTest(t);
    // A minute of its own: earlier tests of this process failed on purpose.
    web.clock.set(new Date(web.clock.now().getTime() + 3_600_000));
    const byToken = (token: string) => web.call('POST', '/api/v1/sessions', { headers: SAME_ORIGIN, body: { token } });
    assert.equal((await byToken('administrator-token-of-the-test')).status, 201);
    let refused = 0;
    for (let guess = 0; guess < 40; guess += 1) if ((await byToken(`guess ${guess}`)).status === 429) refused += 1;
    assert.equal(refused, 10);
    web.clock.set(new Date(web.clock.now().getTime() + 60_000));
    assert.equal((await byToken('administrator-token-of-the-test')).status, 201);
  });
});

describe('requests from elsewhere', () => {
  const CHANGE = { name: 'planted', role: 'administrator', expiresAt: null };

  it('change nothing by a cookie: null, missing, sibling and look-alike origins, and forms', async (t) => {
    const web = await webUnderTest(t);
    const cookie = cookieOf(await redeem(web, await link(web)));
    const post = (headers: Record<string, string>, raw = JSON.stringify(CHANGE)) => web.call('POST', '/api/v1/tokens', { headers: { cookie, ...headers }, raw });
    const hostile: Record<string, string>[] = [
      {},
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { origin: 'https://other.waybill.example.com', 'sec-fetch-site': 'same-site' },
      { origin: `${PUBLIC_URL}.evil.example` },
      { origin: `${PUBLIC_URL}:8443` },
      { origin: PUBLIC_URL.replace('https', 'http') },
      { origin: PUBLIC_URL, 'sec-fetch-site': 'cross-site' },
      { origin: PUBLIC_URL, 'sec-fetch-site': 'none' },
      { referer: `${PUBLIC_URL}/` },
    ];
    for (const headers of hostile) {
      const answer = await post(headers);
      assert.equal(answer.status, 403, JSON.stringify(headers));
      assert.equal(((await answer.json()) as { code: string }).code, 'cross-site');
    }
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', 'text/json', '']) {
      assert.equal((await post({ ...SAME_ORIGIN, 'content-type': type })).status, 415, type);
    }
    assert.equal((await web.store.prisma.apiToken.count()), 0);
    assert.equal((await post({ ...SAME_ORIGIN, 'content-type': 'application/json; charset=utf-8' })).status, 201);
  });

  it('with a bearer token need no origin, and a wrong one never falls back to the cookie', async (t) => {
    const web = await webUnderTest(t);
    const cookie = cookieOf(await redeem(web, await link(web)));
    const good = await web.call('POST', '/api/v1/tokens', { headers: { authorization: 'Bearer administrator-token-of-the-test' }, body: CHANGE });
    assert.equal(good.status, 201);
    const bad = await web.call('POST', '/api/v1/tokens', { headers: { ...SAME_ORIGIN, cookie, authorization: 'Bearer wb_wrong' }, body: CHANGE });
    assert.equal(bad.status, 401);
  });
});

describe('bodies', () => {
  const authorization = 'Bearer administrator-token-of-the-test';

  it('are bounded, strict and JSON: too large, deep, polluting and operator-shaped ones are refused', async (t) => {
    const web = await webUnderTest(t);
    const post = async (raw: string) => {
      const answer = await web.call('POST', '/api/v1/tokens', { headers: { authorization }, raw });
      return { status: answer.status, code: ((await answer.json()) as { code: string }).code };
    };
    assert.deepEqual(await post('{'), { status: 400, code: 'invalid-json' });
    assert.deepEqual(await post(''), { status: 400, code: 'invalid-json' });
    assert.deepEqual(await post(`"${'a'.repeat(300_000)}"`), { status: 413, code: 'body-too-large' });
    assert.equal((await post('['.repeat(10_000) + ']'.repeat(10_000))).code, 'invalid-request');
    assert.equal((await post('{"name":{"not":""},"role":"viewer","expiresAt":null}')).code, 'invalid-request');
    assert.equal((await post('{"name":"a","role":"viewer","expiresAt":null,"__proto__":{"role":"administrator"}}')).code, 'invalid-request');
    assert.equal((await post('{"name":"a","role":"owner","expiresAt":null}')).code, 'invalid-request');
    assert.equal(({} as Record<string, unknown>)['role'], undefined);
    assert.equal(await web.store.prisma.apiToken.count(), 0);
  });

  it('that come in pieces without a length are bounded too', async (t) => {
    const web = await webUnderTest(t);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(64 * 1024).fill(32));
      },
    });
    const { POST } = await import('#app/api/v1/tokens/route.ts');
    const answer = await POST(new Request(`${PUBLIC_URL}/api/v1/tokens`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body, duplex: 'half' } as RequestInit));
    assert.equal(answer.status, 413);
    assert.ok(sent < 10, `${sent} pieces were taken`);
    assert.equal(await web.store.prisma.apiToken.count(), 0);
  });
});

describe('secrets', () => {
  it('of links, sessions and tokens are neither in the store nor in the log', async (t) => {
    const web = await webUnderTest(t);
    const secret = await link(web);
    const session = cookieOf(await redeem(web, secret)).split('=')[1] ?? '';
    const made = await web.call('POST', '/api/v1/tokens', { headers: { authorization: 'Bearer administrator-token-of-the-test' }, body: { name: 'ci', role: 'viewer', expiresAt: null } });
    const { token } = (await made.json()) as { token: string };
    assert.match(token, /^wb_[\w-]{43}$/);
    await web.call('GET', '/api/v1/sessions/current', { headers: { authorization: `Bearer ${token}` } });
    await web.call('GET', '/api/v1/sessions/current', { headers: { authorization: `Bearer ${token}x` } });
    const rows = await web.store.query<{ text: string }>(
      `select t::text as text from sign_in_link t union all select t::text from session t union all select t::text from api_token t union all select t::text from audit_entry t`,
    );
    const kept = [...rows.map((row) => row.text), ...web.logLines].join('\n');
    assert.ok(rows.length >= 5);
    for (const each of [secret, session, token, token.slice(3), 'administrator-token-of-the-test']) {
      assert.equal(kept.includes(each), false);
      assert.equal(kept.includes(Buffer.from(each).toString('hex')), false);
    }
    const listed = await (await web.call('GET', '/api/v1/tokens', { headers: { authorization: 'Bearer administrator-token-of-the-test' } })).text();
    assert.equal(listed.includes(token), false);
  });
});

describe('the audit trail', () => {
  it('has a line for each deed, and none for one that was rolled back', async (t) => {
    const web = await webUnderTest(t);
    await assert.rejects(
      web.store.transaction(async (tx) => {
        await recordAudit(tx, 'ana', { action: 'replay.start', target: 'r1', after: { records: 214n } });
        throw new Error('the deed failed');
      }),
    );
    assert.equal(await web.store.prisma.auditEntry.count(), 0);
    await web.store.transaction((tx) => recordAudit(tx, 'ana', { action: 'replay.start', target: 'r1', reason: 'provider is back', after: { records: 214n } }));
    const cookie = cookieOf(await redeem(web, await link(web)));
    const page = (await (await web.call('GET', '/api/v1/audit', { headers: { cookie }, query: '?limit=1' })).json()) as { items: { action: string }[]; nextCursor: string };
    assert.deepEqual(page.items.map((item) => item.action), ['session.open']);
    const next = (await (await web.call('GET', '/api/v1/audit', { headers: { cookie }, query: `?limit=1&cursor=${page.nextCursor}` })).json()) as { items: { action: string; actor: string; after: unknown; reason: string }[]; nextCursor: null };
    assert.deepEqual(next.items.map(({ action, actor, after, reason }) => ({ action, actor, after, reason })), [{ action: 'replay.start', actor: 'ana', after: { records: '214' }, reason: 'provider is back' }]);
    assert.equal(next.nextCursor, null);
    assert.equal((await web.call('GET', '/api/v1/audit', { headers: { cookie }, query: '?cursor=nonsense' })).status, 400);
  });
});
