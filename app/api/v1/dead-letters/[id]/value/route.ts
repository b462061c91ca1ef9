import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { getDeadLetterValue } from '#lib/operations/get-dead-letter-value.ts';

// Always an attachment of no known type: whatever the bytes are, a browser must not run them.
export const GET = route(
  { role: 'viewer', summary: 'The bytes of a dead letter\'s value; read from the broker where the store has not kept them', params: z.object({ id: z.string().max(60) }), contentType: 'application/octet-stream' },
  async ({ store, config, params, principal, request }) => {
    const { bytes, source, masked } = await getDeadLetterValue(store, params.id, { principal: principal.name, masking: compileMasking(config.masking), signal: request.signal });
    return new Response(new Uint8Array(bytes), {
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="dead-letter-${params.id.replaceAll(/[^\d-]/g, '')}.bin"`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'no-store',
        'x-waybill-source': source,
        ...(masked ? { 'x-waybill-masked': 'parts' } : {}),
      },
    });
  },
);
