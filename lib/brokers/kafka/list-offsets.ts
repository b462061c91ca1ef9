import { type Connection, createAPI, type Reader, Writer } from '@platformatic/kafka';
import { AnswerReader } from './answer-reader.ts';
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
  timestamps: number[];
}

/** Special timestamps of ListOffsets. */
export const LATEST = -1n;
export const EARLIEST = -2n;
/** The record with the newest timestamp (KIP-734, Kafka 3.0). An older broker would take it for a time. */
export const NEWEST = -3n;

// The same bytes from v6 (Kafka 2.7) to v9. The library's own parser throws for one bad partition and builds an object for each.
function createListOffsets(version: number) {
  return createAPI<[readonly OffsetsQuestion[], 0 | 1, bigint], { throttleTimeMs: number; topics: OffsetsAnswer[] }>(
    2,
    version,
    (topics: readonly OffsetsQuestion[], isolation: 0 | 1, timestamp: bigint) => Writer.create().appendInt32(-1).appendInt8(isolation).append(encoded(topics, timestamp)).appendTaggedFields(),
    (_correlationId: number, _key: number, _version: number, chunks: Reader) => {
      const reader = new AnswerReader(chunks);
      const throttleTimeMs = reader.int32();
      const topics: OffsetsAnswer[] = [];
      for (let left = reader.count(); left > 0; left -= 1) {
        const answer: OffsetsAnswer = { topic: reader.string(), partitions: [], errorCodes: [], offsets: [], timestamps: [] };
        for (let more = reader.count(); more > 0; more -= 1) {
          answer.partitions.push(reader.int32());
          answer.errorCodes.push(reader.int16());
          answer.timestamps.push(Number(reader.int64()));
          answer.offsets.push(reader.int64());
          reader.skip(4);
          reader.skipTags();
        }
        reader.skipTags();
        topics.push(answer);
      }
      return { throttleTimeMs, topics };
    },
  );
}

// The same thousands of partitions are asked every cycle, three times each: their bytes are made once for as long as the question is the same object.
const encodings = new WeakMap<readonly OffsetsQuestion[], Map<bigint, Buffer>>();

function encoded(topics: readonly OffsetsQuestion[], timestamp: bigint): Buffer {
  let known = encodings.get(topics);
  if (!known) encodings.set(topics, (known = new Map()));
  let bytes = known.get(timestamp);
  if (!bytes) {
    const { buffer } = Writer.create().appendArray([...topics], (w, question: OffsetsQuestion) => {
      w.appendString(question.topic).appendArray([...question.partitions], (wp, partition: number) => {
        wp.appendInt32(partition).appendInt32(-1).appendInt64(timestamp);
      });
    });
    known.set(timestamp, (bytes = buffer));
  }
  return bytes;
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
  if (timestamp === NEWEST && (version ?? 0) < 7) throw new Error('the broker is older than Kafka 3.0: it does not tell the newest timestamp');
  return await api.async(connection, questions, isolation, timestamp);
}
