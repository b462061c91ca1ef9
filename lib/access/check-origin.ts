const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a request that changes something and is authorised by a cookie comes from Waybill's own pages:
 * the Origin must be exactly that of the public URL, and Sec-Fetch-Site, which browsers send and pages can't forge, must say same-origin.
 * Where the public URL names this machine, its other loopback spellings on the same port are the same place.
 * @returns null where it does, else why not
 */
export function checkOrigin(headers: Headers, publicUrl: string): string | null {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return `Sec-Fetch-Site is ${site}`;
  if (origin === null) return 'there is no Origin header';
  return allowedOrigins(publicUrl).includes(origin) ? null : `Origin ${origin} is not ${new URL(publicUrl).origin}`;
}

function allowedOrigins(publicUrl: string): string[] {
  const url = new URL(publicUrl);
  if (!LOOPBACK.includes(url.hostname)) return [url.origin];
  return LOOPBACK.map((host) => `${url.protocol}//${host}${url.port === '' ? '' : `:${url.port}`}`);
}
