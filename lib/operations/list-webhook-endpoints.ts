import { z } from 'zod';
import { allows, type Role } from '#lib/model/access.ts';
import { ENDPOINT_FORMATS, type EndpointFormat } from '#lib/model/alert.ts';
import type { Store } from '#lib/store/store.ts';
import { readEndpointHealth } from '#lib/store/webhooks/read-endpoint-health.ts';
import { isSigned, maskUrl } from '#lib/webhook/endpoint-secret.ts';
import { listSchema, timeSchema } from '#lib/wire.ts';
import { endpointNotFound } from './webhook-endpoint-shape.ts';

/** A webhook as people read it. Secrets are write-only; a URL that is one shows its host only. */
export const webhookEndpointSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  url: z.string(),
  format: z.enum(ENDPOINT_FORMATS),
  signed: z.boolean(),
  enabled: z.boolean(),
  /** Why Waybill switched it off; null where a person did, or where it is on. */
  disabledReason: z.string().nullable(),
  failingSince: timeSchema.nullable(),
  lastSuccessAt: timeSchema.nullable(),
  /** Until when the secret before the last rotation goes on signing. */
  previousSecretUntil: timeSchema.nullable(),
  /** Messages made within 24 h, by what became of them; waiting ones of any age. */
  last24h: z.object({ delivered: z.number().int(), failed: z.number().int(), waiting: z.number().int(), medianLatencyMs: z.number().nullable() }),
  lastAttempt: z.object({ at: timeSchema, statusCode: z.number().int().nullable(), error: z.string().nullable() }).nullable(),
  createdBy: z.string(),
  createdAt: timeSchema,
});
export const webhookEndpointsSchema = listSchema(webhookEndpointSchema);
export type WebhookEndpointView = z.output<typeof webhookEndpointSchema>;

/** All webhooks by name, with their health. There are few: no pages. */
export async function listWebhookEndpoints(store: Store, now: Date): Promise<{ items: WebhookEndpointView[]; nextCursor: null; total: number }> {
  const [rows, health] = await Promise.all([
    store.prisma.webhookEndpoint.findMany({ orderBy: { name: 'asc' }, take: 1_000, omit: { sealedSecret: true, sealedPrevious: true } }),
    readEndpointHealth(store, now),
  ]);
  const items = rows.map((row): WebhookEndpointView => {
    const state = health.find((entry) => entry.endpoint_id === row.id);
    const format = row.format as EndpointFormat;
    return {
      id: row.id,
      name: row.name,
      url: row.url,
      format,
      signed: isSigned(format),
      enabled: row.enabled,
      disabledReason: row.disabledReason,
      failingSince: row.failingSince?.toISOString() ?? null,
      lastSuccessAt: row.lastSuccessAt?.toISOString() ?? null,
      previousSecretUntil: row.previousExpiresAt !== null && row.previousExpiresAt > now ? row.previousExpiresAt.toISOString() : null,
      last24h: { delivered: state?.delivered ?? 0, failed: state?.failed ?? 0, waiting: state?.waiting ?? 0, medianLatencyMs: state?.median_latency_ms ?? null },
      lastAttempt: state?.last_attempt_at ? { at: state.last_attempt_at.toISOString(), statusCode: state.last_status_code, error: state.last_error } : null,
      createdBy: row.createdBy,
      createdAt: row.createdAt.toISOString(),
    };
  });
  return { items, nextCursor: null, total: items.length };
}

/** @throws WaybillError webhook-endpoint-not-found (404) */
export async function getWebhookEndpoint(store: Store, id: string, now: Date): Promise<WebhookEndpointView> {
  const endpoint = (await listWebhookEndpoints(store, now)).items.find((item) => item.id === id);
  if (endpoint === undefined) throw endpointNotFound();
  return endpoint;
}

/** For everybody but administrators a URL shows its host only: many receivers put a token into the path. */
export function maskEndpoint(endpoint: WebhookEndpointView, role: Role): WebhookEndpointView {
  return allows(role, 'administrator') || endpoint.url.endsWith('/…') ? endpoint : { ...endpoint, url: maskUrl(endpoint.url) };
}
