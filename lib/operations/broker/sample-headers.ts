import type { Broker } from '#lib/brokers/broker.ts';
import { decodeDeadLetter } from '#lib/dead-letter/decode.ts';
import type { Dialect } from '#lib/dead-letter/dialects.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { maskRecord } from '#lib/masking/mask-record.ts';
import { base64 } from '../record-wire.ts';
import type { SampledHeaders } from '../sample-wire.ts';

const MAX_HEADERS = 200;
const MAX_HEADER_BYTES = 4_096;

/** Headers of the newest records of a topic, masked; joins no group and commits nothing. */
export async function sampleHeaders(params: { topic: string; limit: number }, context: { broker: Broker; masking: Masking; dialects: readonly Dialect[]; signal: AbortSignal }): Promise<SampledHeaders> {
  const { broker, masking, dialects, signal } = context;
  const cut = (bytes: Uint8Array | null) => (bytes !== null && bytes.length > MAX_HEADER_BYTES ? bytes.subarray(0, MAX_HEADER_BYTES) : bytes);
  const answer = await broker.browse<SampledHeaders['records'][number]>(
    { topic: params.topic, partitions: null, order: 'newest', from: { kind: 'edge' }, isolation: 'committed', selective: false, limit: params.limit, maxRecords: 2_000, maxBytes: 16 * 1024 * 1024, maxMs: 8_000 },
    async (records) =>
      records.map((record) => {
        const { dialect, origin } = decodeDeadLetter({ topic: params.topic, timestampMs: record.timestampMs, headers: record.headers }, { dialects });
        // Home-made headers have no dialect yet, and quote values all the same.
        const { headers } = maskRecord(record, masking.of(params.topic, dialect === null ? null : origin.topic), true);
        return { show: { partition: record.partition, offset: record.offset.toString(), timestampMs: record.timestampMs?.toString() ?? null, headers: headers.slice(0, MAX_HEADERS).map(([name, value]): [string, string | null] => [base64(cut(name))!, base64(cut(value))]) }, error: null };
      }),
    signal,
  );
  const failure = answer.items.length === 0 ? answer.failures[0]?.failure : undefined;
  if (failure) throw new WaybillError(failure.code, failure.message, { status: failure.code.startsWith('unknown-topic') ? 404 : 502, retryable: failure.retryable });
  return { records: answer.items };
}
