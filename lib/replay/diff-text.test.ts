import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diffText } from './diff-text.ts';

const drawn = (before: string, after: string) => diffText(before, after).map(({ kind, text }) => `${{ same: ' ', removed: '-', added: '+' }[kind]}${text}`);

test('of a JSON value in one line only the changed members differ, as they are spelled', () => {
  assert.deepEqual(drawn('{"id":12345678901234567890,"total":12.50,"to":"a,b"}', '{"id":12345678901234567890,"total":12.5,"to":"a,b"}'), [' {', ' "id":12345678901234567890,', '-"total":12.50,', '+"total":12.5,', ' "to":"a,b"', ' }']);
});

test('text differs by lines, line ends included', () => {
  assert.deepEqual(drawn('a\nb\nc', 'a\r\nb\nd\nc'), ['-a\n', '+a\r\n', ' b\n', '+d\n', ' c']);
  assert.deepEqual(drawn('', 'x'), ['+x']);
});

test('the pieces joined are both texts, whatever they are', () => {
  const text = fc.oneof(fc.string(), fc.json(), fc.array(fc.constantFrom('a\n', 'b\n', '{"x":1,', '"y\\"":[2,3]', '}', '\r\n', '"'), { maxLength: 40 }).map((parts) => parts.join('')));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const pieces = diffText(before, after);
      assert.equal(pieces.filter((piece) => piece.kind !== 'added').map((piece) => piece.text).join(''), before);
      assert.equal(pieces.filter((piece) => piece.kind !== 'removed').map((piece) => piece.text).join(''), after);
      if (before === after) assert.ok(pieces.every((piece) => piece.kind === 'same'));
    }),
    { numRuns: 1_000 },
  );
});

test('texts that have nothing in common are one replaced by the other, in bounded time', () => {
  const [before, after] = ['x', 'y'].map((sign) => Array.from({ length: 30_000 }, (_, index) => `${sign}${index}\n`).join(''));
  assert.equal(diffText(before!, after!).filter((piece) => piece.kind === 'same').length, 0);
});
