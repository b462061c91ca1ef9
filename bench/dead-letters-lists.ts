// What the lists, facets and searches of dead letters take when there are many. Filled by SQL, in the shape the ingest writes.
// node bench/dead-letters-lists.ts [rows] [runs] [postgresql:// of a migrated database to keep; filled where it is empty]   needs WAYBILL_TEST_DATABASE_URL; prints one JSON line last.
import { deadLettersQuerySchema, listDeadLetterFacets, listDeadLetters } from '#lib/operations/list-dead-letters.ts';
import { failuresQuerySchema, listFailures } from '#lib/operations/list-failures.ts';
import { recount } from '#lib/store/dead-letters/add-counts.ts';
import { openStore } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const RUNS = Number(process.argv[3] ?? 20);
const LIST_GOAL_MS = 150;
const FACETS_GOAL_MS = 500;
const FAILURES = 2_000;

const hooks: (() => unknown)[] = [];
const kept = process.argv[4];
const store = kept ? openStore(kept) : await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
try {
  const clusterId = (await store.query<{ id: number }>('select id from cluster'))[0]?.id ?? (await fill());

  async function fill(): Promise<number> {
    const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'bench', kafkaClusterId: 'bench' } });
    await store.execute(`insert into topic (cluster_id, name, kafka_topic_id, partition_count, role, role_source) select $1, 'orders-' || n || '-dlt', 'id-' || n, 6, 'dead-letter', 'pattern' from generate_series(1, 40) n`, [clusterId]);
    const topics = await store.query<{ id: number }>('select id from topic order by id');
    const started = performance.now();
    // Few failures have most of the rows; 300 classes, 30 origin topics, 50 groups; every row has an id in its message and a correlation id of its own.
    // Failure 1,999 is old and rare: what is asked for is far from the newest row.
    await store.transaction(async (tx) => {
      await tx.execute('set local statement_timeout = 0');
      await tx.execute(
        `insert into dead_letter (topic_id, partition, "offset", cluster_id, timestamp, ingested_at, state_at, dialect, state, origin_topic, origin_partition, origin_offset, origin_group, error_class, root_class, error_message, error_stack, correlation_id, failure_id, key_bytes, value_bytes, header_count, expires_at, words)
         select $2::int + (f % 40), n % 6, n, $1::int, now() - (($3::int - n) * interval '100 ms'), now() - (($3::int - n) * interval '100 ms'), now(), 'spring-kafka', case n % 20 when 0 then 'processed' when 1 then 'failed-again' else 'new' end,
           'orders-' || (f % 30), n % 6, n, 'group-' || (f % 50), 'com.shop.module' || (f % 300) || '.Failure' || (f % 300) || 'Exception', 'java.lang.IllegalStateException',
           'card of order ' || n || ' was declined by provider ' || 'abcdefghij'::text || (f % 97), repeat(E'\\tat com.shop.Payment.charge(Payment.java:31)\\n', 8), 'chk-' || lpad(n::text, 8, '0'), $1::int || '-2-' || f, 8, 500, 9, now() - (($3::int - n) * interval '100 ms') + interval '7 days',
           ('''' || 'chk-' || lpad(n::text, 8, '0') || ''' ''' || lpad(n::text, 8, '0') || ''' ''' || n || '''')::tsvector
         from (select n, case when n % 100000 = 7 and n < $3::int / 2 then 1999 else (power(random(), 3) * 1998)::int end as f from generate_series(1, $3::int) n) as x`,
        [clusterId, topics[0]!.id, ROWS],
      );
      await tx.execute(
        `insert into failure (id, cluster_id, version, root_class, error_class, frame, message, sample_topic_id, sample_partition, sample_offset, count, first_seen_at, last_seen_at)
         select failure_id, $1, 2, min(root_class), min(error_class), 'com.shop.Payment.charge' || min(origin_group), 'card of order <n> was declined by provider ' || min(origin_topic), min(topic_id), 0, min("offset"), count(*), min(ingested_at), max(ingested_at) from dead_letter group by 1`,
        [clusterId],
      );
      await recount(tx);
    });
    await store.execute('vacuum (analyze) dead_letter');
    await store.execute('analyze');
    console.log(`${ROWS} dead letters of ${FAILURES} failures filled in ${Math.round((performance.now() - started) / 1_000)} s`);
    return clusterId;
  }

  const nth = (n: number) => Math.floor(ROWS * n);
  const rare = `${clusterId}-2-1999`;
  const list = (query: Record<string, unknown>) => async () => (await listDeadLetters(store, deadLettersQuerySchema.parse({ limit: 200, ...query }))).items.length;
  const facets = (query: Record<string, unknown>) => async () => (await listDeadLetterFacets(store, query)).length;
  const middle = await listDeadLetters(store, deadLettersQuerySchema.parse({ limit: 500 }));
  const filters: Record<string, Record<string, unknown>> = {
    all: {}, cluster: { cluster: 'bench' }, topic: { topic: 'orders-7-dlt' }, originTopic: { originTopic: 'orders-3' }, originGroup: { originGroup: 'group-9' }, class: { errorClass: 'com.shop.module7.Failure7Exception' }, failure: { failure: `${clusterId}-2-3` },
    rareFailure: { failure: rare }, new: { state: 'new' }, failedAgain: { state: 'failed-again' }, noSuchState: { state: 'archived' }, topicAndState: { topic: 'orders-7-dlt', state: 'processed' }, groupAndClass: { originGroup: 'group-9', errorClass: 'com.shop.module9.Failure9Exception' },
    noSuchGroup: { originGroup: 'nobody' }, correlation: { correlationId: `chk-${String(nth(0.4)).padStart(8, '0')}` },
    searchId: { search: String(nth(0.3)) }, searchCorrelation: { search: `chk-${String(nth(0.2)).padStart(8, '0')}` }, searchClass: { search: 'Failure7Exception' }, searchCommonWord: { search: 'declined' }, searchTwo: { search: `order ${nth(0.3)}` }, searchNothing: { search: 'nosuchword' }, searchPrefix: { search: '12' }, searchFrame: { search: 'chargegroup-9' },
  };
  const asks: [string, number, () => Promise<number>][] = [
    ...Object.entries(filters).map(([name, query]): [string, number, () => Promise<number>] => [`list ${name}`, LIST_GOAL_MS, list(query)]),
    ['list page 3', LIST_GOAL_MS, list({ cursor: middle.nextCursor })],
    ...Object.entries(filters).map(([name, query]): [string, number, () => Promise<number>] => [`facets ${name}`, FACETS_GOAL_MS, facets(query)]),
    ['failures', LIST_GOAL_MS, async () => (await listFailures(store, failuresQuerySchema.parse({ limit: 100 }), new Date())).items.length],
    ['failures 200', LIST_GOAL_MS, async () => (await listFailures(store, failuresQuerySchema.parse({ limit: 200 }), new Date())).items.length],
  ];
  const results: Record<string, { p50Ms: number; p95Ms: number; goalMs: number; items: number }> = {};
  for (const [name, goalMs, ask] of asks) {
    const times: number[] = [];
    let items = await ask();
    for (let run = 0; run < RUNS; run++) {
      const at = performance.now();
      items = await ask();
      times.push(performance.now() - at);
      if (times.reduce((sum, ms) => sum + ms, 0) > 10_000) break;
    }
    times.sort((a, b) => a - b);
    const result = { p50Ms: Math.round(times[Math.floor(times.length / 2)]!), p95Ms: Math.round(times[Math.min(times.length - 1, Math.floor(times.length * 0.95))]!), goalMs, items };
    results[name] = result;
    console.log(`${result.p95Ms > goalMs ? 'MISS' : ' ok '} ${name.padEnd(26)} p50 ${String(result.p50Ms).padStart(5)} ms, p95 ${String(result.p95Ms).padStart(5)} ms, goal ${goalMs} ms, ${items} items`);
  }
  const misses = Object.entries(results).filter(([, result]) => result.p95Ms > result.goalMs).map(([name]) => name);
  console.log(JSON.stringify({ bench: 'dead-letters-lists', rows: ROWS, listGoalMs: LIST_GOAL_MS, facetsGoalMs: FACETS_GOAL_MS, misses, results }));
} finally {
  if (kept) await store.close();
  for (const hook of hooks) await hook();
}
