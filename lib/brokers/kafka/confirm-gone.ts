import type { GroupType } from '#lib/model/lag.ts';
import type { BrokerFailure } from '../port-offsets.ts';
import type { Kafka } from './connect.ts';
import { failureOfCode, failureOfError } from './failure.ts';
import { type CommittedOutcome, fetchCommitted } from './fetch-committed.ts';
import { fetchShareOffsets } from './fetch-share-offsets.ts';

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const NAMES_PER_REQUEST = 500;

/**
 * Asks about groups that no broker lists any more. A broker lists only the coordinators it has loaded: while one moves, while no replica of its
 * part of `__consumer_offsets` is alive, and without the right to see it, a group is missing from every list and is not gone.
 * @param silent brokers that gave no answer in this cycle, with the reason: not asked again
 * @returns by name: null = gone, or why that can't be said
 */
export async function confirmGroupsGone(kafka: Kafka, groups: readonly { name: string; type: GroupType }[], silent: ReadonlyMap<number, BrokerFailure>): Promise<Map<string, BrokerFailure | null>> {
  const result = new Map<string, BrokerFailure | null>();
  const share = new Set(groups.filter(({ type }) => type === 'share').map(({ name }) => name));
  for (let i = 0; i < groups.length; i += NAMES_PER_REQUEST) {
    const chunk = groups.slice(i, i + NAMES_PER_REQUEST).map(({ name }) => name);
    const byNode = new Map<number, string[]>();
    try {
      const found = await kafka.connections.coordinators(chunk);
      for (const group of chunk) {
        const at = found.get(group);
        if (at === undefined || at.errorCode !== 0) result.set(group, failureOfCode(at?.errorCode ?? -1, { group }));
        else byNode.set(at.nodeId, [...(byNode.get(at.nodeId) ?? []), group]);
      }
    } catch (error) {
      for (const group of chunk) result.set(group, failureOfError(error));
      continue;
    }
    for (const [nodeId, names] of byNode) {
      const known = silent.get(nodeId);
      try {
        const outcomes = known ? new Map<string, CommittedOutcome>() : await committedAt(kafka, nodeId, names, share);
        for (const group of names) {
          const outcome = outcomes.get(group);
          if (known) result.set(group, { ...known, message: `Its coordinator, broker ${nodeId}, did not answer: ${known.message}` });
          else if (outcome?.committed?.length === 0 || outcome?.failure?.code === 'group-id-not-found') result.set(group, null);
          else result.set(group, outcome?.failure ?? { code: 'coordinator-moving', message: `Its coordinator is moving: broker ${nodeId} holds its commits, but does not list it yet.`, retryable: true });
        }
      } catch (error) {
        for (const group of names) result.set(group, failureOfError(error));
      }
    }
  }
  return result;
}

async function committedAt(kafka: Kafka, nodeId: number, names: readonly string[], share: ReadonlySet<string>): Promise<Map<string, CommittedOutcome>> {
  const connection = await kafka.connections.node(nodeId);
  const tally = { requests: 0, throttledMs: 0 };
  const others = await fetchCommitted(kafka, connection, names.filter((name) => !share.has(name)), tally);
  return new Map([...others, ...(await fetchShareOffsets(kafka, connection, names.filter((name) => share.has(name)), tally))]);
}

/**
 * Asks about topics that are missing from the list of all: it leaves out what Waybill's user may not see.
 * @returns by name: null = gone, or why that can't be said
 */
export async function confirmTopicsGone(kafka: Kafka, names: readonly string[]): Promise<Map<string, BrokerFailure | null>> {
  const result = new Map<string, BrokerFailure | null>();
  for (let i = 0; i < names.length; i += NAMES_PER_REQUEST) {
    const chunk = names.slice(i, i + NAMES_PER_REQUEST);
    try {
      const { topics } = await kafka.connections.metadata({ topics: chunk });
      for (const topic of chunk) {
        const code = topics.get(topic)?.errorCode ?? UNKNOWN_TOPIC_OR_PARTITION;
        const there: BrokerFailure = { code: 'metadata-incomplete', message: `The broker left the topic ${topic} out of its list, but knows it.`, retryable: true };
        result.set(topic, code === UNKNOWN_TOPIC_OR_PARTITION ? null : (failureOfCode(code, { topic }) ?? there));
      }
    } catch (error) {
      for (const topic of chunk) result.set(topic, failureOfError(error));
    }
  }
  return result;
}
