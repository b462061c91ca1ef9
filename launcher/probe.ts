import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits until an HTTP address answers 200. */
export async function awaitHttp(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const status = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]), redirect: 'manual' }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      () => 0,
    );
    if (status === 200) return;
    await delay(40, undefined, { signal });
  }
}

/** Waits until something accepts connections on a port. */
export async function awaitPort(host: string, port: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (await acceptsConnections(host, port)) return;
    await delay(40, undefined, { signal });
  }
}

/** Whether something accepts connections on a port now. */
export async function acceptsConnections(host: string, port: number, timeoutMs = 2_000): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (accepts: boolean) => {
      socket.destroy();
      resolve(accepts);
    };
    socket.setTimeout(timeoutMs, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** The address to reach a server at that listens on `host`. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** `host` as it stands in a URL. */
export function urlHost(host: string): string {
  const reachable = reachableHost(host);
  return reachable.includes(':') ? `[${reachable}]` : reachable;
}
