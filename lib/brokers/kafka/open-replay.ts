import { Admin, FindCoordinatorKeyTypes, findErrorBy, Producer } from '@platformatic/kafka';
import { replayGroupName, type LogPosition, type ReplayRecord } from '#lib/model/replay.ts';
import type { kafkaClientOptions } from './connect.ts';
import { partitionKey, ReplaySendError, type ReplayJob, type ReplaySender, type ReplaySenderHooks, type SendErrorKind, type SendOutcome } from '../port-replay.ts';

type JobProducer = Producer<Buffer, Buffer, Buffer, Buffer>;
type JobTransaction = Awaited<ReturnType<JobProducer['beginTransaction']>>;

// Refused for what the record is, so that sending it again can only be refused again.
const RECORD_REFUSALS = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP'] as const;
const FENCED = ['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH'] as const;
const DENIED = ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED', 'TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'] as const;

/**
 * Opens the one producer a replay job may send with (KIP-98 transactions, KIP-447 offsets without a member).
 * Its transactional id is the job's, so opening fences whoever ran the job before and settles what was left open.
 * @throws ReplaySendError "denied" where Write on the transactional id is missing, "ambiguous" where the broker could not be asked
 */
export async function openReplay(base: ReturnType<typeof kafkaClientOptions>, job: ReplayJob, hooks: ReplaySenderHooks = {}): Promise<ReplaySender> {
  const name = replayGroupName(job.replayId);
  const options = {
    ...base,
    clientId: `${base.clientId}-replay`,
    autocreateTopics: false,
    idempotent: true,
    // Without these the client asks for producer id 0, epoch 0, and a job whose worker was killed stays fenced for ever.
    producerId: -1n,
    producerEpoch: -1,
    // The markers of the last transaction may still be on their way for a few milliseconds; the default of 1,000 would make every second one wait.
    retryDelay: (_client: unknown, _operation: string, attempt: number) => Math.min(2 * attempt, 20),
    retries: 50,
    timeout: job.transactionTimeoutMs, // the client uses it as the transaction timeout too
  };
  const producer: JobProducer = new Producer(job.mode === 'exactly-once' ? { ...options, transactionalId: name } : options);
  const admin = new Admin({ ...base, clientId: `${base.clientId}-replay`, autocreateTopics: false, retryDelay: 20, retries: 50 });
  const close = async () => {
    await Promise.allSettled([producer.close(true), admin.close()]);
  };
  try {
    if (job.mode === 'at-least-once') return atLeastOnce(producer, close);
    const transaction = await producer.beginTransaction(); // InitProducerId
    await transaction.cancel(); // forgets the empty transaction on this side; the broker has seen none
    askAsClient(producer);
    const [coordinator] = await admin.findCoordinator({ keyType: FindCoordinatorKeyTypes.GROUP, keys: [name] });
    if (!coordinator) throw new Error('the broker named no coordinator for the group');
    return exactlyOnce(producer, admin, name, coordinator.nodeId, close, hooks);
  } catch (error) {
    await close();
    throw sendError(error, `Replay ${job.replayId} could not be opened`);
  }
}

// From version 4 on AddPartitionsToTxn is for brokers among themselves and needs ClusterAction on the cluster (KIP-890); a producer's is 3.
// The library takes the highest it knows: where an authorizer is on, every transaction would fail. Its list of versions has no other handle.
function askAsClient(producer: JobProducer): void {
  const key = Object.getOwnPropertySymbols(producer).find((symbol) => symbol.description === 'plt.kafka.base.apis');
  const apis = key && (producer as unknown as Record<symbol, { name: string; maxVersion: number }[]>)[key];
  const api = apis?.find(({ name }) => name === 'AddPartitionsToTxn');
  if (!api) throw new Error('the Kafka library keeps its list of versions elsewhere than expected');
  api.maxVersion = Math.min(api.maxVersion, 3);
}

function exactlyOnce(producer: JobProducer, admin: Admin, name: string, coordinatorId: number, close: () => Promise<void>, hooks: ReplaySenderHooks): ReplaySender {
  let usedUp = false;

  async function addPositions(transaction: JobTransaction, positions: readonly LogPosition[]): Promise<void> {
    if (positions.length === 0) return;
    const consumer = { groupId: name, generationId: -1, memberId: '', coordinatorId };
    // The client takes whole consumers and messages; it reads only these fields of them.
    await transaction.addConsumer({ groupId: name } as Parameters<JobTransaction['addConsumer']>[0]);
    for (const { topic, partition, offset } of positions) {
      await transaction.addOffset({ topic, partition, offset: offset - 1n, leaderEpoch: 0, metadata: { consumer } } as unknown as Parameters<JobTransaction['addOffset']>[0]);
    }
  }

  async function inTransaction<Result>(work: (transaction: JobTransaction) => Promise<Result>): Promise<Result> {
    if (usedUp) throw new ReplaySendError('ambiguous', 'This sender saw an error before and must not be used again.');
    usedUp = true; // until proved otherwise
    const transaction = await producer.beginTransaction();
    const result = await work(transaction);
    await hooks.beforeCommit?.();
    await transaction.commit();
    usedUp = false;
    return result;
  }

  return {
    mode: 'exactly-once',
    async readProgress(partitions) {
      const progress = new Map<string, bigint | null>(partitions.map((at) => [partitionKey(at.topic, at.partition), null]));
      if (partitions.length === 0) return progress;
      try {
        const topics = Map.groupBy(partitions, (at) => at.topic);
        const [group] = await admin.listConsumerGroupOffsets({
          groups: [{ groupId: name, topics: [...topics].map(([topic, of]) => ({ name: topic, partitionIndexes: of.map((at) => at.partition) })) }],
          requireStable: true,
        });
        for (const topic of group?.topics ?? []) {
          for (const { partitionIndex, committedOffset } of topic.partitions) {
            progress.set(partitionKey(topic.name, partitionIndex), committedOffset < 0n ? null : committedOffset);
          }
        }
        return progress;
      } catch (error) {
        throw sendError(error, 'The progress of the replay could not be read');
      }
    },
    async commitPositions(positions) {
      try {
        await inTransaction((transaction) => addPositions(transaction, positions));
      } catch (error) {
        throw sendError(error, 'The position of the replay could not be committed');
      }
    },
    async send(records, positions, requests = [records.length]) {
      let at = 0;
      let under = records;
      try {
        return await inTransaction(async (transaction) => {
          const offsets: bigint[] = [];
          for (const length of requests.filter((count) => count > 0)) {
            under = records.slice(at, at + length);
            const result = await transaction.send({ messages: toMessages(under) });
            for (const offset of lineUp(under, result.offsets ?? [])) offsets.push(offset);
            at += length;
          }
          await addPositions(transaction, positions);
          return { kind: 'committed', offsets } as const;
        });
      } catch (error) {
        const refused = refusal(error, under, at);
        if (!refused) throw sendError(error, 'The transaction failed');
        // Opening the next producer of this id aborts too; doing it here frees the target's last stable offset at once.
        await producer.transaction?.abort().catch(() => undefined);
        return refused;
      }
    },
    close,
  };
}

function atLeastOnce(producer: JobProducer, close: () => Promise<void>): ReplaySender {
  return {
    mode: 'at-least-once',
    readProgress: (partitions) => Promise.resolve(new Map(partitions.map((at) => [partitionKey(at.topic, at.partition), null]))),
    commitPositions: () => Promise.resolve(),
    async send(records) {
      try {
        const result = records.length === 0 ? { offsets: [] } : await producer.send({ messages: toMessages(records) });
        return { kind: 'committed', offsets: lineUp(records, result.offsets ?? []) };
      } catch (error) {
        // Without a transaction another partition of the same request may have taken its records: only a lone record is surely refused.
        const refused = records.length === 1 ? refusal(error, records) : null;
        if (refused) return refused;
        throw sendError(error, 'Sending failed');
      }
    },
    close,
  };
}

function toMessages(records: readonly ReplayRecord[]) {
  return records.map(({ topic, partition, key, value, headers }) => ({
    topic,
    partition,
    // The wire knows null keys and values; the client's types do not, its writer does.
    key: key as Buffer,
    value: value as Buffer,
    headers: toHeaderMap(headers),
  }));
}

// Buffers as map keys are compared by identity: repeated names and their order survive, as long as each is an object of its own.
function toHeaderMap(headers: ReplayRecord['headers']): Map<Buffer, Buffer> {
  const map = new Map<Buffer, Buffer>();
  for (const [name, content] of headers) map.set(map.has(name) ? Buffer.from(name) : name, content as Buffer);
  return map;
}

// The answer has one base offset per partition; records of a partition keep their order in it.
function lineUp(records: readonly ReplayRecord[], bases: readonly LogPosition[]): bigint[] {
  const next = new Map(bases.map((base) => [partitionKey(base.topic, base.partition), base.offset]));
  return records.map(({ topic, partition }) => {
    const key = partitionKey(topic, partition);
    const offset = next.get(key);
    if (offset === undefined) throw new Error(`The broker acknowledged no offset for ${topic} partition ${partition}.`);
    next.set(key, offset + 1n);
    return offset;
  });
}

interface ProtocolFailure {
  apiId?: string;
  path?: string;
  serverErrorMessage?: string | null;
}

/** @param first place of the first record of the request that failed */
function refusal(error: unknown, records: readonly ReplayRecord[], first = 0): Extract<SendOutcome, { kind: 'refused' }> | null {
  for (const apiId of RECORD_REFUSALS) {
    const failure = findErrorBy(error as Error, 'apiId', apiId) as (Error & ProtocolFailure) | null;
    if (!failure) continue;
    const place = failedPartition(error, failure);
    const suspects = records.flatMap((record, index) => (!place || (record.topic === place.topic && record.partition === place.partition) ? [first + index] : []));
    return {
      kind: 'refused',
      code: apiId === 'MESSAGE_TOO_LARGE' || apiId === 'RECORD_LIST_TOO_LARGE' ? 'too-large' : 'rejected-by-broker',
      suspects: suspects.length > 0 ? suspects : records.map((_, index) => first + index),
      message: failure.serverErrorMessage || apiId,
    };
  }
  return null;
}

// The client reports a path into the response ("/responses/0/partition_responses/1"); the response says which partition that is.
function failedPartition(error: unknown, failure: ProtocolFailure): { topic: string; partition: number } | null {
  const match = /^\/responses\/(\d+)\/partition_responses\/(\d+)/.exec(failure.path ?? '');
  const holder = findErrorBy(error as Error, 'code', 'PLT_KFK_RESPONSE') as { response?: { responses?: { name: string; partitionResponses: { index: number }[] }[] } } | null;
  const topic = match && holder?.response?.responses?.[Number(match[1])];
  const partition = topic && topic.partitionResponses[Number(match[2])];
  return topic && partition ? { topic: topic.name, partition: partition.index } : null;
}

function sendError(error: unknown, what: string): ReplaySendError {
  if (error instanceof ReplaySendError) return error;
  const found = (ids: readonly string[]) => ids.find((id) => findErrorBy(error as Error, 'apiId', id));
  const fenced = found(FENCED);
  const denied = found(DENIED);
  const kind: SendErrorKind = fenced ? 'fenced' : denied ? 'denied' : 'ambiguous';
  const detail = fenced ?? denied ?? (error instanceof Error ? error.message : String(error));
  return new ReplaySendError(kind, `${what}: ${detail}.`, error);
}
