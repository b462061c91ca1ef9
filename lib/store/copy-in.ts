import type { Writable } from 'node:stream';
import type { Connection, PoolClient, Submittable } from 'pg';

/** What the driver calls on a statement of our own, and what it offers it; its types leave these out. */
interface CopyConnection {
  stream: Writable;
  query(text: string): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

export interface Copy {
  /** A statement `COPY … FROM STDIN`; it takes no parameters. */
  sql: string;
  /** The data, in pieces of any size; may be made while the database works on those before them. */
  chunks: Iterable<Buffer>;
}

/**
 * Runs `COPY … FROM STDIN`, one or several: all go in one message, and outside of a transaction they are one, committed as a whole. A statement that
 * fails leaves the connection usable (its transaction is aborted).
 * @returns how many rows each copied
 * @throws what the database answered, or what making a chunk threw
 */
export function copyIn(client: PoolClient, copies: readonly Copy[]): Promise<number[]> {
  return new Promise<number[]>((resolve, reject) => {
    const rows: number[] = [];
    let failure: Error | null = null;
    let asked = 0;
    const statement = {
      submit: (connection: Connection) => (connection as unknown as CopyConnection).query(copies.map((copy) => copy.sql).join('; ')),
      handleCopyInResponse(connection: CopyConnection) {
        try {
          for (const chunk of copies[asked++]!.chunks) sendChunk(connection.stream, chunk);
          connection.endCopyFrom();
        } catch (error) {
          failure = error as Error;
          connection.sendCopyFail('the data could not be made');
        }
      },
      handleCommandComplete(message: { text: string }) {
        rows.push(Number(message.text.split(' ')[1] ?? 0)); // "COPY 4000"
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
