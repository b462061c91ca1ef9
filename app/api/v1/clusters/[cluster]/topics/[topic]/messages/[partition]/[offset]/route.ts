import { route } from '#app/api/route.ts';
import { getTopicMessage, getTopicMessageResponseSchema, messageParamsSchema } from '#lib/operations/get-topic-message.ts';

export const GET = route(
  { role: 'viewer', summary: 'One message, with the first megabyte of its value', params: messageParamsSchema, response: getTopicMessageResponseSchema },
  ({ store, params, principal, request }) => getTopicMessage(store, { ...params, principal: principal.name, signal: request.signal }),
);
