import { type Connection, createAPI, offsetFetchV7, type Reader, Writer } from '@platformatic/kafka';
import type { BrokerFailure, CommittedTopic } from '../port-offsets.ts';
import { AnswerReader } from './answer-reader.ts';
import { answerOf, type Kafka } from './connect.ts';
import { failureOfCode, failureOfError } from './failure.ts';

export type CommittedOutcome = { committed: CommittedTopic[]; failure: null } | { committed: null; failure: BrokerFailure };

interface Answer {
  throttleTimeMs: number;
  groups: Map<string, CommittedOutcome>;
}

/** Up to this many groups are one OffsetFetch; more are two halves, so that the broker works on one while we read the other. Never more, however many groups. */
const GROUPS_IN_ONE_REQUEST = 500;

// The library's own parser builds five objects a partition and throws for one bad group; at 50,000 partitions a cycle that is most of the time.
// OffsetFetch v8 and v9 (KIP-709, KIP-848) differ only in member id and epoch of the request.
function createOffsetFetch(version: 8 | 9) {
  return createAPI<[readonly string[]], Answer>(
    9,
    version,
    (groups: readonly string[]) =>
      Writer.create()
        .appendArray([...groups], (w, group: string) => {
          w.appendString(group);
          if (version === 9) w.appendString(null).appendInt32(-1);
          // A null list of topics: everything the group ever committed.
          w.appendUnsignedVarInt(0).appendTaggedFields();
        }, true, false)
        .appendBoolean(false)
        .appendTaggedFields(),
    parseOffsetFetch,
  );
}

function parseOffsetFetch(_correlationId: number, _key: number, _version: number, chunks: Reader): Answer {
  const reader = new AnswerReader(chunks);
  const throttleTimeMs = reader.int32();
  const groups = new Map<string, CommittedOutcome>();
  for (let left = reader.count(); left > 0; left -= 1) {
    const name = reader.string();
    let failure: BrokerFailure | null = null;
    const committed: CommittedTopic[] = [];
    for (let topics = reader.count(); topics > 0; topics -= 1) {
      const topic: CommittedTopic = { topic: reader.string(), partitions: [], offsets: [] };
      for (let partitions = reader.count(); partitions > 0; partitions -= 1) {
        const partition = reader.int32();
        const offset = reader.int64();
        reader.skip(4);
        // Metadata is the committer's own text: not ours to keep.
        reader.skipString();
        const errorCode = reader.int16();
        reader.skipTags();
        if (errorCode !== 0) failure ??= failureOfCode(errorCode);
        // -1 is "no commit" (Kafka protocol, OffsetFetch), not offset 0.
        else if (offset >= 0n) {
          topic.partitions.push(partition);
          topic.offsets.push(offset);
        }
      }
      reader.skipTags();
      if (topic.partitions.length > 0) committed.push(topic);
    }
    failure = failureOfCode(reader.int16(), { group: name }) ?? failure;
    reader.skipTags();
    groups.set(name, failure ? { committed: null, failure } : { committed, failure: null });
  }
  return { throttleTimeMs, groups };
}

const offsetFetchV8 = createOffsetFetch(8);
const offsetFetchV9 = createOffsetFetch(9);

/**
 * Committed offsets of groups that one broker coordinates, batched (OffsetFetch v8 and newer, KIP-709; one request a group below Kafka 3.0).
 * At most two requests from Kafka 3.0 on, one where they are to go `together`.
 * A group that fails is a value in the result; a request that fails marks the groups in it.
 */
export async function fetchCommitted(
  kafka: Kafka,
  connection: Connection,
  groups: readonly string[],
  tally: { requests: number; throttledMs: number },
  options: { maxVersion?: 7 | 8 | 9; signal?: AbortSignal; together?: boolean } = {},
): Promise<Map<string, CommittedOutcome>> {
  const candidates = [7, 8, 9].filter((v) => v <= (options.maxVersion ?? 9));
  const version = await kafka.connections.version(connection, 9, candidates);
  const result = new Map<string, CommittedOutcome>();
  const size = version === null || version === 7 ? 1 : groups.length <= (options.together === true ? Infinity : GROUPS_IN_ONE_REQUEST) ? Math.max(1, groups.length) : Math.ceil(groups.length / 2);
  const chunks: (readonly string[])[] = [];
  for (let i = 0; i < groups.length; i += size) chunks.push(groups.slice(i, i + size));
  let next = 0;
  const worker = async () => {
    while (next < chunks.length && options.signal?.aborted !== true) {
      const chunk = chunks[next++];
      if (!chunk) break;
      tally.requests += 1;
      try {
        const answer = version === 9 ? await offsetFetchV9.async(connection, chunk) : version === 8 ? await offsetFetchV8.async(connection, chunk) : await fetchOne(connection, chunk[0] ?? '');
        tally.throttledMs += answer.throttleTimeMs;
        for (const group of chunk) {
          result.set(group, answer.groups.get(group) ?? { committed: null, failure: { code: 'not-answered', message: 'The broker left this group out of its answer.', retryable: true } });
        }
      } catch (error) {
        const failure = failureOfError(error);
        for (const group of chunk) result.set(group, { committed: null, failure });
      }
    }
  };
  // Two in flight: the broker works on one while we parse the other.
  await Promise.all([worker(), worker()]);
  return result;
}

async function fetchOne(connection: Connection, group: string): Promise<Answer> {
  // The library's types know only arrays; its writer turns null into "every topic".
  const answer = await answerOf(offsetFetchV7.api.async(connection, [{ groupId: group, topics: null as never }], false));
  // One partition that fails is not one without a commit: the whole group is read anew in the next cycle, as with the later versions.
  const bad = answer.topics.flatMap((t) => t.partitions).find((p) => p.errorCode !== 0)?.errorCode ?? 0;
  const failure = failureOfCode(answer.errorCode, { group }) ?? failureOfCode(bad);
  const committed = answer.topics.map((t) => {
    const known = t.partitions.filter((p) => p.errorCode === 0 && p.committedOffset >= 0n);
    return { topic: t.name, partitions: known.map((p) => p.partitionIndex), offsets: known.map((p) => p.committedOffset) };
  });
  return { throttleTimeMs: answer.throttleTimeMs, groups: new Map([[group, failure ? { committed: null, failure } : { committed: committed.filter((t) => t.partitions.length > 0), failure: null }]]) };
}
