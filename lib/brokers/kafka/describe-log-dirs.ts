import { type Connection, createAPI, type Reader, Writer } from '@platformatic/kafka';
import type { Kafka } from './connect.ts';
import { failureOfCode } from './failure.ts';
import { flat } from './answer-reader.ts';

/** Bytes on disk by topic and partition, of the replicas on one broker. */
export type LogSizes = Map<string, Map<number, bigint>>;

const DESCRIBE_LOG_DIRS = 35;

// KIP-113; a null list of topics asks for all. The library's own function takes only arrays, and rejects the whole answer for one bad disk.
function createDescribe(version: 2 | 3 | 4) {
  return createAPI<[], { errorCode: number; sizes: LogSizes; directories: number }>(
    DESCRIBE_LOG_DIRS,
    version,
    () => Writer.create().appendUnsignedVarInt(0).appendTaggedFields(),
    (_correlationId: number, _key: number, _version: number, chunks: Reader) => {
      const reader = flat(chunks);
      reader.readInt32();
      const errorCode = version >= 3 ? reader.readInt16() : 0;
      const sizes: LogSizes = new Map();
      let directories = 0;
      reader.readArray((dir) => {
        dir.readInt16();
        dir.readString();
        directories += 1;
        dir.readArray((topic) => {
          const name = topic.readString();
          const known = sizes.get(name) ?? new Map<number, bigint>();
          topic.readArray((partition) => {
            const index = partition.readInt32();
            const bytes = partition.readInt64();
            partition.readInt64();
            // A future replica is a copy that moves between disks: counting it would count the log twice.
            if (!partition.readBoolean()) known.set(index, bytes);
          });
          sizes.set(name, known);
        });
        if (version >= 4) {
          dir.readInt64();
          dir.readInt64();
        }
      });
      return { errorCode, sizes, directories };
    },
  );
}

const versions = { 2: createDescribe(2), 3: createDescribe(3), 4: createDescribe(4) };

/**
 * Sizes of all logs on the broker behind this connection. Partitions on a disk that fails are absent.
 * @throws where the broker refuses (it needs DESCRIBE on the cluster) or is older than Kafka 2.6
 */
export async function describeLogDirs(kafka: Kafka, connection: Connection): Promise<LogSizes> {
  const version = await kafka.connections.version(connection, DESCRIBE_LOG_DIRS, [2, 3, 4]);
  if (version === null) throw Object.assign(new Error('the broker is older than Kafka 2.6: DescribeLogDirs v2 is needed'), { apiCode: 35 });
  const answer = await versions[version as 2 | 3 | 4].async(connection);
  // Below version 3 a refusal has no code of its own: it is an answer without directories, which no broker has otherwise.
  const failure = failureOfCode(answer.errorCode) ?? (answer.directories === 0 ? failureOfCode(31) : null);
  if (failure) throw Object.assign(new Error(failure.message), { apiCode: answer.errorCode === 0 ? 31 : answer.errorCode });
  return answer.sizes;
}
