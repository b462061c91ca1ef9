import { route } from '#app/api/route.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { exportDeadLetters, exportQuerySchema, refuseBytes } from '#lib/operations/export-dead-letters.ts';
import { errorText } from '#lib/errors.ts';

export const dynamic = 'force-dynamic';

// The next page is read when the one before has been taken: a slow reader holds one page in memory, and one that leaves ends the reading.
export const GET = route(
  { role: 'viewer', summary: 'Dead letters under a filter as JSON Lines, newest first; bytes=true adds key, value and headers and needs the role operator', query: exportQuerySchema, contentType: 'application/x-ndjson' },
  async ({ store, config, query, principal, request, log }) => {
    refuseBytes(query.bytes === 'true', principal);
    const lines = exportDeadLetters(store, query, principal, compileMasking(config.masking), request.signal);
    const encoder = new TextEncoder();
    const stream = new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const chunk: string[] = [];
          for (let chars = 0; chars < 65_536; ) {
            const { value, done } = await lines.next();
            if (done) {
              if (chunk.length > 0) controller.enqueue(encoder.encode(chunk.join('')));
              controller.close();
              return;
            }
            chunk.push(value);
            chars += value.length;
          }
          controller.enqueue(encoder.encode(chunk.join('')));
        } catch (error) {
          // The status has been sent: breaking the stream off is what tells that lines are missing.
          log.error({ err: error }, 'an export broke off');
          controller.error(new Error(errorText(error)));
        }
      },
      async cancel() {
        await lines.return(undefined);
      },
    });
    return new Response(stream, {
      headers: {
        'content-type': 'application/x-ndjson; charset=utf-8',
        'content-disposition': 'attachment; filename="dead-letters.jsonl"',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'no-store',
      },
    });
  },
);
