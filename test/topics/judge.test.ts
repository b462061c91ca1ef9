import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KnownSchema, RecordToJudge } from '#lib/decoding/judging.ts';
import { openJudge } from '#lib/decoding/open-judge.ts';

const record = (value: string | Buffer, more: Partial<RecordToJudge> = {}): RecordToJudge => ({ partition: 0, offset: 5n, timestampMs: 1_790_000_000_000n, key: Buffer.from('k'), value: Buffer.from(value), headers: [[Buffer.from('x'), Buffer.from('y')]], keySchema: null, valueSchema: null, maskPaths: [], ...more });
const framed = (id: number, payload: readonly number[]) => Buffer.from([0, 0, 0, 0, id, ...payload]);
const avro = (id: number, text: string): KnownSchema => ({ id, type: 'AVRO', text, references: [] });

describe('the thread that judges records', () => {
  it('filters by CEL, decodes by schema, and says of each record what it could not do', async (t) => {
    const judge = await openJudge({ filter: 'value.amount > 100', mostJsonChars: 100 });
    t.after(() => judge.close());
    const schema = avro(7, '{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"amount","type":"long"}]}');
    const judged = await judge.judge([record('{"amount": 150}'), record('{"amount": 50}'), record('plain'), record(framed(7, [0xb0, 2]), { valueSchema: 7 }), record(framed(7, [1, 2, 3]), { valueSchema: 7 }), record(framed(9, [1]), { valueSchema: 9 })], [schema, { id: 9, error: 'the registry has no schema 9' }]);
    assert.deepEqual(judged.map((one) => one.matched), [true, false, false, true, false, false]);
    assert.deepEqual(judged[3]?.value, { format: 'avro', schemaId: 7, name: 'shop.Order', json: '{"amount":152}', truncated: false });
    assert.match(judged[2]?.error ?? '', /overload|field|select/u);
    assert.match(judged[4]?.error ?? '', /left over/u);
    assert.equal(judged[5]?.error, 'the registry has no schema 9');
  });

  it('refuses a filter that is none before any record is read, with its place', async () => {
    await assert.rejects(openJudge({ filter: 'value.amount >', mostJsonChars: 100 }), { code: 'filter-invalid', status: 400 });
    await assert.rejects(openJudge({ filter: 'nope == 1', mostJsonChars: 100 }), (error: { detail: { position: number } }) => error.detail.position === 0);
  });

  it('kills a filter that does not end, and names the record', async (t) => {
    // Nested loops over what the record holds: 400 ^ 4 steps.
    const judge = await openJudge({ filter: 'value.all(a, value.all(b, value.all(c, value.all(d, a + b + c + d >= 0))))', mostJsonChars: 100 });
    t.after(() => judge.close());
    const long = JSON.stringify(Array.from({ length: 400 }, (_, index) => index));
    await assert.rejects(judge.judge([record('[1]'), record(long, { offset: 77n })], []), { code: 'filter-stopped', message: /offset 77.*longer than/u });
  });

  it('kills a filter that eats memory, and the process lives', async (t) => {
    const judge = await openJudge({ filter: 'value.map(a, value.map(b, value.map(c, [a, b, c, a, b, c]))).size() == 0', mostJsonChars: 100, mostStepMs: 60_000, mostHeapMb: 64 });
    t.after(() => judge.close());
    await assert.rejects(judge.judge([record(JSON.stringify(Array.from({ length: 2_000 }, () => 'x'.repeat(50))), { offset: 78n })], []), { code: 'filter-stopped', message: /offset 78.*memory/u });
  });

  it('loses only the records of a schema whose decoding does not end', async (t) => {
    const judge = await openJudge({ filter: null, mostJsonChars: 100, mostStepMs: 300 });
    t.after(() => judge.close());
    // 40 levels of two fields each, of a record without any: 2 ^ 40 values that take no bytes. The bound on values ends it at once.
    let schema = '{"type":"record","name":"L0","fields":[]}';
    for (let level = 1; level < 40; level++) schema = `{"type":"record","name":"L${level}","fields":[{"name":"a","type":${schema}},{"name":"b","type":"L${level - 1}"}]}`;
    const judged = await judge.judge([record(framed(1, []), { valueSchema: 1 }), record(framed(2, [2]), { valueSchema: 2 })], [avro(1, schema), avro(2, '"int"')]);
    assert.match((judged[0]!.value as { error: string }).error, /more values|stopped/u);
    assert.equal((judged[1]!.value as { json: string }).json, '1');
  });

  it('has no environment, and answers for deep and hostile JSON', async (t) => {
    const judge = await openJudge({ filter: 'value.a == 1', mostJsonChars: 100 });
    t.after(() => judge.close());
    const judged = await judge.judge([record(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), record('{"__proto__": {"a": 1}}'), record('{"a": 1, "constructor": 2}')], []);
    assert.deepEqual(judged.map((one) => one.matched), [false, false, true]);
  });
});
