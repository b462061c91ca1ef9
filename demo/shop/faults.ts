export interface Fault {
  /** What the shop does wrong while it is on. */
  what: string;
  /** What a visitor should look at in Waybill. */
  look: string;
  /** Path in Waybill where it shows first. */
  path: string;
}

/** What can be broken. Each is switched off again without a restart, and the shop recovers by itself. */
export const FAULTS = {
  'provider-outage': {
    what: 'The payment provider is switched off: its server refuses connections. Payment tries each order three times, then parks it in payments.DLT with Spring headers.',
    look: 'payment-service falls behind on orders; dead letters arrive in payments.DLT with one cause; an order’s journey ends at payment. Mend it, then replay them.',
    path: '/lag',
  },
  'poison-message': {
    what: 'Payment writes every third PaymentCaptured as cut-off JSON. Its three readers cannot parse it and park it at once: order with Spring headers, inventory and notification with the shop’s own.',
    look: 'The same SyntaxError in orders.dlq, stock.dlq and notifications.dlq, in two header dialects. A replay fails again: the bytes are broken.',
    path: '/dead-letters',
  },
  'slow-consumer': {
    what: 'Inventory takes five seconds for each payment.',
    look: 'inventory-service on payments: its lag grows and so does the time to drain. No dead letters.',
    path: '/lag',
  },
  'stopped-consumer': {
    what: 'Notification stays a member of its group but fetches and commits nothing.',
    look: 'notification-service shows as stopped although it has members; journeys wait for notification.',
    path: '/lag',
  },
  'duplicate-event': {
    what: 'Order publishes every second OrderPlaced twice, with the same event id.',
    look: 'A journey with OrderPlaced sent twice and processed twice by payment; the customer is charged once. Hygiene tells of duplicates on orders.',
    path: '/journeys',
  },
  'out-of-order': {
    what: 'Cart publishes every second CartCheckedOut before the cart’s last CartItemAdded.',
    look: 'OutOfOrderError in orders.dlq from order-service; replaying it later fails again, because the cart is closed. Hygiene tells of events out of order on carts.',
    path: '/dead-letters',
  },
  'oversized-event': {
    what: 'Every 15 s a wholesale customer checks out a cart of almost 1 MB. It fits into carts, but the order made from it is over the limit of orders.',
    look: 'A dead letter of 1 MB in orders.dlq whose cause is MESSAGE_TOO_LARGE. Hygiene tells of fat events on carts.',
    path: '/dead-letters',
  },
  'schema-drift': {
    what: 'Every second CartCheckedOut comes in a version 2 with prices as objects, which order does not know.',
    look: 'SchemaMismatchError in orders.dlq, naming the field that is missing. Hygiene shows which field went and which came.',
    path: '/dead-letters',
  },
  'lost-correlation-id': {
    what: 'Inventory forgets to copy the correlation-id header onto what it sends.',
    look: 'Journeys go on after stock by trace only: “why connected” of notification says parent, no longer correlation id. Hygiene names inventory-service.',
    path: '/journeys',
  },
  'unversioned-event': {
    what: 'Notification writes CustomerNotified bare: the data alone, without id, type and version in value or headers.',
    look: 'Hygiene says that events on notifications name neither type nor version.',
    path: '/hygiene',
  },
  'untraced-service': {
    what: 'Notification sends no spans any more, as after a deploy without its instrumentation.',
    look: 'Journeys know notification by its commits only. Hygiene tells of an uninstrumented hop on stock and payments.',
    path: '/hygiene',
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

export function isFaultName(text: string): text is FaultName {
  return Object.hasOwn(FAULTS, text);
}
