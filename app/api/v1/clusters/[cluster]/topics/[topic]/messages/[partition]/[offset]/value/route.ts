import { route } from '#app/api/route.ts';
import { getTopicMessageValue, messageParamsSchema } from '#lib/operations/get-topic-message.ts';

// Always an attachment of no known type: whatever the bytes are, a browser must not run them.
export const GET = route(
  { role: 'viewer', summary: "The bytes of a message's value", params: messageParamsSchema, contentType: 'application/octet-stream' },
  async ({ store, params, principal, request }) => {
    const bytes = await getTopicMessageValue(store, { ...params, principal: principal.name, signal: request.signal });
    return new Response(new Uint8Array(bytes), {
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${params.topic.replaceAll(/[^\w.-]/g, '_')}-${params.partition}-${params.offset}.bin"`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'no-store',
      },
    });
  },
);
