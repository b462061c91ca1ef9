import type { Statements } from '../store.ts';

export interface ReceiverRow {
  id: string;
  name: string;
  format: string;
}

/** Endpoints that take notifications now. */
export async function readReceivers(on: Statements): Promise<ReceiverRow[]> {
  return on.query<ReceiverRow>('select id, name, format from webhook_endpoint where enabled order by name', []);
}
