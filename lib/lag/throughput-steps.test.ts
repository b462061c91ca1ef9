import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { measureThroughput, TOPICS_KEPT } from './measure-throughput.ts';
import { type ThroughputReading, throughputSteps } from './throughput-steps.ts';

const reading = (sinceMs: number, untilMs: number, records: number, topics: (number | null)[] = []): ThroughputReading => ({ sinceMs, untilMs, seconds: (untilMs - sinceMs) / 1_000, records, topics });
const MINUTES = { fromMs: 0, toMs: 240_000, stepMs: 60_000 };

test('a minute has the rate of the readings that lie in it, by the time they share; a minute nobody read is a gap and not 0', () => {
  const steps = throughputSteps([reading(-30_000, 30_000, 600), reading(30_000, 90_000, 1_200), reading(180_000, 240_000, 0)], MINUTES, 0);
  assert.deepEqual(steps.map((step) => step.all), [15, 20, null, 0]);
});

test('a topic that is not known in a reading is a gap of its own line only', () => {
  const steps = throughputSteps([reading(0, 60_000, 600, [60, null]), reading(60_000, 120_000, 600, [0, 540])], MINUTES, 2);
  assert.deepEqual(steps.slice(0, 2).map((step) => step.topics), [[1, null], [0, 9]]);
});

test('readings merged into an hour count by the seconds that were read of it', () => {
  const [step] = throughputSteps([{ sinceMs: 0, untilMs: 3_600_000, seconds: 1_800, records: 3_600, topics: [] }], { fromMs: 0, toMs: 3_600_000, stepMs: 3_600_000 }, 0);
  assert.equal(step?.all, 2);
});

test('however readings fall, steps that are covered whole hold as many records as the readings', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 170_000 }), fc.nat(10_000)), { minLength: 1, maxLength: 60 }), (parts) => {
      let atMs = 0;
      const readings = parts.map(([lengthMs, records]) => reading(atMs, (atMs += lengthMs), records));
      const toMs = Math.ceil(atMs / 60_000) * 60_000;
      readings.push(reading(atMs, toMs, 0));
      const held = throughputSteps(readings, { fromMs: 0, toMs, stepMs: 60_000 }, 0).reduce((sum, step) => sum + (step.all ?? Number.NaN) * 60, 0);
      const written = parts.reduce((sum, [, records]) => sum + records, 0);
      assert.ok(Math.abs(held - written) <= 1e-6 * Math.max(1, written), `${held} for ${written}`);
    }),
  );
});

test('of a reading the topics with most records are kept, and an end that went back is not known', () => {
  const topics = Array.from({ length: TOPICS_KEPT + 5 }, (_, id) => ({ id, before: 0n, now: BigInt(id + 1) }));
  const measured = measureThroughput([...topics, { id: 900, before: 10n, now: 4n }, { id: 901, before: null, now: 4n }, { id: 902, before: 4n, now: 4n }]);
  assert.equal(measured.records, topics.reduce((sum, topic) => sum + topic.now, 0n));
  assert.equal(measured.unknownTopics, 2);
  assert.deepEqual(measured.top.slice(0, 2), [{ id: 54, records: 55n }, { id: 53, records: 54n }]);
  assert.deepEqual(measured.top.slice(TOPICS_KEPT), [{ id: 900, records: null }, { id: 901, records: null }]);
});
