import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RegistryServer {
  url: string;
  /** Paths asked for, in order. */
  asked: string[];
  close(): Promise<void>;
}

/**
 * What Confluent's Schema Registry answers to `GET /schemas/ids/{id}` and `GET /subjects/{subject}/versions/{version}`, as its REST reference documents it.
 * For answers that a real one never gives (schema-registry.test.ts has a real one).
 */
export async function startRegistryServer(answers: Record<string, unknown>): Promise<RegistryServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = answers[request.url ?? ''];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
    response.end(JSON.stringify(answer ?? { error_code: 40403, message: 'Schema not found' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

/** Confluent's wire format: a zero byte, the schema's id, the rest. */
export function framed(id: number, ...rest: (Uint8Array | number[])[]): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, ...rest.map((part) => Buffer.from(part))]);
}
