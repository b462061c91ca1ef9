// Makes the pictures of dead letters in the docs: the three levels, and a replay under way, over a shop that fails.
//   npm run build && node e2e/dead-letter-pictures.ts [folder]      needs WAYBILL_TEST_KAFKA and WAYBILL_TEST_DATABASE_URL
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { chromium, type Page } from 'playwright';
import { links } from '#components/links.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { startStack } from './stack.ts';

const FOLDER = process.argv[2] ?? 'docs/images';
const FAULTS = ['provider-outage', 'poison-message', 'schema-drift'];
const LETTERS = 40n;
const MOST_BYTES = 200_000;
const WAIT_MS = 180_000;

const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; !(await look()); await delay(500)) if (Date.now() > deadline) throw new Error(`${what}: not within ${WAIT_MS / 1_000} s`);
}

async function picture(page: Page, name: string): Promise<void> {
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path });
  const { size } = statSync(path);
  console.log(`${path} ${size} bytes${size > MOST_BYTES ? ', which is too many' : ''}`);
}

mkdirSync(FOLDER, { recursive: true });
// A prefix of its own, that looks like a shop's: the broker may be shared.
const PREFIX = 'acme.';
const stack = await startStack({ env: { SHOP_TOPIC_PREFIX: PREFIX, SHOP_GROUP_PREFIX: PREFIX, WAYBILL_DLQ_TOPICS: `${PREFIX}*.dlq,${PREFIX}*.DLT`, WAYBILL_RETRY_TOPICS: `${PREFIX}*.retry`, WAYBILL_HYGIENE_TOPICS: `${PREFIX}*` } });
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  const shop = (path: string, on: boolean) => fetch(`${stack.shopUrl}${path}`, { method: 'PUT', headers: { 'content-type': 'application/json', origin: stack.shopUrl! }, body: JSON.stringify({ on }) });
  for (const fault of FAULTS) {
    const answer = await shop(`/api/faults/${fault}`, true);
    if (!answer.ok) throw new Error(`${fault}: ${answer.status} ${await answer.text()}`);
  }
  await until(`${LETTERS} dead letters`, async () => ((await stack.store.query<{ count: bigint }>('select count(*) as count from dead_letter'))[0]?.count ?? 0n) >= LETTERS);
  for (const fault of FAULTS) await shop(`/api/faults/${fault}`, false);
  const page = await browser.newPage({ baseURL: stack.url, viewport: { width: 1280, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce' });
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(await stack.signInLink());
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${stack.url}/`);
  const open = async (path: string) => {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await delay(1_500); // what is asked of the broker after the page is shown
  };

  await open(links.deadLetters());
  await picture(page, 'dead-letters-failures');
  const [failure] = await stack.store.query<{ id: string; letter: string }>(
    `select f.id, (select d.topic_id || '-' || d.partition || '-' || d."offset" from dead_letter d where d.failure_id = f.id and d.origin_offset is not null order by d.seq desc limit 1) as letter from failure f order by (select t.name like '%payments.DLT' from topic t where t.id = f.sample_topic_id) desc, f.count desc limit 1`,
  );
  await open(links.failure(failure!.id));
  await page.getByRole('checkbox').nth(1).check();
  await page.getByRole('checkbox').nth(2).check();
  await page.mouse.move(640, 20);
  await delay(500);
  await picture(page, 'dead-letters-rows');
  await open(links.deadLetter(failure!.letter));
  await picture(page, 'dead-letters-one');

  const asked = await page.request.post('/api/v1/replays', { headers: { origin: stack.url }, data: { selection: { filter: { failure: failure!.id } }, rate: 2, reason: 'The payment provider is back' } });
  const { id } = (await asked.json()) as { id: string };
  await until('a replay half under way', async () => ((await stack.store.query<{ sent: bigint }>('select sent from replay where id = $1', [id]))[0]?.sent ?? 0n) >= 8n);
  await open(links.replay(id));
  await picture(page, 'replay-running');
} finally {
  await browser.close();
  await stack.stop();
  const admin = new Kafka({ brokers: testBrokers(), clientId: 'pictures', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: (await admin.listTopics()).filter((topic) => topic.startsWith(PREFIX)) });
  await admin.disconnect();
}
