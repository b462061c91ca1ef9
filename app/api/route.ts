import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { principalOfBearer } from '#lib/access/bearer.ts';
import { checkOrigin } from '#lib/access/check-origin.ts';
import { readSessionCookie } from '#lib/access/session-cookie.ts';
import { principalOfSession } from '#lib/access/session.ts';
import { WaybillError } from '#lib/errors.ts';
import { allows, type Principal, type Role } from '#lib/model/access.ts';
import type { Store } from '#lib/store/store.ts';
import { traceWork } from '#lib/trace-work.ts';
import { web, type Web } from '../web.ts';

// The one door of the web API. Every handler authorises itself here: nothing in front of it (proxy.ts, a layout) decides about access.

type Shape = z.ZodType;
type Out<Schema extends Shape | undefined> = Schema extends Shape ? z.output<Schema> : undefined;

/** What a route says about itself: the source of its checks and of openapi.json. */
export interface RouteSpec<Params extends Shape | undefined = Shape | undefined, Query extends Shape | undefined = Shape | undefined, Body extends Shape | undefined = Shape | undefined> {
  /** The least role that may call it; "public" needs no session or token. */
  role: Role | 'public';
  summary: string;
  params?: Params;
  query?: Query;
  /** A JSON body is read only where this is given. */
  body?: Body;
  /** Shape of the answer, for openapi.json and, outside production, checked. Leave out where the answer is not JSON. */
  response?: Shape;
  /** Status of a good answer; 200 unless given. */
  status?: number;
  /** Bound of the body; 256 kB unless given. */
  maxBodyBytes?: number;
  /** Content type of an answer that is not JSON. */
  contentType?: string;
}

export interface RouteInput<Params, Query, Body, Who> extends Pick<Web, 'store' | 'config' | 'clock' | 'log'> {
  store: Store;
  principal: Who;
  params: Params;
  query: Query;
  body: Body;
  request: Request;
  /** Headers for the answer. */
  headers: Headers;
}

export interface RouteHandler {
  (request: Request, context?: { params?: Promise<Record<string, string | string[] | undefined>> }): Promise<Response>;
  spec: RouteSpec;
}

const MAX_BODY_BYTES = 256 * 1024;

/**
 * Makes a Next route handler of an operation: authorises, parses, runs, answers. The result is sent as JSON (bigint as decimal strings,
 * Date as ISO 8601); a Response is passed on as it is; undefined answers 204. A WaybillError becomes RFC 9457 problem+json with its code,
 * anything else 500 with an id that is also in the log.
 */
export function route<const R extends Role | 'public', Params extends Shape | undefined = undefined, Query extends Shape | undefined = undefined, Body extends Shape | undefined = undefined>(
  spec: RouteSpec<Params, Query, Body> & { role: R },
  handle: (input: RouteInput<Out<Params>, Out<Query>, Out<Body>, R extends 'public' ? Principal | null : Principal>) => Promise<unknown>,
): RouteHandler {
  const handler = async (request: Request, context?: { params?: Promise<Record<string, string | string[] | undefined>> }): Promise<Response> => {
    try {
      const { store, config, clock, log } = web();
      const principal = await authorise(request, spec.role);
      const params = parse('path', spec.params, (await context?.params) ?? {});
      const query = parse('query', spec.query, queryObject(new URL(request.url).searchParams));
      const body = spec.body ? parse('body', spec.body, await readJson(request, spec.maxBodyBytes ?? MAX_BODY_BYTES)) : undefined;
      const headers = new Headers();
      const result = await traceWork('api request', { 'http.request.method': request.method, 'waybill.operation': spec.summary }, () => handle({ store, config, clock, log, principal: principal as never, params: params as never, query: query as never, body: body as never, request, headers }));
      if (result instanceof Response) return result;
      headers.set('cache-control', 'no-store');
      if (result === undefined) return new Response(null, { status: 204, headers });
      headers.set('content-type', 'application/json; charset=utf-8');
      const text = toJson(result);
      if (process.env.NODE_ENV !== 'production' && spec.response) {
        const checked = spec.response.safeParse(JSON.parse(text));
        if (!checked.success) log.error({ url: request.url, issues: checked.error.issues.slice(0, 5) }, 'an answer does not have the shape its route promises');
      }
      return new Response(text, { status: spec.status ?? 200, headers });
    } catch (error) {
      return problem(error, request);
    }
  };
  return Object.assign(handler, { spec: spec as RouteSpec });
}

/**
 * Who is asking, checked against the role.
 * @throws WaybillError `unauthenticated` 401, `forbidden` 403, `cross-site` 403
 */
async function authorise(request: Request, needed: Role | 'public'): Promise<Principal | null> {
  const { store, config, clock } = web();
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const mutates = !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
  // A bearer token never falls back to the cookie: what a script sends by mistake must fail, not act as somebody else.
  if (bearer === undefined && mutates) {
    const reason = checkOrigin(request.headers, config.publicUrl);
    if (reason !== null) throw new WaybillError('cross-site', `Refused, because ${reason}. Open Waybill at ${config.publicUrl}, or use a bearer token.`, { status: 403 });
  }
  if (needed === 'public') return null;
  const cookie = readSessionCookie(request.headers.get('cookie'), config.publicUrl);
  const principal =
    bearer !== undefined ? await principalOfBearer(store, bearer, config.adminToken, clock.now()) : cookie !== null ? await principalOfSession(store, cookie, clock.now()) : null;
  if (!principal) throw new WaybillError('unauthenticated', 'Sign in, or send a valid token as "Authorization: Bearer wb_…".', { status: 401 });
  if (!allows(principal.role, needed)) {
    throw new WaybillError('forbidden', `This needs the role ${needed}; ${principal.name} has the role ${principal.role}.`, { status: 403, detail: { needs: needed, has: principal.role } });
  }
  return principal;
}

function parse(where: string, schema: Shape | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  if (holdsUnstorable(value)) throw new WaybillError('invalid-request', `${where}: a text holds NUL or half of a surrogate pair, which the database does not store.`, { status: 400 });
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 20).map((issue) => ({ in: where, path: issue.path.map(String).join('.'), message: issue.message }));
  const [first] = issues;
  throw new WaybillError('invalid-request', `${where}${first?.path ? ` "${first.path}"` : ''}: ${first?.message ?? 'is not valid'}`, { status: 400, detail: { issues } });
}

/** Whether a text anywhere in it is one that PostgreSQL refuses, so that it is told here and is no failure of a statement. Without recursion: bodies may be nested deeply. */
function holdsUnstorable(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'string') {
      if (one.includes('\0') || !one.isWellFormed()) return true;
    } else if (typeof one === 'object' && one !== null) for (const [key, inner] of Object.entries(one)) left.push(key, inner);
  }
  return false;
}

function queryObject(search: URLSearchParams): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const key of new Set(search.keys())) {
    const all = search.getAll(key);
    found[key] = all.length === 1 ? (all[0] ?? '') : all;
  }
  return found;
}

async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  // Forms can be posted across sites without a preflight; JSON can't.
  if (type !== 'application/json') throw new WaybillError('unsupported-media-type', 'Send the body as application/json.', { status: 415 });
  const tooLarge = new WaybillError('body-too-large', `The body is larger than ${maxBytes} bytes.`, { status: 413, detail: { maxBytes } });
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (!part || part.done) break;
    size += part.value.byteLength;
    if (size > maxBytes) {
      await reader?.cancel();
      throw tooLarge;
    }
    chunks.push(part.value);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new WaybillError('invalid-json', 'The body is not valid JSON.', { status: 400 });
  }
}

/** JSON text of an answer: bigint as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}

/** RFC 9457 answer to whatever was thrown. */
function problem(error: unknown, request: Request): Response {
  const id = randomUUID();
  const known = error instanceof WaybillError ? error : null;
  const status = known?.status ?? 500;
  const path = new URL(request.url).pathname;
  if (!known || status >= 500) {
    try {
      web().log.error({ id, method: request.method, path, err: error }, 'a request failed');
    } catch (failure) {
      console.error('a request failed before the log was open', id, failure);
    }
  }
  const headers = new Headers({ 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' });
  if (status === 401) headers.set('www-authenticate', 'Bearer realm="waybill"');
  if (known?.retryable && typeof known.detail['retryAfterSeconds'] === 'number') headers.set('retry-after', String(known.detail['retryAfterSeconds']));
  const code = known?.code ?? 'internal-error';
  const body = {
    type: `urn:waybill:problem:${code}`,
    title: code.replaceAll('-', ' '),
    status,
    code,
    detail: known?.message ?? `Something went wrong inside Waybill. The log has the cause under ${id}.`,
    retryable: known?.retryable ?? false,
    instance: `urn:uuid:${id}`,
    ...(known && Object.keys(known.detail).length > 0 ? { facts: known.detail } : {}),
  };
  return new Response(toJson(body), { status, headers });
}

/** The root of the API leads to its description. */
export const GET = route({ role: 'public', summary: 'Leads to the description of the API', contentType: 'text/plain' }, async () => new Response('See /api/v1/openapi.json\n', { status: 302, headers: { location: '/api/v1/openapi.json' } }));
