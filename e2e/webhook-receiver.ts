import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Received {
  headers: Record<string, string>;
  /** As it came over the wire: the signature is over these bytes. */
  body: string;
}

export interface WebhookReceiver {
  url: string;
  received: Received[];
  close(): Promise<void>;
}

const KEPT = 1_000;

/** A webhook's receiver as a user would write one: it keeps what arrives and answers 204. */
export async function startReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString('utf8') });
      if (received.length > KEPT) received.shift();
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * The payload of a delivery whose signature is right, checked by the reference library of Standard Webhooks and not by our own code.
 * @throws WebhookVerificationError
 */
export function verified(secret: string, { headers, body }: Received): { type: string; data: { status: string; alerts: { labels: Record<string, string>; annotations: Record<string, string>; dashboardURL?: string }[] } } {
  return new Webhook(secret).verify(body, headers) as ReturnType<typeof verified>;
}
