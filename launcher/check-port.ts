import { createServer } from 'node:net';
import { WaybillError } from '#lib/errors.ts';

/**
 * Makes sure that a port is free.
 * @param variable the setting that names another one
 * @throws WaybillError `port-taken`, `host-unknown` or `port-forbidden`, saying what to set
 */
export async function checkPort(host: string, port: number, what: string, variable: string): Promise<void> {
  const code = await tryListen(host, port);
  if (code === null) return;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') throw new WaybillError('host-unknown', `This machine has no address ${host} for ${what}: set WAYBILL_HOST to one of its own, such as 127.0.0.1.`);
  if (code === 'EACCES') throw new WaybillError('port-forbidden', `This user may not listen on port ${port} (${what}): set ${variable} to a port above 1023.`);
  throw new WaybillError('port-taken', `Port ${port} (${what}) is in use by another program: stop it, or set ${variable} to another port.`);
}

async function tryListen(host: string, port: number): Promise<string | null> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** A port that is free now on the loopback address. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
