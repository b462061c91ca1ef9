import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { parseTimestamp } from './parse-timestamp.ts';

const TIMESTAMPTZ = 1184;
const ofDriver = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => Date;

describe('parseTimestamp', () => {
  it('reads what PostgreSQL writes as the driver does', () => {
    const digits = (value: number, length = 2) => value.toString().padStart(length, '0');
    const written = fc
      .record({
        at: fc.date({ min: new Date('0101-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true }),
        fraction: fc.stringMatching(/^(\.\d{0,5}[1-9])?$/),
        sign: fc.constantFrom('+', '-'),
        hours: fc.integer({ min: 0, max: 15 }),
        minutes: fc.constantFrom('', ':00', ':30', ':45'),
      })
      .map(({ at, fraction, sign, hours, minutes }) => `${digits(at.getUTCFullYear(), 4)}-${digits(at.getUTCMonth() + 1)}-${digits(at.getUTCDate())} ${digits(at.getUTCHours())}:${digits(at.getUTCMinutes())}:${digits(at.getUTCSeconds())}${fraction}${sign}${digits(hours)}${minutes}`);
    fc.assert(fc.property(written, (text) => assert.equal(parseTimestamp(text)?.toISOString(), ofDriver(text).toISOString())));
  });

  it('leaves every other form to the driver', () => {
    for (const text of ['infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '12026-11-21 13:12:39+00', '1890-01-01 00:00:00+00:53:28', '2026-11-21 13:12:39', '2026-11-21', '0044-03-15 12:00:00+00', '']) assert.equal(parseTimestamp(text), null, text);
  });
});
