import { existsSync } from 'node:fs';
import { defineConfig } from 'playwright/test';

// Chromium of the system: Playwright's own can't be downloaded everywhere. `npm test` finds or installs one and names it in CHROMIUM_PATH.
const chromium = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));

export default defineConfig({
  testDir: 'e2e',
  // Each spec starts a stack of its own (e2e/stack.ts): two at once on two cores would only measure each other.
  workers: 1,
  fullyParallel: false,
  // Against tests that hang, not slow machines: the same test took ten times as long on a bad hour of one.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  retries: 0,
  outputDir: 'test-results',
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    video: 'off',
    // Recording every test for the one that fails is a fifth of the time: `npx playwright test --trace on` records one.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(chromium ? { executablePath: chromium } : {}),
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
  },
});
