// Cart: what customers put into their carts and check out. It starts every journey, so it also makes the shop's rhythm.
import { randomBytes, randomUUID } from 'node:crypto';
import { CUSTOMERS, pickProduct, type Customer } from '../catalogue.ts';
import { newEvent, type Event, type Line } from '../events.ts';
import { runService, type Shop } from '../service.ts';

/** Events that one checkout causes over the whole shop, on average: 1.5 items added and six events after it. */
const EVENTS_A_CHECKOUT = 7.5;
const OVERSIZED_EVERY_MS = 15_000;

let checkouts = 0;
let oversizedAt = 0;

/** Letters and digits that cannot be mistaken for each other, so that a person can read an id out loud. */
function readableId(prefix: string, length: number): string {
  const alphabet = '23456789abcdefghjkmnpqrstuvwxyz';
  return prefix + Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('');
}

async function checkOut(shop: Shop, customer: Customer = shop.random.pick(CUSTOMERS)): Promise<{ correlationId: string; cartId: string }> {
  checkouts += 1;
  const correlationId = readableId('chk-', 10);
  const cartId = readableId('cart-', 8);
  const lines: Line[] = Array.from({ length: shop.random.pick([1, 1, 1, 2, 2, 3]) }, () => {
    const product = pickProduct(shop.random);
    return { sku: product.sku, name: product.name, quantity: shop.random.pick([1, 1, 1, 2, 3]), unitPriceCents: product.priceCents };
  });
  const added = lines.map((line, index) => newEvent('CartItemAdded', { cartId, customerId: customer.id, sequence: index + 1, line }));
  const checkedOut = newEvent('CartCheckedOut', { cartId, sequence: lines.length + 1, customer, lines, currency: 'EUR', ...noteFor(shop) });
  const late = shop.isOn('out-of-order') && checkouts % 2 === 0;
  const send = (event: Event, rawValue?: Buffer): Promise<void> => shop.send('carts', customer.id, event, correlationId, rawValue ? { rawValue } : {});

  for (const event of late ? added.slice(0, -1) : added) await send(event);
  if (shop.isOn('schema-drift') && checkouts % 2 === 0) await send(checkedOut, driftedCheckout(checkedOut));
  else await send(checkedOut);
  if (late) await send(added.at(-1)!);
  if (shop.isOn('oversized-event') && Date.now() > oversizedAt) {
    oversizedAt = Date.now() + OVERSIZED_EVERY_MS;
    await checkOutWholesale(shop);
  }
  return { correlationId, cartId };
}

// Version 2 of the event, by a team that forgot to tell the others: prices became objects.
function driftedCheckout(event: { data: { lines: Line[] } }): Buffer {
  const lines = event.data.lines.map(({ unitPriceCents, ...line }) => ({ ...line, price: { amount: (unitPriceCents / 100).toFixed(2), currency: 'EUR' } }));
  return Buffer.from(JSON.stringify({ ...event, version: 2, data: { ...event.data, lines } }));
}

// Fits under the 1 MB of carts (1,048,588 bytes with key and headers), but no longer under the same limit of orders once order has added its own fields and a pick list.
async function checkOutWholesale(shop: Shop): Promise<void> {
  const customer = CUSTOMERS[0]!;
  const correlationId = readableId('chk-', 10);
  const cartId = readableId('cart-', 8);
  const lines: Line[] = [];
  for (let bytes = 0; bytes < 990_000; ) {
    const product = pickProduct(shop.random);
    const line = { sku: product.sku, name: `${product.name}, engraved for ${shop.random.pick(CUSTOMERS).name} (${randomUUID()})`, quantity: shop.random.between(1, 40), unitPriceCents: product.priceCents };
    bytes += Buffer.byteLength(JSON.stringify(line)) + 1;
    lines.push(line);
  }
  await shop.send('carts', customer.id, newEvent('CartCheckedOut', { cartId, sequence: 1, customer, lines, currency: 'EUR', note: 'Wholesale, staff gifts' }), correlationId);
}

function noteFor(shop: Shop): { note?: string } {
  return shop.random.chance(0.15) ? { note: shop.random.pick(['Please ring twice', 'It is a gift', 'Bitte beim Nachbarn abgeben', 'À laisser chez la concierge', 'Leave it <b>at the door</b>']) } : {};
}

// Customers come in waves: a slow swell of ten minutes, and now and then a rush.
function pauseMs(shop: Shop, rush: boolean): number {
  const swell = 1 + 0.35 * Math.sin((Date.now() / 600_000) * 2 * Math.PI);
  const perSecond = (shop.settings.eventsPerSecond / EVENTS_A_CHECKOUT) * swell * (rush ? 3 : 0.92);
  // Exponential gaps, as independent customers leave them, cut so that the shop is never silent for long.
  return Math.min(-Math.log(1 - shop.random.next()) / perSecond, 4 / perSecond) * 1_000;
}

runService({
  name: 'cart',
  consumes: ['orders'],
  dead: 'cartDead',
  dialect: 'home-made',
  holds: 'partition',
  annotates: true,
  // An order closes its cart. There is nothing to send: the cart is gone from the customer's screen.
  handle: async ({ event }, shop) => {
    if (event.type === 'OrderPlaced') await shop.wait(shop.random.between(2, 15));
  },
  onCheckOut: (shop) => checkOut(shop),
  produce: async (shop) => {
    if (shop.settings.eventsPerSecond === 0) return;
    let rushUntil = 0;
    while (!shop.signal.aborted) {
      if (Date.now() > rushUntil && shop.random.chance(0.004)) rushUntil = Date.now() + 15_000;
      await shop.wait(pauseMs(shop, Date.now() < rushUntil));
      if (shop.signal.aborted) return;
      try {
        await checkOut(shop);
      } catch (error) {
        // The broker is away: customers leave and others come later.
        process.stderr.write(`cart: checkout failed: ${String(error)}\n`);
        await shop.wait(2_000);
      }
    }
  },
});
