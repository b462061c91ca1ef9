import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findJsonFault } from './find-json-fault.ts';

test('a fault is named with its line and column', () => {
  const fault = (text: string) => {
    const found = findJsonFault(text);
    return found && `${found.line}:${found.column} ${found.message}`;
  };
  assert.equal(fault('{"a": 12345678901234567890, "b": [1.50, true, null, "\\u00e4"]}'), null);
  assert.equal(fault('{\n  "a": 1,\n}'), '3:1 expected a name in double quotes');
  assert.equal(fault('{\r\n"a" 1}'), '2:5 expected ":"');
  assert.equal(fault("{'a': 1}"), '1:2 expected a name in double quotes or "}"');
  assert.equal(fault("['a']"), '1:2 expected a value or "]" (JSON wants double quotes)');
  assert.equal(fault('[1 2]'), '1:4 expected "," or "]"');
  assert.equal(fault('{"a": "x'), '1:9 the text ends inside a string');
  assert.equal(fault('{"a": "x\ny"}'), '1:9 a line end inside a string: write it as \\n');
  assert.equal(fault('"\\q"'), '1:2 this escape is unknown to JSON');
  assert.equal(fault('[01]'), '1:3 expected "," or "]"');
  assert.equal(fault(''), '1:1 the text ends here, expected a value');
  assert.equal(fault('1 2'), '1:3 something follows after the end of the JSON value');
  assert.equal(findJsonFault('['.repeat(200_000) + ']'.repeat(200_000)), null);
});

test('it agrees with JSON.parse on every text, whole or damaged', () => {
  const damaged = fc.tuple(fc.json({ maxDepth: 4 }), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', '{', '0', '.', '\\', '\n', '\u0001', 'é', ' ', ':', 'e', '-')).map(([text, at, sign]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + sign + text.slice(place + (at % 2));
  });
  fc.assert(
    fc.property(fc.oneof(fc.json(), damaged, fc.string()), (text) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      assert.equal(findJsonFault(text) === null, isJson, text);
    }),
    { numRuns: 2_000 },
  );
});
