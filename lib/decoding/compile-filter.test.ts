import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileFilter, type FilterInput } from './compile-filter.ts';
import { parseJson } from './parse-json.ts';
import { timestampOf } from './timestamp.ts';

const record = (value: unknown, more: Partial<FilterInput> = {}): FilterInput => ({ key: 'a-1', value, headers: new Map([['x', 'y']]), offset: 7n, partition: 2n, timestamp: timestampOf(1_790_000_000_000n), ...more });
const run = (text: string, input: FilterInput) => {
  const compiled = compileFilter(text);
  assert.ok('filter' in compiled, JSON.stringify(compiled));
  return compiled.filter(input);
};

describe('a filter in CEL', () => {
  const order = record(parseJson('{"amount": 150, "price": 12.5, "id": 9007199254740993, "items": [{"sku": "a"}, {"sku": "b"}], "to": {"city": "Bern"}, "none": null}'));

  for (const [text, expected] of [
    ['value.amount > 100 && headers["x"] == "y" && key.startsWith("a")', true],
    ['value.amount > 100.5 && value.price < 13', true],
    ['value.id == 9007199254740993', true],
    ['value.id == 9007199254740992', false],
    ['value.items.exists(i, i.sku == "b") && value.items.all(i, i.sku.matches("^[ab]$"))', true],
    ['has(value.to.city) && !has(value.to.street)', true],
    ['"z" in headers && headers["z"] == "y"', false],
    ['value.none == null', true],
    ['offset >= 7 && partition in [1, 2]', true],
    ['timestamp > timestamp("2026-01-01T00:00:00Z") && timestamp < timestamp("2027-01-01T00:00:00Z")', true],
    ['key.lowerAscii() == "a-1"', true],
    ['type(value.amount) == int', true],
  ] as const) {
    it(`${text} is ${expected}`, () => assert.deepEqual(run(text, order), { matched: expected, error: null }));
  }

  it('says why a record could not be judged, and that it did not match', () => {
    assert.deepEqual(run('value.missing == 1', order), { matched: false, error: 'field not found: missing' });
    assert.match(run('value.amount + "x" == ""', order).error ?? '', /no matching overload/u);
    assert.match(run('value.amount', order).error ?? '', /yes or no/u);
    assert.match(run('value.amount > 1', record(null)).error ?? '', /./u);
  });

  for (const [text, position, message] of [
    ['value.amount >', null, /syntax|expect|found/u],
    ['valeu.amount > 1', 0, /there is no "valeu"/u],
    ['key == "a" && offset > nope', 23, /there is no "nope"/u],
    ['value.items.exists(i, j == 1)', 22, /there is no "j"/u],
    ['key.reverse()', null, /no function "reverse"/u],
    ['process.exit(1)', null, /there is no/u],
    ['constructor', 0, /there is no "constructor"/u],
    ['__proto__', 0, /there is no/u],
    ['', null, /./u],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} with its place`, () => {
      const compiled = compileFilter(text);
      assert.ok('invalid' in compiled);
      assert.match(compiled.invalid.message, message);
      if (position !== null) assert.equal(compiled.invalid.position, position);
      else if (text !== '') assert.notEqual(compiled.invalid.position, null);
    });
  }

  it('reaches nothing but the record: no prototype, no global', () => {
    for (const text of ['value.constructor == 1', 'value.__proto__ == 1', 'headers.constructor == 1', 'value.toString == 1']) assert.match(run(text, order).error ?? '', /field not found/u);
    assert.equal(run('"constructor" in value', order).matched, false);
  });

  it('refuses what is nested too deeply instead of failing', () => {
    for (const text of [`${'('.repeat(1_900)}1${')'.repeat(1)}`, `${'['.repeat(1_000)}1${']'.repeat(1_000)} == []`, `${'!'.repeat(1_999)}true`, '1+'.repeat(900)]) {
      const compiled = compileFilter(text);
      assert.ok('invalid' in compiled || 'filter' in compiled);
    }
  });
});
