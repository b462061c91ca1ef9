import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normaliseMessage } from './normalise-message.ts';
import { queryWords, searchWords } from './search-words.ts';

const wordsOf = (message: string, correlationId: string | null = null) => searchWords({ message, correlationId }, normaliseMessage(message));

test('a row is found by what its failure has not: ids, numbers, quoted values, the correlation id', () => {
  assert.deepEqual(wordsOf('card of order 4711 was declined: "Gold"', 'chk-000123').toSorted(), ['000123', '4711', 'chk-000123', 'gold']);
  assert.deepEqual(wordsOf('no space left on device'), []);
  assert.deepEqual(searchWords({ message: null, correlationId: null }, null), []);
  assert.deepEqual(queryWords('  Order-4711, "gold" % _'), ['order-4711', 'gold']);
  assert.deepEqual(queryWords('%_\\'), []);
});

test('every word of a short message is either the failure’s or the row’s', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'Z', '1', '7', ' ', '-', '_', '"', "'", 'ß', '.', '@'), maxLength: 60 }), (message) => {
    const found = new Set([...queryWords(normaliseMessage(message)), ...wordsOf(message)]);
    for (const word of queryWords(message)) assert.ok(found.has(word), `${word} of ${message}`);
  }));
});

test('hostile text gives few and short words of letters and digits only', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), (message) => {
    const words = wordsOf(message, message);
    assert.ok(words.length <= 40);
    for (const word of words) assert.match(word, /^[\p{L}\p{N}_-]{1,64}$/u);
  }));
});
