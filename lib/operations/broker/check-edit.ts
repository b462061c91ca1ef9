import type { z } from 'zod';
import { checkJsonSchema } from '#lib/decoding/check-json-schema.ts';
import { avroToJson, jsonToAvro } from '#lib/decoding/edit-avro.ts';
import type { RegisteredSchema, SchemaRegistry } from '#lib/schema-registry/open-schema-registry.ts';
import { MAX_EDITED_VALUE_BYTES, type checkEditParamsSchema, type SchemaCheck } from '../edit-wire.ts';

type Params = z.infer<typeof checkEditParamsSchema>;
type Schema = Extract<RegisteredSchema, { type: string }>;

const NOTHING: SchemaCheck = { type: null, error: null, faults: [], unchecked: [], json: null, encodedBase64: null };

/** What a registry's schema says of an edited value, which bytes it becomes, and what there is to edit. No schema is ever registered. */
export async function checkEdit(params: Params, context: { schemas: SchemaRegistry | null; signal: AbortSignal }): Promise<SchemaCheck> {
  if (context.schemas === null) return NOTHING;
  const [schema] = await context.schemas.schemas([params.schemaId], context.signal);
  if (!schema || 'error' in schema) return { ...NOTHING, error: schema?.error ?? 'the schema registry gave no schema' };
  switch (schema.type) {
    case 'JSON':
      return checkJson(schema, params.text);
    case 'AVRO':
      return checkAvro(schema, params);
    case 'PROTOBUF':
      return { ...NOTHING, type: 'PROTOBUF' };
  }
}

function checkJson(schema: Schema, text: string | null): SchemaCheck {
  if (text === null) return { ...NOTHING, type: 'JSON' };
  const found = checkJsonSchema(text, schema.text, schema.references);
  if (found === null) return { ...NOTHING, type: 'JSON', error: `schema ${schema.id} or one that it refers to is no JSON` };
  return { ...NOTHING, type: 'JSON', ...found };
}

function checkAvro(schema: Schema, { text, payloadBase64 }: Params): SchemaCheck {
  if (text !== null) {
    const written = jsonToAvro(schema, text);
    return 'bytes' in written ? { ...NOTHING, type: 'AVRO', encodedBase64: written.bytes.toString('base64') } : { ...NOTHING, type: 'AVRO', faults: [written] };
  }
  if (payloadBase64 === null) return { ...NOTHING, type: 'AVRO' };
  const shown = avroToJson(schema, Buffer.from(payloadBase64, 'base64'), MAX_EDITED_VALUE_BYTES);
  return 'text' in shown ? { ...NOTHING, type: 'AVRO', json: shown.text } : { ...NOTHING, type: 'AVRO', error: shown.why };
}
