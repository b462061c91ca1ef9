import net, { createConnection, type Socket } from 'node:net';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';

export interface DroppingProxy {
  /** Answers that were swallowed. */
  readonly dropped: number;
  close(): Promise<void>;
}

/**
 * Sits between every Kafka client of this process and the broker, and swallows answers: the broker has done what it was asked, the client
 * only sees its connection end. Brokers advertise their own address, so connections are turned round where they are opened.
 * @param apiKey answers of this request (0 Produce, 26 EndTxn, 28 TxnOffsetCommit)
 * @param which answers of it, counted from 1, across all connections
 */
export async function dropAnswers(broker: { host: string; port: number }, apiKey: number, which: ReadonlySet<number>): Promise<DroppingProxy> {
  const real = createConnection;
  const sockets = new Set<Socket>();
  let seen = 0;
  let dropped = 0;
  const server = net.createServer((client) => {
    const upstream = real({ ...broker });
    const doomed = new Set<number>();
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => (sockets.delete(socket), client.destroy(), upstream.destroy()));
    }
    client.on(
      'data',
      frames((frame) => {
        // length int32, api key int16, version int16, correlation id int32
        if (frame.readInt16BE(4) === apiKey && which.has((seen += 1))) doomed.add(frame.readInt32BE(8));
        upstream.write(frame);
      }),
    );
    upstream.on(
      'data',
      frames((frame) => {
        if (!doomed.delete(frame.readInt32BE(4))) return void client.write(frame);
        dropped += 1;
        client.destroy();
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const turn = ((...args: Parameters<typeof createConnection>) => {
    const [where, second] = args as unknown as [unknown, unknown];
    if (typeof where === 'object' && where !== null && (where as { port?: number }).port === broker.port) return real({ ...where, host: '127.0.0.1', port });
    if (where === broker.port && (typeof second === 'string' || second === undefined)) return real(port, '127.0.0.1');
    return real(...args);
  }) as typeof createConnection;
  net.createConnection = turn;
  syncBuiltinESMExports();
  return {
    get dropped() {
      return dropped;
    },
    async close() {
      net.createConnection = real;
      syncBuiltinESMExports();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// Calls back with whole frames: a length (int32) and what follows.
function frames(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      onFrame(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  };
}
