import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireEditable } from '#lib/operations/edit-wire.ts';
import { draftOf, editOf, faultOf, headerLines, valueRefusal } from './draft.ts';

const header = (original: number, name: string, text: string | null, isNull = false): WireEditable['headers'][number] => ({ original, name, text, isNull, bytes: 3, editable: text !== null, leftOut: false });
const editable: WireEditable = {
  deadLetterId: '1-0-5',
  cluster: 'c',
  generation: 0,
  originTopic: 'orders',
  refusal: null,
  key: { text: 'k', isNull: false, refusal: null },
  value: { text: '{\r\n"id":12345678901234567890}\r\n', isNull: false, refusal: null, format: 'json', lineEnds: 'crlf', schemaId: null, encoding: null, sha256: null },
  headers: [header(0, 'a', '1'), header(1, 'b', null), header(2, 'n', null, true)],
  headersRefusal: null,
};

test('what nobody touched is not sent, and what is sent has the line ends of the original', () => {
  const draft = draftOf(editable);
  assert.deepEqual(editOf(draft, editable), {});
  assert.deepEqual(editOf({ ...draft, value: draft.value.replace('0}', '1}') }, editable), { value: { text: '{\r\n"id":12345678901234567891}\r\n' } });
  assert.deepEqual(editOf({ ...draft, valueIsNull: true, keyIsNull: true }, editable), { value: null, key: null });
});

test('headers that stay are named by their place, so that their bytes stay too', () => {
  const draft = draftOf(editable);
  const [a, b, n] = draft.headers as [(typeof draft.headers)[0], (typeof draft.headers)[0], (typeof draft.headers)[0]];
  assert.deepEqual(editOf({ ...draft, headers: [{ ...a, value: '2' }, b, { ...n, removed: true }, { id: 9, original: null, name: 'x', value: '', isNull: true, removed: false }] }, editable), { headers: [{ name: 'a', value: '2' }, { original: 1 }, { name: 'x', value: null }] });
  assert.equal(headerLines(draft.headers, editable), 'a: 1\nb: (3 bytes)\nn: (null)\n');
});

test('a value that a browser would change is not edited in one', () => {
  assert.match(valueRefusal({ ...editable, value: { ...editable.value, lineEnds: 'mixed' } })!, /line ends/);
  assert.equal(valueRefusal(editable), null);
  assert.deepEqual(faultOf({ ...draftOf(editable), value: '{\n,' })?.line, 2);
  assert.equal(faultOf({ ...draftOf(editable), value: 'x', format: 'text' }), null);
});
