import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { detectSchemaDrift } from './detect-schema-drift.ts';
import { learnShape, refreshShape, type ShapeState } from './learn-shape.ts';
import { readEvent } from './read-event.ts';
import { parentOf, shapeOf } from './shape-of.ts';

const START_MS = Date.UTC(2026, 10, 21, 12);

function learn(values: readonly unknown[], from: ShapeState | null = null, startMs = START_MS): ShapeState {
  return values.reduce<ShapeState | null>((state, value, n) => learnShape(state, shapeOf(value), { partition: 0, offset: String(n), atMs: startMs + n * 1_000 }), from)!;
}
const driftOf = (values: readonly unknown[]) => detectSchemaDrift('carts', new Map([['CartCheckedOut', learn(values)]]), 0);
const times = (count: number, make: (n: number) => unknown): unknown[] => Array.from({ length: count }, (_, n) => make(n));

test('a shape has the paths and types of a value, and none of its data', () => {
  assert.deepEqual([...shapeOf({ id: 7, lines: [{ sku: 'a', price: null }, { sku: 'b', price: 1.5 }], by: { 'ana@example.com': true, 'c-10023': 1 } })].map(([path, types]) => `${path} ${[...types].join('|')}`), [
    'id number', 'lines array', 'lines[] object', 'lines[].sku string', 'lines[].price null|number', 'by object', 'by.* boolean|number',
  ]);
  const known = new Set(['a', 'a.b', 'a.b[]', 'a.b[].c']);
  assert.deepEqual(['a.b[].c', 'a.b[]', 'a.b', 'a'].map((path) => parentOf(path, (one) => known.has(one))), ['a.b[]', 'a.b', 'a', '']);
});

test('a shape of anything is bounded, and learning it never fails', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => {
    assert.ok(shapeOf(value).size <= 300);
    const state = learn([value, value, { other: 1 }]);
    assert.equal(state.records, 3);
    assert.deepEqual(JSON.parse(JSON.stringify(refreshShape(state, START_MS))), JSON.parse(JSON.stringify(state)));
  }), { numRuns: 50 });
  assert.deepEqual([...shapeOf(JSON.parse('{"__proto__": {"constructor": 1}}')).keys()], ['*', '*.constructor']);
});

test('a field that changes its type, one that is missing and one that appears are told with the records before and after', () => {
  const before = times(30, () => ({ cartId: 'c', lines: [{ sku: 'a', unitPriceCents: 100 }], total: 5 }));
  const after = times(20, (n) => (n % 2 === 0 ? { cartId: 'c', lines: [{ sku: 'a', price: { amount: '1.00', currency: 'EUR' } }], total: '5.00' } : before[0]));
  const found = driftOf([...before, ...after])!;
  assert.equal(found.severity, 'warning');
  assert.equal(found.sentence, 'The events on carts (CartCheckedOut) changed their form: 1 field changed type, 1 field that was always there is missing, 1 field appeared.');
  assert.deepEqual(found.examples.map((example) => [example.note, example.before, example.after, example.records.map((record) => record.offset)]), [
    ['lines[].unitPriceCents of CartCheckedOut was always there and is missing, in 50 % of the events since.', 'number', 'not there', ['0', '30']],
    ['total of CartCheckedOut has another type, in 50 % of the events since.', 'number', 'string', ['0', '30']],
    ['lines[].price of CartCheckedOut appeared, in 50 % of the events since.', 'not there', 'object', ['30']],
  ].toSorted((a, b) => found.examples.findIndex((example) => example.note === a[0]) - found.examples.findIndex((example) => example.note === b[0])));
});

test('optional fields, nulls and empty lists are no drift, in whatever order they come', () => {
  fc.assert(fc.property(fc.array(fc.record({ note: fc.boolean(), none: fc.boolean(), lines: fc.integer({ min: 0, max: 2 }) }), { minLength: 5, maxLength: 9 }), fc.integer({ min: 1, max: 30 }), (forms, rounds) => {
    // Every form comes again and again from the start: nothing changes, however often it is looked at.
    const values = times(forms.length * rounds, (n) => {
      const form = forms[n % forms.length]!;
      return { id: 'x', ...(form.note ? { note: 'ring twice' } : {}), owner: form.none ? null : { name: 'a' }, lines: times(form.lines, () => ({ sku: 's' })) };
    });
    assert.equal(driftOf(values), null);
  }));
});

test('a field of a part that is missing is not missing itself, and a new part is one change', () => {
  const found = driftOf([...times(30, () => ({ a: 1, customer: { id: 1, name: 'x' } })), ...times(20, () => ({ a: 1, buyer: { id: 1, name: 'x' } }))])!;
  assert.deepEqual(found.examples.map((example) => example.note.split(' ')[0]), ['customer', 'buyer']);
});

test('how things have been for a day is how they are', () => {
  const changed = learn([...times(30, () => ({ a: 1 })), ...times(20, () => ({ a: 'x', b: 1 }))]);
  const later = START_MS + 26 * 3_600_000;
  const state = learn(times(30, () => ({ a: 'x', b: 1 })), refreshShape(changed, later), later);
  assert.equal(detectSchemaDrift('t', new Map([['', state]]), later), null);
  assert.equal(detectSchemaDrift('t', new Map([['', learn(times(20, () => ({ a: 1, b: 1 })), state, later + 60_000)]]), later)?.facts[0]?.value, 1, 'and it changes again');
});

const read = (value: unknown, headers: Record<string, string> = {}, keyText: string | null = null) => readEvent({ headers: new Map(Object.entries(headers)), value, hasSchemaId: false, keyText, headerId: null, headerCorrelated: false, masked: '[masked]' });

test('an event is read in the forms in common use', () => {
  const shop = read({ id: 'e-1', type: 'CartItemAdded', version: 1, occurredAt: '2026-11-21T12:00:00.000Z', data: { cartId: 'cart-1', customerId: 'c-1', sequence: 2 } }, {}, 'c-1');
  assert.deepEqual(shop, { id: 'e-1', eventAtMs: START_MS, sequence: { scope: 'sequence:cartId=cart-1', value: 2n }, eventType: 'CartItemAdded', marked: true, correlated: false });
  const cloud = read({ total: 1 }, { ce_type: 'order.placed', ce_time: '2026-11-21T12:00:00Z', ce_sequence: '17', ce_subject: 'o-1' });
  assert.deepEqual([cloud.eventType, cloud.eventAtMs, cloud.sequence, cloud.marked], ['order.placed', START_MS, { scope: 'h:o-1', value: 17n }, true]);
  const entity = read({ id: 'customer-7', name: 'Ana', metadata: { correlationId: 'x', timestamp: START_MS / 1_000 } });
  assert.deepEqual([entity.id, entity.correlated, entity.marked, entity.eventAtMs], [null, true, false, START_MS]);
  assert.deepEqual(read(undefined), { id: null, eventAtMs: null, sequence: null, eventType: '', marked: null, correlated: false });
});

test('masked parts are not taken for ids, and a schema version says nothing of order', () => {
  assert.equal(read({ eventId: '[masked]', type: 't' }).id, null);
  assert.equal(read({ version: 2, aggregateId: 'a' }).sequence, null);
  assert.equal(read({ sequence: 4, messageId: 'm' }, {}, null).sequence, null, 'no aggregate and no key');
});
