import { Kafka, logLevel, CompressionTypes } from 'kafkajs';
import { expect, test } from 'playwright/test';
import { links } from '#components/links.ts';
import { createTopic, testBrokers } from '#test/harness/kafka.ts';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { watch } from './visit.ts';

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

test.describe('hostile text', () => {
  let stack: Stack;

  test.beforeAll(async () => {
    test.setTimeout(150_000);
    stack = await startStack({ shop: false });
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
});
