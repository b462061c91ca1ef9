import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fingerprintLabels } from './fingerprint-labels.ts';
import { matchPattern, matchWildcard, parsePattern } from './match-pattern.ts';
import { findSilence, matchesAll } from './match-silence.ts';

function fits(source: string, text: string): boolean {
  const parsed = parsePattern(source);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return matchPattern(parsed.pattern, text);
}

describe('silences', () => {
  const labels = { alertname: 'Group is behind', cluster: 'prod', group: 'billing-eu' };

  it('match by equality, by pattern and by absence', () => {
    assert.ok(matchesAll([{ label: 'cluster', operator: '=', value: 'prod' }], labels));
    assert.ok(matchesAll([{ label: 'group', operator: '=~', value: 'billing-.*|audit' }], labels));
    assert.ok(matchesAll([{ label: 'group', operator: '!~', value: 'billing' }], labels), 'a pattern covers the whole value');
    assert.ok(matchesAll([{ label: 'topic', operator: '=', value: '' }], labels));
    assert.ok(!matchesAll([{ label: '__proto__', operator: '!=', value: '' }], labels));
    assert.ok(!matchesAll([{ label: 'cluster', operator: '=', value: 'prod' }, { label: 'group', operator: '!=', value: 'billing-eu' }], labels));
  });

  it('hold from their start to their end, and end early by hand', () => {
    const silence = { id: 's', matchers: [{ label: 'cluster', operator: '=' as const, value: 'prod' }], startsAt: new Date(10), endsAt: new Date(20), endedAt: null };
    assert.equal(findSilence([silence], labels, new Date(9)), null);
    assert.equal(findSilence([silence], labels, new Date(10)), silence);
    assert.equal(findSilence([silence], labels, new Date(20)), null);
    assert.equal(findSilence([{ ...silence, endedAt: new Date(15) }], labels, new Date(15)), null);
    assert.equal(findSilence([{ ...silence, matchers: [] }], labels, new Date(15)), null, 'no matchers must not mean all');
  });

  it('know literals, sets, repeats and alternatives', () => {
    assert.ok(fits('[a-z]+[0-9]?', 'abc1'));
    assert.ok(!fits('[a-z]+[0-9]?', 'abc12'));
    assert.ok(fits('a\\.b', 'a.b'));
    assert.ok(!fits('a\\.b', 'axb'));
    assert.ok(fits('[^a]*', 'bcd'));
    assert.ok(fits('', ''));
    assert.ok(!fits('a+', ''));
    assert.ok(fits('a+', 'aaaa'));
    for (const source of ['(a+)+', 'a{2}', '*a', 'a**', '[', '[]', '[z-a]', 'a\\', '\\d']) assert.ok('problem' in parsePattern(source), source);
  });

  it('agree with the real engine on the language they share', () => {
    const piece = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', 'a*', '.*', 'b+', 'a?', '[ab]+', '|');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')), fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }), (source, characters) => {
        const text = characters.join('');
        assert.equal(fits(source, text), new RegExp(`^(?:${source})$`).test(text), `${source} on ${text}`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('stay fast on patterns that hang a backtracking engine', () => {
    const started = performance.now();
    assert.ok(!fits(`${'a*'.repeat(60)}b`, 'a'.repeat(2_000)));
    assert.ok(performance.now() - started < 5_000);
  });

  it('take a star in a rule as any text and everything else literally', () => {
    assert.ok(matchWildcard('billing-*', 'billing-eu'));
    assert.ok(matchWildcard('*.DLT', 'orders.DLT'));
    assert.ok(!matchWildcard('*.DLT', 'ordersxDLT'));
    assert.ok(matchWildcard(null, 'anything'));
  });
});

describe('fingerprintLabels', () => {
  it('depends on the labels and not on their order', () => {
    assert.equal(fingerprintLabels({ a: '1', b: '2' }), fingerprintLabels({ b: '2', a: '1' }));
    assert.match(fingerprintLabels({ a: '1' }), /^[0-9a-f]{16}$/);
  });

  it('does not let one label imitate another', () => {
    assert.notEqual(fingerprintLabels({ a: 'b', c: 'd' }), fingerprintLabels({ a: 'bc', '': 'd' }));
    assert.notEqual(fingerprintLabels({ ab: '' }), fingerprintLabels({ a: 'b' }));
  });

  it('is FNV-1a of 64 bits, as Prometheus computes it', () => {
    assert.equal(fingerprintLabels({}), 'cbf29ce484222325');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), (labels) => {
        let hash = 0xcbf29ce484222325n;
        for (const name of Object.keys(labels).toSorted()) {
          for (const byte of [...Buffer.from(name), 0xff, ...Buffer.from(labels[name] ?? ''), 0xff]) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
        }
        assert.equal(fingerprintLabels(labels), hash.toString(16).padStart(16, '0'));
      }),
    );
  });
});
