import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Locator, type Page } from 'playwright/test';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { startReceiver, verified, type WebhookReceiver } from './webhook-receiver.ts';

// The whole story on the real stack, as a person lives it: payment breaks, who is behind, where is this order, what failed, put it back,
// was it processed, and who was called. Nothing is faked; what takes its time is awaited on the screen, which must come up without a reload.
const SOON = { timeout: 30_000 };
const PATIENTLY = { timeout: 60_000 };

let stack: Stack;
let receiver: WebhookReceiver;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  test.setTimeout(180_000);
  receiver = await startReceiver();
  stack = await startStack({ env: { SHOP_RATE: '4.5', SHOP_RETRY_BACKOFF_MS: '1000,2500' } });
});

test.afterEach(() => {
  const { status, expectedStatus } = test.info();
  if (status !== expectedStatus) console.error(stack.output());
});

test.afterAll(async () => {
  await stack?.stop();
  await receiver?.close();
});

test('payment breaks, an order is found, replayed and processed, and the webhook says so', async ({ page, context }) => {
  test.setTimeout(300_000);
  const problems = watchProblems(page);
  const payment = `${stack.prefix}payment-service`;
  const shop = await context.newPage();
  await shop.goto(stack.shopUrl!);
  await signIn(page, stack);

  const secret = await test.step('add a webhook, so that somebody is called', async () => {
    await page.goto(`${stack.url}/alerts/webhooks`);
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('On call');
    await dialog.getByLabel('URL').fill(receiver.url);
    await dialog.getByRole('button', { name: 'Add this webhook' }).click();
    const shown = dialog.getByText(/^whsec_/);
    await expect(shown).toBeVisible();
    const text = await shown.textContent();
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await expect(row(page, 'Webhooks', 'On call')).toBeVisible();
    return text!;
  });

  await test.step('everything works: a group that keeps up', async () => {
    await page.goto(`${stack.url}/lag?q=${encodeURIComponent(payment)}`);
    await expect(row(page, 'Consumer groups', payment)).toContainText('ok', SOON);
  });

  const order = await test.step('break payment on the shop’s page and order something', async () => {
    await shop.bringToFront();
    await shop.getByRole('button', { name: /^Provider outage/ }).click();
    await expect(shop.getByRole('button', { name: 'Provider outage broken' })).toBeVisible();
    await shop.getByRole('button', { name: 'Place an order now' }).click();
    const placed = shop.locator('#placed code');
    await expect(placed).toHaveText(/^chk-[0-9a-z]{10}$/);
    const correlationId = (await placed.textContent())!;
    // More customers come, so that there is something to be behind with.
    for (let customer = 0; customer < 6; customer += 1) await shop.request.post(`${stack.shopUrl}/api/checkouts`, { data: {} });
    return correlationId;
  });

  await test.step('see the lag, live', async () => {
    // The page was open all the time, behind the shop's: once it is looked at, the figure comes by itself.
    await page.bringToFront();
    await expect(await cell(page, 'Consumer groups', payment, 'Lag')).toHaveText(/^[1-9]\d*$/, SOON);
    await photograph(page, 'lag');
    await row(page, 'Consumer groups', payment).getByRole('link', { name: payment }).click();
    await expect(page.getByRole('heading', { level: 1, name: payment })).toBeVisible();
    await expect(page.getByRole('table', { name: /partitions/i })).toContainText(`${stack.prefix}orders`);
    await photograph(page, 'group');
  });

  await test.step('find the order by its correlation id: dead-lettered at payment after three attempts', async () => {
    await page.goto(`${stack.url}/journeys`);
    await page.getByRole('searchbox', { name: /Find an event/ }).fill(order);
    await page.getByRole('button', { name: 'Find journey' }).click();
    await expect(page.getByText('matched as a correlation id')).toBeVisible(SOON);
    await row(page, 'Journeys found', order).getByRole('link', { name: order }).click();
    await expect(page.getByRole('heading', { level: 1, name: order })).toBeVisible();
    await expect(page.getByText(/Dead-lettered at payment-service after 3 attempts/).first()).toBeVisible(PATIENTLY);
    const path = page.getByRole('list', { name: 'Path' });
    await expect(path.getByRole('listitem').filter({ hasText: 'payment-service' })).toContainText('3 attempts failed');
    await expect(path).toContainText(`${stack.prefix}payments.DLT`);
    await photograph(page, 'journey-dead-lettered');
  });

  await test.step('see the dead letter: the error first, the origin decoded, the bytes as they were', async () => {
    await page.getByRole('link', { name: 'Open the dead letter to replay it' }).click();
    const error = page.getByRole('region', { name: 'Error' });
    await expect(error).toContainText('ProviderUnavailableError');
    await expect(error).toContainText('ECONNREFUSED');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('ProviderUnavailableError');
    await expect(page.getByText(new RegExp(`From ${escaped(stack.prefix)}orders p\\d+@\\d+, failed in ${escaped(payment)}`))).toBeVisible();
    await page.getByRole('tab', { name: /^Headers/ }).click();
    await expect(page.getByRole('tabpanel')).toContainText('kafka_dlt-original-offset');
    await expect(page.getByRole('tabpanel')).toContainText(order);
    await photograph(page, 'dead-letter');
  });

  await test.step('mend payment, and replay with one click and a confirmation that says what will be sent where', async () => {
    await shop.bringToFront();
    await shop.getByRole('button', { name: /^Provider outage/ }).click();
    await expect(shop.getByText('Everything works.')).toBeVisible();
    await page.bringToFront();
    await page.getByRole('button', { name: `Replay to ${stack.prefix}orders…` }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('1 record can be sent.')).toBeVisible(SOON);
    await expect(dialog.getByText(payment, { exact: false })).toBeVisible();
    await dialog.getByLabel('Reason').fill('The payment provider is back');
    await photograph(page, 'replay-dialog');
    await dialog.getByRole('button', { name: `Replay 1 record to ${stack.prefix}orders` }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'The payment provider is back' })).toBeVisible(SOON);
  });

  await test.step('the replay is followed until the record was processed', async () => {
    await expect(page.getByRole('table', { name: 'Records of the replay' })).toContainText('processed', PATIENTLY);
    await photograph(page, 'replay');
  });

  await test.step('see it processed in the journey, on to the notification', async () => {
    await page.goto(`${stack.url}/journeys?q=${order}`);
    await row(page, 'Journeys found', order).getByRole('link', { name: order }).click();
    await expect(page.getByText(/replayed by owner, and processed by payment-service\./).first()).toBeVisible(PATIENTLY);
    const steps = page.getByRole('list', { name: 'Path' }).getByRole('listitem');
    const after = async (): Promise<string[]> => {
      const texts = await steps.allInnerTexts();
      return texts.slice(texts.findIndex((text) => /\breplay\b/.test(text)) + 1);
    };
    for (const service of ['payment-service', 'inventory-service', 'notification-service']) {
      await expect.poll(async () => (await after()).some((text) => text.includes(service) && text.includes('handled')), { ...PATIENTLY, message: `${service} after the replay` }).toBe(true);
    }
    await photograph(page, 'journey-replayed');
  });

  await test.step('the webhook has arrived, signed, and its attempt is on screen', async () => {
    // Each is verified, not only the one that is looked for: a single wrong signature fails.
    const names = (): string[] => receiver.received.map((message) => verified(secret, message)).filter((message) => message.type === 'alert.firing').flatMap((message) => message.data.alerts.map((alert) => alert.labels['alertname'] ?? ''));
    await expect.poll(names, PATIENTLY).toContain('Dead letters arrive');
    // A message that was tampered with does not pass.
    expect(() => verified(secret, { ...receiver.received[0]!, body: receiver.received[0]!.body.replace('"', '" ') })).toThrow();
    await page.goto(`${stack.url}/alerts/webhooks`);
    await row(page, 'Webhooks', 'On call').getByRole('link', { name: 'On call' }).click();
    await expect(page.getByRole('table', { name: /deliveries/i })).toContainText(/delivered/i, SOON);
    await photograph(page, 'webhook');
  });

  expect(problems).toEqual([]);
});

/** A row of a table, found by the text of its main cell. */
function row(page: Page, table: string, text: string): Locator {
  return page.getByRole('table', { name: table, exact: true }).getByRole('row').filter({ hasText: text });
}

/** The cell of a row under a heading. */
async function cell(page: Page, table: string, text: string, heading: string): Promise<Locator> {
  const column = await page.getByRole('table', { name: table, exact: true }).getByRole('columnheader', { name: heading, exact: true }).evaluate((element) => (element as HTMLTableCellElement).cellIndex);
  return row(page, table, text).locator('td, th').nth(column);
}

function escaped(text: string): string {
  return text.replaceAll('.', '\\.');
}

/** What the browser complained about: an error of a script, or something that the Content-Security-Policy blocked. */
function watchProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  return problems;
}

// The README's pictures come from here: WAYBILL_SCREENSHOTS names the folder.
async function photograph(page: Page, name: string): Promise<void> {
  const folder = process.env['WAYBILL_SCREENSHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
