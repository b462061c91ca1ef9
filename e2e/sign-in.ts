import { expect, type Page } from 'playwright/test';
import type { Stack } from './stack.ts';

/** Opens a fresh sign-in link in this browser and redeems it. */
export async function signIn(page: Page, stack: Stack, role: 'viewer' | 'operator' | 'administrator' = 'administrator'): Promise<void> {
  await page.goto(await stack.signInLink(role));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL(`${stack.url}/`);
}
