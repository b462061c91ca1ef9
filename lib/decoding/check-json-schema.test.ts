import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkJsonSchema } from './check-json-schema.ts';

const order = JSON.stringify({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Order',
  type: 'object',
  additionalProperties: false,
  required: ['id', 'total'],
  properties: {
    id: { type: 'integer', minimum: 1 },
    total: { type: 'number', exclusiveMinimum: 0 },
    note: { oneOf: [{ type: 'null' }, { type: 'string', maxLength: 5 }] },
    lines: { type: 'array', minItems: 1, items: { $ref: '#/definitions/line' } },
    buyer: { $ref: 'customer.json' },
    code: { type: 'string', pattern: '^[A-Z]+$' },
  },
  definitions: { line: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' }, count: { type: 'integer' } } } },
});
const customer = JSON.stringify({ type: 'object', properties: { name: { $ref: '#/definitions/name' } }, definitions: { name: { type: 'string', minLength: 1 } } });
const check = (value: string) => checkJsonSchema(value, order, [{ name: 'customer.json', schema: customer }])!;

test('a value that fits has no fault, with 64-bit integers as they are', () => {
  assert.deepEqual(check('{"id": 9223372036854775807, "total": 12.50, "note": null, "lines": [{"sku": "a", "count": 2}], "buyer": {"name": "x"}}'), { faults: [], unchecked: [] });
});

test('each fault is named with its place', () => {
  const { faults } = check('{"id": "7", "lines": [{"count": 1.5}], "note": "too long", "extra": 1, "buyer": {"name": ""}}');
  assert.deepEqual(
    faults.map(({ at, message }) => `${at} ${message}`),
    [
      ' has "extra", which the schema does not know',
      ' lacks "total"',
      '/id is a string, the schema wants integer',
      '/note fits none of the 2 forms that the schema allows',
      '/note is a string, the schema wants null',
      '/lines/0 lacks "sku"',
      '/lines/0/count is a number, the schema wants integer',
      '/buyer/name has 0 characters, the schema wants at least 1',
    ],
  );
});

test('what is not evaluated is said, and never counts as a fault', () => {
  assert.deepEqual(check('{"id": 1, "total": 1, "code": "abc"}'), { faults: [], unchecked: ['pattern (/properties/code)'] });
  assert.deepEqual(checkJsonSchema('"a"', '{"oneOf": [{"pattern": "a"}, {"pattern": "b"}], "not": {"pattern": "c"}}')!.faults, []);
  assert.equal(checkJsonSchema('{', order), null);
});

test('a schema that calls itself without end is given up on', () => {
  const { faults, unchecked } = checkJsonSchema('1', '{"$ref": "#"}')!;
  assert.deepEqual([faults, unchecked.length], [[], 1]);
});
