import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HopWire, JourneyWire } from '#lib/operations/journey-wire.ts';
import { incidentText } from './incident-text.ts';

const hop = (fields: Partial<HopWire>): HopWire => ({
  id: 'h', kind: 'process', knownBy: 'spans', service: 'payment', topic: 'orders', partition: 0, offset: '7', group: null, traceId: null, spanId: null, startedAt: '2026-11-21T10:00:00.000Z', atMs: 0, durationMs: 3,
  queueMs: 12, skewMs: null, error: null, uncertain: false, deferredTo: null, ghost: false, attempts: [], messageKey: null, deadLetterId: null, replayId: null, actor: null, outcome: null, ...fields,
});
const journey = (hops: HopWire[]): JourneyWire => ({
  id: '01a1fe9e-3838-7863-ad67-daf24ddc7835', key: 'ord-4711', keyBy: 'x', state: 'dead-lettered', verdict: 'Dead-lettered at payment.', startedAt: '2026-11-21T10:00:00.000Z', lastActivityAt: '2026-11-21T10:00:01.000Z',
  durationMs: 1_400, hops, edges: [], path: [{ text: 'payment', kind: 'process', failed: 2, ok: false, ghost: false, times: 1 }], traceIds: [], groups: [], partial: false, usual: null,
});

test('a journey as text says verdict, path, each hop with its time, and where to look', () => {
  const text = incidentText(journey([hop({ error: 'card declined\n  at charge' }), hop({ kind: 'replay', actor: 'ana', outcome: 'sent' })]), 'https://waybill.example/journeys/1');
  assert.deepEqual(text.split('\n'), [
    'ord-4711: dead lettered',
    'Dead-lettered at payment.',
    '',
    'Path: payment (2 failed)',
    'Began 2026-11-21T10:00:00.000Z, took 1.4 s',
    '',
    '2026-11-21T10:00:00.000Z  payment: process orders p0@7, waited 12 ms: card declined',
    '2026-11-21T10:00:00.000Z  replay by ana: replay to orders p0@7: sent',
    '',
    'https://waybill.example/journeys/1',
  ]);
});

test('of a long journey the failures are kept, and what is left out is counted', () => {
  const hops = Array.from({ length: 500 }, (_, index) => hop({ id: `h${index}`, ...(index === 400 ? { error: 'gone wrong' } : {}) }));
  const text = incidentText(journey(hops), 'x');
  assert.match(text, /gone wrong/);
  assert.match(text, /… 440 more hops/);
});
