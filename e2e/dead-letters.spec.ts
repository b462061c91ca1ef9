import { expect, test, type Page } from 'playwright/test';
import { createTopic } from '#test/harness/kafka.ts';
import { readCorpus, toRaw, writeRecords, type RawRecord } from '#test/dead-letters/write-dead-letters.ts';
import { approveInBrowser, editAndReplayInBrowser } from './second-person.ts';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { expectAccessible, expectEveryLook } from './visit.ts';

// What a hostile producer can put into key, header, value and error. Each would set window.ran if it were ever run.
const PAYLOADS = ['<img src=x onerror="window.ran=1">', '<script>window.ran=1</script>', '"><svg onload=window.ran=1>', 'javascript:window.ran=1', '\u202e\u0007{{constructor.constructor("window.ran=1")()}}'];

test.describe('dead letters', () => {
  let stack: Stack;
  let dlq: string;
  const problems: string[] = [];

  test.beforeAll(async () => {
    test.setTimeout(180_000);
    // Replays of so many wait for a second person; those of the other tests are smaller.
    stack = await startStack({ shop: false, env: { WAYBILL_REPLAY_APPROVAL: 'over 4 records' } });
    dlq = `${stack.prefix}orders.dlq`;
    await createTopic(dlq, { config: { 'retention.ms': '-1', 'message.timestamp.after.max.ms': '9223372036854775807', 'max.message.bytes': '3000000' } });
    await createTopic(`${stack.prefix}orders`);
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
      failed('too long', 'TooLongError', Buffer.from(`{"fill": "${'x'.repeat(1_200_000)}"}`), 'ord-large'),
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

  test('read the beginning of a value that was too large to keep, when somebody asks for it', async ({ page }) => {
    await signIn(page, stack);
    await expect(async () => {
      await open(page, `/dead-letters?view=rows&errorClass=TooLongError`);
      await expect(page.getByRole('row').filter({ hasText: 'TooLongError' }).getByRole('link')).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 30_000 });
    await page.getByRole('row').filter({ hasText: 'TooLongError' }).getByRole('link').click();
    await expect(page.getByText('Too large to keep: 1.2 MB.')).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Show its beginning' }).click();
    await expect(page.getByRole('region', { name: 'Value' })).toContainText('{"fill": "xxx');
    await expect(page.getByText(/^The first 66 kB of 1.2 MB/)).toBeVisible();
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

  test('an operator archives a dead letter with a reason; it leaves the list, is found under its state, and is taken back', async ({ page }) => {
    await signIn(page, stack, 'operator');
    const rows = `/dead-letters?errorClass=CardDeclinedError&topic=${encodeURIComponent(dlq)}`;
    await open(page, rows);
    await page.getByRole('row').filter({ hasText: 'CardDeclinedError' }).getByRole('checkbox').check();
    await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Archive…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Archive 1 dead letter' }).click();
    await expect(dialog.getByText('Say why in a few words')).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('an order of the load test');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Archive 1 dead letter' }).click();
    await expect(page.getByText('No dead letter matches.')).toBeVisible();
    await page.getByRole('link', { name: 'archived 1' }).click();
    await page.getByRole('row').filter({ hasText: 'CardDeclinedError' }).getByRole('link').click();
    await expect(page.getByText('Archived by owner: an order of the load test')).toBeVisible();
    await expect(page.getByRole('button', { name: /^Replay/ })).toHaveAttribute('title', /take it out of the archive first/);
    await page.getByRole('button', { name: 'Take out of the archive…' }).click();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('it is a real order');
    await dialog.getByRole('button', { name: 'Take back 1 dead letter' }).click();
    await expect(page.getByRole('button', { name: 'Archive…' })).toBeVisible();
    await page.getByRole('tab', { name: 'History 2' }).click();
    await expect(page.getByRole('list', { name: 'Archive' })).toContainText('it is a real order');
    await open(page, rows);
    await expect(page.getByRole('row').filter({ hasText: 'CardDeclinedError' })).toBeVisible();
  });

  test('a failure is retried by a rule only when an operator says so, in words, and until somebody turns it off', async ({ page }) => {
    await signIn(page, stack, 'operator');
    await open(page, '/dead-letters');
    await page.getByRole('link', { name: 'CardDeclinedError' }).first().click();
    const panel = page.getByRole('region', { name: 'Automatic retry' });
    await expect(panel).toContainText('Nothing of this failure is retried by itself.');
    await panel.getByRole('button', { name: 'Retry automatically…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Records an hour').fill('0');
    await expect(dialog.getByText('A whole number from 1 to 10,000.')).toBeVisible();
    await dialog.getByLabel('Records an hour').fill('50');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('the provider has hiccups');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    await expect(panel).toContainText('after 10 min, at most 3 times, at most 50 an hour; stop when more than 20 % fail again');
    await panel.getByRole('button', { name: 'Change…' }).click();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('mended');
    await dialog.getByRole('button', { name: 'Turn off' }).click();
    await expect(panel).toContainText('mended');
    expect(await stack.store.query('select id from replay')).toEqual([]);
  });

  test('where transactions are not allowed the button says that duplicates are possible, before a replay and while one waits; what cannot be taken back is asked once more', async ({ page }) => {
    await signIn(page, stack, 'operator');
    await open(page, `/dead-letters?errorClass=CardDeclinedError&topic=${encodeURIComponent(dlq)}`);
    const id = (await page.getByRole('table', { name: 'Dead letters' }).getByRole('link').first().getAttribute('href'))!.split(/[/?]/)[2]!;
    // As a broker answers whose rights are missing (test/replay/rights.test.ts has a real one).
    await page.route('**/api/v1/replays', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as object), mode: 'at-least-once', modeReason: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED.' } });
    });
    await open(page, `/dead-letters/${id}`);
    await page.getByRole('button', { name: /^Replay/ }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('button', { name: 'Replay at least once: duplicates are possible' })).toBeVisible({ timeout: 30_000 });
    await expect(dialog.getByText('Exactly once is not possible with the rights Waybill has')).toBeVisible();
    await page.unroute('**/api/v1/replays');
    await page.keyboard.press('Escape');

    const startAt = new Date(Date.now() + 3_600_000).toISOString();
    const asked = await page.request.post(`${stack.url}/api/v1/replays`, { data: { selection: { ids: [id] }, reason: 'at night', startAt }, headers: { origin: stack.url } });
    const { id: replay } = (await asked.json()) as { id: string };
    await open(page, `/replays/${replay}`);
    await expect(page.getByText(/^Starts by itself at .*: 1 record, frozen when it was asked for\./)).toBeVisible();
    await page.getByRole('button', { name: 'Start now…' }).click();
    await expect(dialog).toContainText('It does not wait for its time. They go to the topics they came from. What is sent cannot be taken back.');
    await dialog.getByRole('button', { name: 'Wait' }).click();

    // What the worker leaves that met a refusal at its first transaction.
    await stack.store.execute(`update replay set state = 'needs-decision', last_error = 'The broker refused: TRANSACTIONAL_ID_AUTHORIZATION_FAILED' where id = $1`, [replay]);
    await open(page, `/replays/${replay}`);
    await page.getByRole('button', { name: 'Replay at least once: duplicates are possible…' }).click();
    await expect(dialog).toContainText('1 record is sent to the topics they came from without transactions: after a crash a record can appear twice.');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
    await page.getByRole('button', { name: 'Summary…' }).click();
    await expect(dialog.getByRole('textbox', { name: 'Summary' })).toHaveValue(/^Replay of 1 dead letter to the topics they came from: nothing sent\.\nReason: at night\n/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await expect(dialog).toContainText('0 records were sent and stay sent. The other 1 stay dead letters. A cancelled replay cannot go on');
    await dialog.getByRole('button', { name: 'Cancel the remaining 1' }).click();
    await expect(page.getByText(/^Cancelled: 0 of 1 record sent/)).toBeVisible({ timeout: 30_000 });
  });

  test('a dead letter is edited and replayed: exactly the bytes of the editor arrive, and its history shows the difference', async ({ page }) => {
    await signIn(page, stack, 'operator');
    await open(page, `/dead-letters?errorClass=CardDeclinedError&topic=${encodeURIComponent(dlq)}`);
    const path = await page.getByRole('row').filter({ hasText: 'CardDeclinedError' }).getByRole('link').first().getAttribute('href');
    await editAndReplayInBrowser(page, stack, new URL(path!, stack.url).pathname, `${stack.prefix}orders`);
  });

  test('a replay of many waits for a second person, who sees who asks for what and approves', async ({ page, browser }) => {
    await signIn(page, stack, 'operator');
    await approveInBrowser(page, browser, stack, { topic: dlq, errorClass: 'HostileError' });
  });

  test('one dead letter says what its replay would meet, and the dialog warns of a newer record of its key', async ({ page }) => {
    const gifts = `${stack.prefix}gifts`;
    await createTopic(gifts, { config: { 'retention.ms': '-1' } });
    const [key, value] = [Buffer.from('gift-1'), Buffer.from('{"gift":"needle-77"}')];
    await writeRecords(gifts, [{ key, value, headers: [], timestampMs: 1_700_000_000_000n }, { key, value: Buffer.from('{"gift":"newer"}'), headers: [], timestampMs: 1_700_000_240_000n }]);
    const header = (name: string, text: string): [Buffer, Buffer] => [Buffer.from(name), Buffer.from(text)];
    // Its page is there once a collector has seen it.
    await expect.poll(() => stack.store.query('select 1 from topic where name = $1', [gifts]), { timeout: 90_000 }).toHaveLength(1);
    await writeRecords(dlq, [{ key, value, headers: [header('original-topic', gifts), header('original-partition', '0'), header('original-offset', '0'), header('error', 'out of stock'), header('error-name', 'StockError')] }]);
    await signIn(page, stack, 'operator');
    await expect(async () => {
      await open(page, '/dead-letters?view=rows&errorClass=StockError');
      await page.getByRole('table', { name: 'Dead letters' }).getByRole('link').first().click({ timeout: 2_000 });
    }).toPass({ timeout: 30_000 });
    const outlook = page.getByRole('region', { name: 'If it is replayed' });
    await expect(outlook).toContainText('still at p0@0, with the same key and value');
    await expect(outlook).toContainText('1, the last at p0@1, 4 min later: a replay puts the older state after it');
    await expectAccessible(page);
    await page.getByRole('button', { name: `Replay to ${gifts}…` }).click();
    await expect(page.getByRole('dialog')).toContainText(`A newer record of this key exists at ${gifts} p0@1, 4 min later: a replay puts the older state after it.`);
    await page.keyboard.press('Escape');
    await outlook.getByRole('link', { name: 'p0@1' }).click();
    await expect(page).toHaveURL(/tab=messages.*offset=1/);
    await expect(page.getByText('newer').first()).toBeVisible();
  });

  test('a text is found inside values, and how far the search came is said', async ({ page }) => {
    await signIn(page, stack);
    await open(page, '/dead-letters?view=rows');
    await page.getByRole('searchbox', { name: 'Search inside values' }).fill('ORDERID":12345678901234567890');
    await page.getByRole('button', { name: 'Search values' }).click();
    await expect(page).toHaveURL(/value=ORDERID/);
    await expect(page.getByText(/Searched the values of \d+ of \d+ rows, newest first: 1 found\./)).toBeVisible();
    await expect(page.getByRole('row').filter({ hasText: 'CardDeclinedError' })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('link', { name: /^Remove the search in values: ORDERID/ }).click();
    await expect(page).not.toHaveURL(/value=/);
    await open(page, '/dead-letters?view=rows&value=no-such-text');
    await expect(page.getByText('No value holds this text.')).toBeVisible();
  });

  test('a filter is saved with a name, found by everybody, renamed and deleted', async ({ page, browser }) => {
    await signIn(page, stack, 'operator');
    await open(page, '/dead-letters?view=rows&errorClass=TombstoneError');
    const saved = page.getByRole('navigation', { name: 'Saved filters' });
    const dialog = page.getByRole('dialog');
    await saved.getByRole('button', { name: 'Save this filter…' }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('deleted orders');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(saved.getByRole('link', { name: 'deleted orders' })).toHaveAttribute('aria-current', 'page');

    const other = await (await browser.newContext()).newPage();
    await signIn(other, stack, 'viewer');
    await open(other, '/dead-letters?view=rows');
    await other.getByRole('navigation', { name: 'Saved filters' }).getByRole('link', { name: 'deleted orders' }).click();
    await expect(other).toHaveURL(/errorClass=TombstoneError/);
    await expect(other.getByRole('button', { name: 'Change saved filters…' })).toHaveAttribute('title', /needs the role operator/);
    await other.context().close();

    await saved.getByRole('button', { name: 'Change saved filters…' }).click();
    await dialog.getByRole('textbox', { name: 'Name of deleted orders' }).fill('tombstones');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await expect(dialog.getByRole('textbox', { name: 'Name of tombstones' })).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Delete tombstones…' }).click();
    await dialog.getByRole('button', { name: 'Delete for everybody' }).click();
    await expect(dialog.getByRole('textbox')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(saved.getByRole('link', { name: 'tombstones' })).toHaveCount(0);
  });

  test('a viewer is told which role a replay needs', async ({ page }) => {
    await signIn(page, stack, 'viewer');
    await open(page, `/dead-letters`);
    await expect(page.getByRole('button', { name: /^Replay all/ }).first()).toHaveAttribute('title', /needs the role operator/);
  });

  test('is accessible and fits, wide and narrow, light and dark', async ({ page }) => {
    test.setTimeout(240_000);
    await signIn(page, stack);
    await open(page, `/dead-letters?view=rows&topic=${encodeURIComponent(dlq)}`);
    const one = await page.getByRole('table', { name: 'Dead letters' }).getByRole('link').first().getAttribute('href');
    for (const path of ['/dead-letters', `/dead-letters?view=rows&topic=${encodeURIComponent(dlq)}`, one!, `${one!}&tab=headers`, `${one!}&tab=origin`, `${new URL(one!, stack.url).pathname}/edit`]) {
      await open(page, path);
      await expectEveryLook(page, path);
    }
  });

  test('no page threw', () => {
    expect(problems).toEqual([]);
  });
});
