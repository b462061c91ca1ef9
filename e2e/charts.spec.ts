import { readFile } from 'node:fs/promises';
import { expect, test } from 'playwright/test';
import { links } from '#components/links.ts';
import { packHeat } from '#lib/lag/pack-heat.ts';
import { compressBlock } from '#lib/store/lag/compress-block.ts';
import { insertMinutes } from '#lib/store/lag/save-minutes.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { saveThroughput } from '#lib/store/topics/save-throughput.ts';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { expectAccessible, expectNoSidewaysScroll, watch } from './visit.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Two partitions that billing reads, with a week of hours, and an hour of throughput of which ten minutes are missing. */
async function drawTopics(store: Store, clusterId: number, now: number): Promise<void> {
  const ids: number[] = [];
  for (const name of ['orders', 'payments']) ids.push((await store.query<{ id: number }>('insert into topic (cluster_id, name, kafka_topic_id, partition_count) values ($1, $2, $2, 2) returning id', [clusterId, name]))[0]?.id ?? 0);
  const [orders = 0, payments = 0] = ids;
  // Also of an hour ahead: however long the other tests take, it is read up to now.
  for (let back = -60; back < 60; back += 1) {
    if (back >= 30 && back < 40) continue;
    const until = new Date(now - back * MINUTE);
    await saveThroughput(store, { clusterId, since: new Date(until.getTime() - MINUTE), until, records: 1_020n, unknownTopics: 0, top: [{ id: orders, records: 600n }, { id: payments, records: 300n }] });
  }
  const [group] = await store.query<{ id: number }>(`select id from consumer_group where cluster_id = $1 and name = 'billing'`, [clusterId]);
  await store.execute('insert into topic_partition_offset (topic_id, partition, high_watermark, changed_at) select $1, p, 100, now() from generate_series(0, 1) p', [orders]);
  await store.execute('insert into group_partition_offset (group_id, topic_id, partition, committed_offset, committed_at) select $1, $2, p, 100, now() from generate_series(0, 1) p', [group?.id, orders]);
  const lastHour = Math.floor(now / HOUR) * HOUR - 2 * HOUR;
  await ensurePartitions(store, 'group_heat_hour', new Date(lastHour - 72 * HOUR), new Date(lastHour));
  for (let back = 0; back < 72; back += 1) {
    const hour = new Date(lastHour - back * HOUR);
    const entries = [0, 1].map((partition) => ({ topicId: orders, partition, highest: BigInt(partition === 1 && back === 30 ? 7_000 : 40), last: 0n, committed: 100n, end: 100n }));
    await store.execute('insert into group_heat_hour (group_id, hour, packed) values ($1, $2, $3)', [group?.id, hour, compressBlock(packHeat(entries))]);
    await store.execute('insert into cluster_minute (cluster_id, minute) values ($1, $2) on conflict do nothing', [clusterId, hour]);
  }
  await store.execute(`insert into offset_fold (kind, hour, done_at) values ('heat', $1, now())`, [new Date(lastHour)]);
}

test.describe('the charts of a group', () => {
  let stack: Stack;

  test.beforeAll(async () => {
    test.setTimeout(120_000);
    // A cluster of its own that no collector reads, so that nobody corrects it.
    stack = await startStack({ shop: false, env: { KAFKA_BROKERS: '127.0.0.1:1' } });
    const [cluster] = await stack.store.query<{ id: number }>("insert into cluster (name, kafka_cluster_id, state, last_cycle_at) values ('drawn', 'drawn-of-the-test', 'ok', now()) returning id");
    const start = Math.floor(Date.now() / MINUTE) * MINUTE;
    for (const [name, lag] of [['billing', 400], ['mail', 9]] as const) {
      const [group] = await stack.store.query<{ id: number }>("insert into consumer_group (cluster_id, name, type, state, status, status_since, last_good_at) values ($1, $2, 'classic', 'Stable', 'ok', now(), now()) returning id", [cluster?.id, name]);
      // Nobody read from 30 to 20 minutes ago; 12 minutes ago it stood at 5,000 for one cycle.
      const minutes = Array.from({ length: 6 * 60 }, (_, index) => index + 1).filter((back) => back < 20 || back > 30);
      await ensurePartitions(stack.store, 'group_lag_minute', new Date(start - 6 * 60 * MINUTE), new Date(start));
      await insertMinutes(stack.store, minutes.map((back) => ({ groupId: group?.id ?? 0, minute: new Date(start - back * MINUTE), lagMax: BigInt(back === 12 ? 5_000 : lag), lagLast: BigInt(lag), secondsMax: 20, secondsLast: 10, quality: 'exact', producedPerSecond: 4, consumedPerSecond: 3, status: 'ok', unknownPartitions: 0, memberCount: 1 })));
      await stack.store.execute(`insert into group_event (group_id, at, kind, joined, "left") values ($1, $2, 'rebalance', 1, 0)`, [group?.id, new Date(start - 5 * MINUTE)]);
    }
    await drawTopics(stack.store, cluster?.id ?? 0, start);
    // Another cluster, on which something is wrong.
    await stack.store.execute("with other as (insert into cluster (name, kafka_cluster_id, state, last_cycle_at) values ('elsewhere', 'elsewhere-of-the-test', 'ok', now()) returning id) insert into consumer_group (cluster_id, name, type, state, status, status_since, last_good_at) select id, 'stopped-elsewhere', 'classic', 'Stable', 'stopped', now(), now() from other");
  });

  test.afterAll(async () => {
    await stack?.stop();
  });

  test('the overview of one cluster has its throughput by topic and nothing of another one', async ({ browser }) => {
    for (const [width, colorScheme] of [[360, 'dark'], [1_920, 'light']] as const) {
      const context = await browser.newContext({ baseURL: stack.url, viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      const problems = await watch(page);
      await signIn(page, stack);
      await expect(page.getByRole('link', { name: /stopped-elsewhere/ })).toBeVisible();
      await page.goto('/?cluster=drawn');
      await expect(page.getByRole('heading', { level: 1 })).toContainText('drawn');
      await expect(page.getByRole('link', { name: /stopped-elsewhere/ })).toHaveCount(0);
      const chart = page.getByRole('figure', { name: 'Throughput by topic' });
      await expect(chart).toContainText('17/s written, 10/s of it to orders');
      await chart.getByRole('button', { name: 'show the table' }).click();
      const table = page.getByRole('region', { name: 'Throughput by topic as a table' });
      await expect(table.getByRole('columnheader')).toHaveText(['Time', 'orders', 'payments', 'all others']);
      await expect(table.getByTitle('nobody read the end offsets').first()).toHaveText('unknown');
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      expect(problems).toEqual([]);
      await context.close();
    }
  });

  test('the strip of partitions shows last week from hours', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: stack.url });
    const page = await context.newPage();
    await signIn(page, stack);
    await page.goto(links.group('drawn', 'billing', { range: '7d' }));
    const strip = page.getByRole('figure', { name: 'Partitions over time' });
    await expect(strip).toContainText('orders p1 stood furthest behind: 7,000 records');
    await expect(strip).toContainText('a cell has the highest of its whole hours');
    await context.close();
  });

  test('zoom by dragging and by keyboard, and the address keeps the range', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: stack.url, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const problems = await watch(page);
    await signIn(page, stack);
    await page.goto(links.group('drawn', 'billing'));
    const chart = page.getByRole('figure', { name: 'Records behind' });
    const slider = page.getByRole('slider', { name: 'Records behind: reading in time' });
    await expect(chart).toContainText('At most 5,000 records waited');
    const box = await slider.boundingBox();
    if (!box) throw new Error('the chart has no place on the page');
    await page.mouse.move(box.x + box.width * 0.7, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 30, { steps: 4 });
    await page.mouse.up();
    await expect(page).toHaveURL(/from=.*to=/);
    const [from, to] = ['from', 'to'].map((name) => Date.parse(new URL(page.url()).searchParams.get(name) ?? ''));
    expect(Math.abs((to ?? 0) - (from ?? 0) - 12 * MINUTE)).toBeLessThan(2 * MINUTE);
    await expect(page.getByRole('combobox', { name: 'Time range of charts' })).toHaveValue('chosen');

    await page.getByRole('button', { name: 'Back to now' }).click();
    await expect(page).not.toHaveURL(/from=/);
    // The address is ahead of the readings: an hour has one a minute.
    await expect(slider).toHaveAttribute('aria-valuemax', /^(59|60)$/);
    await slider.focus();
    await page.keyboard.press('End');
    for (let step = 0; step < 8; step += 1) await page.keyboard.press('ArrowLeft');
    await expect(slider).toHaveAttribute('aria-valuetext', /400/);
    for (let step = 0; step < 10; step += 1) await page.keyboard.press('Shift+ArrowLeft');
    await expect(slider).toHaveAttribute('aria-valuetext', /Selected 10 min; Enter zooms in/);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/from=.*to=/);
    await page.goBack();
    await expect(page).not.toHaveURL(/from=/);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('a minute nobody read is unknown with its reason, in the cursor and in the table; the event has its words', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: stack.url });
    const page = await context.newPage();
    await signIn(page, stack);
    await page.goto(links.group('drawn', 'billing'));
    await page.getByRole('button', { name: 'Records behind: show the table' }).click();
    const table = page.getByRole('region', { name: 'Records behind as a table' });
    await expect(table.getByTitle('nobody read: no cycle of the collector').first()).toHaveText('unknown');
    await expect(table).toContainText('5,000');
    await page.getByText('in this range: rebalances').click();
    await expect(page.getByText('rebalance: 1 joined')).toBeVisible();
    await context.close();
  });

  test('is saved as CSV and as a picture', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: stack.url, acceptDownloads: true });
    const page = await context.newPage();
    const problems = await watch(page);
    await signIn(page, stack);
    await page.goto(links.group('drawn', 'billing'));
    const chart = page.getByRole('figure', { name: 'Records behind' });
    await expect(chart.locator('svg path').first()).toBeAttached();
    const saved = async (as: 'CSV' | 'PNG') => {
      const [download] = await Promise.all([page.waitForEvent('download'), chart.getByRole('button', { name: `download as ${as}` }).click()]);
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    };
    const csv = await saved('CSV');
    expect(csv.name).toBe('billing-records-behind.csv');
    const lines = csv.bytes.toString().trim().split('\r\n');
    expect(lines[0]).toBe('time,Lag,Lag at its end,unknown because');
    expect(lines.some((line) => line.includes(',5000,400,'))).toBe(true);
    expect(lines.some((line) => line.endsWith(',,,nobody read: no cycle of the collector'))).toBe(true);
    const png = await saved('PNG');
    expect(png.name).toBe('billing-records-behind.png');
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(png.bytes.length).toBeGreaterThan(5_000);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('lies beside another group or another time, with the difference in a sentence', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: stack.url });
    const page = await context.newPage();
    await signIn(page, stack);
    // Chosen before any script runs: it counts all the same.
    const held = Promise.withResolvers<void>();
    await page.route('**/*.js', async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.goto(links.group('drawn', 'billing'), { waitUntil: 'commit' });
    await page.getByRole('combobox', { name: 'Compare with' }).selectOption('group');
    held.resolve();
    await page.getByRole('textbox', { name: 'Group' }).fill('mai');
    await page.getByRole('button', { name: 'mail', exact: true }).click();
    await expect(page).toHaveURL(/compare=group(:|%3A)mail/);
    await expect(page.getByText('billing: at most 5,000 records waited, against 5,000 of mail')).toBeVisible();
    await page.getByRole('combobox', { name: 'Compare with' }).selectOption('-7d');
    await expect(page.getByText('Nothing is known of a week before')).toBeVisible();
    await context.close();
  });

  for (const [width, colorScheme] of [[360, 'light'], [1_920, 'dark']] as const) {
    test(`has no barrier at ${width} px, ${colorScheme}`, async ({ browser }) => {
      const context = await browser.newContext({ baseURL: stack.url, viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      await signIn(page, stack);
      await page.goto(`${links.group('drawn', 'billing')}?range=6h&compare=group:mail`);
      await expect(page.getByRole('slider', { name: 'Records behind: reading in time' })).toBeVisible();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await context.close();
    });
  }
});
