import type { Statements } from '../store.ts';

export interface EndpointRowInput {
  id: string;
  name: string;
  url: string;
  format: string;
  sealedSecret: Buffer;
  createdBy: string;
}

/** @throws 23505 where the name is taken */
export async function insertEndpoint(tx: Statements, endpoint: EndpointRowInput, now: Date): Promise<void> {
  await tx.execute('insert into webhook_endpoint (id, name, url, format, sealed_secret, created_by, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $7)', [
    endpoint.id,
    endpoint.name,
    endpoint.url,
    endpoint.format,
    endpoint.sealedSecret,
    endpoint.createdBy,
    now,
  ]);
}

/** `sealedSecret` null keeps the one that is there. Switching an endpoint on forgets why it was off. @throws 23505 where the name is taken */
export async function updateEndpoint(tx: Statements, endpoint: { id: string; name: string; url: string; enabled: boolean; sealedSecret: Buffer | null }, now: Date): Promise<void> {
  await tx.execute(
    `update webhook_endpoint set name = $2, url = $3, sealed_secret = coalesce($5, sealed_secret), updated_at = $6,
            disabled_reason = case when $4 and not enabled then null else disabled_reason end,
            failing_since = case when $4 and not enabled then null else failing_since end,
            enabled = $4
     where id = $1`,
    [endpoint.id, endpoint.name, endpoint.url, endpoint.enabled, endpoint.sealedSecret, now],
  );
}

/** The current secret becomes the previous one, which goes on signing until `previousExpiresAt`. */
export async function rotateEndpointSecret(tx: Statements, id: string, sealedSecret: Buffer, previousExpiresAt: Date, now: Date): Promise<boolean> {
  return (
    (await tx.execute('update webhook_endpoint set sealed_previous = sealed_secret, sealed_secret = $2, previous_expires_at = $3, updated_at = $4 where id = $1', [id, sealedSecret, previousExpiresAt, now])) === 1
  );
}

/** Removes an endpoint with all that was sent to it, and from the rules that name it. A rule that named only this one is switched off: it must not begin to tell everybody. */
export async function deleteEndpoint(tx: Statements, id: string, now: Date): Promise<void> {
  await tx.execute(
    `update alert_rule set endpoint_ids = array_remove(endpoint_ids, $1::uuid), enabled = enabled and cardinality(endpoint_ids) > 1, updated_at = $2 where $1::uuid = any(endpoint_ids)`,
    [id, now],
  );
  await tx.execute('delete from delivery_attempt where delivery_id in (select id from delivery where endpoint_id = $1)', [id]);
  await tx.execute('delete from delivery where endpoint_id = $1', [id]);
  await tx.execute('delete from alert_group where endpoint_id = $1', [id]);
  await tx.execute('delete from webhook_endpoint where id = $1', [id]);
}
