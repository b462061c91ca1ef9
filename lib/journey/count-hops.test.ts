import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hop, JourneyGraph } from '#lib/model/journey.ts';
import { countHops } from './count-hops.ts';

const minuteNs = 60_000_000_000n;
const hop = (id: string, change: Partial<Hop>): Hop => ({
  id, kind: 'process', knownBy: 'spans', service: 'payment', topic: 'orders', partition: 0, offset: 1n, group: null, traceId: 't', spanId: id, startNs: 5n * minuteNs, durationNs: 0n, queueNs: null, skewNs: null, error: null, ghost: false,
  attempts: [], uncertain: false, deferredTo: null, messageKey: null, deadLetterId: null, replayId: null, actor: null, outcome: null, ...change,
});
const graph = (hops: Hop[], edges: JourneyGraph['edges'] = []): JourneyGraph => ({ hops, edges, key: null, keyBy: null, traceIds: [], startNs: 0n, lastNs: 0n, references: [] });
const attempt = (error: string | null, ms = 10) => ({ traceId: 't', spanId: 's', startNs: 0n, durationNs: BigInt(ms) * 1_000_000n, error, batch: false });
const none = () => null;

test('a hop counts once with all its attempts, in the minute in which it began', () => {
  const [count, ...rest] = countHops(graph([hop('a', { attempts: [attempt('x'), attempt('y'), attempt(null)], queueNs: 2_000_000n })]), none);
  assert.deepEqual(rest, []);
  assert.deepEqual([count!.minute, count!.hops, count!.failed, count!.failedAttempts], [5, 1, 0, 2]);
  assert.ok(count!.processingClass! > count!.queueClass!);
});

test('the mark of a failed batch is neither a failure nor a success', () => {
  assert.deepEqual(countHops(graph([hop('a', { error: 'batch failed', uncertain: true })]), none).map((count) => [count.failed, count.uncertain]), [[0, 1]]);
});

test('commits without spans, replays and records known by headers alone count nowhere: when or by whom is not said', () => {
  assert.deepEqual(countHops(graph([hop('a', { knownBy: 'commits', service: null, group: 'g' }), hop('b', { kind: 'replay', knownBy: 'ledger', service: null }), hop('c', { kind: 'send', knownBy: 'record-headers', service: null })]), none), []);
});

test('a handling that led to a dead letter failed: by evidence, or by the key of what the same service published, not by time order', () => {
  const said = (kind: 'parent' | 'correlation' | 'inferred', service: string) => {
    const hops = [hop('a', { error: 'batch failed', uncertain: true }), hop('b', { kind: 'dead-letter', topic: 'orders.DLT', service })];
    const [handling] = countHops(graph(hops, [{ from: 'a', to: 'b', evidence: [{ kind, detail: '' }] }]), none);
    return [handling!.deadLetters, handling!.failed, handling!.uncertain];
  };
  assert.deepEqual(said('parent', 'other'), [1, 1, 0]);
  assert.deepEqual(said('correlation', 'payment'), [1, 1, 0]);
  assert.deepEqual(said('correlation', 'other'), [0, 0, 1]);
  assert.deepEqual(said('inferred', 'payment'), [0, 0, 1]);
});

test('what only the headers of a dead letter tell is a dead letter of that group, and no hop for a share', () => {
  const counts = countHops(graph([hop('g', { knownBy: 'dead-letter', service: null, group: 'billing', error: 'x' })], [{ from: 'g', to: 'd', evidence: [{ kind: 'coordinate', detail: '' }] }]), none);
  assert.deepEqual(counts.map((count) => [count.way.group, count.hops, count.failed]), [['billing', 0, 0]]);
});

test('a span that names no cluster is taken for the one that others name with its topic', () => {
  const hops = [hop('a', { kind: 'send', service: 'shop' }), hop('b', {})];
  assert.deepEqual(countHops(graph(hops), (each) => (each.id === 'b' ? 7 : null)).map((count) => count.way.cluster), [7, 7]);
});
