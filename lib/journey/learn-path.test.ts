import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PathLearning } from '#lib/model/expected-path.ts';
import { aGraph, anOrder } from '#test/journeys/a-graph.ts';
import { derivePath, withEdits } from './derive-path.ts';
import { type FinishedJourney, learnPath, statsIn } from './learn-path.ts';
import { mergeStats, noStats, statsOf, subtractStats } from './path-stats.ts';

const HOUR_MS = 3_600_000;

function finished(count: number, from: Parameters<typeof anOrder>[0] = {}): FinishedJourney[] {
  return Array.from({ length: count }, (_, place) => {
    const startMs = (from.startMs ?? 1_000_000) + place * 1_000;
    return { startMs, stats: statsOf(anOrder({ ...from, startMs })) };
  });
}

const pathOf = (learning: PathLearning) => derivePath(statsIn(learning), learning);
const ids = (steps: readonly { id: string }[]) => steps.map((step) => step.id);

test('steps that every journey has are expected, those of some are branches with their share, in the order in which they happen', () => {
  const { learning } = learnPath(null, 'orders', [...finished(15), ...finished(5, { without: ['process notification'] })], [], 2_000_000);
  const path = pathOf(learning);
  assert.deepEqual(path.steps.map(({ id, required, share }) => [id, required, share]), [
    ['send checkout orders', 1, 1],
    ['process payment orders', 1, 1],
    ['send payment payments', 1, 1],
    ['process notification payments', 0, 0.75],
  ]);
  const [after] = path.steps[1]!.occurrences[0]!.after;
  assert.equal(after!.cause, 'send checkout orders#0');
  assert.ok(after!.p95Ms >= 120 && after!.p95Ms < 133, 'from the start of what caused it to its own end, within a tenth');
});

test('a step that every journey has twice is expected twice', () => {
  const twice = () => ({ startMs: 1_000_000, stats: statsOf(aGraph([{ kind: 'send', service: 'a', topic: 't', atMs: 0 }, { kind: 'send', service: 'a', topic: 't', atMs: 5 }])) });
  const { learning } = learnPath(null, 't', Array.from({ length: 20 }, twice), [], 2_000_000);
  assert.deepEqual(pathOf(learning).steps.map((step) => [step.id, step.required]), [['send a t', 2]]);
});

test('the order of journeys does not matter, nor in how many rounds they come', () => {
  const variants = [{}, { without: ['process notification'] }, { slowMs: 4_000 }, { without: ['send payment', 'process notification'] }];
  fc.assert(
    fc.property(fc.array(fc.nat(variants.length - 1), { minLength: 1, maxLength: 40 }), fc.infiniteStream(fc.nat()), fc.nat(40), (picks, order, cut) => {
      const journeys = picks.map((pick, place) => ({ startMs: 1_000_000 + place, stats: statsOf(anOrder({ ...variants[pick]!, startMs: 1_000_000 + place })) }));
      const shuffled = journeys.map((journey) => ({ journey, at: order.next().value as number })).toSorted((a, b) => a.at - b.at).map(({ journey }) => journey);
      const once = learnPath(null, 'orders', journeys, [], 2_000_000).learning;
      const first = learnPath(null, 'orders', shuffled.slice(0, cut), [], 2_000_000).learning;
      const again = learnPath(first, 'orders', shuffled.slice(cut), [], 2_000_000).learning;
      assert.deepEqual(statsIn(again), statsIn(once));
      assert.deepEqual({ ...pathOf(again), sinceMs: 0 }, { ...pathOf(once), sinceMs: 0 });
    }),
    { numRuns: 50 },
  );
});

test('what was added can be taken away again', () => {
  const [a, b] = [statsOf(anOrder({ slowMs: 3_000 })), statsOf(anOrder({ without: ['process notification'] }))];
  assert.deepEqual(subtractStats(mergeStats(a, b), b), a);
  assert.deepEqual(subtractStats(a, a), noStats());
});

test('after a deploy that adds a step a new version begins, and the old one keeps its figures', () => {
  const old = learnPath(null, 'orders', finished(40, { without: ['process notification'] }), [], 2_000_000).learning;
  const deployMs = 3_000_000;
  const change = { atMs: deployMs, words: 'deploy of payment 1.4.0', service: 'payment' };
  const early = learnPath(old, 'orders', finished(19, { startMs: deployMs }), [change], deployMs + 60_000);
  assert.equal(early.closed, null, 'nineteen are not enough');
  assert.equal(early.learning.trial.why, 'deploy of payment 1.4.0');
  const stragglers = finished(3, { startMs: deployMs - 10_000, without: ['process notification'] });
  const { learning, closed } = learnPath(early.learning, 'orders', [...stragglers, ...finished(1, { startMs: deployMs + 50_000 })], [], deployMs + 120_000);
  assert.deepEqual([learning.version, learning.why, learning.shift, learning.sinceMs], [2, 'deploy of payment 1.4.0', { added: ['process notification payments'], gone: [] }, deployMs]);
  assert.equal(statsIn(learning).journeys, 20, 'the new version knows what came after the deploy, and only that');
  assert.deepEqual([closed!.version, closed!.untilMs, closed!.stats.journeys], [1, deployMs, 43], 'what began before the deploy and ended after it is of the old version');
  assert.equal(closed!.stats.steps['process notification payments'], undefined);
});

test('a deploy that changes no step begins no version', () => {
  const old = learnPath(null, 'orders', finished(40), [], 2_000_000).learning;
  const { learning, closed } = learnPath(old, 'orders', finished(30, { startMs: 3_000_000 }), [{ atMs: 2_900_000, words: 'deploy of payment 1.4.0', service: 'payment' }], 3_100_000);
  assert.deepEqual([learning.version, closed, statsIn(learning).journeys, learning.trial.why], [1, null, 70, null]);
});

test('a deploy of a service that is not on the path is none of its business', () => {
  const old = learnPath(null, 'orders', finished(40), [], 2_000_000).learning;
  const { learning } = learnPath(old, 'orders', [], [{ atMs: 2_900_000, words: 'deploy of search 9', service: 'search' }], 3_100_000);
  assert.equal(learning.trial.why, null);
});

test('without a deploy a fault does not become the rule at once: a step that is gone for good takes fifty journeys and an hour', () => {
  const old = learnPath(null, 'orders', finished(60), [], 1_000_000 + HOUR_MS).learning; // compared once: nothing to compare with
  const many = learnPath(old, 'orders', finished(200, { startMs: 1_000_000 + HOUR_MS, without: ['process notification'] }), [], 1_000_000 + HOUR_MS + 600_000);
  assert.equal(many.closed, null, 'two hundred in ten minutes may be an outage');
  const faulty = finished(49, { startMs: 1_000_000 + HOUR_MS, without: ['process notification'] });
  const soon = learnPath(old, 'orders', faulty, [], 1_000_000 + HOUR_MS + 600_000);
  assert.equal(soon.closed, null);
  const { learning, closed } = learnPath(soon.learning, 'orders', finished(1, { startMs: 1_000_000 + 2 * HOUR_MS - 1_000, without: ['process notification'] }), [], 1_000_000 + 2 * HOUR_MS);
  assert.deepEqual([learning.version, learning.shift.gone], [2, ['process notification payments']]);
  assert.equal(closed!.stats.journeys, 60);
});

test('what a person said of a step goes over what was learned, in this version and in one that lacks the step', () => {
  const path = pathOf(learnPath(null, 'orders', finished(20), [], 2_000_000).learning);
  const edit = { ...path.steps[3]!, requirement: 'optional' as const, by: 'ana', atMs: 5 };
  const edited = withEdits(path, [edit, { id: 'process fraud orders', kind: 'process', service: 'fraud', group: null, topic: 'orders', requirement: 'required', by: 'ana', atMs: 6 }]);
  assert.deepEqual(edited.steps.map((step) => [step.id, step.required, step.learned, step.edit?.by ?? null]), [
    ['send checkout orders', 1, 1, null], ['process payment orders', 1, 1, null], ['send payment payments', 1, 1, null], ['process notification payments', 0, 1, 'ana'], ['process fraud orders', 1, 0, 'ana'],
  ]);
});

test('a step at the edge of what is expected does not come and go', () => {
  const at = (without: number, before: ReturnType<typeof pathOf> | null) => {
    const { learning } = learnPath(null, 'orders', [...finished(1_000 - without), ...finished(without, { without: ['process notification'] })], [], 2_000_000);
    return derivePath(statsIn(learning), learning, before);
  };
  const expected = at(19, null);
  assert.equal(expected.steps.at(-1)!.required, 1);
  assert.equal(at(25, expected).steps.at(-1)!.required, 1, 'it stays down to 97 %');
  assert.equal(at(25, null).steps.at(-1)!.required, 0, 'but does not become expected below 98 %');
  assert.equal(at(31, expected).steps.at(-1)!.required, 0);
});

test('a consumer known now by its spans and now by its commits is one step', () => {
  const ghost = (): FinishedJourney => {
    const graph = anOrder({ without: ['process payment', 'send payment', 'process notification'] });
    const hop = { ...graph.hops[0]!, id: 'ghost', kind: 'process' as const, knownBy: 'commits' as const, service: null, group: 'payment-group', ghost: true };
    return { startMs: 1_000_000, stats: statsOf({ ...graph, hops: [...graph.hops, hop], edges: [{ from: 'h0', to: 'ghost', evidence: [{ kind: 'coordinate', detail: '' }] }] }) };
  };
  const path = pathOf(learnPath(null, 'orders', [...finished(10), ...Array.from({ length: 10 }, ghost)], [], 2_000_000).learning);
  assert.deepEqual(ids(path.steps.filter((step) => step.topic === 'orders')), ['send checkout orders', 'process payment orders']);
  assert.deepEqual(path.steps[1]!.share, 1);
});
