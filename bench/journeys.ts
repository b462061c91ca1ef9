// How fast journeys and spans are found and read at 3 million spans, and how long retention takes to drop them: `npm run bench journeys`.
// The store is filled as the receiver and the resolver fill it (all spans on one day), then asked one question after the other.
// BENCH_SPANS (3000000), BENCH_ASKED (300). One JSON line last: shares of the goals first, because those carry over to other machines.
import { createHash } from 'node:crypto';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { findJourneys } from '#lib/operations/find-journeys.ts';
import { followJourney } from '#lib/operations/follow-journey.ts';
import { getSpan } from '#lib/operations/get-span.ts';
import { journeysQuerySchema, listJourneys } from '#lib/operations/list-journeys.ts';
import { readSpans } from '#lib/store/journeys/read-spans.ts';
import { dropOldPartitions } from '#lib/store/retention/drop-old-partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { type SpanToStore, storeSpans } from '#test/harness/store-spans.ts';

const goals = { journeyByKeyP99Ms: 50, traceByIdP99Ms: 20, finderP99Ms: 300, dropSeconds: 1 };
const spans = Number(process.env['BENCH_SPANS'] ?? 3_000_000);
const asked = Number(process.env['BENCH_ASKED'] ?? 300);
const perOrder = 8;
const orders = Math.floor(spans / perOrder);
const now = new Date();
const day = now.toISOString().slice(0, 10);
const startMs = Date.parse(`${day}T00:00:00Z`);

// One order through four services, as bench/spans.ts sends it.
const shape = [
  { service: 'shop-api', name: 'POST /orders', kind: 2, parent: -1, topic: null, operation: null },
  { service: 'shop-api', name: 'send orders', kind: 4, parent: 0, topic: 'orders', operation: 'send' },
  { service: 'payment', name: 'process orders', kind: 5, parent: 1, topic: 'orders', operation: 'process' },
  { service: 'payment', name: 'charge card', kind: 1, parent: 2, topic: null, operation: null },
  { service: 'payment', name: 'send payments', kind: 4, parent: 2, topic: 'payments', operation: 'send' },
  { service: 'inventory', name: 'process orders', kind: 5, parent: 1, topic: 'orders', operation: 'process' },
  { service: 'notification', name: 'process payments', kind: 5, parent: 4, topic: 'payments', operation: 'process' },
  { service: 'notification', name: 'render mail', kind: 1, parent: 6, topic: null, operation: null },
] as const;

const hash = (text: string): string => createHash('md5').update(text).digest('hex');
const traceOf = (order: number): string => hash(`trace ${order}`);
const spanOf = (order: number, place: number): string => hash(`span ${order} ${place}`).slice(0, 16);
const keyOf = (order: number): string => `${hash(`key ${order}`)}-key`;

const hooks: (() => unknown)[] = [];
const store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
try {
  const filling = performance.now();
  await fill(store);
  console.log(`${(orders * perOrder).toLocaleString('en')} spans of ${orders.toLocaleString('en')} journeys stored in ${((performance.now() - filling) / 1_000).toFixed(0)} s`);
  const order = (): number => Math.floor(Math.random() * orders);
  const query = (change: Record<string, unknown>) => journeysQuerySchema.parse(change);
  const figures = {
    journeyByKey: await measure('journey by key, found and with all its hops', async () => {
      const { items } = await findJourneys(store, { text: keyOf(order()) });
      const journey = await followJourney(store, { id: items[0]!.id, now });
      if (journey.hops.length !== 5) throw new Error(`${journey.hops.length} hops`);
    }),
    traceById: await measure('trace by id', async () => {
      const found = await readSpans(store, [traceOf(order())], 5_000);
      if (found.length !== perOrder) throw new Error(`${found.length} spans`);
    }),
    span: await measure('one span with all its attributes', async () => {
      const at = order();
      const span = await getSpan(store, { traceId: traceOf(at), spanId: spanOf(at, 2), masking: compileMasking([]) });
      if (span.attributes.length !== 9) throw new Error(`${span.attributes.length} attributes`);
    }),
    finder: await worst({
      'finder: the latest': () => listJourneys(store, query({})),
      'finder: those that failed': () => listJourneys(store, query({ state: 'failed,dead-lettered' })),
      'finder: a key': () => listJourneys(store, query({ q: keyOf(order()) })),
      'finder: a trace': () => listJourneys(store, query({ q: traceOf(order()) })),
      'finder: a coordinate': () => listJourneys(store, query({ q: `orders:${order() % 12}@${order()}` })),
      'finder: what is not there': () => listJourneys(store, query({ q: `no such order ${order()}` })),
    }),
  };
  const dropping = performance.now();
  for (const table of ['span', 'span_chunk', 'span_event']) await dropOldPartitions(store, table, new Date(startMs + 86_400_000));
  const dropSeconds = Math.round(performance.now() - dropping) / 1_000;
  console.log(`the day dropped in ${dropSeconds} s`);
  const reached = { journeyByKeyP99Ms: figures.journeyByKey.p99, traceByIdP99Ms: figures.traceById.p99, finderP99Ms: figures.finder.p99, dropSeconds };
  console.log(JSON.stringify({ bench: 'journeys', ofGoal: Object.fromEntries(Object.entries(goals).map(([goal, most]) => [goal, Math.round((reached[goal as keyof typeof goals] / most) * 100) / 100])), ...figures, dropSeconds, goals, spans: orders * perOrder, asked, node: process.version }));
} finally {
  for (const hook of hooks.toReversed()) await hook();
}

async function fill(into: Store): Promise<void> {
  const [resource] = await into.query<{ id: bigint }>(`insert into resource (hash, service, attributes) values ('\\x01', 'shop', '{"service.name":"shop"}') returning id`);
  const ordersPerCommit = 500;
  for (let first = 0; first < orders; first += ordersPerCommit) {
    const rows: SpanToStore[] = [];
    for (let order = first; order < Math.min(orders, first + ordersPerCommit); order++) for (const place of shape.keys()) rows.push(rowOf(order, place, resource!.id));
    await storeSpans(into, rows, now);
  }
  // As the resolver writes them; resolving so many would take longer than anything that is measured here.
  await into.execute('truncate journey_pending');
  await into.execute(
    `insert into journey (id, key, key_by, state, verdict, entry_type, last_hop, hop_count, started_at, last_activity_at)
     select gen_random_uuid(), journey_key, 'messaging.message.conversation_id', case when start_ns / 1000000 % 100 = 0 then 'failed' else 'done' end, 'Done.', 'orders', 'process notification payments', 5,
       to_timestamp(start_ns / 1e9), to_timestamp(start_ns / 1e9) + interval '1 second' from span where name = 'send orders'`);
  await into.execute(`insert into journey_member (by, ref, journey_id, at) select 'key', 'key:' || key, id, now() from journey`);
  await into.execute(
    `insert into journey_member (by, ref, journey_id, at) select 'span', 'span:' || encode(s.trace_id, 'hex') || ':' || encode(s.span_id, 'hex'), m.journey_id, now()
     from span s join journey_member m on m.by = 'key' and m.ref = 'key:' || s.journey_key where s.operation = 'send'`);
  await into.execute('analyze');
}

function rowOf(order: number, place: number, resourceId: bigint): SpanToStore {
  const { service, name, kind, parent, topic, operation } = shape[place]!;
  const traceId = traceOf(order);
  const values = topic === null ? ['http.request.method', 'POST', 'url.path', '/orders', 'app.tenant', 'tenant-17'] : ['messaging.system', 'kafka', 'messaging.destination.name', topic];
  const attributes = [...values, ...Array.from({ length: (18 - values.length) / 2 }, (_, index) => [`attribute.${index}`, `value ${index}`]).flat()];
  return {
    day, traceId, spanId: spanOf(order, place), parentSpanId: parent < 0 ? null : spanOf(order, parent), resourceId, clusterId: null, service, name, kind,
    startNs: BigInt(startMs + Math.floor((order / orders) * 86_000_000)) * 1_000_000n + BigInt(place) * 2_000_000n, durationNs: 1_500_000n, statusCode: 0, statusMessage: null, operation, topic,
    partition: topic === null ? null : order % 12, offset: operation === 'process' ? BigInt(order) : null, messageKey: topic === null ? null : `customer-${order}`, group: null, journeyKey: keyOf(order), journeyKeyBy: 'messaging.message.conversation_id',
    eventId: null, causationId: null, batch: false, links: null, attributes: JSON.stringify({ a: attributes }), tells: true,
  };
}

interface Times {
  p50: number;
  p99: number;
}

async function measure(what: string, ask: () => Promise<unknown>): Promise<Times> {
  for (let n = 0; n < 10; n++) await ask();
  const times: number[] = [];
  for (let n = 0; n < asked; n++) {
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))]! * 10) / 10;
  console.log(`${what.padEnd(46)} p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  return { p50: at(0.5), p99: at(0.99) };
}

async function worst(questions: Record<string, () => Promise<unknown>>): Promise<Times> {
  let slowest: Times = { p50: 0, p99: 0 };
  for (const [what, ask] of Object.entries(questions)) {
    const times = await measure(what, ask);
    if (times.p99 > slowest.p99) slowest = times;
  }
  return slowest;
}
