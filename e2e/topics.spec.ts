import { expect, test } from 'playwright/test';
import { links } from '#components/links.ts';
import { createTopic, uniqueName } from '#test/harness/kafka.ts';
import { writeRecords } from '#test/dead-letters/write-dead-letters.ts';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { expectAccessible, expectNoSidewaysScroll, watch } from './visit.ts';

test.describe('topics', () => {
  let stack: Stack;
  let topic: string;

  test.beforeAll(async () => {
    test.setTimeout(120_000);
    topic = await createTopic(uniqueName('walk'), { partitions: 2 });
    await writeRecords(topic, Array.from({ length: 80 }, (_, n) => ({ partition: n % 2, key: Buffer.from(`k${n}`), value: Buffer.from(JSON.stringify({ amount: n, note: n === 77 ? '<img src=x onerror=alert(1)>' : 'plain' })), headers: [[Buffer.from('x'), Buffer.from('y')]] })));
    stack = await startStack({ shop: false });
  });
  test.afterAll(async () => {
    await stack?.stop();
  });

  for (const look of [{ colorScheme: 'light', width: 1920, height: 1080 }, { colorScheme: 'dark', width: 360, height: 740 }] as const) {
    test(`from the list to a message that a filter found, ${look.colorScheme} at ${look.width} px`, async ({ browser }) => {
      test.setTimeout(180_000);
      const context = await browser.newContext({ baseURL: stack.url, viewport: { width: look.width, height: look.height }, colorScheme: look.colorScheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      const problems = await watch(page);
      await signIn(page, stack, 'viewer');
      await page.goto(links.topics());
      await page.getByPlaceholder('Topic, producer or consumer').fill(topic);
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await page.getByRole('link', { name: topic }).click();
      await expect(page.getByRole('heading', { level: 1, name: topic })).toBeVisible();
      await expect(page.getByRole('table', { name: 'Messages' }).locator('tbody tr')).toHaveCount(50);
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await page.getByLabel('Filter').fill('value.amount >');
      await page.getByRole('button', { name: 'Read messages' }).click();
      await expect(page.getByRole('alert').getByText(/filter can't be used/)).toBeVisible();
      await page.getByLabel('Filter').fill('value.amount == 77 && headers["x"] == "y"');
      await page.getByRole('button', { name: 'Read messages' }).click();
      await expect(page.getByText(/1 of 80 messages match/)).toBeVisible();
      await expect(page).toHaveURL(/filter=/);
      await page.getByRole('button', { name: /Open message/ }).focus();
      await page.keyboard.press('Enter');
      const panel = page.getByRole('dialog');
      await expect(panel.getByText('<img src=x onerror=alert(1)>')).toBeVisible();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      await expect(panel).toHaveCount(0);
      expect(problems.filter((problem) => !problem.includes('400'))).toEqual([]);
      await context.close();
    });
  }
});
