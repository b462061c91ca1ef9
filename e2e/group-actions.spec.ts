import { expect, test } from 'playwright/test';
import { links } from '#components/links.ts';
import { commitOffsets, produce, testKafka, testProducer } from '#test/lag/commit-offsets.ts';
import { createTopic, uniqueName } from '#test/harness/kafka.ts';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { expectAccessible, expectNoSidewaysScroll, watch } from './visit.ts';

/** The longest a broker's answer takes through the store: what changeGroup waits for. */
const ANSWER_MS = 60_000;

test.describe('a group that nobody works in', () => {
  const hooks: (() => unknown)[] = [];
  const parts = { after: (hook: unknown) => void hooks.push(hook as () => unknown) };
  const group = uniqueName('billing');
  let stack: Stack;
  let topic: string;
  let cluster: string;

  test.beforeAll(async () => {
    test.setTimeout(180_000);
    topic = await createTopic(uniqueName('orders'), { partitions: 2 });
    for (const partition of [0, 1]) await produce(testProducer(parts), topic, partition, 1_300);
    await commitOffsets(testKafka(parts), group, topic, new Map([[0, 100n], [1, 1_300n]]));
    stack = await startStack({ shop: false });
    await expect(async () => {
      const [read] = await stack.store.query<{ name: string }>('select c.name from cluster c join consumer_group g on g.cluster_id = c.id where g.name = $1', [group]);
      expect(read).toBeDefined();
      cluster = read?.name ?? '';
    }).toPass({ timeout: 60_000 });
  });
  test.afterAll(async () => {
    await stack?.stop();
    for (const hook of hooks.reverse()) await hook();
  });

  test('is reset after its figures were shown and a reason was given, and the audit trail has both', async ({ page }) => {
    const problems = await watch(page);
    await signIn(page, stack); // the audit trail is the administrator's
    await page.goto(`${stack.url}${links.group(cluster, group)}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(group);
    await page.getByRole('button', { name: 'Reset offsets…' }).click();
    const dialog = page.getByRole('dialog', { name: `Reset the offsets of ${group}` });
    await expect(dialog.getByText('Reads 1,400 records again, in 2 of 2 partitions.')).toBeVisible({ timeout: ANSWER_MS });
    await dialog.getByLabel('To', { exact: true }).selectOption({ label: 'further on or back' });
    await expect(dialog.getByRole('button', { name: 'Reset', exact: true })).toHaveAttribute('aria-disabled', 'true');
    await dialog.getByLabel('By records').fill('200');
    await expect(dialog.getByText('Skips 200 records, in 1 of 2 partitions.')).toBeVisible({ timeout: ANSWER_MS });
    await expect(dialog.getByText('1500 is past the log, which ends at 1300.')).toBeVisible();
    await expectAccessible(page);
    await page.screenshot({ path: test.info().outputPath('dialog.png') });
    const button = dialog.getByRole('button', { name: 'Reset 1 partition' });
    await button.click();
    await expect(dialog.getByText('Say why in a few words')).toBeVisible();
    await dialog.getByLabel('Reason').fill('poison records after the deploy');
    await button.click();
    await expect(page.getByRole('dialog', { name: `1 partition of ${group} was reset` })).toBeVisible({ timeout: ANSWER_MS });
    await page.screenshot({ path: test.info().outputPath('done.png') });
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    // The next reading shows it.
    await expect(page.getByRole('table', { name: 'Partitions' }).getByText('300', { exact: true })).toBeVisible({ timeout: 30_000 });

    await page.goto(`${stack.url}${links.settingsAudit()}`);
    // One line of the intent, one of the outcome.
    await expect(page.getByText('poison records after the deploy')).toHaveCount(2);
    expect(problems).toEqual([]);
  });

  test('is left alone by a viewer, who reads why; its dialog fits a telephone in the dark', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: stack.url, viewport: { width: 360, height: 760 }, colorScheme: 'dark' });
    const page = await context.newPage();
    await signIn(page, stack, 'viewer');
    await page.goto(`${stack.url}${links.group(cluster, group)}`);
    const reset = page.getByRole('button', { name: 'Reset offsets…' });
    await expect(reset).toHaveAttribute('aria-disabled', 'true');
    await expect(page.getByText('This needs the role operator; you have the role viewer.')).toBeVisible();
    await reset.click({ force: true });
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await context.close();

    const operator = await browser.newContext({ baseURL: stack.url, viewport: { width: 360, height: 760 }, colorScheme: 'dark' });
    const small = await operator.newPage();
    await signIn(small, stack, 'operator');
    await small.goto(`${stack.url}${links.group(cluster, group)}`);
    await small.getByRole('button', { name: 'Delete the group…' }).click();
    await expect(small.getByText(/2 committed offsets will be deleted/)).toBeVisible({ timeout: ANSWER_MS });
    await small.screenshot({ path: test.info().outputPath('telephone.png') });
    await expectNoSidewaysScroll(small);
    await expectAccessible(small);
    await operator.close();
  });

  test('is deleted, and its page says so, also to who comes later', async ({ page }) => {
    await signIn(page, stack, 'operator');
    await page.goto(`${stack.url}${links.group(cluster, group)}`);
    await page.getByRole('button', { name: 'Delete the group…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('replaced by another group');
    await dialog.getByRole('button', { name: `Delete ${group}` }).click();
    // The next reading takes the page with it.
    const later = page.getByText(/was deleted .* ago by .* \("replaced by another group"\)\. 1?[0-9,]+ records? waited then/);
    await expect(page.getByRole('dialog', { name: `${group} was deleted` }).or(later).first()).toBeVisible({ timeout: ANSWER_MS });
    await expect(async () => {
      await page.goto(`${stack.url}${links.group(cluster, group)}`);
      await expect(later).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 30_000 });
    await expect(page.getByText('This group is gone')).toBeVisible();
    await page.screenshot({ path: test.info().outputPath('gone.png') });
    await expectAccessible(page);
    await page.goto(`${stack.url}${links.lag()}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText(group)).toHaveCount(0);
  });
});
