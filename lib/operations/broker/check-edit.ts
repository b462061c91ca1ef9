import type { z } from 'zod';
import { checkJsonSchema } from '#lib/decoding/check-json-schema.ts';
import type { SchemaRegistry } from '#lib/schema-registry/open-schema-registry.ts';
import type { checkEditParamsSchema, SchemaCheck } from '../edit-wire.ts';

/** What a registry's schema says of an edited value; without a text, of which type the schema is. */
export async function checkEdit(params: z.infer<typeof checkEditParamsSchema>, context: { schemas: SchemaRegistry | null; signal: AbortSignal }): Promise<SchemaCheck> {
  if (context.schemas === null) return { type: null, error: null, faults: [], unchecked: [] };
  const [schema] = await context.schemas.schemas([params.schemaId], context.signal);
  if (!schema || 'error' in schema) return { type: null, error: schema?.error ?? 'the schema registry gave no schema', faults: [], unchecked: [] };
  if (schema.type !== 'JSON' || params.text === null) return { type: schema.type, error: null, faults: [], unchecked: [] };
  const found = checkJsonSchema(params.text, schema.text, schema.references);
  if (found === null) return { type: 'JSON', error: `schema ${schema.id} or one that it refers to is no JSON`, faults: [], unchecked: [] };
  return { type: 'JSON', error: null, ...found };
}
