import { getJson, type SchemaRegistryConfig } from './get-json.ts';

/**
 * Asks a registry for something that every one has, as Waybill will ask it for schemas.
 * @throws with the reason where it does not answer, refuses the user, or is something else
 */
export async function checkSchemaRegistry(config: SchemaRegistryConfig): Promise<void> {
  const types = await getJson(config, '/schemas/types');
  // Registries before the types of schemas have a list of subjects.
  const { status, body } = types.status === 404 ? await getJson(config, '/subjects') : types;
  if (status === 401 || status === 403) throw new Error(`it refuses ${config.username === undefined ? 'who names no user' : `the user "${config.username}"`} (HTTP ${status})`);
  if (status !== 200) throw new Error(`it answers with HTTP ${status}`);
  if (!Array.isArray(body)) throw new Error('what answers is no schema registry: it has a list neither of schema types nor of subjects');
}
