import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { CollectorContext } from '../../collectors/context.ts';
import { openTracesReceiver, type TracesReceiver } from '../../collectors/traces.ts';
import { type Config, loadConfig } from '#lib/config.ts';
import type { Store } from '#lib/store/store.ts';

/** The moment the corpora were recorded: their spans are within retention whenever the tests run. */
export const corpusNow = new Date('2026-11-21T06:00:00Z');

/** A receiver on a free port over `store`, closed when the test ends. */
export async function testReceiver(t: Pick<TestContext, 'after'>, store: Store, change: Partial<Config> = {}): Promise<TracesReceiver & { url: string; context: CollectorContext }> {
  const stop = new AbortController();
  const context: CollectorContext = {
    store, config: { ...loadConfig({ NODE_ENV: 'test' }, '/nowhere'), otlpPort: 0, otlpHost: '127.0.0.1', ...change }, clock: { now: () => corpusNow }, log: pino({ level: 'silent' }),
    brokers: undefined as never, // the receiver asks no broker
    holder: 'test:1', signal: stop.signal,
  };
  const receiver = await openTracesReceiver(context);
  t.after(async () => {
    stop.abort();
    await receiver.close();
  });
  return { ...receiver, context, url: `http://127.0.0.1:${receiver.port}` };
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** One request as a real exporter sends it; `chunked` without a Content-Length. */
export function post(url: string, body: Buffer | Iterable<Buffer>, headers: Record<string, string>, method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    request.on('error', reject);
    if (Buffer.isBuffer(body)) request.end(body);
    else {
      for (const chunk of body) request.write(chunk);
      request.end();
    }
  });
}
