import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface SeenRequest {
  headers: Record<string, string>;
  body: string;
  atMs: number;
}

export interface Receiver {
  url: string;
  port: number;
  seen: SeenRequest[];
  /** How it answers from now on. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A real HTTP receiver on a loopback port; answers 200 unless told otherwise. Closed when the test ends. */
export async function openReceiver(t: Pick<TestContext, 'after'>, answer: Receiver['answer'] = (_request, response) => void response.end('ok')): Promise<Receiver> {
  const receiver: Receiver = { url: '', port: 0, seen: [], answer };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      receiver.seen.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString('utf8'), atMs: performance.now() });
      receiver.answer(request, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  receiver.port = (server.address() as AddressInfo).port;
  receiver.url = `http://127.0.0.1:${receiver.port}/hook`;
  return receiver;
}
