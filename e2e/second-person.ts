import { expect, type Browser, type Page } from 'playwright/test';
import { mintSignInLink } from '#lib/operations/mint-sign-in-link.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { readCommitted } from '#test/replay/read-committed.ts';
import type { Stack } from './stack.ts';
import { expectAccessible, expectNoSidewaysScroll } from './visit.ts';

/** A browser of another person than `signIn` gives. */
export async function signInAs(page: Page, stack: Stack, name: string): Promise<void> {
  await page.goto(await mintSignInLink(stack.store, { publicUrl: stack.url, now: new Date(), name, role: 'operator' }));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL(`${stack.url}/`);
}

/** Opens the editor of a dead letter, breaks its JSON, mends it, looks at the difference, sends; the record that arrives has exactly the bytes of the editor. */
export async function editAndReplayInBrowser(page: Page, stack: Stack, letterPath: string, topic: string): Promise<void> {
  await page.goto(`${stack.url}${letterPath}`);
  await page.getByRole('link', { name: 'Edit and replay…' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Edit and replay');
  const value = page.getByRole('textbox', { name: 'Value', exact: true });
  await expect(value).toHaveValue('{"orderId":12345678901234567890,"total":12.50}');
  const send = page.getByRole('button', { name: /^Replay 1 edited record/ });
  await expect(send).toHaveAttribute('title', 'Nothing differs from the dead letter yet.');
  await value.fill('{"orderId":12345678901234567890,\n"total":12.5,}');
  await expect(page.getByText('Line 2, column 14: expected a name in double quotes.')).toBeVisible();
  await page.getByRole('button', { name: 'Go to line 2, column 14' }).click();
  await expect(value).toBeFocused();
  await expect(send).toHaveAttribute('title', /not JSON at line 2, column 14/);
  await value.fill('{"orderId":12345678901234567890,"total":12.5}');
  await page.getByRole('button', { name: 'Add a header' }).click();
  await page.getByRole('textbox', { name: /^Name of header/ }).fill('mended-by');
  await page.getByRole('textbox', { name: /^Value of header .*mended-by$/ }).fill('ops');
  const difference = page.getByRole('region', { name: 'Value: old and new' });
  await expect(difference.locator('del')).toHaveText('"total":12.50');
  await expect(difference.locator('ins')).toHaveText('"total":12.5');
  await expect(page.getByText('replay-edited-by').first()).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page);
  await page.getByRole('button', { name: `Replay 1 edited record to ${topic}` }).click();
  await expect(page.getByText('Say why in a few words')).toBeVisible();
  await page.getByRole('textbox', { name: 'Reason' }).fill('amount was rounded wrongly');
  await page.getByRole('button', { name: `Replay 1 edited record to ${topic}` }).click();
  await expect(page).toHaveURL(/\/replays\//);
  await expect(page.getByText('finished', { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('heading', { name: 'What was edited' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Headers: old and new' }).locator('ins')).toHaveText('mended-by: ops');

  const [record] = (await readCommitted(testBrokers().join(','), topic)).filter((one) => one.headers.some(([name]) => name === 'replay-edited-by'));
  expect(record?.value?.toString()).toBe('{"orderId":12345678901234567890,"total":12.5}');
  expect(record?.headers.find(([name]) => name === 'mended-by')?.[1]?.toString()).toBe('ops');

  await page.goto(`${stack.url}${letterPath}?tab=history`);
  await page.getByText('Sent with value, headers edited: show the difference').click();
  await expect(page.getByRole('region', { name: 'Value: old and new' }).locator('ins')).toHaveText('"total":12.5');
}

/** One person asks for a replay that needs a second; that one finds it, is told who asks for what, and approves. */
export async function approveInBrowser(page: Page, browser: Browser, stack: Stack, filter: Record<string, string>): Promise<void> {
  const asked = await page.request.post(`${stack.url}/api/v1/replays`, { data: { selection: { filter }, reason: 'the provider is back' }, headers: { origin: stack.url } });
  const { id, state, counts } = (await asked.json()) as { id: string; state: string; counts: { selected: number } };
  expect(state).toBe('awaiting-approval');
  await page.goto(`${stack.url}/replays/${id}`);
  await expect(page.getByText('to approve', { exact: true }).first()).toBeVisible();
  await expect(page.getByText(/^You asked for this, and nothing is sent before somebody else approves/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Approve…' })).toHaveAttribute('title', /asked for this replay: somebody else has to decide/);

  const context = await browser.newContext();
  const second = await context.newPage();
  await signInAs(second, stack, 'ben');
  await expect(second.getByText(/waits for a second person/)).toBeVisible();
  await second.goto(`${stack.url}/replays`);
  await expect(second.getByText('1 replay waits for your approval', { exact: false })).toBeVisible();
  await second.getByRole('list', { name: 'Replays waiting for approval' }).getByRole('link').click();
  await expect(second.getByRole('region', { name: 'Dead letters asked for' }).getByRole('row')).toHaveCount(counts.selected + 1);
  await expectAccessible(second);
  await expectNoSidewaysScroll(second);
  await second.getByRole('button', { name: 'Decline…' }).click();
  await second.getByRole('button', { name: /^Decline: send none/ }).click();
  await expect(second.getByText('Say why in a few words')).toBeVisible();
  await second.getByRole('button', { name: 'Keep waiting' }).click();
  await second.getByRole('button', { name: 'Approve…' }).click();
  await second.getByRole('button', { name: `Approve and send ${counts.selected} records` }).click();
  await expect(second.getByText('ben approved it')).toBeVisible();
  await expect(second.getByText('finished', { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  await context.close();
}
