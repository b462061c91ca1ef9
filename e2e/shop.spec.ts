import AxeBuilder from '@axe-core/playwright';
import { expect, test } from 'playwright/test';
import { startShop, type RunningShop } from '#test/shop/running-shop.ts';

// The shop's own page: plain HTML with a small script, so that it is tried in a browser once and without the rest of the product.
test.describe('the shop’s page', () => {
  const endings: (() => Promise<void>)[] = [];
  let shop: RunningShop;

  test.beforeAll(async () => {
    test.setTimeout(120_000);
    shop = await startShop((ending) => void endings.push(ending));
  });

  test.afterAll(async () => {
    for (const ending of endings) await ending();
  });

  test('breaks a thing and mends it by keyboard, and says so', async ({ page }) => {
    const problems: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(shop.url);
    await expect(page.getByText('Everything works.')).toBeVisible();
    const outage = page.getByRole('button', { name: /^Provider outage/ });
    await outage.focus();
    await page.keyboard.press('Enter');
    await expect(outage).toHaveAttribute('aria-pressed', 'true');
    await expect(outage).toHaveAccessibleName('Provider outage broken');
    await expect(page.getByText('One thing is broken.')).toBeVisible();
    // A visitor who comes now sees it too, before any script runs.
    expect(await (await page.request.get(shop.url)).text()).toContain('One thing is broken.');
    await page.keyboard.press('Space');
    await expect(outage).toHaveAttribute('aria-pressed', 'false');
    await page.getByRole('button', { name: 'Place an order now' }).click();
    await expect(page.getByText(/Its correlation id is chk-[0-9a-z]{10}; search for it under Journeys\./)).toBeVisible();
    await expect(page.getByRole('row', { name: /^cart running/ })).toBeVisible();
    expect(problems).toEqual([]);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`is accessible and fits 360 px in ${colorScheme}`, async ({ browser }) => {
      const context = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme });
      const page = await context.newPage();
      await page.goto(shop.url);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations).toEqual([]);
      await context.close();
    });
  }
});
