import { z } from 'zod';
import { getJson, type SchemaRegistryConfig } from './get-json.ts';

/** A schema with all it refers to, those first that others need; or why it could not be had. */
export type RegisteredSchema =
  | { id: number; type: 'AVRO' | 'PROTOBUF' | 'JSON'; text: string; references: { name: string; schema: string }[] }
  | { id: number; error: string };

export interface SchemaRegistry {
  /** Schemas by their ids, from memory where known. Never throws for one that can't be had. */
  schemas(ids: readonly number[], signal: AbortSignal): Promise<RegisteredSchema[]>;
}

const answerSchema = z.object({
  schema: z.string(),
  schemaType: z.string().optional(),
  references: z.array(z.object({ name: z.string(), subject: z.string(), version: z.number().int() })).optional(),
});

const MOST_KEPT = 1_000;
const MOST_KEPT_CHARS = 32 * 1024 * 1024;
const MOST_REFERENCES = 100;
const AT_ONCE = 4;
/** A schema never changes under its id; a failure may. */
const FAILURE_KEPT_MS = 15_000;

/** Reads schemas of a registry that speaks Confluent's REST interface: `GET /schemas/ids/{id}`, and `GET /subjects/{subject}/versions/{version}` for what one refers to. */
export function openSchemaRegistry(config: SchemaRegistryConfig): SchemaRegistry {
  const kept = new Map<number, { schema: RegisteredSchema; chars: number; untilMs: number }>();
  const asking = new Map<number, Promise<RegisteredSchema>>();
  let keptChars = 0;

  function keep(schema: RegisteredSchema): void {
    const chars = 'error' in schema ? 200 : schema.text.length + schema.references.reduce((sum, one) => sum + one.schema.length, 0);
    forget(schema.id);
    kept.set(schema.id, { schema, chars, untilMs: 'error' in schema ? performance.now() + FAILURE_KEPT_MS : Number.POSITIVE_INFINITY });
    keptChars += chars;
    for (const id of kept.keys()) {
      if (kept.size <= MOST_KEPT && keptChars <= MOST_KEPT_CHARS) break;
      forget(id);
    }
  }
  function forget(id: number): void {
    keptChars -= kept.get(id)?.chars ?? 0;
    kept.delete(id);
  }

  async function one(id: number): Promise<RegisteredSchema> {
    const known = kept.get(id);
    if (known && known.untilMs > performance.now()) {
      // The one used last is forgotten last.
      kept.delete(id);
      kept.set(id, known);
      return known.schema;
    }
    let answer = asking.get(id);
    if (!answer) {
      answer = read(config, id).finally(() => asking.delete(id));
      asking.set(id, answer);
    }
    const schema = await answer;
    keep(schema);
    return schema;
  }

  return {
    async schemas(ids, signal) {
      const wanted = [...new Set(ids)];
      const found: RegisteredSchema[] = [];
      for (let at = 0; at < wanted.length; at += AT_ONCE) {
        signal.throwIfAborted();
        found.push(...(await Promise.all(wanted.slice(at, at + AT_ONCE).map(one))));
      }
      return found;
    },
  };
}

async function read(config: SchemaRegistryConfig, id: number): Promise<RegisteredSchema> {
  try {
    const { schema, schemaType = 'AVRO', references = [] } = await ask(config, `/schemas/ids/${id}`, `has no schema ${id}`);
    if (schemaType !== 'AVRO' && schemaType !== 'PROTOBUF' && schemaType !== 'JSON') return { id, error: `schema ${id} is of the type ${schemaType.slice(0, 50)}, which is not decoded here` };
    const found = new Map<string, { name: string; schema: string }>();
    await follow(config, references, found, new Set());
    return { id, type: schemaType, text: schema, references: [...found.values()] };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Depth first, so that what a schema refers to comes before it. */
async function follow(config: SchemaRegistryConfig, references: readonly { name: string; subject: string; version: number }[], found: Map<string, { name: string; schema: string }>, seen: Set<string>): Promise<void> {
  for (const { name, subject, version } of references) {
    const key = `${subject} ${version}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > MOST_REFERENCES) throw new Error(`it refers to more than ${MOST_REFERENCES} schemas`);
    const answer = await ask(config, `/subjects/${encodeURIComponent(subject)}/versions/${version}`, `has no version ${version} of ${subject}`);
    await follow(config, answer.references ?? [], found, seen);
    found.set(key, { name, schema: answer.schema });
  }
}

async function ask(config: SchemaRegistryConfig, path: string, missing: string): Promise<z.output<typeof answerSchema>> {
  const { status, body } = await getJson(config, path);
  if (status === 404) throw new Error(`the schema registry ${missing}`);
  if (status === 401 || status === 403) throw new Error('the schema registry refuses Waybill: check the username and password of schemaRegistry');
  const parsed = answerSchema.safeParse(body);
  if (status !== 200 || !parsed.success) throw new Error(`the schema registry answered ${status}${status === 200 ? ' with something that is no schema' : ''}`);
  return parsed.data;
}
