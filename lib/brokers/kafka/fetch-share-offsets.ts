import { type Connection, createAPI, type Reader, Writer } from '@platformatic/kafka';
import type { CommittedTopic } from '../port-offsets.ts';
import type { Kafka } from './connect.ts';
import { failureOfCode, failureOfError } from './failure.ts';
import type { CommittedOutcome } from './fetch-committed.ts';

/** UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID. */
const GONE = new Set([3, 100]);

// DescribeShareGroupOffsets (KIP-932, key 90). Version 1 (Kafka 4.2) adds the lag after the leader epoch.
function createDescribe(version: 0 | 1) {
  return createAPI<[readonly string[]], { throttleTimeMs: number; groups: Map<string, CommittedOutcome> }>(
    90,
    version,
    (groups: readonly string[]) =>
      Writer.create()
        .appendArray([...groups], (w, group: string) => {
          // A null list of topics: all the group has.
          w.appendString(group).appendUnsignedVarInt(0);
        })
        .appendTaggedFields(),
    (_correlationId: number, _key: number, _version: number, reader: Reader) => {
      const throttleTimeMs = reader.readInt32();
      const result = new Map<string, CommittedOutcome>();
      reader.readArray((r) => {
        const group = r.readString();
        let bad = 0;
        const topics = r.readArray((rt) => {
          const topic: CommittedTopic = { topic: rt.readString(), partitions: [], offsets: [], lags: [] };
          rt.readUUID();
          rt.readArray((rp) => {
            const partition = rp.readInt32();
            const start = rp.readInt64();
            rp.readInt32();
            // Lag counts what was acknowledged beyond the start, which the offsets alone don't tell. -1 where the broker does not know it.
            const lag = version === 1 ? rp.readInt64() : -1n;
            const errorCode = rp.readInt16();
            rp.readNullableString();
            // A topic that is gone fails for good, and its offsets with it; any other failure is not "no offset".
            if (errorCode !== 0 && !GONE.has(errorCode)) bad = errorCode;
            // -1: nothing was acknowledged yet.
            if (errorCode === 0 && start >= 0n) {
              topic.partitions.push(partition);
              topic.offsets.push(start);
              topic.lags?.push(lag >= 0n ? lag : null);
            }
          });
          return topic;
        });
        const failure = failureOfCode(r.readInt16(), { group }) ?? failureOfCode(bad);
        r.readNullableString();
        result.set(group, failure ? { committed: null, failure } : { committed: topics.filter((t) => t.partitions.length > 0), failure: null });
      });
      return { throttleTimeMs, groups: result };
    },
  );
}

const describeV0 = createDescribe(0);
const describeV1 = createDescribe(1);

/** Start offsets of share groups, which take the place of committed offsets: everything below is acknowledged. */
export async function fetchShareOffsets(kafka: Kafka, connection: Connection, groups: readonly string[], tally: { requests: number; throttledMs: number }): Promise<Map<string, CommittedOutcome>> {
  if (groups.length === 0) return new Map();
  try {
    const version = await kafka.connections.version(connection, 90, [0, 1]);
    if (version === null) throw new Error('the broker cannot describe offsets of share groups');
    tally.requests += 1;
    const answer = await (version === 1 ? describeV1 : describeV0).async(connection, groups);
    tally.throttledMs += answer.throttleTimeMs;
    return answer.groups;
  } catch (error) {
    const failure = failureOfError(error);
    return new Map(groups.map((group) => [group, { committed: null, failure }]));
  }
}
