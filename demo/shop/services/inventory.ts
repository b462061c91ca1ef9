// Inventory: sets goods aside for each order that is paid. Its shelves are filled again as they run low, so it can go on for days.
import { randomBytes } from 'node:crypto';
import { PRODUCTS } from '../catalogue.ts';
import { newEvent } from '../events.ts';
import { runService } from '../service.ts';

const SLOW_MS = 5_000;
const SHELF = 40;

const shelves = new Map(PRODUCTS.map((product) => [product.sku, SHELF]));

runService({
  name: 'inventory',
  consumes: ['payments'],
  dead: 'inventoryDead',
  dialect: 'home-made',
  holds: 'partition',
  annotates: true,
  handle: async ({ event, correlationId }, shop) => {
    if (event.type !== 'PaymentCaptured') return;
    if (shop.isOn('slow-consumer')) await shop.wait(SLOW_MS, () => !shop.isOn('slow-consumer'));
    else await shop.wait(shop.random.between(10, 60));
    const { paymentId: _, ...order } = event.data;
    const passedOn = shop.isOn('lost-correlation-id') ? undefined : correlationId;
    const missing = shop.settings.accidents ? order.lines.filter((line) => (shelves.get(line.sku) ?? 0) < line.quantity).map((line) => line.sku) : [];
    // The delivery of goods arrives after it was missed once: the next customer gets them.
    for (const sku of missing) shelves.set(sku, SHELF);
    if (missing.length > 0) {
      await shop.send('stock', order.orderId, newEvent('StockRejected', { ...order, missing }), passedOn);
      return;
    }
    for (const line of order.lines) shelves.set(line.sku, (shelves.get(line.sku) ?? 0) - line.quantity);
    await shop.send('stock', order.orderId, newEvent('StockReserved', { ...order, reservationId: `rsv-${randomBytes(5).toString('hex')}`, warehouse: shop.random.pick(['Leipzig', 'Łódź', 'Lyon']) }), passedOn);
  },
});
