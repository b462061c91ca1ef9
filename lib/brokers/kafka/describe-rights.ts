import { describeGroupsV5, findCoordinatorV4, metadataV9 } from '@platformatic/kafka';
import type { Operation, Rights } from '../port-rights.ts';
import { answerOf, type Kafka } from './connect.ts';
import { listGroups } from './list-groups.ts';
import { seesEveryTopic } from './sees-every-topic.ts';

/** Kafka's codes of operations (AclOperation), which are the bits of "authorized operations" (KIP-430). */
const CODES: readonly (readonly [number, Operation])[] = [
  [3, 'Read'],
  [4, 'Write'],
  [5, 'Create'],
  [6, 'Delete'],
  [7, 'Alter'],
  [8, 'Describe'],
  [9, 'ClusterAction'],
  [10, 'DescribeConfigs'],
  [11, 'AlterConfigs'],
  [12, 'IdempotentWrite'],
];
/** "Not told" as a bit field. */
const NOT_TOLD = -(2 ** 31);
const GROUP_AUTHORIZATION_FAILED = 30;
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;
const MAX_GROUPS = 200;
/** Any id with the prefix of replays: nothing is begun with it. */
const REPLAY_ID = 'waybill-replay-doctor';

/** The rights of Waybill's user by KIP-430 (Metadata and DescribeGroups with authorized operations), and by asking where Kafka does not tell them. */
export async function describeRights(kafka: Kafka): Promise<Rights> {
  const { connections } = kafka;
  // A null list: every topic. Version 10 is the last that tells the cluster's rights beside the topics'.
  const metadata = await answerOf(metadataV9.api.async(await connections.any(), null, false, true, true));
  const groups = new Map<string, ReadonlySet<Operation>>();
  await Promise.all(
    (await connections.metadata({ topics: [] })).nodes.map(async ({ nodeId }) => {
      try {
        const connection = await connections.node(nodeId);
        const listed = (await listGroups(kafka, nodeId, connection)).groups.slice(0, MAX_GROUPS).map(({ name }) => name);
        if (listed.length === 0) return;
        for (const group of (await answerOf(describeGroupsV5.api.async(connection, listed, true))).groups) {
          const told = group.errorCode === GROUP_AUTHORIZATION_FAILED ? new Set<Operation>() : operationsOf(group.authorizedOperations);
          if (told !== null) groups.set(group.groupId, told);
        }
      } catch {
        // A broker that does not answer tells nothing of its groups; that it does not is told elsewhere.
      }
    }),
  );
  return {
    cluster: operationsOf(metadata.clusterAuthorizedOperations),
    topics: new Map(metadata.topics.flatMap((topic) => {
      const told = topic.isInternal ? null : operationsOf(topic.topicAuthorizedOperations);
      return told === null ? [] : [[topic.name, told] as const];
    })),
    groups,
    everyTopic: await seesEveryTopic(kafka).catch(() => null),
    replayTransactions: await mayUseTransactions(kafka).catch(() => null),
  };
}

function operationsOf(bits: number): Set<Operation> | null {
  return bits === NOT_TOLD ? null : new Set(CODES.flatMap(([code, name]) => ((bits >>> code) & 1) === 1 ? [name] : []));
}

/** Who coordinates a transactional id is told only to who may describe it. */
async function mayUseTransactions(kafka: Kafka): Promise<boolean | null> {
  const { coordinators } = await answerOf(findCoordinatorV4.api.async(await kafka.connections.any(), 1, [REPLAY_ID]));
  const code = coordinators[0]?.errorCode;
  return code === undefined ? null : code !== TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
}
