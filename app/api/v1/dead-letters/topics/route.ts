import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { decideDeadLetterTopic, topicDecisionAnswerSchema, topicDecisionSchema } from '#lib/operations/decide-dead-letter-topic.ts';
import { deadLetterTopicListSchema, listDeadLetterTopics } from '#lib/operations/list-dead-letter-topics.ts';

export const GET = route(
  { role: 'viewer', summary: 'Dead-letter and retry topics that are read, with the topics they belong to, and those found by the headers of their records', query: z.object({ cluster: z.string().max(64).optional() }), response: deadLetterTopicListSchema },
  ({ store, query }) => listDeadLetterTopics(store, query),
);

export const POST = route(
  { role: 'operator', summary: 'Takes in a topic that was found by its headers, ignores it, or takes that back', body: topicDecisionSchema, response: topicDecisionAnswerSchema },
  ({ store, body, principal, clock }) => decideDeadLetterTopic(store, body, principal, clock.now()),
);
