import { type Connection, createAPI, Reader, Writer } from '@platformatic/kafka';
import type { Kafka } from './connect.ts';

/** Partitions of one topic in a ListOffsets request. */
export interface OffsetsQuestion {
  topic: string;
  partitions: readonly number[];
}

/** Columns, not objects: 10,000 partitions times three answers a cycle. An offset of -1 is "no record at or after that time". */
export interface OffsetsAnswer {
  topic: string;
  partitions: number[];
  errorCodes: number[];
  offsets: bigint[];
  /** Epoch ms of the record found by time; -1 otherwise. */
  timestamps: bigint[];
}

/** Special timestamps of ListOffsets. */
export const LATEST = -1n;
export const EARLIEST = -2n;

// The same bytes from v6 (Kafka 2.7) to v9. The library's own parser throws for one bad partition and builds an object for each.
function createListOffsets(version: number) {
  return createAPI<[readonly OffsetsQuestion[], 0 | 1, bigint], { throttleTimeMs: number; topics: OffsetsAnswer[] }>(
    2,
    version,
    (topics: readonly OffsetsQuestion[], isolation: 0 | 1, timestamp: bigint) =>
      Writer.create()
        .appendInt32(-1)
        .appendInt8(isolation)
        .appendArray([...topics], (w, question: OffsetsQuestion) => {
          w.appendString(question.topic).appendArray([...question.partitions], (wp, partition: number) => {
            wp.appendInt32(partition).appendInt32(-1).appendInt64(timestamp);
          });
        })
        .appendTaggedFields(),
    (_correlationId: number, _key: number, _version: number, chunks: Reader) => {
      const reader = flat(chunks);
      return {
        throttleTimeMs: reader.readInt32(),
        topics: reader.readArray((rt) => {
          const answer: OffsetsAnswer = { topic: rt.readString(), partitions: [], errorCodes: [], offsets: [], timestamps: [] };
          rt.readArray((r) => {
            answer.partitions.push(r.readInt32());
            answer.errorCodes.push(r.readInt16());
            answer.timestamps.push(r.readInt64());
            answer.offsets.push(r.readInt64());
            r.readInt32();
          });
          return answer;
        }),
      };
    },
  );
}

const versions = new Map([6, 7, 8, 9].map((version) => [version, createListOffsets(version)]));

/**
 * Asks the leader behind `connection` for one offset of each partition, in one request (KIP-79; KIP-98 for `isolation`).
 * @param isolation 0 = high watermark, 1 = last stable offset, where `timestamp` is LATEST
 * @param timestamp epoch ms, or LATEST or EARLIEST
 * @throws where the request fails as a whole; single partitions come with their error code
 */
export async function listOffsets(kafka: Kafka, connection: Connection, questions: readonly OffsetsQuestion[], isolation: 0 | 1, timestamp: bigint): Promise<{ throttleTimeMs: number; topics: OffsetsAnswer[] }> {
  const version = await kafka.connections.version(connection, 2, [...versions.keys()]);
  const api = version === null ? undefined : versions.get(version);
  if (!api) throw new Error('the broker is older than Kafka 2.7: ListOffsets v6 is needed');
  return await api.async(connection, questions, isolation, timestamp);
}

/** A reader over one contiguous copy: an answer of many network chunks is otherwise searched chunk by chunk for every field. */
export function flat(reader: Reader): Reader {
  return Reader.from(reader.buffer.slice(reader.position, reader.length));
}
