import { expect, test } from 'playwright/test';
import { ensureAllPartitions } from '#lib/store/partitions.ts';
import { links } from '#components/links.ts';
import { signIn } from './sign-in.ts';
import { startStack, type Stack } from './stack.ts';
import { expectAccessible, expectNoSidewaysScroll, watch } from './visit.ts';
import { startReceiver, verified, type WebhookReceiver } from './webhook-receiver.ts';

// A group that is behind on a cluster no collector reads: the test says when it is read and how far behind it is.
test.describe('alerts', () => {
  let stack: Stack;
  let receiver: WebhookReceiver;
  let groupId = 0;

  const setLag = async (records: number): Promise<void> => {
    await stack.store.execute('update group_partition_offset set committed_offset = 10000 - $2::bigint where group_id = $1', [groupId, records]);
  };

  test.beforeAll(async () => {
    test.setTimeout(180_000);
    receiver = await startReceiver();
    stack = await startStack({ shop: false, env: { KAFKA_BROKERS: '127.0.0.1:1', WAYBILL_ALERT_INTERVAL_SECONDS: '1' } });
    const [cluster] = await stack.store.query<{ id: number }>("insert into cluster (name, kafka_cluster_id, state, last_cycle_at) values ('prod', 'alerts-of-the-test', 'ok', now() + interval '1 hour') returning id");
    const [topic] = await stack.store.query<{ id: number }>("insert into topic (cluster_id, name, kafka_topic_id, partition_count) values ($1, 'payments', 'payments-of-the-test', 1) returning id", [cluster?.id]);
    await stack.store.execute('insert into topic_partition_offset (topic_id, partition, high_watermark, last_stable_offset, log_start_offset, changed_at) values ($1, 0, 10000, 10000, 0, now())', [topic?.id]);
    const [group] = await stack.store.query<{ id: number }>("insert into consumer_group (cluster_id, name, type, state, status, status_since, last_good_at) values ($1, 'billing', 'classic', 'Stable', 'ok', now(), now()) returning id", [cluster?.id]);
    groupId = group?.id ?? 0;
    await stack.store.execute('insert into group_partition_offset (group_id, topic_id, partition, committed_offset) values ($1, $2, 0, 10000)', [groupId, topic?.id]);
    await ensureAllPartitions(stack.store, new Date());
    await stack.store.execute(
      `insert into group_lag_minute (group_id, minute, lag_max, lag_last, lag_seconds_max, lag_seconds_last, lag_seconds_quality, status)
       select $1, date_trunc('minute', now()) - m * interval '1 minute', greatest(0, 4000 - m * 90), greatest(0, 4000 - m * 90), greatest(0, 240 - m * 6), greatest(0, 240 - m * 6), 'exact', 'ok' from generate_series(0, 40) m`,
      [groupId],
    );
  });
  test.afterAll(async () => {
    await stack?.stop();
    await receiver?.close();
  });

  test('a rule is written as a sentence, a webhook is tested, the alert is told, silenced and resolved', async ({ page }, info) => {
    const problems = await watch(page);
    const photograph = async (name: string): Promise<void> => {
      await page.screenshot({ path: info.outputPath(`${name}.png`) });
    };
    await signIn(page, stack);

    await page.goto(`${stack.url}${links.webhooks()}`);
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    await page.getByLabel('Name').fill('ops');
    await page.getByLabel('URL').fill('https://169.254.169.254/latest');
    await page.getByRole('button', { name: 'Add this webhook' }).click();
    await expect(page.getByRole('alert')).toContainText('cloud metadata');
    await page.getByLabel('URL').fill(receiver.url);
    await page.getByRole('button', { name: 'Add this webhook' }).click();
    const secret = (await page.locator('code', { hasText: 'whsec_' }).textContent()) ?? '';
    await photograph('secret');
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await expect(page.getByText('whsec_')).toHaveCount(0);

    await page.getByRole('link', { name: 'ops' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    const panel = page.getByRole('dialog');
    await expect(panel).toContainText('webhook.test');
    await expect(panel.getByText('204')).toBeVisible();
    await expect(panel).toContainText('webhook-signature');
    expect(verified(secret, receiver.received[0]!).type).toBe('webhook.test');
    await photograph('attempt');
    await expectAccessible(page);
    await panel.getByRole('button', { name: 'Redeliver under the same id' }).click();
    await expect(panel.getByText('#2')).toBeVisible();
    expect(receiver.received[1]?.headers['webhook-id']).toBe(receiver.received[0]?.headers['webhook-id']);
    await page.keyboard.press('Escape');
    await expect(panel).toBeHidden();
    await photograph('webhook');

    await page.goto(`${stack.url}${links.rules()}`);
    await page.getByRole('button', { name: 'New rule' }).click();
    await page.getByLabel('Name').fill('Billing waits');
    await page.getByLabel('When', { exact: true }).selectOption('group-lag-records');
    await page.getByLabel('More than this many records behind').fill('1000');
    await page.getByLabel('Group', { exact: true }).fill('billing');
    await page.getByLabel('For (seconds)', { exact: true }).fill('0');
    await page.getByLabel('Keep firing for (seconds)').fill('0');
    await photograph('rule');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Add this rule' }).click();
    const rule = page.getByRole('listitem').filter({ hasText: 'Billing waits' });
    await expect(rule).toContainText('When billing is more than 1,000 records behind, tell every webhook at once.');
    await rule.getByRole('button', { name: '1,000 records' }).click();
    await expect(page.getByLabel('More than this many records behind')).toBeFocused();
    await page.keyboard.press('Escape');

    await setLag(4_000);
    const types = (): string[] => receiver.received.map((message) => verified(secret, message)).flatMap((message) => message.data.alerts.filter((alert) => alert.labels['alertname'] === 'Billing waits').map((alert) => `${message.type} ${alert.labels['group']}`));
    await expect.poll(types, { timeout: 30_000 }).toEqual(['alert.firing billing']);
    await page.goto(`${stack.url}${links.alerts()}`);
    const alert = page.getByRole('listitem').filter({ hasText: 'billing is 4,000 records behind, more than 1,000.' });
    await expect(alert).toBeVisible();
    await expect(alert).toContainText('delivered');
    await expect(alert.getByRole('img')).toHaveAttribute('aria-label', /Last hour: .* records behind, the limit is 1,000/);
    await photograph('alerts');
    await expectAccessible(page);

    await alert.getByRole('link', { name: 'Silence…' }).click();
    await expect(page.getByLabel('Labels, all of which must fit')).toHaveValue('alertname=Billing waits\ncluster=prod\ngroup=billing');
    await page.getByLabel('Why', { exact: true }).fill('somebody is at it');
    await photograph('silence');
    await page.getByRole('button', { name: 'Silence these alerts' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'somebody is at it' })).toContainText('active');
    await expect(page.getByText('keeping 1 alert quiet')).toBeVisible();
    await expectAccessible(page);
    await photograph('silences');

    await setLag(0);
    await expect.poll(types, { timeout: 30_000 }).toEqual(['alert.firing billing', 'alert.resolved billing']);
    expect(problems.filter((problem) => !problem.includes('400 (Bad Request)'))).toEqual([]);
  });

  test('its screens fit a telephone, in the dark', async ({ page }, info) => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 360, height: 800 });
    await signIn(page, stack);
    const [endpoint] = await stack.store.query<{ id: string }>(
      `insert into webhook_endpoint (id, name, url, created_by, enabled, disabled_reason) values (gen_random_uuid(), 'narrow', 'https://example.org/' || repeat('long', 30), 'test', false, 'It took nothing for 5 d.') returning id`,
    );
    const screens: [string, string][] = [
      ['alerts', links.alerts()],
      ['rules', links.rules()],
      ['silences', links.silences()],
      ['webhooks', links.webhooks()],
      ['webhook', links.webhook(endpoint?.id ?? '')],
    ];
    for (const [name, path] of screens) {
      await page.goto(`${stack.url}${path}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expectNoSidewaysScroll(page);
      await page.screenshot({ path: info.outputPath(`narrow-${name}.png`) });
    }
  });
});
