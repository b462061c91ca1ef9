import { randomUUID } from 'node:crypto';
import { z } from 'zod';

const customer = z.object({ id: z.string(), name: z.string(), email: z.string(), language: z.string() });
const line = z.object({ sku: z.string(), name: z.string(), quantity: z.number().int().positive(), unitPriceCents: z.number().int().nonnegative() });
const order = z.object({ orderId: z.string(), customer, lines: z.array(line).min(1), totalCents: z.number().int().nonnegative(), currency: z.string() });

/** What each event carries. Every event brings all that the next service needs, so no service has to ask another. */
export const EVENTS = {
  CartItemAdded: z.object({ cartId: z.string(), customerId: z.string(), sequence: z.number().int(), line }),
  CartCheckedOut: z.object({ cartId: z.string(), sequence: z.number().int(), customer, lines: z.array(line).min(1), currency: z.string(), note: z.string().optional() }),
  OrderPlaced: order.extend({ cartId: z.string() }),
  OrderCompleted: z.object({ orderId: z.string(), customerId: z.string() }),
  OrderCancelled: z.object({ orderId: z.string(), customerId: z.string(), reason: z.string() }),
  PaymentCaptured: order.extend({ paymentId: z.string() }),
  PaymentFailed: order.extend({ reason: z.string() }),
  StockReserved: order.extend({ reservationId: z.string(), warehouse: z.string() }),
  StockRejected: order.extend({ missing: z.array(z.string()) }),
  CustomerNotified: z.object({ orderId: z.string(), customerId: z.string(), channel: z.string(), template: z.string() }),
} as const;

export type EventType = keyof typeof EVENTS;
export type EventData<Type extends EventType> = z.infer<(typeof EVENTS)[Type]>;
export type Order = z.infer<typeof order>;
export type Line = z.infer<typeof line>;
export type Event = { [Type in EventType]: { id: string; type: Type; version: number; occurredAt: string; data: EventData<Type> } }[EventType];

const envelope = z.object({ id: z.string(), type: z.enum(Object.keys(EVENTS) as [EventType, ...EventType[]]), version: z.number().int(), occurredAt: z.string() });

/** An event that is valid JSON but not what its type promises. Trying again does not help. */
export class SchemaMismatchError extends Error {
  override name = 'SchemaMismatchError';
}

export function newEvent<Type extends EventType>(type: Type, data: EventData<Type>): { id: string; type: Type; version: number; occurredAt: string; data: EventData<Type> } {
  return { id: randomUUID(), type, version: 1, occurredAt: new Date().toISOString(), data };
}

/**
 * Reads an event from a record's value.
 * @throws SyntaxError for what is no JSON, SchemaMismatchError naming the fields that are wrong
 */
export function parseEvent(value: Buffer | null): Event {
  if (value === null) throw new SchemaMismatchError('the record has no value');
  const json: unknown = JSON.parse(value.toString('utf8'));
  const head = envelope.safeParse(json);
  if (!head.success) throw new SchemaMismatchError(`not an event of this shop: ${explain(head.error)}`);
  const data = EVENTS[head.data.type].safeParse((json as { data?: unknown }).data);
  if (!data.success) throw new SchemaMismatchError(`${head.data.type} version ${head.data.version} does not match: ${explain(data.error)}`);
  return { ...head.data, data: data.data } as Event;
}

function explain(error: z.ZodError): string {
  return error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`).join('; ');
}
