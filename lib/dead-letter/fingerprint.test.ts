import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeDeadLetter } from './decode.ts';
import { fingerprint } from './fingerprint.ts';
import { normaliseMessage } from './normalise-message.ts';
import type { HeaderBytes } from '#lib/model/dead-letter.ts';

const folder = new URL('../../test/corpora/dead-letters/', import.meta.url);

test('dead letters of one scenario fall together and those of different scenarios apart', (t) => {
  let pairsTogether = 0, together = 0, pairsApart = 0, mixed = 0;
  const wrong: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('rabbitmq'))) {
    const corpus = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { records: { topic: string; scenario: string; headers: [string, string | null][] }[] };
    const marks = corpus.records.map((record) => {
      const headers = record.headers.map(([name, value]): HeaderBytes => [Buffer.from(name), value === null ? null : Buffer.from(value, 'base64')]);
      return { scenario: record.scenario.split('#')[0], text: fingerprint(record.topic, decodeDeadLetter({ topic: record.topic, timestampMs: null, headers })).text };
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
  // Here the headers hold the same words for both: "invalid character 'o'" for text and for binary, "cannot process order" without its number
  // for a tombstone and for an error without a message. Nothing on the record tells them apart.
  assert.deepEqual(wrong, ['kafkajs-home-made.json: nonjson with binary', 'watermill-1.5.json: nonjson with binary', 'watermill-1.5.json: tombstone with nullmsg']);
});

test('ids, numbers, times, addresses and quoted values are taken out of a message, words stay', () => {
  assert.equal(normaliseMessage('Customer 42301980-f541-d27b-2c0f-0fd5980142bd not found for order 39492 (trace b225e5a9a9b50d91, took 320 ms)'), 'Customer <uuid> not found for order <n> (trace <n>, took <n> ms)');
  assert.equal(normaliseMessage("Cannot read properties of null (reading 'total')"), 'Cannot read properties of null (reading <text>)');
  assert.equal(normaliseMessage('connect ECONNREFUSED 10.0.3.17:5432'), 'connect ECONNREFUSED <host>');
  assert.equal(normaliseMessage('at 2026-11-21T03:56:34.694909687Z by $1@5a51058'), 'at <time> by $<n>@<address>');
  assert.equal(normaliseMessage('order ord-98ab12cd failed'), normaliseMessage('order ord-12345678 failed'));
  assert.equal(normaliseMessage("can't pay, won't pay"), "can't pay, won't pay");
});

test('a long hostile message is normalised in bounded time', () => {
  const before = performance.now();
  for (const part of ['"', "'", '\\"', '1,', 'a1', '[1, ', '0x', '@', ' ']) normaliseMessage(part.repeat(500_000));
  assert.ok(performance.now() - before < 2_000);
});
