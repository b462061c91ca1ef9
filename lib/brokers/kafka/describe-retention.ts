import { ConfigResourceTypes } from '@platformatic/kafka';
import type { Kafka } from './connect.ts';
import type { TopicRetention } from '../port-records.ts';

const KEYS = ['retention.ms', 'cleanup.policy'];

/** How long each topic keeps its records. Topics whose configuration may not be read are absent. */
export async function describeRetention(kafka: Kafka, topics: readonly string[]): Promise<Map<string, TopicRetention>> {
  if (topics.length === 0) return new Map();
  const ask = (names: readonly string[]) => kafka.admin.describeConfigs({ resources: names.map((resourceName) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName, configurationKeys: KEYS })) });
  // The client rejects the whole call for one topic that may not be described: ask for each alone then.
  const answers = await ask(topics).catch(async () => (await Promise.all(topics.slice(0, 200).map((name) => ask([name]).catch(() => [])))).flat());
  const found = new Map<string, TopicRetention>();
  for (const { resourceName, configs } of answers) {
    const value = (name: string) => configs.find((entry) => entry.name === name)?.value ?? null;
    const retention = value('retention.ms');
    const policy = value('cleanup.policy') ?? '';
    if (retention === null || !/^-?\d{1,19}$/u.test(retention)) continue;
    found.set(resourceName, { retentionMs: policy.includes('delete') && !retention.startsWith('-') ? BigInt(retention) : null, compacted: policy.includes('compact') });
  }
  return found;
}
