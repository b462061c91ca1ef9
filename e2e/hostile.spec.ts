import { Kafka, logLevel, CompressionTypes } from 'kafkajs';
import { expect, test } from 'playwright/test';
import { links } from '#components/links.ts';
import { header } from '#test/dead-letters/fixtures.ts';
import { writeRecords } from '#test/dead-letters/write-dead-letters.ts';
import { createTopic, testBrokers } from '#test/harness/kafka.ts';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { expectAccessible, expectNoSidewaysScroll, watch } from './visit.ts';

// What is in a topic is somebody else's input: it must be shown, never run.
const PAYLOADS = [
  '<script>window.pwned=1</script>',
  '"><img src=x onerror="window.pwned=2">',
  "'-alert(3)-'",
  'javascript:alert(4)',
  '<svg/onload=alert(5)>',
  '{{constructor.constructor("alert(6)")()}}',
  '${alert(7)}',
  '</title><iframe srcdoc="<script>parent.pwned=8</script>"></iframe>',
  '\u202egnp.exe\u0000\u001b[31mred',
  '=HYPERLINK("http://evil.example","click")',
];
const SHOWN = '<script>window.pwned=1</script>';
const SECRET = 'sk-e2e-4111222233334444';

test.describe('hostile text', () => {
  let stack: Stack;

  test.beforeAll(async () => {
    test.setTimeout(150_000);
    stack = await startStack({ shop: false, env: { WAYBILL_MASK_HEADERS: 'x-secret-*' } });
    const topic = await createTopic(`${stack.prefix}hostile.dlq`);
    const kafka = new Kafka({ brokers: testBrokers(), clientId: 'waybill-e2e', logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    const now = Date.now();
    await producer.send({
      topic,
      compression: CompressionTypes.GZIP,
      messages: PAYLOADS.map((payload, index) => ({
        key: payload,
        value: index % 2 === 0 ? JSON.stringify({ note: payload, [payload]: payload }) : payload,
        headers: {
          [payload.replaceAll(/[^\x20-\x7e]/g, '')]: payload,
          'correlation-id': payload,
          'original-topic': `${stack.prefix}orders`,
          'original-partition': '0',
          'original-offset': String(index),
          'consumer-group': payload,
          'error-name': payload,
          error: `${payload} failed`,
          'error-stack': `${payload}: failed\n    at ${payload} (/srv/app/${payload}.js:1:1)`,
          'failed-at': new Date(now).toISOString(),
        },
      })),
    });
    await producer.disconnect();
    await expect.poll(async () => (await stack.store.query<{ count: bigint }>('select count(*) as count from dead_letter'))[0]?.count ?? 0n, { timeout: 60_000 }).toBe(BigInt(PAYLOADS.length));
  });

  test.afterAll(async () => {
    await stack?.stop();
  });

  test('in key, header, value and error is shown on every screen and never run', async ({ browser }) => {
    test.setTimeout(240_000);
    const context = await browser.newContext({ baseURL: stack.url });
    const page = await context.newPage();
    const problems = await watch(page);
    await signIn(page, stack);
    const letters = await stack.store.query<{ id: string; failure: string | null; correlation: string | null }>(
      `select topic_id || '-' || partition || '-' || "offset" as id, failure_id as failure, correlation_id as correlation from dead_letter order by seq`,
    );
    const innocent = async () => {
      expect(await page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
      expect(await page.locator('iframe, script:not([src]):not([nonce]), img[onerror], svg[onload]').count()).toBe(0);
      expect(await page.locator('a[href^="javascript:" i]').count()).toBe(0);
    };
    await page.goto(links.deadLetters());
    await expect(page.getByText(SHOWN).first()).toBeVisible();
    await innocent();
    for (const letter of letters) {
      await page.goto(links.deadLetter(letter.id));
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await innocent();
      // Every tab: value, headers, origin, journey, history.
      for (const tab of await page.getByRole('tab').all()) {
        await tab.click();
        await innocent();
      }
    }
    await page.goto(links.deadLetter(letters[0]?.id ?? ''));
    await expect(page.getByText(SHOWN).first()).toBeVisible();
    for (const letter of letters) {
      if (letter.failure) await page.goto(links.failure(letter.failure));
      await innocent();
      if (letter.correlation) await page.goto(links.findJourney(letter.correlation));
      await innocent();
    }
    for (const path of [links.overview(), links.lag({ q: SHOWN }), links.journeys({ q: SHOWN }), links.alerts(), links.settingsAudit({ actor: SHOWN }), links.signIn(SHOWN), `/sign-in?next=${encodeURIComponent('javascript:alert(9)')}`, `/sign-in?next=${encodeURIComponent('//evil.example')}`]) {
      await page.goto(path);
      await innocent();
    }
    await page.keyboard.press('Escape');
    expect(problems).toEqual([]);
    await context.close();
  });

  test('is handed out as an attachment that no browser renders', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: stack.url });
    const page = await context.newPage();
    await signIn(page, stack);
    const [letter] = await stack.store.query<{ id: string }>(`select topic_id || '-' || partition || '-' || "offset" as id from dead_letter order by seq limit 1`);
    const answer = await page.request.get(`/api/v1/dead-letters/${letter?.id ?? ''}/value`);
    expect(answer.status()).toBe(200);
    expect(answer.headers()['content-disposition']).toMatch(/^attachment/);
    expect(answer.headers()['x-content-type-options']).toBe('nosniff');
    expect(answer.headers()['content-type']).not.toMatch(/html|svg|xml|javascript/);
    await context.close();
  });

  test('after signing in leads nowhere but into Waybill', async ({ browser }) => {
    for (const next of ['//evil.example/', '/\\evil.example', 'https://evil.example/', '/%09/evil.example', 'javascript:alert(1)']) {
      const context = await browser.newContext({ baseURL: stack.url });
      const page = await context.newPage();
      const link = new URL(await stack.signInLink());
      link.searchParams.set('next', next);
      await page.goto(link.href);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
      expect(new URL(page.url()).origin, next).toBe(stack.url);
      await context.close();
    }
  });

  test('a topic found by its headers is read after one click, its home-made headers are mapped on real records, and what is masked is in no answer', async ({ browser }) => {
    const topic = await createTopic(`${stack.prefix}broken`);
    const failure = JSON.stringify({ type: 'shop.Declined', text: `${SHOWN} no luck for ${SECRET}` });
    const offset = Buffer.alloc(8);
    offset.writeBigInt64BE(4_711n);
    await writeRecords(topic, Array.from({ length: 3 }, () => ({ key: null, value: Buffer.from('{}'), headers: [header('failed-topic', `${stack.prefix}orders`), [Buffer.from('failed-offset'), offset], header('failure', failure), header('x-secret-mail', SECRET), header(SHOWN, SHOWN)] })));
    // How topics are found is tested on a broker (test/dead-letters/discovery.test.ts); on a shared one it would take its time to come to this one.
    await expect.poll(async () => stack.store.execute(
      `insert into topic_discovery (cluster_id, topic, state, role, evidence, sampled_at, found_at) select cluster_id, name, 'proposed', 'dead-letter', $2, now(), now() from topic where name = $1 on conflict do nothing`,
      [topic, JSON.stringify({ role: 'dead-letter', certain: false, dialect: 'x-original', sampled: 5, carrying: 3, headers: [{ name: 'x-error', records: 3 }, { name: SHOWN, records: 1 }], origins: [{ topic: `${stack.prefix}orders`, records: 3 }] })],
    ), { timeout: 30_000 }).toBe(1);
    const context = await browser.newContext({ baseURL: stack.url });
    const page = await context.newPage();
    const problems = await watch(page);
    const told: Promise<string>[] = [];
    page.on('response', (response) => /html|json|x-component/.test(response.headers()['content-type'] ?? '') && told.push(response.text().catch(() => '')));
    await signIn(page, stack);
    await page.goto(links.deadLetters());
    await page.getByRole('link', { name: 'Look at what was found' }).click();
    const proposal = page.getByRole('listitem', { name: `Proposal ${topic}` });
    await expect(proposal).toContainText('3 of 5 sampled records carry x-error');
    for (const [width, colorScheme] of [[360, 'light'], [1920, 'dark']] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    }
    await proposal.getByRole('button', { name: 'Read it as dead letters' }).click();
    await expect(page.getByRole('row').filter({ hasText: topic })).toContainText('taken in by owner');
    await expect.poll(async () => (await stack.store.query<{ n: number }>('select count(*)::int as n from dead_letter d join topic t on t.id = d.topic_id where t.name = $1', [topic]))[0]?.n, { timeout: 30_000 }).toBe(3);

    await page.goto(links.headerMapping({ topic }));
    await page.getByLabel('Header of Origin topic').selectOption('failed-topic');
    await page.getByLabel('Header of Origin offset').selectOption('failed-offset');
    await page.getByLabel('Header of Error message').selectOption('failure');
    await page.getByLabel('Place of Error message').fill('$.text');
    await expect(page.getByRole('table', { name: 'Records as they would be read' })).toContainText(`${stack.prefix}orders@4711`);
    await expect(page.getByRole('table', { name: 'Records as they would be read' })).toContainText(`${SHOWN} no luck for [masked]`);
    await expect(page.getByRole('region', { name: 'Lines for the configuration' })).toHaveText(/offset: \{ header: "failed-offset", format: binary \}\s+errorMessage: \{ header: "failure", path: "\$\.text" \}/);
    await expect(page).toHaveURL(/map=/);
    for (const [width, colorScheme] of [[1920, 'light'], [360, 'dark']] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    }

    await page.getByRole('table', { name: 'Records as they would be read' }).getByRole('link').first().click();
    await expect(page.getByText('Masked by the configuration: the headers x-secret-mail, failure.')).toBeVisible();
    for (const tab of await page.getByRole('tab').all()) await tab.click();
    await page.goto(links.topic('kafka', topic, { tab: 'messages' }));
    await page.getByRole('button', { name: /^Open message/ }).first().click();
    await expect(page.getByRole('dialog').getByText('Masked by the configuration')).toBeVisible();
    expect(await page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
    const answers = [await page.content(), ...(await Promise.all(told))];
    expect(answers.length).toBeGreaterThan(10);
    const readings = answers.flatMap((answer) => [answer, ...[...answer.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)].map(([match]) => Buffer.from(match, 'base64').toString('latin1'))]);
    expect(readings.filter((reading) => reading.includes(SECRET.slice(4))).map((reading) => reading.slice(0, 200))).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });
});
