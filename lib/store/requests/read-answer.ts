import type { RequestProblem } from './end-request.ts';
import type { Statements } from '../store.ts';

export interface RequestAnswer {
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  error: RequestProblem | null;
  /** Parts from `from` on, in order. */
  chunks: unknown[];
}

/** State of a request and the parts of its answer from number `from` on; null where there is no such request (any more). */
export async function readAnswer(on: Statements, id: string, from: number): Promise<RequestAnswer | null> {
  // The state first: parts are stored before the state says done, so a "done" read first has them all.
  const [row] = await on.query<Omit<RequestAnswer, 'chunks'>>('select state, error from broker_request where id = $1', [id]);
  if (!row) return null;
  const chunks = await on.query<{ body: unknown }>('select body from broker_request_chunk where request_id = $1 and number >= $2 order by number', [id, from]);
  return { ...row, chunks: chunks.map((chunk) => chunk.body) };
}
