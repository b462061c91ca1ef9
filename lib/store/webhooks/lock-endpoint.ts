import type { Statements } from '../store.ts';

export interface LockedEndpointRow {
  id: string;
  name: string;
  url: string;
  format: string;
  enabled: boolean;
}

/** The endpoint as it is now, held until the transaction ends. Null where it is gone. */
export async function lockEndpoint(tx: Statements, id: string): Promise<LockedEndpointRow | null> {
  const [row] = await tx.query<LockedEndpointRow>('select id, name, url, format, enabled from webhook_endpoint where id = $1 for update', [id]);
  return row ?? null;
}
