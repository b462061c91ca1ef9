import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hop, JourneyGraph } from '#lib/model/journey.ts';
import { judgeJourney } from './judge-journey.ts';

const SECOND_NS = 1_000_000_000n;

function hop(id: string, given: Partial<Hop>): Hop {
  return {
    id, kind: 'process', knownBy: 'spans', service: null, topic: 'orders', partition: 0, offset: 8n, group: null, traceId: null, spanId: null, startNs: 0n, durationNs: 1_000_000n, queueNs: null, skewNs: null,
    error: null, ghost: false, attempts: [], uncertain: false, deferredTo: null, messageKey: null, deadLetterId: null, replayId: null, actor: null, outcome: null, ...given,
  };
}

// payment failed on orders 0@8, which cart reads too; the dead letter was replayed to 0@16.
function replayed(outcome: string | null, readers: string[]): JourneyGraph {
  const hops = [
    hop('failing', { service: 'payment', error: 'ProviderUnavailableError: no answer' }),
    hop('letter', { kind: 'dead-letter', topic: 'payments.DLT', service: 'payment', startNs: SECOND_NS, deadLetterId: '1-0-0' }),
    hop('replay', { kind: 'replay', offset: 16n, startNs: 2n * SECOND_NS, deadLetterId: '1-0-0', actor: 'ana', outcome }),
    ...readers.map((service) => hop(service, { service, offset: 16n, startNs: 3n * SECOND_NS })),
  ];
  return { hops, edges: [{ from: 'failing', to: 'letter', evidence: [] }], key: 'chk-1', keyBy: null, traceIds: [], startNs: 0n, lastNs: 3n * SECOND_NS, references: [] };
}

test('a replay counts as processed by the service that failed, not by whoever reads the topic first', () => {
  const { state, verdict } = judgeJourney(replayed('processed', ['cart', 'payment']), [], 10_000);
  assert.equal(state, 'replayed');
  assert.equal(verdict, 'Dead-lettered at payment, replayed by ana, and processed by payment.');
});

test('another group that handled the replayed record does not end the wait for the one that failed', () => {
  const { state, verdict } = judgeJourney(replayed('sent', ['cart']), [], 10_000);
  assert.equal(state, 'in-flight');
  assert.match(verdict, /it waits at orders p0@16/);
});

test('what the ledger says was processed is processed, also without a span of the service', () => {
  const { state, verdict } = judgeJourney(replayed('processed', ['cart']), [], 10_000);
  assert.equal(state, 'replayed');
  assert.equal(verdict, 'Dead-lettered at payment, replayed by ana, and processed.');
});
