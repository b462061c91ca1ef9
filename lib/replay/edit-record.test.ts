import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RecordBytes, ReplayHeader } from '#lib/model/replay.ts';
import { editableText, editRecord, lineEndsOf } from './edit-record.ts';

const header = (name: string, value: string | null): ReplayHeader => [Buffer.from(name), value === null ? null : Buffer.from(value)];
const original: RecordBytes = { key: Buffer.from('k'), value: Buffer.from('{"id":12345678901234567890}'), headers: [header('a', '1'), header('a', null), [Buffer.from([0xff]), Buffer.from([0])]] };

test('only what a person changed differs, and what changed is named', () => {
  const { record, changed } = editRecord(original, { value: Buffer.from('{}'), headers: [{ original: 2 }, { original: 0 }, { name: Buffer.from('b'), value: null }] });
  assert.deepEqual(changed, ['value', 'headers']);
  assert.deepEqual(record, { key: original.key, value: Buffer.from('{}'), headers: [original.headers[2], original.headers[0], header('b', null)] });
  assert.deepEqual(editRecord(original, {}).changed, []);
  assert.deepEqual(editRecord(original, { value: Buffer.from('{"id":12345678901234567890}'), headers: [{ original: 0 }, { original: 1 }, { original: 2 }] }).changed, []);
  assert.deepEqual(editRecord(original, { key: null }).changed, ['key'], 'null and empty differ');
  assert.deepEqual(editRecord({ ...original, key: null }, { key: Buffer.alloc(0) }).changed, ['key']);
});

test('bytes that an editor cannot give back are no text', () => {
  assert.equal(editableText(Buffer.from([0xff, 0xfe])), null);
  assert.equal(editableText(Buffer.from([0, 0, 0, 0, 7, 2])), null);
  assert.equal(editableText(Buffer.from('\ufeff{"ä": "\t"}\n')), '\ufeff{"ä": "\t"}\n');
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    const text = editableText(bytes);
    assert.ok(text === null || Buffer.from(text, 'utf8').equals(bytes));
  }));
});

test('line ends of one kind can be put back, mixed ones cannot', () => {
  assert.deepEqual(['a\nb', 'a', 'a\r\nb\r\n', 'a\r\nb\n', 'a\rb'].map(lineEndsOf), ['lf', 'lf', 'crlf', 'mixed', 'mixed']);
});
