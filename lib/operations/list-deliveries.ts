import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, listSchema, pageQuerySchema, timeSchema } from '#lib/wire.ts';

const STATES = ['waiting', 'sending', 'delivered', 'failed', 'superseded'] as const;

export const deliverySchema = z.object({
  /** The webhook-id, the same on every attempt. */
  id: z.string(),
  endpointId: z.uuid(),
  endpoint: z.string(),
  type: z.string(),
  state: z.enum(STATES),
  /** In the present round. */
  attemptCount: z.number().int(),
  nextAttemptAt: timeSchema.nullable(),
  redeliveredAt: timeSchema.nullable(),
  createdAt: timeSchema,
  endedAt: timeSchema.nullable(),
  lastStatusCode: z.number().int().nullable(),
  lastError: z.string().nullable(),
  lastLatencyMs: z.number().int().nullable(),
});
export const deliveriesSchema = listSchema(deliverySchema);
export type DeliveryView = z.output<typeof deliverySchema>;

export const deliveryQuerySchema = pageQuerySchema.extend({ endpoint: z.uuid().optional(), state: z.enum(STATES).optional() });

export const deliveryAttemptSchema = z.object({
  number: z.number().int(),
  startedAt: timeSchema,
  /** Null: under way, or cut off before its outcome was written; whether it arrived is unknown. */
  endedAt: timeSchema.nullable(),
  latencyMs: z.number().int().nullable(),
  statusCode: z.number().int().nullable(),
  error: z.string().nullable(),
  requestHeaders: z.record(z.string(), z.string()),
  responseHeaders: z.record(z.string(), z.string()).nullable(),
  responseBody: z.string().nullable(),
});
export type DeliveryAttemptView = z.output<typeof deliveryAttemptSchema>;

export const deliveryDetailSchema = deliverySchema.extend({ payload: z.string(), attempts: z.array(deliveryAttemptSchema) });
export type DeliveryDetail = z.output<typeof deliveryDetailSchema>;

interface DeliveryRow {
  id: string;
  endpointId: string;
  type: string;
  state: string;
  attemptCount: number;
  nextAttemptAt: Date | null;
  redeliveredAt: Date | null;
  createdAt: Date;
  endedAt: Date | null;
}

/** Deliveries, the latest first. @throws WaybillError cursor-invalid (400) */
export async function listDeliveries(store: Store, query: z.output<typeof deliveryQuerySchema>): Promise<{ items: DeliveryView[]; nextCursor: string | null; total: number | null }> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 2);
  if (query.cursor !== undefined && (typeof after?.[0] !== 'string' || typeof after[1] !== 'string' || Number.isNaN(Date.parse(after[0])))) {
    throw new WaybillError('cursor-invalid', 'This cursor is not one that Waybill gave out.', { status: 400 });
  }
  const limit = Math.min(query.limit, 500);
  const filter = { ...(query.endpoint === undefined ? {} : { endpointId: query.endpoint }), ...(query.state === undefined ? {} : { state: query.state }) };
  const at = after === null ? null : new Date(String(after[0]));
  const rows = await store.prisma.delivery.findMany({
    where: { ...filter, ...(at === null ? {} : { OR: [{ createdAt: { lt: at } }, { createdAt: at, id: { lt: String(after?.[1]) } }] }) },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit + 1,
    omit: { payload: true },
  });
  const page = rows.slice(0, limit);
  const [names, attempts] = await Promise.all([
    store.prisma.webhookEndpoint.findMany({ where: { id: { in: page.map((row) => row.endpointId) } }, select: { id: true, name: true } }),
    store.prisma.deliveryAttempt.findMany({
      where: { deliveryId: { in: page.map((row) => row.id) } },
      distinct: ['deliveryId'],
      orderBy: [{ deliveryId: 'asc' }, { number: 'desc' }],
      omit: { responseBody: true, responseHead: true, requestHead: true },
    }),
  ]);
  const last = page.at(-1);
  return {
    items: page.map((row) => toView(row, names.find((name) => name.id === row.endpointId)?.name ?? 'deleted', attempts.find((attempt) => attempt.deliveryId === row.id))),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor([last.createdAt.toISOString(), last.id]) : null,
    total: null,
  };
}

function toView(row: DeliveryRow, endpoint: string, last: { statusCode: number | null; error: string | null; latencyMs: number | null } | undefined): DeliveryView {
  return {
    id: row.id,
    endpointId: row.endpointId,
    endpoint,
    type: row.type,
    state: STATES.find((state) => state === row.state) ?? 'failed',
    attemptCount: row.attemptCount,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    redeliveredAt: row.redeliveredAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    lastStatusCode: last?.statusCode ?? null,
    lastError: last?.error ?? null,
    lastLatencyMs: last?.latencyMs ?? null,
  };
}

/** One delivery with its body and the latest 50 attempts. @throws WaybillError delivery-not-found (404) */
export async function getDelivery(store: Store, id: string): Promise<DeliveryDetail> {
  const row = await store.prisma.delivery.findUnique({ where: { id } });
  if (row === null) throw new WaybillError('delivery-not-found', 'There is no such delivery; those of over 30 days ago are deleted.', { status: 404 });
  const [endpoint, attempts] = await Promise.all([
    store.prisma.webhookEndpoint.findUnique({ where: { id: row.endpointId }, select: { name: true } }),
    store.prisma.deliveryAttempt.findMany({ where: { deliveryId: id }, orderBy: { number: 'desc' }, take: 50 }),
  ]);
  return {
    ...toView(row, endpoint?.name ?? 'deleted', attempts[0]),
    payload: row.payload,
    attempts: attempts.map((attempt) => ({
      number: attempt.number,
      startedAt: attempt.startedAt.toISOString(),
      endedAt: attempt.endedAt?.toISOString() ?? null,
      latencyMs: attempt.latencyMs,
      statusCode: attempt.statusCode,
      error: attempt.error,
      requestHeaders: (attempt.requestHead ?? {}) as Record<string, string>,
      responseHeaders: attempt.responseHead as Record<string, string> | null,
      responseBody: attempt.responseBody,
    })),
  };
}
