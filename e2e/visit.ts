import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from 'playwright/test';

/**
 * What a page did that it must not: script errors, refused resources of its own policy, failed requests, dialogs. Collect before the first
 * visit, look at the end.
 */
export async function watch(page: Page): Promise<string[]> {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('response', (response) => {
    if (response.status() >= 500) problems.push(`${response.status()} ${response.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy ${event.violatedDirective} refused ${event.blockedURI} from ${event.sourceFile}:${event.lineNumber}`));
  });
  return problems;
}

/** Fails where axe finds a serious or critical violation, naming rule and element. */
export async function expectAccessible(page: Page): Promise<void> {
  // Without frames there is nothing to merge in a second page, and what passes needs no description: a third of the time (615 to 208 ms).
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] }).analyze();
  const serious = violations.filter((violation) => violation.impact === 'serious' || violation.impact === 'critical');
  expect(serious.flatMap((violation) => violation.nodes.slice(0, 3).map((node) => `${violation.id}: ${node.target.join(' ')} ${node.failureSummary?.split('\n').at(-1)?.trim() ?? ''}`))).toEqual([]);
}

/** Fails where the page scrolls sideways; parts inside it may. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  // Charts follow a new size a moment later.
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), 'pixels that the page is wider than the window').toBeLessThanOrEqual(0);
}

interface Look {
  colorScheme: 'light' | 'dark';
  width: number;
  height: number;
}

/** Where most tests work. */
export const DESK: Look = { colorScheme: 'dark', width: 1440, height: 900 };

// Each colour and the widest and narrowest window once: contrast does not depend on the width, nor what fits on the colour.
const LOOKS: readonly Look[] = [
  { colorScheme: 'light', width: 1920, height: 1080 },
  { colorScheme: 'dark', width: 360, height: 740 },
];

/** Looks at the open page in every look, as a person whose system goes dark, and on a telephone: it fits, and axe finds no barrier. */
export async function expectEveryLook(page: Page, name: string): Promise<void> {
  for (const { colorScheme, width, height } of LOOKS) {
    await test.step(`${name} ${colorScheme} ${width} px`, async () => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    });
  }
}
