import { isIP } from 'node:net';
import type { Config } from '#lib/config.ts';
import { WaybillError } from '#lib/errors.ts';

/**
 * Refuses an address that others reach without https: session cookies and tokens would cross the network in the clear, and the browser would drop
 * the Secure cookie without a word. WAYBILL_BEHIND_LOOPBACK=1 is for containers, which must listen on all addresses while the host publishes
 * the port on its loopback address only.
 * @throws WaybillError `public-url-required`
 */
export function checkPublicUrl(config: Pick<Config, 'host' | 'publicUrl'>, env: NodeJS.ProcessEnv): void {
  if (isLoopback(config.host) || config.publicUrl.startsWith('https://')) return;
  if (env['WAYBILL_BEHIND_LOOPBACK'] === '1' && isLoopback(new URL(config.publicUrl).hostname)) return;
  throw new WaybillError('public-url-required', `WAYBILL_HOST=${config.host} lets other machines in, so WAYBILL_PUBLIC_URL has to be the https address they use (a proxy in front ends TLS), such as https://waybill.example.com.`);
}

/** Whether a host name or address stays on this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}
