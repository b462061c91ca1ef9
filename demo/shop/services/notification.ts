// Notification: writes to the customer. Its team traces, but copies nothing onto its spans, and retries on a topic of its own.
import { newEvent } from '../events.ts';
import { runService } from '../service.ts';

/** The mail server asked to come back later (SMTP 451), as mail servers do. */
class MailDeferredError extends Error {
  override name = 'MailDeferredError';
}

runService({
  name: 'notification',
  consumes: ['stock', 'payments'],
  dead: 'notificationDead',
  dialect: 'home-made',
  retry: 'notificationsRetry',
  holds: 'partition',
  annotates: false,
  stoppedBy: 'stopped-consumer',
  untracedBy: 'untraced-service',
  handle: async ({ event, correlationId, attempt }, shop) => {
    if (event.type !== 'StockReserved' && event.type !== 'StockRejected' && event.type !== 'PaymentFailed') return;
    await shop.wait(shop.random.between(15, 90));
    if (shop.settings.accidents && attempt === 1 && shop.random.chance(0.015)) throw new MailDeferredError(`451 4.7.1 ${event.data.customer.email}: greylisted, try again later`);
    const template = { StockReserved: 'order-on-its-way', StockRejected: 'sorry-not-in-stock', PaymentFailed: 'payment-failed' }[event.type];
    const { orderId, customer } = event.data;
    await shop.send('notifications', customer.id, newEvent('CustomerNotified', { orderId, customerId: customer.id, channel: shop.random.chance(0.2) ? 'push' : 'mail', template }), correlationId, { bare: shop.isOn('unversioned-event') });
  },
});
