import { expect, test } from 'playwright/test';
import { links } from '#components/links.ts';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { watch } from './visit.ts';

const GROUPS = 5_000;
const PARTITIONS = 2;

test.describe('5,000 groups on the lag page', () => {
  let stack: Stack;

  test.beforeAll(async () => {
    test.setTimeout(120_000);
    stack = await startStack({ shop: false, env: { KAFKA_BROKERS: '127.0.0.1:1' } });
    // A cluster of its own that no collector reads, so that nobody corrects it.
    const [cluster] = await stack.store.query<{ id: number }>("insert into cluster (name, kafka_cluster_id, state, last_cycle_at) values ('large', 'large-of-the-test', 'ok', now()) returning id");
    const [topic] = await stack.store.query<{ id: number }>("insert into topic (cluster_id, name, kafka_topic_id, partition_count) values ($1, 'orders', 'orders-of-the-test', $2) returning id", [cluster?.id, PARTITIONS]);
    await stack.store.execute(
      'insert into topic_partition_offset (topic_id, partition, high_watermark, last_stable_offset, log_start_offset, changed_at) select $1, p, 1000000, 1000000, 0, now() from generate_series(0, $2::int - 1) p',
      [topic?.id, PARTITIONS],
    );
    await stack.store.execute(
      `insert into consumer_group (cluster_id, name, type, state, status, status_since, last_good_at)
         select $1, 'group-' || lpad(n::text, 5, '0'), 'classic', 'Stable', (array['ok', 'ok', 'ok', 'falling-behind', 'stopped'])[1 + n % 5], now() - interval '4 minutes', now() from generate_series(1, $2::int) n`,
      [cluster?.id, GROUPS],
    );
    await stack.store.execute(
      `insert into group_partition_offset (group_id, topic_id, partition, committed_offset, committed_at, status)
         select g.id, $1, p, 1000000 - (g.id % 5) * 100, now(), g.status from consumer_group g, generate_series(0, $2::int - 1) p where g.cluster_id = $3`,
      [topic?.id, PARTITIONS, cluster?.id],
    );
  });

  test.afterAll(async () => {
    await stack?.stop();
  });

  test('scroll, sort and filter smoothly, and draw only the rows in view', async ({ browser }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ baseURL: stack.url, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const problems = await watch(page);
    await signIn(page, stack);
    await page.goto(links.lag());
    const table = page.getByRole('table', { name: 'Consumer groups' });
    await expect(table).toHaveAttribute('aria-rowcount', String(GROUPS + 1));
    await expect(table.getByRole('row').nth(5)).toBeVisible();
    expect(await table.locator('tbody tr[data-key]').count()).toBeLessThan(120);

    // What a frame costs the page's main thread in CPU time: how long it takes on the clock depends on what else the machine does.
    const devtools = await context.newCDPSession(page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    const cpuMs = async () => ((await devtools.send('Performance.getMetrics')).metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? 0) * 1_000;
    const before = await cpuMs();
    const { frames, top } = await table.locator('xpath=..').evaluate(async (box, count) => {
      for (let frame = 0; frame < count; frame += 1) {
        box.scrollTop += 400;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      return { frames: count, top: box.scrollTop };
    }, 100);
    const frameMs = ((await cpuMs()) - before) / frames;
    console.log(`5,000 groups: ${frameMs.toFixed(1)} ms of CPU a frame while scrolling 12 rows a frame`);
    expect(top).toBeGreaterThan(2_000);
    // Smooth because of this: however far it scrolls, only the rows in view are drawn. The figure above is printed, not judged: machines differ.
    expect(await table.locator('tbody tr[data-key]').count()).toBeLessThan(120);

    const sortMs = await page.evaluate(async () => {
      const button = [...document.querySelectorAll<HTMLButtonElement>('th button')].find((one) => one.textContent === 'Group');
      const start = performance.now();
      button?.click();
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return performance.now() - start;
    });
    console.log(`sorted in ${sortMs.toFixed(0)} ms`);
    await expect(page).toHaveURL(/sort=group/);

    await page.getByPlaceholder('Group or topic').fill('group-04999');
    await expect(table.locator('tbody tr[data-key]')).toHaveCount(1);
    await page.getByPlaceholder('Group or topic').fill('');
    await expect(table).toHaveAttribute('aria-rowcount', String(GROUPS + 1));

    // By keyboard to the last row: the row that has the focus is in view.
    await table.locator('tbody tr[data-key]').first().focus();
    await page.keyboard.press('End');
    await expect(table.locator(`tr[data-index="${GROUPS - 1}"]`)).toBeFocused();
    await expect(table.locator(`tr[data-index="${GROUPS - 1}"]`)).toBeInViewport();
    expect(problems).toEqual([]);
    await context.close();
  });
});
