import type { Writable } from 'node:stream';
import type { Connection, PoolClient, Submittable } from 'pg';

/** What the driver calls on a statement of our own, and what it offers it; its types leave these out. */
interface CopyConnection {
  stream: Writable;
  query(text: string): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/**
 * Runs `COPY … FROM STDIN`. A statement that fails leaves the connection usable (its transaction is aborted).
 * @param sql the COPY statement; it takes no parameters
 * @param chunks the data, in pieces of any size; may be made while the database works on those before them
 * @returns how many rows were copied
 * @throws what the database answered, or what making a chunk threw
 */
export function copyIn(client: PoolClient, sql: string, chunks: Iterable<Buffer>): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    let rows = 0;
    let failure: Error | null = null;
    const statement = {
      submit: (connection: Connection) => (connection as unknown as CopyConnection).query(sql),
      handleCopyInResponse(connection: CopyConnection) {
        try {
          for (const chunk of chunks) sendChunk(connection.stream, chunk);
          connection.endCopyFrom();
        } catch (error) {
          failure = error as Error;
          connection.sendCopyFail('the data could not be made');
        }
      },
      handleCommandComplete(message: { text: string }) {
        rows = Number(message.text.split(' ')[1] ?? 0); // "COPY 4000"
      },
      handleReadyForQuery: () => (failure ? reject(failure) : resolve(rows)),
      // A broken connection is never ready again, so that this must be the end of it.
      handleError: (error: Error) => reject(failure ?? error),
    };
    client.query(statement as unknown as Submittable);
  });
}

// A CopyData message ("d", length, data) without the copy that the driver makes of its data.
function sendChunk(stream: Writable, chunk: Buffer): void {
  const head = Buffer.allocUnsafe(5);
  head.writeUInt8(0x64, 0);
  head.writeInt32BE(chunk.length + 4, 1);
  stream.cork();
  stream.write(head);
  stream.write(chunk);
  stream.uncork();
}
