// What each screen weighs and how soon it shows its first figure, in a real Chromium on the built product.
//   npm run bench pages
// JavaScript is what came over the wire, compressed; each screen is opened in a context of its own, so that nothing is cached.
// The last line is JSON: the heaviest screen and the slowest one, then every screen.
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright';
import { links } from '#components/links.ts';
import { findChromium } from '../launcher/find-chromium.ts';
import { startStack } from '../e2e/stack.ts';

const GOAL_JS_KB = 250;
const RUNS = 3;

const screens: Record<string, string> = {
  overview: links.overview(),
  lag: links.lag(),
  topics: links.topics(),
  map: links.map(),
  journeys: links.journeys(),
  'dead letters': links.deadLetters(),
  replays: links.replays(),
  alerts: links.alerts(),
  rules: links.rules(),
  webhooks: links.webhooks(),
  settings: links.settings(),
};

const stack = await startStack();
const executablePath = findChromium(process.env);
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  const first = await browser.newContext({ baseURL: stack.url });
  const signIn = await first.newPage();
  await signIn.goto(await stack.signInLink());
  await signIn.getByRole('button', { name: 'Sign in', exact: true }).click();
  await signIn.waitForURL(`${stack.url}/`);
  const storageState = await first.storageState();
  await first.close();
  const [group] = await stack.store.query<{ cluster: string; name: string }>('select c.name as cluster, g.name from consumer_group g join cluster c on c.id = g.cluster_id where g.name like $1 limit 1', [`${stack.prefix}%`]);
  if (group) screens['a group'] = links.group(group.cluster, group.name);
  const [topic] = await stack.store.query<{ cluster: string; name: string }>('select c.name as cluster, t.name from topic t join cluster c on c.id = t.cluster_id where t.name like $1 and t.deleted_at is null limit 1', [`${stack.prefix}%`]);
  if (topic) screens['a topic'] = links.topic(topic.cluster, topic.name);

  const measured: Record<string, { jsKb: number; htmlKb: number; requests: number; firstFigureMs: number }> = {};
  for (const [name, path] of Object.entries(screens)) {
    const runs = [];
    for (let run = 0; run < RUNS; run += 1) runs.push(await open(path));
    const times = runs.map((run) => run.firstFigureMs).sort((left, right) => left - right);
    const [one] = runs;
    if (!one) continue;
    measured[name] = { jsKb: one.jsKb, htmlKb: one.htmlKb, requests: one.requests, firstFigureMs: times[Math.floor(RUNS / 2)] ?? 0 };
    console.log(`${name.padEnd(14)} JS ${String(one.jsKb).padStart(4)} kB gzip, HTML ${String(one.htmlKb).padStart(3)} kB gzip, ${one.requests} requests, first figure after ${measured[name].firstFigureMs} ms`);
  }

  async function open(path: string): Promise<{ jsKb: number; htmlKb: number; requests: number; firstFigureMs: number }> {
    const context = await browser.newContext({ baseURL: stack.url, storageState, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    let jsBytes = 0;
    let htmlBytes = 0;
    let requests = 0;
    const reading: Promise<void>[] = [];
    page.on('response', (response) => {
      requests += 1;
      const type = response.headers()['content-type'] ?? '';
      if (!/javascript|text\/html/.test(type)) return;
      reading.push(
        response.body().then(
          (body) => {
            // `next start` compresses; the figure does not depend on whether a proxy in front does it better.
            if (type.includes('javascript')) jsBytes += gzipSync(body).byteLength;
            else htmlBytes += gzipSync(body).byteLength;
          },
          () => undefined,
        ),
      );
    });
    await page.goto(path, { waitUntil: 'commit' });
    // The heading is part of the server's HTML, after its figures were read: when it is painted, they are.
    await page.getByRole('heading', { level: 1 }).waitFor();
    const firstFigureMs = await page.evaluate(async () => {
      const paint = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
      while (paint() === undefined) await new Promise((resolve) => requestAnimationFrame(resolve));
      return Math.round(paint() ?? 0);
    });
    // Charts load after the first paint: their weight counts too. The live stream never ends, so the network is never quite idle.
    await page.waitForLoadState('load');
    await page.waitForFunction(() => !document.querySelector('figure .animate-pulse'), undefined, { timeout: 15_000 }).catch(() => undefined);
    await Promise.all(reading);
    await context.close();
    return { jsKb: Math.round(jsBytes / 1_000), htmlKb: Math.round(htmlBytes / 1_000), requests, firstFigureMs };
  }

  const all = Object.values(measured);
  const heaviestJsKb = Math.max(...all.map((one) => one.jsKb));
  console.log(
    JSON.stringify({ bench: 'pages', heaviestJsKb, goalJsKb: GOAL_JS_KB, shareOfGoal: Number((heaviestJsKb / GOAL_JS_KB).toFixed(2)), slowestFirstFigureMs: Math.max(...all.map((one) => one.firstFigureMs)), screens: measured }),
  );
} finally {
  await browser.close();
  await stack.stop();
}
