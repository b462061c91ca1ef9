import { expect, test, type Page } from 'playwright/test';
import { createTopic } from '#test/harness/kafka.ts';
import { readCorpus, toRaw, writeRecords, type RawRecord } from '#test/dead-letters/write-dead-letters.ts';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { expectAccessible, expectNoSidewaysScroll } from './visit.ts';

// What a hostile producer can put into key, header, value and error. Each would set window.ran if it were ever run.
const PAYLOADS = ['<img src=x onerror="window.ran=1">', '<script>window.ran=1</script>', '"><svg onload=window.ran=1>', 'javascript:window.ran=1', '\u202e\u0007{{constructor.constructor("window.ran=1")()}}'];

test.describe('dead letters', () => {
  let stack: Stack;
  let dlq: string;
  const problems: string[] = [];

  test.beforeAll(async () => {
    test.setTimeout(180_000);
    stack = await startStack({ shop: false });
    dlq = `${stack.prefix}orders.dlq`;
    await createTopic(dlq, { config: { 'retention.ms': '-1', 'message.timestamp.after.max.ms': '9223372036854775807' } });
    const header = (name: string, value: string): [Buffer, Buffer] => [Buffer.from(name), Buffer.from(value)];
    const failed = (error: string, name: string, value: Buffer | null, key: string): RawRecord => ({
      key: Buffer.from(key),
      value,
      headers: [header(key, key), header('original-topic', `${stack.prefix}orders`), header('original-partition', '0'), header('original-offset', '7'), header('consumer-group', 'payment'), header('error', error), header('error-name', name), header('error-stack', `${name}: ${error}\n    at charge (/srv/${key}/charge.js:3:1)\n    at run (/srv/node_modules/kafkajs/src/runner.js:1:1)`), header('correlation-id', key)],
    });
    await writeRecords(dlq, [
      ...PAYLOADS.map((payload) => failed(payload, 'HostileError', Buffer.from(JSON.stringify({ [payload]: payload })), payload)),
      failed('no value', 'TombstoneError', null, 'tombstone'),
      { key: null, value: Buffer.from([0, 0xff, 0xfe, 3]), headers: [] },
      failed('card of order 4711 was declined', 'CardDeclinedError', Buffer.from('{"orderId":12345678901234567890,"total":12.50}'), 'ord-4711'),
      ...readCorpus('spring-kafka-3.3-dlt.json').records.map((record) => ({ ...toRaw(record), partition: 0 })),
    ]);
  });
  test.afterAll(() => stack?.stop());
  test.beforeEach(({ page }) => {
    page.on('pageerror', (error) => problems.push(error.message));
  });

  const open = async (page: Page, path: string) => {
    await page.goto(`${stack.url}${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  };

  test('lead from the causes to one message, whose error comes first', async ({ page }) => {
    await signIn(page, stack);
    await expect(async () => {
      await open(page, `/dead-letters`);
      await expect(page.getByRole('link', { name: 'CardDeclinedError' }).first()).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 30_000 });
    await page.getByRole('link', { name: 'CardDeclinedError' }).first().click();
    await expect(page).toHaveURL(/failure=/);
    await page.getByRole('row').filter({ hasText: 'CardDeclinedError' }).getByRole('link').click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('CardDeclinedError');
    const error = page.getByRole('region', { name: 'Error' });
    await expect(error).toContainText('card of order 4711 was declined');
    await expect(error.getByText('charge (/srv/ord-4711/charge.js:3:1)').first()).toBeVisible();
    await expect(error.getByText('1 framework frame')).toBeVisible();
    // A 64-bit id keeps its digits, an amount its zero.
    await expect(page.getByRole('region', { name: 'Value' })).toContainText('12345678901234567890');
    await expect(page.getByRole('region', { name: 'Value' })).toContainText('12.50');
    await page.getByRole('tab', { name: /^Origin/ }).click();
    await expect(page.getByText(`${stack.prefix}orders`, { exact: true })).toBeVisible();
    await page.getByRole('tab', { name: /^Headers/ }).click();
    await expect(page.getByRole('cell', { name: 'error-name' })).toBeVisible();
  });

  test('walks the list with J and K', async ({ page }) => {
    await signIn(page, stack);
    await open(page, `/dead-letters?view=rows&topic=${encodeURIComponent(dlq)}`);
    await page.getByRole('table', { name: 'Dead letters' }).getByRole('link').first().click();
    await expect(page).toHaveURL(/\/dead-letters\/\d+-0-/);
    const first = new URL(page.url()).pathname;
    await expect(page.getByRole('link', { name: 'Older dead letter' })).toBeVisible();
    await page.keyboard.press('j');
    await expect(page).not.toHaveURL(new RegExp(`${first}\\?`));
    await expect(page.getByRole('link', { name: 'Newer dead letter' })).toBeVisible();
    await page.keyboard.press('k');
    await expect(page).toHaveURL(new RegExp(first));
  });

  test('says tombstone, origin unknown and not text in words', async ({ page }) => {
    await signIn(page, stack);
    await open(page, `/dead-letters?search=no+value&topic=${encodeURIComponent(dlq)}`);
    await page.getByRole('table', { name: 'Dead letters' }).getByRole('link').first().click();
    await expect(page.getByText('Tombstone.')).toBeVisible();
    await open(page, `/dead-letters?view=rows&topic=${encodeURIComponent(dlq)}`);
    await page.getByRole('row').filter({ hasText: 'origin unknown' }).getByRole('link').click();
    await expect(page.getByText('Origin unknown')).toBeVisible();
    await expect(page.getByText('The record says nothing about what went wrong.')).toBeVisible();
    await expect(page.getByText('not UTF-8 text')).toBeVisible();
    await expect(page.getByText('00 ff fe 03')).toBeVisible();
  });

  test('shows hostile text and never runs it, and sends bytes only as attachments', async ({ page }) => {
    await signIn(page, stack);
    await open(page, `/dead-letters?view=rows&errorClass=HostileError&topic=${encodeURIComponent(dlq)}`);
    await expect(page.getByText(PAYLOADS[0]!).first()).toBeVisible();
    const ids = await page.getByRole('table', { name: 'Dead letters' }).getByRole('link').evaluateAll((links) => links.map((link) => new URL((link as HTMLAnchorElement).href).pathname));
    expect(ids.length).toBe(PAYLOADS.length);
    for (const path of ids) {
      for (const tab of ['', '?tab=headers', '?tab=origin']) {
        await open(page, path + tab);
        expect(await page.evaluate(() => (window as { ran?: number }).ran)).toBeUndefined();
      }
      const answer = await page.request.get(`${stack.url}/api/v1${path}/value`);
      expect(answer.headers()).toMatchObject({ 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff', 'content-disposition': expect.stringContaining('attachment') as unknown as string });
    }
    await open(page, '/dead-letters');
    expect(await page.evaluate(() => (window as { ran?: number }).ran)).toBeUndefined();
  });

  test('an operator notes what is known of a failure; muted it folds away and stays counted, and its rows can be exported', async ({ page }) => {
    await signIn(page, stack, 'operator');
    await open(page, '/dead-letters');
    await page.getByRole('button', { name: 'Edit… owner, note and mute of TombstoneError' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Owner' }).fill('payments team');
    await dialog.getByRole('textbox', { name: 'Note' }).fill('ticket 4711');
    await dialog.getByRole('combobox', { name: 'Mute' }).selectOption({ label: 'For 1 h' });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    await page.getByText('1 muted failure with 1 dead letter').click();
    const muted = page.getByRole('list', { name: 'Muted failures' });
    await expect(muted).toContainText('owner payments team');
    await expect(muted).toContainText('ticket 4711');
    await expectAccessible(page);
    const answer = await page.request.get(`${stack.url}/api/v1/dead-letters/export?errorClass=TombstoneError`);
    expect((await answer.text()).trimEnd().split('\n').map((line) => (JSON.parse(line) as { error: { message: string } }).error.message)).toEqual(['no value']);
  });

  test('a selection says what it holds and opens the replay dialog, which sends nothing by itself', async ({ page }) => {
    await signIn(page, stack, 'operator');
    await open(page, `/dead-letters?errorClass=CardDeclinedError&topic=${encodeURIComponent(dlq)}`);
    await page.getByRole('row').filter({ hasText: 'CardDeclinedError' }).getByRole('checkbox').check();
    const bar = page.getByRole('region', { name: 'Selection' });
    await expect(bar).toContainText('1 selected');
    await bar.getByRole('button', { name: 'Replay 1 record…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    expect(await stack.store.query('select id from replay')).toEqual([]);
  });

  test('a viewer is told which role a replay needs', async ({ page }) => {
    await signIn(page, stack, 'viewer');
    await open(page, `/dead-letters`);
    await expect(page.getByRole('button', { name: /^Replay all/ }).first()).toHaveAttribute('title', /needs the role operator/);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1920]) {
      test(`is accessible and fits ${width} px in ${colorScheme}`, async ({ browser }) => {
        const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
        const page = await context.newPage();
        await signIn(page, stack);
        await open(page, `/dead-letters?view=rows&topic=${encodeURIComponent(dlq)}`);
        const one = await page.getByRole('table', { name: 'Dead letters' }).getByRole('link').first().getAttribute('href');
        for (const path of ['/dead-letters', `/dead-letters?view=rows&topic=${encodeURIComponent(dlq)}`, one!, `${one!}&tab=headers`, `${one!}&tab=origin`]) {
          await open(page, path);
          await expectNoSidewaysScroll(page);
          await expectAccessible(page);
        }
        await context.close();
      });
    }
  }

  test('no page threw', () => {
    expect(problems).toEqual([]);
  });
});
