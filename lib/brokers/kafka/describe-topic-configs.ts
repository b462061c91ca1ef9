import { ConfigResourceTypes, describeConfigsV4 } from '@platformatic/kafka';
import { answerOf, type Kafka } from './connect.ts';
import { failureOfCode, failureOfError } from './failure.ts';
import type { BrokerFailure } from '../port-offsets.ts';
import { TOPIC_SETTINGS } from '../port-topics.ts';

const TOPICS_OF_ONE_REQUEST = 1_000;

export interface TopicConfigAnswer {
  config: Record<string, string> | null;
  failure: BrokerFailure | null;
}

/** The settings of these topics, a thousand topics a request. A topic that may not be described, or a request that fails, is a failure in its own answers. */
export async function describeTopicConfigs(kafka: Kafka, topics: readonly string[], signal: AbortSignal): Promise<{ answers: Map<string, TopicConfigAnswer>; requests: number }> {
  const answers = new Map<string, TopicConfigAnswer>();
  let requests = 0;
  for (let from = 0; from < topics.length; from += TOPICS_OF_ONE_REQUEST) {
    signal.throwIfAborted();
    const names = topics.slice(from, from + TOPICS_OF_ONE_REQUEST);
    try {
      requests += 1;
      const resources = names.map((resourceName) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName, configurationKeys: [...TOPIC_SETTINGS] }));
      for (const { errorCode, resourceName, configs } of (await answerOf(describeConfigsV4.api.async(await kafka.connections.any(), resources, false, false))).results) {
        const failure = failureOfCode(errorCode);
        answers.set(resourceName, failure ? { config: null, failure } : { config: Object.fromEntries(configs.flatMap(({ name, value }) => (typeof value === 'string' ? [[name, value]] : []))), failure: null });
      }
    } catch (error) {
      for (const name of names) if (!answers.has(name)) answers.set(name, { config: null, failure: failureOfError(error) });
    }
  }
  return { answers, requests };
}
