import { z } from 'zod';
import type { RouteSpec } from '../route.ts';
import type { Method, RouteModule } from './registry.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 description of these routes, made from the schemas that check them. */
export function describeApi(registry: Readonly<Record<string, RouteModule>>, server: string): Json {
  const paths: Json = {};
  for (const [path, module] of Object.entries(registry)) {
    const operations: Json = {};
    for (const [method, handler] of Object.entries(module) as [Method, RouteModule[Method]][]) {
      if (typeof handler === 'function' && handler.spec) operations[method.toLowerCase()] = describeRoute(path, method, handler.spec);
    }
    paths[path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Waybill', version: '1', description: 'Offsets and counts that can exceed 2^53 are decimal strings, times are ISO 8601 in UTC, lists are {items, nextCursor, total}, errors are RFC 9457 problem details with a stable code.' },
    servers: [{ url: server }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: 'waybill' } },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'code', 'detail', 'retryable', 'instance'],
          properties: { type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, code: { type: 'string' }, detail: { type: 'string' }, retryable: { type: 'boolean' }, instance: { type: 'string' }, facts: { type: 'object' } },
        },
      },
    },
  };
}

function describeRoute(path: string, method: Method, spec: RouteSpec): Json {
  const good = String(spec.response || spec.contentType ? (spec.status ?? 200) : 204);
  const problem = { description: 'What went wrong', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
  return {
    operationId: `${method.toLowerCase()}${path.replace(/^\/api(\/v1)?/, '').replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_all, letter: string) => letter.toUpperCase())}`,
    summary: spec.summary,
    'x-waybill-role': spec.role,
    security: spec.role === 'public' ? [] : [{ bearer: [] }, { session: [] }],
    parameters: [...parameters('path', spec.params), ...parameters('query', spec.query)],
    ...(spec.body ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(spec.body, 'input') } } } } : {}),
    responses: {
      [good]: {
        description: 'Done',
        ...(spec.response ? { content: { 'application/json': { schema: schemaOf(spec.response, 'output') } } } : spec.contentType ? { content: { [spec.contentType]: {} } } : {}),
      },
      default: problem,
    },
  };
}

function parameters(where: 'path' | 'query', schema: z.ZodType | undefined): Json[] {
  if (!schema) return [];
  const object = schemaOf(schema, 'input') as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(object.properties ?? {}).map(([name, property]) => ({ name, in: where, required: where === 'path' || (object.required?.includes(name) ?? false), schema: property }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  // A shape JSON Schema can't say (a transform's result) is described as "anything" rather than dropping the whole route.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' }) as Json;
  return rest;
}
