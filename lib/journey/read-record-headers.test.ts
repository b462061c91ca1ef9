import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rankHeaders, readRecordHeaders } from './read-record-headers.ts';

const names = rankHeaders({});
const read = (headers: [string, string | null][], isHidden: (name: string) => boolean = () => false) =>
  readRecordHeaders(headers.map(([name, value]) => [Buffer.from(name), value === null ? null : Buffer.from(value)]), names, isHidden);

test('ids are found by their names without regard to case, the better name first, of repeated ones the last', () => {
  assert.deepEqual(read([['X-Correlation-Id', 'worse'], ['Correlation-ID', 'old'], ['Correlation-ID', 'o-1'], ['ce_id', 'e-2'], ['ce_causationid', 'e-1'], ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']]), {
    parent: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }, journeyKey: 'o-1', journeyKeyBy: 'Correlation-ID', eventId: 'e-2', causationId: 'e-1',
  });
});

test('headers that say nothing give nothing, and a trace of zeros is none', () => {
  assert.equal(read([['x', '1'], ['correlation-id', ''], ['correlation-id', null], ['traceparent', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]]), null);
  assert.equal(read([['correlation-id', 'a\u0000b']]), null);
});

test('what is masked is not looked at', () => {
  assert.equal(read([['correlation-id', 'o-1']], (name) => name === 'correlation-id'), null);
});

test('any bytes at all are taken without a throw', () => {
  const name = fc.oneof(fc.constantFrom('correlation-id', 'ce_id', 'traceparent').map((text) => Buffer.from(text)), fc.uint8Array({ maxLength: 20 }));
  fc.assert(fc.property(fc.array(fc.tuple(name, fc.option(fc.uint8Array({ maxLength: 300 })))), (headers) => {
    const found = readRecordHeaders(headers, names, () => false);
    for (const id of [found?.journeyKey, found?.eventId, found?.causationId]) assert.ok(id === null || id === undefined || (id.length <= 256 && !id.includes('\0')));
  }));
});
