/** What a user may do with a resource, in Kafka's words of an ACL. */
export const OPERATIONS = ['Read', 'Write', 'Create', 'Delete', 'Alter', 'Describe', 'ClusterAction', 'DescribeConfigs', 'AlterConfigs', 'IdempotentWrite'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Rights of Waybill's user, as the brokers tell them. */
export interface Rights {
  /** null = not told. */
  cluster: ReadonlySet<Operation> | null;
  /** By name; of topics and groups that may be seen. An empty set: it is known to be there, and nothing may be done with it. */
  topics: ReadonlyMap<string, ReadonlySet<Operation>>;
  groups: ReadonlyMap<string, ReadonlySet<Operation>>;
  /** Whether every topic may be seen; null where that can't be said. */
  everyTopic: boolean | null;
  /** Whether the transactional ids of replays may be used (Describe is asked; Write stands beside it in every ACL of a producer). null = not told. */
  replayTransactions: boolean | null;
}

/** What a broker can be asked about Waybill's own rights. */
export interface RightsPort {
  /**
   * Rights on the cluster, on every topic that may be seen, and on up to 200 groups a broker. Changes nothing.
   * @throws where no broker answers
   */
  describeRights(): Promise<Rights>;
}
