import type { Statements } from '../store.ts';

export interface EndpointRow {
  id: string;
  name: string;
  url: string;
  format: string;
  sealed_secret: Buffer | null;
  sealed_previous: Buffer | null;
  previous_expires_at: Date | null;
  enabled: boolean;
}

/** An endpoint with its sealed secrets, for sending only. */
export async function readEndpoint(on: Statements, id: string): Promise<EndpointRow | null> {
  const [row] = await on.query<EndpointRow>('select id, name, url, format, sealed_secret, sealed_previous, previous_expires_at, enabled from webhook_endpoint where id = $1', [id]);
  return row ?? null;
}
