import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeDeadLetter } from './decode.ts';
import { fingerprint } from './fingerprint.ts';
import { normaliseMessage } from './normalise-message.ts';
import { mediaType, payloadForm } from './payload-form.ts';
import type { HeaderBytes } from '#lib/model/dead-letter.ts';

const folder = new URL('../../test/corpora/dead-letters/', import.meta.url);

test('dead letters of one scenario fall together and those of different scenarios apart', (t) => {
  let pairsTogether = 0, together = 0, pairsApart = 0, mixed = 0;
  const wrong: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('rabbitmq'))) {
    const corpus = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { records: { topic: string; scenario: string; headers: [string, string | null][]; valueBase64: string | null }[] };
    const marks = corpus.records.map((record) => {
      const headers = record.headers.map(([name, value]): HeaderBytes => [Buffer.from(name), value === null ? null : Buffer.from(value, 'base64')]);
      return { scenario: record.scenario.split('#')[0], text: fingerprint(record.topic, decodeDeadLetter({ topic: record.topic, timestampMs: null, headers }), payloadForm(headers, record.valueBase64 === null)).text };
    });
    marks.forEach((a, i) => marks.slice(i + 1).forEach((b) => {
      if (a.scenario === b.scenario) {
        pairsTogether++;
        if (a.text === b.text) together++;
        else wrong.push(`${file}: two ${a.scenario} apart`);
      } else {
        pairsApart++;
        if (a.text === b.text) { mixed++; wrong.push(`${file}: ${a.scenario} with ${b.scenario}`); }
      }
    }));
  }
  t.diagnostic(`${((together / pairsTogether) * 100).toFixed(1)} % of the pairs of one scenario together (${together} of ${pairsTogether}), ${mixed} of ${pairsApart} pairs of different scenarios mixed`);
  assert.equal(together, pairsTogether);
  assert.deepEqual(wrong, []);
});

test('ids, numbers, times, addresses and quoted values are taken out of a message, words stay', () => {
  assert.equal(normaliseMessage('Customer 42301980-f541-d27b-2c0f-0fd5980142bd not found for order 39492 (trace b225e5a9a9b50d91, took 320 ms)'), 'Customer <uuid> not found for order <n> (trace <n>, took <n> ms)');
  assert.equal(normaliseMessage("Cannot read properties of null (reading 'total')"), 'Cannot read properties of null (reading <text>)');
  assert.equal(normaliseMessage('connect ECONNREFUSED 10.0.3.17:5432'), 'connect ECONNREFUSED <host>');
  assert.equal(normaliseMessage('at 2026-11-21T03:56:34.694909687Z by $1@5a51058'), 'at <time> by $<n>@<address>');
  assert.equal(normaliseMessage('order ord-98ab12cd failed'), normaliseMessage('order ord-12345678 failed'));
  assert.equal(normaliseMessage("can't pay, won't pay"), "can't pay, won't pay");
});

test('a complaint about each item of a list is one complaint, however long the list', () => {
  const complaint = (items: number) => `Order version 2 does not match: ${Array.from({ length: items }, (_, index) => `lines.${index}.price: expected number, received undefined`).join('; ')}`;
  assert.equal(normaliseMessage(complaint(1)), 'Order version <n> does not match: lines.<n>.price: expected number, received undefined');
  for (const items of [2, 7, 300]) assert.equal(normaliseMessage(complaint(items)), normaliseMessage(complaint(1)));
  assert.equal(normaliseMessage('no price; no name; no price'), 'no price; no name; no price');
});

test('a long hostile message is normalised in bounded time', () => {
  const before = performance.now();
  for (const part of ['"', "'", '\\"', '1,', 'a1', '[1, ', '0x', '@', ' ']) normaliseMessage(part.repeat(500_000));
  assert.ok(performance.now() - before < 2_000);
});

test('the form of a value tells two causes apart where the error does not', () => {
  const error = (message: string, stack: string | null = null) => ({ error: { class: null, rootClass: null, message, stack } });
  const text = (decoded: Parameters<typeof fingerprint>[1], tombstone: boolean, contentType: string | null) => fingerprint('t', decoded, { tombstone, contentType }).text;
  assert.notEqual(text(error('not valid'), false, 'text/csv'), text(error('not valid'), false, 'avro/binary'));
  assert.notEqual(text(error('not valid'), true, null), text(error('not valid'), false, null));
  // The line that met the null is the place already.
  const stack = 'TypeError: no\n    at handle (/srv/app.js:1:1)';
  assert.equal(text(error('no', stack), true, null), text(error('no', stack), false, null));
  assert.notEqual(fingerprint('t', { error: { class: null, rootClass: null, message: null, stack: null } }, { tombstone: true, contentType: null }).text, fingerprint('t', { error: { class: null, rootClass: null, message: null, stack: null } }, { tombstone: false, contentType: null }).text);
});

test('a content type is read without parameters, whatever its header is called, and nothing else is taken for one', () => {
  assert.equal(mediaType('Text/CSV; charset=latin1'), 'text/csv');
  assert.equal(mediaType('"application/json"'), 'application/json');
  for (const none of ['', 'json', 'no type here', `${'a'.repeat(70)}/json`]) assert.equal(mediaType(none), null);
  const header = (name: string, value: string | null): HeaderBytes => [Buffer.from(name), value === null ? null : Buffer.from(value)];
  assert.deepEqual(payloadForm([header('contentType', 'a/b'), header('CONTENT-TYPE', 'c/d; x=y'), header('content_type', null), header('content-typo', 'e/f')], true), { tombstone: true, contentType: 'c/d' });
  assert.deepEqual(payloadForm([], false), { tombstone: false, contentType: null });
});
