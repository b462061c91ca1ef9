import { describeProducersV0, describeTransactionsV0, listTransactionsV0, listTransactionsV1 } from '@platformatic/kafka';
import type { OpenTransaction } from '#lib/model/lag.ts';
import type { BrokerFailure, PartitionTransactions } from '../port-offsets.ts';
import { answerOf, type Kafka } from './connect.ts';
import { failureOfCode, failureOfError } from './failure.ts';

const MAX_TRANSACTIONS = 20;
const LIST_TRANSACTIONS = 66;

/**
 * The transactions that are open on these partitions (KIP-664): DescribeProducers at each leader says which producers have one, ListTransactions at
 * every broker which transactional ids they have, DescribeTransactions at their coordinators since when. A producer that no coordinator knows has a
 * hanging transaction in the strict sense: `transactionalId` is null then, and nobody will ever end it.
 */
export async function describeOpenTransactions(kafka: Kafka, partitions: readonly { topic: string; partition: number }[]): Promise<PartitionTransactions[]> {
  const { result, byLeader, nodes } = await placeByLeader(kafka, partitions);
  await Promise.all([...byLeader].map(async ([leader, byTopic]) => result.push(...(await describeProducers(kafka, leader, byTopic)))));
  const found = result.flatMap((partition) => partition.transactions ?? []);
  if (found.length > 0) await nameTransactions(kafka, nodes, found);
  return result;
}

async function placeByLeader(kafka: Kafka, partitions: readonly { topic: string; partition: number }[]) {
  const metadata = await kafka.connections.metadata({ topics: [...new Set(partitions.map((p) => p.topic))] });
  const result: PartitionTransactions[] = [];
  const byLeader = new Map<number, Map<string, number[]>>();
  for (const { topic, partition } of partitions) {
    const leader = metadata.topics.get(topic)?.partitions.find((p) => p.partition === partition)?.leader;
    if (leader === null || leader === undefined) {
      result.push({ topic, partition, transactions: null, failure: { code: 'no-leader', message: 'The partition has no leader at the moment.', retryable: true } });
      continue;
    }
    const byTopic = byLeader.get(leader) ?? new Map<string, number[]>();
    byLeader.set(leader, byTopic);
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  }
  return { result, byLeader, nodes: metadata.nodes.map((node) => node.nodeId) };
}

async function describeProducers(kafka: Kafka, leader: number, byTopic: ReadonlyMap<string, number[]>): Promise<PartitionTransactions[]> {
  try {
    const connection = await kafka.connections.node(leader);
    const answer = await answerOf(describeProducersV0.api.async(connection, [...byTopic].map(([name, partitionIndexes]) => ({ name, partitionIndexes }))));
    return answer.topics.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partitionIndex: partition, errorCode, activeProducers }): PartitionTransactions => {
        const failure = failureOfCode(errorCode);
        const open = activeProducers.filter((producer) => producer.currentTxnStartOffset >= 0n).toSorted((a, b) => (a.currentTxnStartOffset < b.currentTxnStartOffset ? -1 : 1));
        return { topic, partition, failure, transactions: failure ? null : open.slice(0, MAX_TRANSACTIONS).map((producer): OpenTransaction => ({
          producerId: producer.producerId,
          producerEpoch: producer.producerEpoch,
          startOffset: producer.currentTxnStartOffset,
          lastAt: producer.lastTimestamp >= 0n ? Number(producer.lastTimestamp) : null,
          transactionalId: null,
          state: null,
          startedAt: null,
          timeoutMs: null,
          coordinator: null,
        })) };
      }),
    );
  } catch (error) {
    const failure: BrokerFailure = failureOfError(error);
    return [...byTopic].flatMap(([topic, list]) => list.map((partition) => ({ topic, partition, transactions: null, failure })));
  }
}

/** Fills in what the coordinators know. A coordinator that does not answer leaves its transactions without a name. */
async function nameTransactions(kafka: Kafka, nodes: readonly number[], found: readonly OpenTransaction[]): Promise<void> {
  const producerIds = [...new Set(found.map((transaction) => transaction.producerId))];
  await Promise.all(
    nodes.map(async (nodeId) => {
      try {
        const connection = await kafka.connections.node(nodeId);
        const version = await kafka.connections.version(connection, LIST_TRANSACTIONS, [0, 1]);
        if (version === null) return;
        const list = version === 1 ? listTransactionsV1 : listTransactionsV0;
        const { transactionStates } = await answerOf(list.api.async(connection, [], producerIds, -1n, null));
        const named = transactionStates.filter(({ producerId }) => producerIds.includes(producerId));
        if (named.length === 0) return;
        const described = await answerOf(describeTransactionsV0.api.async(connection, named.map(({ transactionalId }) => transactionalId)));
        for (const transaction of found) {
          const name = named.find(({ producerId }) => producerId === transaction.producerId);
          if (!name) continue;
          const detail = described.transactionStates.find(({ transactionalId, errorCode }) => errorCode === 0 && transactionalId === name.transactionalId);
          transaction.transactionalId = name.transactionalId;
          transaction.state = detail?.transactionState ?? name.transactionState;
          transaction.startedAt = detail && detail.transactionStartTimeMs > 0n ? Number(detail.transactionStartTimeMs) : null;
          transaction.timeoutMs = detail?.transactionTimeoutMs ?? null;
          transaction.coordinator = nodeId;
        }
      } catch {
        // The partition is blocked all the same; who blocks it is told without a name.
      }
    }),
  );
}
