import type { IncomingMessage } from 'node:http';
import { gunzip } from 'node:zlib';
import { OtlpRefusal } from './refusal.ts';

/** Bytes that requests hold in memory, shared by all of them, and how many bodies are unpacked at once. */
export class BodyBudget {
  private readonly mostBytes: number;
  private held = 0;
  private unpacking = 0;
  private readonly mostUnpacking: number;
  private readonly waiting: (() => void)[] = [];

  constructor(mostBytes: number, mostUnpacking: number) {
    this.mostBytes = mostBytes;
    this.mostUnpacking = mostUnpacking;
  }

  get heldBytes(): number {
    return this.held;
  }

  /** @throws OtlpRefusal 503 where the budget is spent */
  take(bytes: number): void {
    if (this.held + bytes > this.mostBytes) throw new OtlpRefusal(503, 'The receiver is busy with other requests. Try again.', 1);
    this.held += bytes;
  }

  give(bytes: number): void {
    this.held -= bytes;
  }

  /** Runs `work` when one of the places for unpacking is free: each may take a body's full limit. */
  async unpack<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.unpacking >= this.mostUnpacking) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.unpacking++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.unpacking--;
      else next();
    }
  }
}

export interface ReadBody {
  body: Buffer;
  wireBytes: number;
  /** Gives the memory back to the budget; call it once when the body is no longer needed. */
  release: () => void;
}

/**
 * Reads and unpacks a request's body. Bytes are counted as they come, whatever Content-Length says, and again while
 * unpacking, which stops at the limit: a bomb never fills memory.
 * @throws OtlpRefusal 400 broken gzip, unknown encoding, or a body that ended early; 408 too slow; 413 over the limit; 503 no memory left
 */
export async function readBody(request: IncomingMessage, limitBytes: number, budget: BodyBudget): Promise<ReadBody> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== '') {
    throw new OtlpRefusal(400, `Content-Encoding ${encoding.slice(0, 40)} is not known. Send gzip, or none.`);
  }
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limitBytes) throw tooLarge(limitBytes);
  let held = 0;
  const release = () => {
    budget.give(held);
    held = 0;
  };
  try {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        budget.take(chunk.length);
        held += chunk.length;
        if (held > limitBytes) throw tooLarge(limitBytes);
        chunks.push(chunk);
      }
    } catch (error) {
      if (error instanceof OtlpRefusal) throw error;
      throw new OtlpRefusal(400, 'The connection ended before the body did.');
    }
    const wire = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    if (encoding !== 'gzip') return { body: wire, wireBytes: wire.length, release };
    const body = await budget.unpack(() => unzip(wire, limitBytes));
    budget.take(body.length);
    held += body.length;
    return { body, wireBytes: wire.length, release };
  } catch (error) {
    release();
    throw error;
  }
}

function unzip(wire: Buffer, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(wire, { maxOutputLength: limitBytes }, (error, body) => {
      if (error === null) resolve(body);
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') reject(tooLarge(limitBytes));
      else reject(new OtlpRefusal(400, 'Content-Encoding says gzip, but the body is not valid gzip.'));
    });
  });
}

function tooLarge(limitBytes: number): OtlpRefusal {
  return new OtlpRefusal(413, `The body is larger than ${limitBytes} bytes, the limit of this receiver before and after unpacking. Send smaller batches.`);
}
