import { readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

/** Where a schema registry is and how to sign in. */
export interface SchemaRegistryConfig {
  /** Its root; a path in it is kept. */
  url: string;
  username?: string | undefined;
  password?: string | undefined;
  tls?: { caFile?: string | undefined; certFile?: string | undefined; keyFile?: string | undefined; rejectUnauthorized?: boolean | undefined } | undefined;
}

const TIMEOUT_MS = 5_000;
const MOST_BYTES = 2 * 1024 * 1024;

/**
 * GET of a JSON document below the registry's root. Redirects are not followed.
 * @throws Error in a sentence: no answer in 5 s, no JSON, more than 2 MB
 */
export async function getJson(config: SchemaRegistryConfig, path: string): Promise<{ status: number; body: unknown }> {
  const url = new URL(`${config.url.replace(/\/+$/, '')}${path}`);
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  const { tls } = config;
  return new Promise((resolve, reject) => {
    const sent = send(url, {
      method: 'GET',
      headers: {
        accept: 'application/vnd.schemaregistry.v1+json, application/json',
        ...(config.username === undefined ? {} : { authorization: `Basic ${Buffer.from(`${config.username}:${config.password ?? ''}`).toString('base64')}` }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(tls?.caFile ? { ca: readFileSync(tls.caFile) } : {}),
      ...(tls?.certFile ? { cert: readFileSync(tls.certFile) } : {}),
      ...(tls?.keyFile ? { key: readFileSync(tls.keyFile) } : {}),
      ...(tls?.rejectUnauthorized === false ? { rejectUnauthorized: false } : {}),
    });
    sent.on('error', (error) => reject(new Error(error.name === 'TimeoutError' || error.name === 'AbortError' ? 'the schema registry did not answer in time' : `the schema registry can't be reached: ${error.message}`)));
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) sent.destroy(new Error('its answer is larger than 2 MB'));
        else chunks.push(chunk);
      });
      response.on('error', (error) => reject(new Error(`the schema registry's answer broke off: ${error.message}`)));
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown });
        } catch {
          if (response.statusCode === 200) reject(new Error('the schema registry did not answer with JSON'));
          else resolve({ status: response.statusCode ?? 0, body: null });
        }
      });
    });
    sent.end();
  });
}
