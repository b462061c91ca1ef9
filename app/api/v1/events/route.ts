import { WaybillError } from '#lib/errors.ts';
import { readSessionCookie } from '#lib/access/session-cookie.ts';
import { principalOfSession } from '#lib/access/session.ts';
import { subscribe } from '../../../event-hub.ts';
import { web } from '../../../web.ts';
import { route } from '../../route.ts';

export const dynamic = 'force-dynamic';

const HEARTBEAT_MS = 15_000;
/** A browser that reads so slowly that this many events wait is cut off; it reconnects and reads the present instead. */
const MAX_WAITING = 256;

// Server-sent events (HTML Living Standard, 9.2). Events carry kinds and ids, never data: what a role may see is decided where it is read.
export const GET = route({ role: 'viewer', summary: 'Stream of what changed, as server-sent events', contentType: 'text/event-stream' }, async ({ store, config, clock, principal, request }) => {
  const { closing } = web();
  const encoder = new TextEncoder();
  let stop = () => {};
  let unsubscribe: (() => void) | null = null;
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string) => {
          if ((controller.desiredSize ?? 0) <= 0) stop();
          else controller.enqueue(encoder.encode(text));
        };
        unsubscribe = subscribe((event) => send(`event: change\ndata: ${JSON.stringify(event)}\n\n`));
        if (!unsubscribe) throw new WaybillError('too-many-streams', 'Too many live streams are open here.', { status: 503, retryable: true, detail: { retryAfterSeconds: 10 } });
        const heartbeat = setInterval(() => {
          void stillSignedIn().then((signedIn) => {
            if (signedIn) return send(': alive\n\n');
            send('event: signed-out\ndata: {}\n\n');
            stop();
          });
        }, HEARTBEAT_MS);
        const cookie = readSessionCookie(request.headers.get('cookie'), config.publicUrl);
        const stillSignedIn = async () => {
          const now = clock.now();
          if (principal.expiresAt && principal.expiresAt <= now) return false;
          if (principal.kind !== 'session' || cookie === null) return true;
          // A store that does not answer is no reason to sign anybody out.
          return principalOfSession(store, cookie, now).then((still) => still !== null, () => true);
        };
        stop = () => {
          clearInterval(heartbeat);
          unsubscribe?.();
          closing.signal.removeEventListener('abort', stop);
          try {
            controller.close();
          } catch {
            // The browser left first.
          }
        };
        closing.signal.addEventListener('abort', stop, { once: true });
        request.signal.addEventListener('abort', stop, { once: true });
        send('retry: 2000\n\n');
      },
      cancel: () => stop(),
    },
    new CountQueuingStrategy({ highWaterMark: MAX_WAITING }),
  );
  return new Response(stream, { headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' } });
});
