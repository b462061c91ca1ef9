import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CUSTOMERS, pickProduct, PRODUCTS } from './catalogue.ts';
import { recentlySeen } from './recently-seen.ts';
import { seededRandom } from './random.ts';

test('the same seed gives the same baskets, another seed others', () => {
  const baskets = (seed: string): string[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 50 }, () => `${random.pick(CUSTOMERS).id} ${pickProduct(random).sku}`);
  };
  assert.deepEqual(baskets('monday'), baskets('monday'));
  assert.notDeepEqual(baskets('monday'), baskets('tuesday'));
});

test('numbers stay within their bounds for every seed', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: -50, max: 50 }), fc.nat(100), (seed, low, width) => {
      const random = seededRandom(seed);
      for (let round = 0; round < 20; round += 1) {
        const number = random.between(low, low + width);
        assert.ok(Number.isInteger(number) && number >= low && number <= low + width);
      }
    }),
  );
});

test('popular products are bought more often than rare ones, and all are bought', () => {
  const random = seededRandom('shop');
  const bought = new Map<string, number>();
  for (let round = 0; round < 20_000; round += 1) {
    const { sku } = pickProduct(random);
    bought.set(sku, (bought.get(sku) ?? 0) + 1);
  }
  assert.equal(bought.size, PRODUCTS.length);
  assert.ok(bought.get('TEA-ASSAM-250')! > 4 * bought.get('POT-CAST-800')!);
});

test('every customer has an id and an address of their own', () => {
  assert.equal(new Set(CUSTOMERS.map((customer) => customer.id)).size, CUSTOMERS.length);
  assert.equal(new Set(CUSTOMERS.map((customer) => customer.email)).size, CUSTOMERS.length);
  for (const { email } of CUSTOMERS) assert.match(email, /^[a-z]+\.[a-z]+\d+@example\.com$/);
});

test('the guard against duplicates forgets the oldest and never holds more than its limit', () => {
  const seen = recentlySeen(3);
  for (const id of ['a', 'b', 'a', 'c', 'd']) seen.add(id);
  assert.deepEqual(['a', 'b', 'c', 'd'].map((id) => seen.has(id)), [true, false, true, true]);
});
