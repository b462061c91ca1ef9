import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeDeadLetter } from './decode.ts';
import { dialects } from './dialects.ts';
import { fingerprint } from './fingerprint.ts';
import { payloadForm } from './payload-form.ts';
import { MAX_MESSAGE_CHARS, MAX_STACK_CHARS, type HeaderBytes } from '#lib/model/dead-letter.ts';

// Hanging shows as this many milliseconds without an end, never as a measured time: work is bounded by counts.
const GIVE_UP_MS = 120_000;
const HEADERS_READ = 20_000;
const SHORT = 1_024;

const bytes = (text: string) => new TextEncoder().encode(text);
const known = [...new Set(dialects.flatMap((dialect) => [...dialect.recognise, ...(dialect.requires ?? []), ...Object.values(dialect.fields).flatMap((fields) => fields.map((field) => field.name))]))];

/** Decodes as the ingest does, counts the headers that were read, and checks that all that would be stored is bounded. */
function decodeAndCheck(topic: string, headers: readonly HeaderBytes[]): number {
  let read = 0;
  const counted = { *[Symbol.iterator]() { for (const header of headers) { read++; yield header; } } } as unknown as readonly HeaderBytes[];
  const decoded = decodeDeadLetter({ topic, timestampMs: 5n, headers: counted });
  const byDecoder = read;
  const mark = fingerprint(topic, decoded, payloadForm(counted, false));
  assert.ok(byDecoder <= HEADERS_READ + 1 && read - byDecoder <= HEADERS_READ + 1, `${read} headers read`);
  const within = (name: string, value: string | null, limit: number) => assert.ok(value === null || value.length <= limit, `${name} has ${value?.length} characters`);
  within('topic', decoded.origin.topic, SHORT);
  within('group', decoded.origin.consumerGroup, SHORT);
  within('class', decoded.error.class, SHORT);
  within('root class', decoded.error.rootClass, SHORT);
  within('message', decoded.error.message, MAX_MESSAGE_CHARS + 1);
  within('stack', decoded.error.stack, MAX_STACK_CHARS + 1);
  within('correlation id', decoded.correlationId, SHORT);
  within('replay id', decoded.replayId, SHORT);
  within('frame', mark.title.frame, SHORT);
  within('normalised message', mark.title.message, 3 * 2_000);
  within('fingerprint', mark.text, 16_384);
  assert.ok(decoded.origin.partition === null || (decoded.origin.partition >= 0 && decoded.origin.partition <= 2_147_483_647));
  assert.ok(decoded.origin.offset === null || (decoded.origin.offset >= 0n && decoded.origin.offset <= 9_223_372_036_854_775_807n));
  assert.ok(decoded.origin.timestampMs === null || (decoded.origin.timestampMs >= 0n && decoded.origin.timestampMs <= 9_223_372_036_854_775_807n));
  assert.ok(decoded.attempts === null || (decoded.attempts >= 0 && decoded.attempts <= 2_147_483_647));
  return byDecoder;
}

const lines = fc.constantFrom(
  'java.lang.Y: m', '\tat a.b.c(D.java:3)', 'Caused by: a.b.C', 'Caused by: ', '\tSuppressed: a.B', '\t... 3 more', '    at f (/a/b.js:1:2)', '  [cause]: Error: x {', 'Traceback (most recent call last):', '  File "x.py", line 1, in f',
  '   at A.B.C(D e) in /x.cs:line 3', ' ---> A.B: c', '   --- End of inner exception stack trace ---', 'panic occurred: "x", stacktrace: ', '', '\uE000', '\uE0000\uE000', 'ü\r', '\0', 'nested exception is a.B: ', 'Listener failed; ',
);
const stacks = fc.array(lines, { maxLength: 30 }).map((all) => bytes(all.join('\n')));
/** One or a few pieces over and over: what makes a careless regular expression go back and forth. */
const repeated = fc.tuple(fc.constantFrom('a', '"', "'", '\\', '\\"', '0', '1,', 'a.', '.', ' ', '\t', '\n', ': ', '/', '(', ':1', '<', '@', '$', 'at ', '\tat ', 'x/', '$$', '[1, ', '--->', 'Error'), fc.constantFrom('', '\tat ', '    at ', '   at ', 'Caused by: ', '"', 'x: ', 'panic occurred: "'), fc.integer({ min: 1, max: 200_000 }))
  .map(([piece, start, count]) => bytes(`a.B: c\n${start}${piece.repeat(Math.min(count, Math.floor(1_000_000 / piece.length)))}`));
const invalid = fc.constantFrom(new Uint8Array([0xc3, 0x28]), new Uint8Array([0xff, 0xfe, 0]), new Uint8Array([0xed, 0xa0, 0x80]), new Uint8Array([0]), new Uint8Array(), bytes('a\0b'));
const values = fc.oneof(fc.constant(null), fc.uint8Array({ maxLength: 64 }), fc.string({ unit: 'binary' }).map(bytes), stacks, invalid);
const names = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known).map(bytes) }, fc.uint8Array({ maxLength: 40 }), invalid);
const topics = fc.constantFrom('a-dlt', 'b', 'dead-letter-topic-c', 'error.x.y', 'x_poisoned', 'o-retry-2', '');

test('no headers, however broken, make the decoder throw or its answer grow', { timeout: GIVE_UP_MS }, () => {
  fc.assert(fc.property(fc.array(fc.tuple(names, values), { maxLength: 40 }), topics, (headers, topic) => void decodeAndCheck(topic, headers)), { numRuns: 3_000 });
});

test('a megabyte of what makes regular expressions go back is read to its end, in every header of every dialect', { timeout: GIVE_UP_MS }, () => {
  fc.assert(fc.property(repeated, fc.constantFrom(...dialects), topics, (value, dialect, topic) => {
    const headers = [...dialect.recognise, ...(dialect.requires ?? []), ...Object.values(dialect.fields).flatMap((fields) => fields.map((field) => field.name))].map((name): HeaderBytes => [bytes(name), value]);
    decodeAndCheck(topic, headers);
  }), { numRuns: 150 });
});

test('of a hundred thousand headers no more than 20,000 are read', { timeout: GIVE_UP_MS }, () => {
  const headers = Array.from({ length: 100_000 }, (_, index): HeaderBytes => [bytes(known[index % known.length]!), bytes(String(index))]);
  assert.equal(decodeAndCheck('x', headers), HEADERS_READ + 1);
  decodeAndCheck('x', headers.slice(0, 10_000));
});

test('a recorded dead letter cut off anywhere, in its headers or in a value, is still read', { timeout: GIVE_UP_MS }, () => {
  const folder = new URL('../../test/corpora/dead-letters/', import.meta.url);
  const records = readdirSync(folder).filter((file) => file.endsWith('.json') && !file.startsWith('rabbitmq'))
    .flatMap((file) => (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { records: { topic: string; headers: [string, string | null][] }[] }).records);
  fc.assert(fc.property(fc.constantFrom(...records), fc.nat(), fc.nat(), fc.nat(), (record, keep, which, cut) => {
    const headers = record.headers.map(([name, value]): HeaderBytes => [bytes(name), value === null ? null : Buffer.from(value, 'base64')]).slice(0, 1 + (keep % record.headers.length));
    const index = which % headers.length;
    const [name, value] = headers[index]!;
    headers[index] = [name, value === null ? null : value.subarray(0, cut % (value.length + 1))];
    decodeAndCheck(record.topic, headers);
  }), { numRuns: 2_000 });
});
