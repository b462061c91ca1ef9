import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { testStore } from '#test/harness/database.ts';
import { numberArray, parseByteaArray } from '#lib/store/replays/array-text.ts';

test('byte arrays come back from PostgreSQL’s text as they went in, null and empty apart', async (t) => {
  const store = await testStore(t);
  const arrays = fc.sample(fc.array(fc.option(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)), { nil: null }), { maxLength: 6 }), 100);
  for (const array of [[], [null], [Buffer.alloc(0)], ...arrays]) {
    const [row] = await store.query<{ text: string }>('select $1::bytea[]::text as text', [array]);
    assert.deepEqual(parseByteaArray(row!.text), array);
  }
});

test('numbers keep every digit', async (t) => {
  const store = await testStore(t);
  const [row] = await store.query<{ numbers: bigint[] }>('select $1::bigint[] as numbers', [numberArray([1, null, 9223372036854775807n, -5n])]);
  assert.deepEqual(row!.numbers, [1n, null, 9223372036854775807n, -5n]);
});
