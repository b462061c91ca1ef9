// Payment: charges each order at the payment provider, an HTTP service outside of the shop.
import { trace } from '@opentelemetry/api';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { newEvent, type Order } from '../events.ts';
import { recentlySeen } from '../recently-seen.ts';
import { runService } from '../service.ts';

const PROVIDER_TIMEOUT_MS = 2_000;
const MAX_ANSWER_BYTES = 16_384;

/** The provider did not answer, or not with a decision: the same charge may succeed later. */
class ProviderUnavailableError extends Error {
  override name = 'ProviderUnavailableError';
}

const charged = recentlySeen(5_000);
let captured = 0;

runService({
  name: 'payment',
  consumes: ['orders'],
  dead: 'paymentDead',
  dialect: 'spring',
  // A provider that is down is down for every order: there is no use in trying the next one meanwhile.
  holds: 'everything',
  annotates: true,
  handle: async ({ event, correlationId }, shop) => {
    if (event.type !== 'OrderPlaced') return;
    const { cartId: _, ...order } = event.data;
    if (charged.has(event.id)) {
      trace.getActiveSpan()?.addEvent('duplicate skipped', { 'event.id': event.id });
      return;
    }
    const decision = await charge(shop.settings.providerUrl, order);
    if (decision.captured) {
      const payment = newEvent('PaymentCaptured', { ...order, paymentId: `pay-${randomBytes(5).toString('hex')}` });
      captured += 1;
      const poison = shop.isOn('poison-message') && captured % 3 === 1;
      const text = JSON.stringify(payment);
      // Cut always in the same field, so that it is one failure and not a new one for each length.
      await shop.send('payments', order.orderId, payment, correlationId, poison ? { rawValue: Buffer.from(text.slice(0, text.indexOf('@example.com'))) } : {});
    } else {
      await shop.send('payments', order.orderId, newEvent('PaymentFailed', { ...order, reason: decision.reason }), correlationId);
    }
    charged.add(event.id);
  },
});

/**
 * Asks the provider to charge an order; the order's id is the idempotency key, so asking twice charges once.
 * @throws ProviderUnavailableError where there is no decision
 */
function charge(providerUrl: string, order: Order): Promise<{ captured: true } | { captured: false; reason: string }> {
  // Loaded here and not by an import, so that the instrumentation that was started before has patched it.
  const http = createRequire(import.meta.url)('node:http') as typeof import('node:http');
  return new Promise((resolve, reject) => {
    const unavailable = (why: string): void => reject(new ProviderUnavailableError(`The payment provider did not charge order ${order.orderId}: ${why}`));
    const body = JSON.stringify({ orderId: order.orderId, amountCents: order.totalCents, currency: order.currency });
    const request = http.request(
      new URL('/v1/charges', providerUrl),
      { method: 'POST', agent: false, timeout: PROVIDER_TIMEOUT_MS, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'idempotency-key': order.orderId } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > MAX_ANSWER_BYTES) request.destroy(new Error('its answer is too long'));
        });
        response.on('error', (error) => unavailable(error.message));
        response.on('end', () => {
          if (response.statusCode === 201) resolve({ captured: true });
          else if (response.statusCode === 402) resolve({ captured: false, reason: text.slice(0, 200) || 'declined' });
          else unavailable(`it answered ${response.statusCode ?? 'nothing'}`);
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer in ${PROVIDER_TIMEOUT_MS} ms`)));
    request.on('error', (error) => unavailable(error.message));
    request.end(body);
  });
}
