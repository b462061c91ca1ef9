import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { getDeadLetterValue } from '#lib/operations/get-dead-letter-value.ts';

// Always an attachment of no known type: whatever the bytes are, a browser must not run them.
export const GET = route(
  { role: 'viewer', summary: 'The bytes of a dead letter\'s value; read from the broker where the store has not kept them', params: z.object({ id: z.string().max(60) }), query: z.object({ first: z.coerce.number().int().min(1).max(1024 * 1024).optional().describe('only so many bytes of its beginning') }), contentType: 'application/octet-stream' },
  async ({ store, config, params, query, principal, request }) => {
    const { bytes, source, masked, valueBytes } = await getDeadLetterValue(store, params.id, { principal: principal.name, masking: compileMasking(config.masking), ...(query.first === undefined ? {} : { firstBytes: query.first }), signal: request.signal });
    return new Response(new Uint8Array(bytes), {
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="dead-letter-${params.id.replaceAll(/[^\d-]/g, '')}.bin"`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'no-store',
        'x-waybill-source': source,
        'x-waybill-value-bytes': String(valueBytes),
        ...(masked ? { 'x-waybill-masked': 'parts' } : {}),
      },
    });
  },
);
