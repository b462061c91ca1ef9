import { mkdirSync } from 'node:fs';
import { expect, test, type Browser, type BrowserContext, type Page } from 'playwright/test';
import { links } from '#components/links.ts';
import { seedFinding } from './seed-finding.ts';
import { seedUsualPath } from './seed-usual-path.ts';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { DESK, expectAccessible, expectEveryLook, watch } from './visit.ts';

// Every screen as a person meets it: with a shop behind it, and with nothing at all.
const SCREENS: [name: string, path: string][] = [
  ['overview', links.overview()],
  ['lag', links.lag()],
  ['journeys', links.journeys()],
  ['usual-paths', links.usualPaths()],
  ['dead-letters', links.deadLetters()],
  ['replays', links.replays()],
  ['alerts', links.alerts()],
  ['topics', links.topics()],
  ['map', links.map()],
  ['map-table', links.map({ view: 'table' })],
  ['hygiene', links.hygiene()],
  ['rules', links.rules()],
  ['silences', links.silences()],
  ['webhooks', links.webhooks()],
  ['settings', links.settings()],
  ['access', links.settingsAccess()],
  ['audit', links.settingsAudit()],
];

async function signedIn(browser: Browser, stack: Stack, look = DESK, role: 'viewer' | 'operator' | 'administrator' = 'administrator'): Promise<{ context: BrowserContext; page: Page; problems: string[] }> {
  const context = await browser.newContext({ baseURL: stack.url, viewport: { width: look.width, height: look.height }, colorScheme: look.colorScheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const problems = await watch(page);
  await signIn(page, stack, role);
  return { context, page, problems };
}

async function check(page: Page, path: string): Promise<void> {
  const answer = await page.goto(path);
  expect(answer?.status(), path).toBe(200);
  await expectEveryLook(page, path);
}

/** A picture for the README. */
async function picture(page: Page, name: string): Promise<void> {
  mkdirSync('docs/images', { recursive: true });
  await page.screenshot({ path: `docs/images/${name}.png` });
}

test.describe('screens of a shop that fails', () => {
  let stack: Stack;

  test.beforeAll(async ({ playwright }) => {
    test.setTimeout(180_000);
    stack = await startStack();
    const shop = await playwright.request.newContext({ baseURL: stack.shopUrl ?? '', extraHTTPHeaders: { origin: stack.shopUrl ?? '' } });
    for (const fault of ['poison-message', 'duplicate-event']) expect((await shop.put(`/api/faults/${fault}`, { data: { on: true } })).ok()).toBe(true);
    await expect
      .poll(async () => (await stack.store.query<{ count: bigint }>('select (select count(*) from dead_letter) * (select count(*) from journey) * (select count(*) from group_lag_minute) as count'))[0]?.count ?? 0n, { timeout: 90_000, message: 'dead letters, journeys and lag arrive' })
      .toBeGreaterThan(0n);
    await shop.dispose();
  });

  test.afterAll(async () => {
    await stack?.stop();
  });

  test('are accessible and fit, wide and narrow, light and dark', async ({ browser }) => {
    test.setTimeout(1_200_000);
    const [group] = await stack.store.query<{ cluster: string; name: string }>(`select c.name as cluster, g.name from consumer_group g join cluster c on c.id = g.cluster_id where g.name like $1 limit 1`, [`${stack.prefix}%`]);
    const [letter] = await stack.store.query<{ id: string; failure: string | null }>(`select topic_id || '-' || partition || '-' || "offset" as id, failure_id as failure from dead_letter order by seq limit 1`);
    const [journey] = await stack.store.query<{ id: string; type: string }>('select id, entry_type as type from journey order by hop_count desc limit 1');
    if (journey) await seedUsualPath(stack.store, journey.type, new Date());
    const [rule] = await stack.store.query<{ id: string }>('select id from alert_rule limit 1');
    const details = [
      ...(group ? [links.group(group.cluster, group.name)] : []),
      ...(letter ? [links.deadLetter(letter.id)] : []),
      ...(letter?.failure ? [links.failure(letter.failure)] : []),
      ...(journey ? [links.journey(journey.id), `${links.journey(journey.id)}?view=flow`, `${links.journey(journey.id)}?view=sequence`] : []),
      links.finding(await seedFinding(stack.store, `${stack.prefix}carts`, new Date())),
      ...(journey ? [links.usualPath(journey.type), links.compareJourney(journey.id), links.missingHop(journey.type, 'process notification payments', 3_600)] : []),
      ...(rule ? [links.rule(rule.id)] : []),
    ];
    expect(details).toHaveLength(11);
    const { context, page, problems } = await signedIn(browser, stack);
    for (const path of [...SCREENS.map(([, path]) => path), ...details]) await check(page, path);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('have the figures in their first paint, before any script runs', async ({ browser }) => {
    const { context } = await signedIn(browser, stack);
    const state = await context.storageState();
    await context.close();
    const bare = await browser.newContext({ baseURL: stack.url, javaScriptEnabled: false, storageState: state });
    const page = await bare.newPage();
    // By name, because other tests share the broker and the first paint holds only the first rows.
    await page.goto(links.lag({ q: `${stack.prefix}payment-service` }));
    await expect(page.getByRole('table', { name: 'Consumer groups' }).getByRole('link', { name: `${stack.prefix}payment-service` })).toBeVisible();
    await page.goto(links.overview());
    await expect(page.getByRole('heading', { level: 1 })).toContainText(/need|quiet/i);
    await bare.close();
  });

  test('say what is expected of events, and let an operator change it', async ({ browser }) => {
    const type = `${stack.prefix}expected`;
    await seedUsualPath(stack.store, type, new Date());
    const { context, page, problems } = await signedIn(browser, stack, DESK, 'operator');
    await page.goto(links.usualPath(type));
    const step = page.getByRole('table', { name: 'Steps' }).locator('tr[data-key="process notification payments"]');
    await expect(step).toContainText('branch');
    await step.getByRole('button', { name: 'Change what is expected of notification on payments' }).click();
    await page.getByRole('radio', { name: /^Required/ }).check();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Make it required' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(step).toContainText('required');
    await expect(step).toContainText('by ');
    expect(problems).toEqual([]);
    await context.close();
  });

  test('are worked by keyboard: skip link, palette, keys, rows', async ({ browser }) => {
    const { context, page, problems } = await signedIn(browser, stack);
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.locator('#content')).toBeFocused();
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.keyboard.press('/');
    await page.getByPlaceholder(/A group, a topic/).fill(`${stack.prefix}payment-serv`);
    await expect(page.getByRole('option', { name: `${stack.prefix}payment-service`, exact: true })).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`/lag/.+payment-service`));
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await expect(page).toHaveURL(/\/lag$/);
    // Groups of other tests on this broker may vanish between two keys.
    await page.goto(links.lag({ q: stack.prefix }));
    const rows = page.getByRole('table', { name: 'Consumer groups' }).locator('tbody tr[data-key]');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    await expect(rows.nth(1)).toBeFocused();
    await page.keyboard.press('k');
    await expect(rows.first()).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/lag\/.+\/.+/);
    await page.goBack();
    await expect(page).toHaveURL(/\/lag\?q=/);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('the map shows who writes to and reads what, keeps its places while figures change, and opens by keyboard', async ({ browser }) => {
    const { context, page, problems } = await signedIn(browser, stack);
    const path = links.map({ q: stack.prefix });
    await page.goto(path);
    const nodes = page.getByRole('list', { name: 'Services, topics and groups' }).getByRole('listitem');
    const box = (name: string) => nodes.filter({ hasText: `: ${name},` }).first();
    // The line of a service comes with its spans, that of a group with its commits.
    await expect(async () => {
      await page.goto(path);
      await expect(box('service payment-service')).toBeVisible({ timeout: 5_000 });
      await expect(box(`topic ${stack.prefix}orders`)).toBeVisible({ timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
    await expect(page.getByRole('heading', { level: 1 }).locator('..').locator('..')).toContainText(/services.*topics.*groups/);
    const placeOf = async (name: string) => box(name).evaluate((item) => [item.style.left, item.style.top]);
    const before = await placeOf('service payment-service');
    // As when journeys bring new figures: the page reads itself anew.
    const read = page.waitForResponse((answer) => answer.url().includes('/map') && answer.request().headers()['rsc'] !== undefined);
    await stack.store.notify('journeys', { changed: 1 });
    await read;
    expect(await placeOf('service payment-service')).toEqual(before);
    await box('service payment-service').getByRole('button').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'Service payment-service' })).toContainText(/sends to/);
    await expect(page).toHaveURL(/open=service/);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.getByRole('tab', { name: 'Table' }).click();
    await expect(page.getByRole('table', { name: 'Connections' }).getByRole('row').filter({ hasText: `${stack.prefix}orders` }).filter({ hasText: 'is read by' }).first()).toBeVisible();
    await page.getByRole('searchbox', { name: /Find a service/ }).fill('nothing-like-it');
    await expect(page.getByText('No service, topic or group matches')).toBeVisible();
    expect(problems).toEqual([]);
    await context.close();
  });

  test('change in place without a reload, and say when the connection is lost', async ({ browser }) => {
    const { context, page } = await signedIn(browser, stack);
    await page.goto(links.settings());
    const marked = await page.evaluate(() => ((window as unknown as { marked: boolean }).marked = true));
    expect(marked).toBe(true);
    await stack.store.execute("insert into collector_status (name, every_ms, holder, last_ended_at, consecutive_failures) values ('e2e-live', 1000, 'test:1', now(), 0)");
    await stack.store.notify('collectors');
    await expect(page.getByRole('cell', { name: 'e2e-live' })).toBeVisible();
    expect(await page.evaluate(() => (window as unknown as { marked?: boolean }).marked)).toBe(true);
    await stack.store.execute("delete from collector_status where name = 'e2e-live'");
    await page.route('**/api/v1/events', (route) => route.abort());
    await context.setOffline(true);
    await expect(page.getByText('reconnecting')).toBeVisible();
    await context.setOffline(false);
    await page.unroute('**/api/v1/events');
    await expect(page.getByText('reconnecting')).toHaveCount(0, { timeout: 40_000 });
    await context.close();
  });

  test('lead whoever is not signed in to the sign-in page, in every form of request, and show nothing', async ({ playwright }) => {
    const anonymous = await playwright.request.newContext({ baseURL: stack.url });
    for (const [, path] of SCREENS) {
      for (const headers of [{}, { rsc: '1' }, { rsc: '1', 'next-router-prefetch': '1' }, { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' }, { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' }] as Record<string, string>[]) {
        const answer = await anonymous.get(path, { headers, maxRedirects: 0 });
        const text = await answer.text();
        expect(text.includes(stack.prefix), `${path} ${JSON.stringify(headers)}`).toBe(false);
        expect([303, 307].includes(answer.status()) || text.includes('/sign-in'), `${path} ${JSON.stringify(headers)} answered ${answer.status()}`).toBe(true);
      }
    }
    await anonymous.dispose();
  });

  test('find what the shop does wrong; a finding is muted with a reason, folded away, and shown again', async ({ browser }) => {
    const topic = `${stack.prefix}orders`;
    await expect.poll(async () => (await stack.store.query(`select 1 from hygiene_finding where kind = 'duplicates' and topic = $1`, [topic])).length, { timeout: 90_000, message: 'events that are written twice are found' }).toBe(1);
    const { context, page, problems } = await signedIn(browser, stack);
    const listed = page.getByRole('list', { name: 'Findings, worst first' }).getByRole('link', { name: `Duplicates at ${topic}` });
    await page.goto(links.hygiene({ kind: 'duplicates' }));
    await listed.click();
    await expect(page.getByText(/events looked at on .* were written again with the same event id/)).toBeVisible();
    await expect(page.getByRole('list', { name: 'Examples' }).getByRole('link', { name: /^Open the record/ }).nth(1)).toBeVisible();
    await page.getByRole('button', { name: 'Mute…' }).click();
    const dialog = page.getByRole('dialog', { name: `Mute Duplicates: ${topic}` });
    await expectAccessible(page);
    await dialog.getByLabel('Reason').fill('TICKET-7');
    await dialog.getByRole('button', { name: 'Mute this finding' }).click();
    await expect(page.getByText('“TICKET-7”')).toBeVisible();
    await page.goto(links.hygiene({ q: topic }));
    await expect(page.getByRole('heading', { level: 1, name: 'Hygiene' })).toBeVisible();
    await expect(listed).toHaveCount(0);
    await page.getByRole('navigation', { name: 'States' }).getByRole('link', { name: 'muted' }).click();
    await listed.click();
    await page.getByRole('button', { name: 'End the mute' }).click();
    await expect(page.getByRole('button', { name: 'Mute…' })).toBeVisible();
    await page.goto(links.hygiene({ q: topic }));
    await expect(listed).toBeVisible();
    await page.goto(links.settingsAudit());
    await expect(page.getByText('finding.mute').first()).toBeVisible();
    expect(problems).toEqual([]);
    await context.close();
  });

  test('say which role is missing', async ({ browser }) => {
    const { context, page } = await signedIn(browser, stack, DESK, 'viewer');
    await page.goto(links.settingsAccess());
    await expect(page.getByRole('heading', { level: 1, name: 'Not allowed' })).toBeVisible();
    await expect(page.getByText(/needs the role administrator/)).toBeVisible();
    await context.close();
  });

  test('keep the policy of their answers strict', async ({ playwright }) => {
    const anonymous = await playwright.request.newContext({ baseURL: stack.url });
    const [first, second] = [await anonymous.get('/sign-in'), await anonymous.get('/sign-in')];
    const policy = first.headers()['content-security-policy'] ?? '';
    expect(policy).toMatch(/script-src 'nonce-[\w+/=]{24}' 'strict-dynamic';/);
    expect(policy).toMatch(/style-src 'self' 'nonce-[\w+/=]{24}';/);
    expect(policy).toContain("style-src-attr 'unsafe-inline'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.replace("style-src-attr 'unsafe-inline'", '')).not.toContain('unsafe');
    expect(policy).not.toBe(second.headers()['content-security-policy']);
    expect(first.headers()['x-content-type-options']).toBe('nosniff');
    expect(first.headers()['referrer-policy']).toBe('same-origin');
    expect(first.headers()['x-powered-by']).toBeUndefined();
    await anonymous.dispose();
  });

  // Asked for with WAYBILL_PICTURES=1.
  if (process.env['WAYBILL_PICTURES']) {
    test('have pictures for the README', async ({ browser }) => {
      const { context, page } = await signedIn(browser, stack);
      for (const [name, path] of SCREENS) {
        await page.goto(path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await picture(page, `${name}-dark`);
      }
      await context.close();
      const light = await signedIn(browser, stack, { ...DESK, colorScheme: 'light' });
      for (const [name, path] of SCREENS) {
        await light.page.goto(path);
        await expect(light.page.getByRole('heading', { level: 1 })).toBeVisible();
        await picture(light.page, name);
      }
      await light.context.close();
    });
  }
});

test.describe('screens without anything to show', () => {
  let stack: Stack;

  test.beforeAll(async () => {
    test.setTimeout(120_000);
    // Nothing listens there: no figures, and the collectors fail.
    stack = await startStack({ shop: false, env: { KAFKA_BROKERS: '127.0.0.1:1' } });
  });

  test.afterAll(async () => {
    await stack?.stop();
  });

  test('say what will appear and what makes it appear', async ({ browser }) => {
    test.setTimeout(240_000);
    const { context, page, problems } = await signedIn(browser, stack);
    for (const [, path] of SCREENS) await check(page, path);
    await page.goto(links.lag());
    await expect(page.getByText(/KAFKA_BROKERS|will appear/).first()).toBeVisible();
    await page.goto(links.journey('00000000-0000-4000-8000-000000000000'));
    await expect(page.getByRole('heading', { level: 1 })).toContainText(/nothing at this address|not/i);
    expect(problems.filter((problem) => !problem.includes('404'))).toEqual([]);
    await context.close();
  });
});
