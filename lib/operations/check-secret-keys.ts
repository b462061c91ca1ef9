import { type SecretKey, sealedKeyId } from '#lib/access/seal-secret.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Store } from '#lib/store/store.ts';

const ENDPOINTS = 1_000;

/**
 * Refuses keys that open none of the stored secrets: better at the start than at each delivery of the night. Where they open some
 * (a retired key was left out), the deliveries of the rest say so.
 * @throws WaybillError `secret-key-mismatch`
 */
export async function checkSecretKeys(store: Store, keys: readonly SecretKey[]): Promise<void> {
  const rows = await store.prisma.webhookEndpoint.findMany({ where: { sealedSecret: { not: null } }, select: { name: true, sealedSecret: true }, orderBy: { createdAt: 'desc' }, take: ENDPOINTS });
  const closed = rows.filter(({ sealedSecret }) => sealedSecret !== null && !keys.some((key) => key.id.equals(sealedKeyId(sealedSecret))));
  if (rows.length === 0 || closed.length < rows.length) return;
  throw new WaybillError(
    'secret-key-mismatch',
    `WAYBILL_SECRET_KEY opens none of the ${rows.length} webhook secrets stored in this database ("${rows[0]?.name ?? ''}" …): they were sealed with another key. Set that key (the new one first, then the old one, divided by a comma, changes it). If it is lost, start once with WAYBILL_SECRET_KEY_LOST=yes and rotate the secret of each webhook.`,
  );
}
