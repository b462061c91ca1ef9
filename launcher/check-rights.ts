import type { Operation, Rights } from '#lib/brokers/port-rights.ts';

/** A right that is missing: what it is for, and the command that grants it. */
export interface MissingRight {
  /** Without it figures are in part; the others only take something away that not everybody uses. */
  needed: boolean;
  detail: string;
}

interface Need {
  resource: 'topic' | 'group';
  operation: Operation;
  needed: boolean;
  without: string;
}

const CLUSTER_NEEDS: readonly (Omit<Need, 'resource'>)[] = [
  { operation: 'Describe', needed: true, without: 'groups are seen only one by one, and sizes of topics not at all' },
  { operation: 'DescribeConfigs', needed: false, without: 'a deletion of offsets is not told from an expiry' },
];

const NEEDS: readonly Need[] = [
  { resource: 'group', operation: 'Describe', needed: true, without: 'their lag is unknown' },
  { resource: 'topic', operation: 'Describe', needed: true, without: 'lag there is unknown' },
  { resource: 'topic', operation: 'DescribeConfigs', needed: false, without: 'settings, and the time until retention reaches unread records, are unknown' },
  { resource: 'topic', operation: 'Read', needed: false, without: 'messages and dead letters cannot be read, and open transactions not be named' },
  { resource: 'topic', operation: 'Write', needed: false, without: 'nothing can be replayed there' },
  { resource: 'group', operation: 'Read', needed: false, without: 'offsets cannot be reset' },
  { resource: 'group', operation: 'Delete', needed: false, without: 'groups and their offsets cannot be deleted' },
];

/** Which rights Waybill's user lacks, the needed ones first. Says nothing of what the brokers do not tell. */
export function missingRights(rights: Rights, user: string | null): MissingRight[] {
  const grant = (what: string) => `kafka-acls --add --allow-principal 'User:${user ?? "<Waybill's user>"}' ${what}`;
  const found: MissingRight[] = [];
  if (rights.everyTopic === false) found.push({ needed: false, detail: `It may not see every topic: what groups committed in the others is in no figure. If that is not meant: ${grant("--operation Describe --topic '*'")}` });
  for (const { operation, needed, without } of CLUSTER_NEEDS) {
    if (rights.cluster !== null && !rights.cluster.has(operation)) found.push({ needed, detail: `${operation} on the cluster is missing: ${without}. ${grant(`--operation ${operation} --cluster`)}` });
  }
  for (const { resource, operation, needed, without } of NEEDS) {
    const all = [...(resource === 'topic' ? rights.topics : rights.groups)];
    const lacking = all.filter(([, may]) => !may.has(operation)).map(([name]) => name).toSorted();
    const [first] = lacking;
    if (first === undefined) continue;
    const names = lacking.length === all.length && all.length > 1 ? `all ${all.length} ${resource}s` : lacking.length === 1 ? `the ${resource} "${first}"` : `${lacking.length} of ${all.length} ${resource}s (${lacking.slice(0, 3).map((name) => `"${name}"`).join(', ')}${lacking.length > 3 ? ' …' : ''})`;
    found.push({ needed, detail: `${operation} on ${names} is missing: ${without}. ${grant(`--operation ${operation} --${resource} '${lacking.length === 1 ? first : '*'}'`)}` });
  }
  if (rights.replayTransactions === false) found.push({ needed: false, detail: `Write on the transactional ids of replays is missing: nothing can be replayed exactly once. ${grant("--operation Write --operation Describe --transactional-id waybill-replay- --resource-pattern-type prefixed")}, and Read on the groups with the same prefix` });
  return found.toSorted((a, b) => Number(b.needed) - Number(a.needed));
}
