import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseJson } from '#lib/decoding/parse-json.ts';
import { toJsonText } from '#lib/decoding/to-json-text.ts';
import { compileMasking } from './compile-masking.ts';
import { decodeMasked } from './decode-masked.ts';
import { parseJsonPath } from './json-path.ts';
import { maskJsonText } from './mask-json-text.ts';
import { maskRecord } from './mask-record.ts';
import { maskStructure } from './mask-structure.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null) => (value === null ? null : new TextDecoder().decode(value));
const mask = (json: string, ...paths: string[]) => maskJsonText(json, paths.map(parseJsonPath))?.text ?? null;

describe('masking fields of JSON', () => {
  it('replaces what a path names and keeps every other character', () => {
    assert.equal(mask('{ "id": 9007199254740993,\n "card": {"number": "4111", "cvv": 1.10} }', '$.card.number'), '{ "id": 9007199254740993,\n "card": {"number": "[masked]", "cvv": 1.10} }');
    assert.equal(mask('{"items":[{"iban":"a"},{"iban":"b"}],"iban":"c"}', '$.items[*].iban'), '{"items":[{"iban":"[masked]"},{"iban":"[masked]"}],"iban":"c"}');
    assert.equal(mask('{"items":[{"iban":"a"},{"iban":"b"}],"iban":"c"}', '$.items[1].iban'), '{"items":[{"iban":"a"},{"iban":"[masked]"}],"iban":"c"}');
    assert.equal(mask('{"a":{"b":[{"cvv":{"x":[1,{"y":2}]}}]},"cvv":null}', '$..cvv'), '{"a":{"b":[{"cvv":"[masked]"}]},"cvv":"[masked]"}');
    assert.equal(mask('{"card number":1,"x":{"y":2}}', "$['card number']", '$.x.*'), '{"card number":"[masked]","x":{"y":"[masked]"}}');
    assert.equal(mask('[[1,2],[3]]', '$[0]'), '["[masked]",[3]]');
  });

  it('finds a member however it is spelled, and each of several of one name', () => {
    assert.equal(mask('{"c\\u0061rd":"4111","card":"4222","card":"4333"}', '$.card'), '{"c\\u0061rd":"[masked]","card":"[masked]","card":"[masked]"}');
    assert.equal(mask('{"a":{"card":"4111"},"a":{}}', '$.a.card'), '{"a":{"card":"[masked]"},"a":{}}');
    assert.equal(mask('{"card":"a\\"}],{","next":1}', '$.card'), '{"card":"[masked]","next":1}');
  });

  it('says of what is no JSON object or list, or nested too deeply, that it can not look into it', () => {
    for (const json of ['4111111111111111', '"4111"', 'card=4111', '{"card":"4111"', '{"card":"4111"} {}', '', `${'['.repeat(600)}${']'.repeat(600)}`]) assert.equal(mask(json, '$.card'), null, json.slice(0, 40));
    assert.notEqual(mask(`${'['.repeat(400)}${']'.repeat(400)}`, '$.card'), null);
  });

  it('agrees with the masking of a decoded value, for any document', () => {
    const paths = ['$.a', '$..b', '$.c[*].a', '$.c[1]', "$['a b'].*"].map(parseJsonPath);
    const names = fc.constantFrom('a', 'b', 'c', 'a b', 'd');
    const { doc } = fc.letrec((tie) => ({ doc: fc.oneof({ maxDepth: 5 }, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('doc'), { maxLength: 4 }), fc.dictionary(names, tie('doc'), { maxKeys: 4 })) }));
    fc.assert(
      fc.property(doc, fc.constantFrom(0, 2), (value, space) => {
        const json = JSON.stringify([{ wrapped: value }, value], null, space);
        const masked = maskJsonText(json, paths);
        assert.deepEqual(JSON.parse(masked!.text), JSON.parse(toJsonText(maskStructure(parseJson(json), paths), 1e6).json));
      }),
      { numRuns: 300 },
    );
  });

  it('walks a deep value once, however many ways a path may lead to a place', () => {
    const deep = `${'{"a":'.repeat(400)}{"card":"4111"}${'}'.repeat(400)}`;
    assert.equal(mask(deep, `$${'..a'.repeat(30)}.card`), deep.replace('4111', '[masked]'));
  });

  it('refuses a path it does not understand, with a sentence', () => {
    for (const path of ['card', '$', '$.', '$.a[', '$[?(@.a)]', '$[1:2]', '$.a b', '$[-1]', '$.a..']) assert.throws(() => parseJsonPath(path), /is not a JSON path Waybill can use: /u, path);
  });
});

describe('masking a record', () => {
  const masking = compileMasking([{ topics: ['payments*', '!payments.public'], values: ['$.card'], headers: ['x-customer-*', 'Authorization'] }, { headers: ['x-session'] }]);

  it('applies to the topics of a rule, and to dead letters that came from one', () => {
    assert.equal(masking.of('payments')?.paths.length, 1);
    assert.equal(masking.of('payments.public')?.paths.length, 0);
    assert.equal(masking.of('dead', 'payments')?.paths.length, 1);
    assert.equal(masking.of('dead', null)?.paths.length, 0);
    assert.equal(masking.of(null)?.hidesHeader('X-Session'), true);
    assert.equal(compileMasking([{ topics: ['*'], key: true }]).of('__consumer_offsets')?.hidesKey, true);
    assert.equal(compileMasking([]).of('payments'), null);
  });

  it('hides headers by name without regard to case, repeats too, and keeps null, empty and order', () => {
    const headers = [[bytes('X-Customer-Mail'), bytes('a@example.com')], [bytes('x-customer-mail'), null], [bytes('x-customer-mail'), bytes('')], [bytes('other'), bytes('seen')], [bytes('x-customer-mail'), bytes('b@example.com')]] as const;
    const { headers: shown, masked } = maskRecord({ key: bytes('k'), value: null, headers }, masking.of('payments'), false);
    assert.deepEqual(shown.map(([, value]) => text(value)), ['[masked]', null, '', 'seen', '[masked]']);
    assert.deepEqual(masked, { key: false, value: null, headers: ['X-Customer-Mail', 'x-customer-mail'], reason: null });
  });

  it('hides a value whole where nobody can tell where its fields are, and says so', () => {
    const shown = (value: Uint8Array | null) => maskRecord({ key: null, value, headers: [] }, masking.of('payments'), false);
    for (const value of [bytes('card=4111'), bytes('4111'), new Uint8Array([0, 0, 0, 0, 7, 4, 1, 1, 1]), new Uint8Array([0xff, 0xfe])]) {
      assert.equal(text(shown(value).value), '[masked]');
      assert.match(shown(value).masked?.reason ?? '', /nobody can tell where they are/u);
    }
    assert.equal(shown(null).value, null);
    assert.equal(shown(bytes('')).value?.length, 0);
    assert.equal(shown(bytes('{"amount":1}')).masked, null);
    assert.equal(text(shown(bytes('{"card":"4111"}')).value), '{"card":"[masked]"}');
  });
});

describe('headers of a dead letter that quote its value', () => {
  it('are shown without it, bytes that are no text whole', () => {
    const record = { key: null, value: bytes('{"card":"4111-2222"}'), headers: [[bytes('error'), bytes('card 4111-2222 declined')], [bytes('dump'), new Uint8Array([0xac, 0xed, ...bytes('4111-2222')])], [bytes('trace'), bytes('00-ab')]] as const };
    const { headers, masked } = maskRecord(record, compileMasking([{ values: ['$.card'] }]).of('x'), true);
    assert.deepEqual(headers.map(([, value]) => text(value)), ['card [masked] declined', '[masked]', '00-ab']);
    assert.deepEqual(masked, { key: false, value: 'parts', headers: ['error', 'dump'], reason: null });
  });
});

describe('decoding a dead letter under masking', () => {
  const masking = compileMasking([{ values: ['$.card', '$.amount'], headers: ['x-customer', 'kafka_dlt-exception-message', 'correlation-id'] }]);
  const decode = (value: string, headers: Record<string, string>) =>
    decodeMasked(masking, { topic: 'payments-dlt', timestampMs: null, key: null, value: bytes(value), headers: Object.entries(headers).map(([name, content]) => [bytes(name), bytes(content)]) });

  it('keeps what an error quotes of masked parts out of message and stack, and the origin as it is', () => {
    const decoded = decode('{"card":"4111-2222","amount":125.50,"note":"harmless"}', {
      'original-topic': 'payments', 'original-offset': '7', 'error-name': 'CardError', error: 'card 4111-2222 of anna@example.com declined, 125.50 for harmless', 'error-stack': 'CardError: card 4111-2222\n    at charge (/app/pay.js:1:2)', 'x-customer': 'anna@example.com', 'correlation-id': 'order-77',
    });
    assert.equal(decoded.error.message, 'card [masked] of [masked] declined, [masked] for harmless');
    assert.match(decoded.error.stack ?? '', /^CardError: card \[masked\]\n {4}at charge/u);
    assert.deepEqual([decoded.origin.topic, decoded.origin.offset, decoded.correlationId], ['payments', 7n, null]);
  });

  it('knows a text that comes from a masked header, although the dialect cuts a piece off it', () => {
    const decoded = decode('{}', { 'kafka_dlt-original-topic': 'payments', 'kafka_dlt-exception-fqcn': 'a.B', 'kafka_dlt-exception-message': "Listener method 'x' threw exception; card 4111-2222", 'kafka_dlt-exception-stacktrace': "a.B: Listener method 'x' threw exception; card 4111-2222\n\tat a.B.c(B.java:1)" });
    assert.doesNotMatch(JSON.stringify(decoded.error), /4111/u);
    assert.equal(decoded.origin.topic, 'payments');
  });

  it('lets no piece of a value that is hidden whole be read in the error', () => {
    const decoded = decode('{"card":"4111-2222-3333", broken', { 'original-topic': 'payments', error: 'Unexpected token in {"card":"4111-22… at position 24', 'error-name': 'SyntaxError' });
    assert.equal(decoded.error.message, 'Unexpected token in [masked]… at position 24');
  });
});
