import type { Statements } from '../store.ts';

/** Stores one part of an answer. Nothing is stored for a request that was cancelled or has ended. @returns whether it was stored */
export async function addChunk(on: Statements, requestId: string, number: number, body: unknown): Promise<boolean> {
  const stored = await on.execute(
    `insert into broker_request_chunk (request_id, number, body) select id, $2, $3 from broker_request where id = $1 and state = 'running'`,
    [requestId, number, JSON.stringify(body, storable)],
  );
  return stored === 1;
}

/** PostgreSQL's jsonb holds neither NUL nor half of a surrogate pair; what is read from a topic may hold both. Bytes that must be exact travel as base64. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value;
}
