// Order: makes an order of each checkout, and closes it when stock or payment has decided.
import { createHash } from 'node:crypto';
import { OutOfOrderError } from '../consume.ts';
import { newEvent } from '../events.ts';
import { recentlySeen } from '../recently-seen.ts';
import { runService } from '../service.ts';

const closedCarts = recentlySeen(2_000);
let placed = 0;

/** The order number follows from the cart, so that a cart that is delivered twice makes one order. */
function orderIdOf(cartId: string): string {
  return `ord-${createHash('sha256').update(cartId).digest('hex').slice(0, 10)}`;
}

runService({
  name: 'order',
  consumes: ['carts', 'stock', 'payments'],
  dead: 'orderDead',
  dialect: 'spring',
  holds: 'partition',
  annotates: true,
  handle: async ({ event, correlationId }, shop) => {
    await shop.wait(shop.random.between(3, 25));
    switch (event.type) {
      case 'CartItemAdded': {
        if (closedCarts.has(event.data.cartId)) throw new OutOfOrderError(`CartItemAdded ${event.data.sequence} of ${event.data.cartId} came after the cart was checked out`);
        return;
      }
      case 'CartCheckedOut': {
        const { cartId, customer, lines, currency } = event.data;
        const totalCents = lines.reduce((sum, line) => sum + line.quantity * line.unitPriceCents, 0);
        const orderId = orderIdOf(cartId);
        const order = newEvent('OrderPlaced', { orderId, cartId, customer, currency, totalCents, lines });
        placed += 1;
        // The pick list of a large order repeats each line for the warehouse, which is what brings a wholesale cart over the topic's limit.
        const picking = lines.length > 500 ? { picking: lines.map(({ sku, quantity }) => `${quantity} x ${sku}`) } : {};
        const rawValue = Buffer.from(JSON.stringify({ ...order, data: { ...order.data, ...picking } }));
        await shop.send('orders', orderId, order, correlationId, { rawValue });
        if (shop.isOn('duplicate-event') && placed % 2 === 0) await shop.send('orders', orderId, order, correlationId, { rawValue });
        closedCarts.add(cartId);
        return;
      }
      case 'StockReserved': {
        await shop.send('orders', event.data.orderId, newEvent('OrderCompleted', { orderId: event.data.orderId, customerId: event.data.customer.id }), correlationId);
        return;
      }
      case 'StockRejected':
      case 'PaymentFailed': {
        const reason = event.type === 'StockRejected' ? `not in stock: ${event.data.missing.join(', ')}` : event.data.reason;
        await shop.send('orders', event.data.orderId, newEvent('OrderCancelled', { orderId: event.data.orderId, customerId: event.data.customer.id, reason }), correlationId);
        return;
      }
      default:
        return;
    }
  },
});
