// How soon the lag page of 5,000 groups answers, from the built product.
//   npm run bench lag-page -- [--groups 5000] [--requests 60]
// The page with every group, and the list of the first hundred through the API; a third of the answers come after a new cycle. The last line is JSON.
import { parseArgs } from 'node:util';
import { links } from '#components/links.ts';
import { startStack } from '../e2e/stack.ts';

const GOAL_P95_MS = 100;
const PARTITIONS = 10;

const { values } = parseArgs({ options: { groups: { type: 'string', default: '5000' }, requests: { type: 'string', default: '60' } } });
const groups = Number(values.groups);
const requests = Number(values.requests);

const stack = await startStack({ shop: false, env: { KAFKA_BROKERS: '127.0.0.1:1' } });
try {
  const { store } = stack;
  const [cluster] = await store.query<{ id: number }>("insert into cluster (name, kafka_cluster_id, state, last_cycle_at) values ('large', 'large-of-the-bench', 'ok', now()) returning id");
  await store.execute(`insert into topic (cluster_id, name, kafka_topic_id, partition_count) select $1, 'orders-' || n, 'orders-of-the-bench-' || n, $2::int from generate_series(1, $3::int) n`, [cluster?.id, PARTITIONS, groups / 5]);
  await store.execute(
    `insert into consumer_group (cluster_id, name, type, state, status, status_since, last_good_at, known_status, members_at, members)
       select $1, 'group-' || lpad(n::text, 5, '0'), 'classic', 'Stable', (array['ok', 'ok', 'ok', 'falling-behind', 'stopped'])[1 + n % 5], now() - interval '4 minutes', now(), 'ok', now(), '[]' from generate_series(1, $2::int) n`,
    [cluster?.id, groups],
  );
  await store.execute(
    `insert into group_figures (group_id, lag, lost, arrived, oldest_at, oldest_quality, partitions, partitions_behind, partitions_unknown, partitions_uncommitted, partitions_beyond, topic_ids, topics_behind, produced_per_second, consumed_per_second)
       select g.id, (g.id % 5) * 100, 0, (g.id % 5) * 100, now() - interval '1 minute', 'exact', $1::int, g.id % 5, 0, 0, 0, array[t.id], 1, 3.5, 3.1
         from consumer_group g join topic t on t.name = 'orders-' || (1 + g.id % ($3::int / 5)) where g.cluster_id = $2`,
    [PARTITIONS, cluster?.id, groups],
  );
  // What a cycle does to the list: figures of all groups and the time of the cycle.
  const cycle = async () => {
    await store.execute('update group_figures set lag = lag + 1');
    await store.execute('update cluster set last_cycle_at = now() where id = $1', [cluster?.id]);
  };
  const secret = (await stack.signInLink()).split('#link=')[1];
  const session = await fetch(`${stack.url}/api/v1/sessions`, { method: 'POST', headers: { 'content-type': 'application/json', origin: stack.url, 'sec-fetch-site': 'same-origin' }, body: JSON.stringify({ link: secret }) });
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';

  const page = await measure(links.lag(), (text) => text.includes('group-00001'));
  const list = await measure(`/api/v1/clusters/large/groups?limit=100`, (text) => (JSON.parse(text) as { total: number }).total === groups);
  console.log(`the page: median ${page.median} ms, p95 ${page.p95} ms, ${page.kb} kB; the list: median ${list.median} ms, p95 ${list.p95} ms`);
  console.log(JSON.stringify({ bench: 'lag-page', pageToGoal: page.p95 / GOAL_P95_MS, listToGoal: list.p95 / GOAL_P95_MS, groups, page, list, goalP95Ms: GOAL_P95_MS }));

  async function measure(path: string, right: (text: string) => boolean) {
    const times: number[] = [];
    let bytes = 0;
    for (let i = 0; i < requests + 5; i += 1) {
      if (i % 3 === 0) await cycle();
      const began = performance.now();
      const answer = await fetch(`${stack.url}${path}`, { headers: { cookie } });
      const text = await answer.text();
      // The first answers load the page's code.
      if (i >= 5) times.push(performance.now() - began);
      bytes = text.length;
      if (!answer.ok || !right(text)) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 200)}`);
    }
    const sorted = times.toSorted((a, b) => a - b);
    return { median: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0), p95: Math.round(sorted[Math.floor(sorted.length * 0.95)] ?? 0), kb: Math.round(bytes / 1_000) };
  }
} finally {
  await stack.stop();
}
