import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RowWriter } from '#lib/store/copy-rows.ts';
import { testStore } from '#test/harness/database.ts';

describe('COPY in binary', () => {
  const COLUMNS = 'n int, big bigint, yes boolean, at timestamptz(3), day date, words text, raw bytea, raws bytea[], vector tsvector';
  interface Row {
    n: number | null;
    big: bigint | null;
    yes: boolean | null;
    at: Date | null;
    day: Date | null;
    words: string | null;
    raw: Buffer | null;
    raws: (Buffer | null)[];
    vector: string[];
  }
  const write = (to: RowWriter, row: Row) => {
    to.begin();
    to.int4(row.n);
    to.int8(row.big);
    to.bool(row.yes);
    to.timestamptz(row.at);
    to.date(row.day);
    to.text(row.words);
    to.bytea(row.raw);
    to.byteaArray(row.raws);
    to.tsvector(row.vector);
    to.end();
  };

  it('keeps each value as it is: the ends of the types, null and empty, any bytes, values larger than a chunk', async (t) => {
    const store = await testStore(t);
    await store.execute(`create table copied (${COLUMNS})`);
    const rows: Row[] = [
      { n: 2_147_483_647, big: 9_223_372_036_854_775_807n, yes: true, at: new Date('2026-11-21T12:34:56.789Z'), day: new Date('2026-11-21T23:59:59.999Z'), words: 'Grüße ␀ 漢字 😀 "quoted", \\ {NULL}', raw: Buffer.from([0, 1, 254, 255]), raws: [Buffer.from('a,"b"'), null, Buffer.alloc(0)], vector: ['zwölf', 'chk-4711', '4711'] },
      { n: -2_147_483_648, big: -9_223_372_036_854_775_808n, yes: false, at: new Date('1970-01-01T00:00:00Z'), day: new Date('1999-12-31T00:00:00Z'), words: '', raw: Buffer.alloc(0), raws: [], vector: [] },
      { n: 0, big: 9_007_199_254_740_993n, yes: false, at: new Date(253_402_300_799_999), day: new Date('2000-01-01T00:00:00Z'), words: 'x'.repeat(400_000), raw: Buffer.alloc(900_000, 7), raws: [Buffer.alloc(200_000, 1), Buffer.alloc(200_000, 2)], vector: ['ä'.repeat(64)] },
      { n: null, big: null, yes: null, at: null, day: null, words: null, raw: null, raws: [null], vector: ['a'] },
    ];
    const writer = new RowWriter(9);
    for (const row of rows) write(writer, row);
    assert.equal(await store.copy('copy copied from stdin with (format binary)', writer.chunks()), 4);
    const back = await store.query<Omit<Row, 'vector' | 'day'> & { day: string | null; vector: string[] }>('select n, big, yes, at, day::text as day, words, raw, raws, tsvector_to_array(vector) as vector from copied order by n nulls last');
    const expected = rows.map((row) => ({ ...row, day: row.day?.toISOString().slice(0, 10) ?? null, vector: row.vector.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) }));
    assert.deepEqual(back, [expected[1], expected[2], expected[0], expected[3]]);
  });

  it('copies those rows that are wanted, wherever the chunks end', async (t) => {
    const store = await testStore(t);
    await store.execute('create table copied (n int, raw bytea)');
    const writer = new RowWriter(2);
    for (let n = 0; n < 20; n++) {
      writer.begin();
      writer.int4(n);
      writer.bytea(Buffer.alloc(50_000, n));
      writer.end();
    }
    assert.equal(await store.copy('copy copied from stdin with (format binary)', writer.chunks((row) => row % 3 === 1)), 7);
    const back = await store.query<{ n: number; raw: Buffer }>('select n, raw from copied order by n');
    assert.deepEqual(back, [1, 4, 7, 10, 13, 16, 19].map((n) => ({ n, raw: Buffer.alloc(50_000, n) })));
  });

  it('fails with what the database says, and the connection goes on', async (t) => {
    const store = await testStore(t, { poolSize: 1 });
    await store.execute('create table copied (n int primary key)');
    const twice = new RowWriter(1);
    for (const n of [1, 1]) {
      twice.begin();
      twice.int4(n);
      twice.end();
    }
    await assert.rejects(store.transaction((tx) => tx.copy('copy copied from stdin with (format binary)', twice.chunks())), { code: '23505' });
    await assert.rejects(store.copy('copy nothing from stdin with (format binary)', twice.chunks()), { code: '42P01' });
    const broken = function* () {
      yield twice.chunks()[0]!;
      throw new Error('no more');
    };
    await assert.rejects(store.copy('copy copied from stdin with (format binary)', broken()), /no more/);
    assert.deepEqual(await store.query('select count(*)::int as count from copied'), [{ count: 0 }]);
  });
});
