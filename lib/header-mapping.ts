import { z } from 'zod';
import { parseJsonPlace } from './dead-letter/read-json-place.ts';
import { type ConfiguredHeader, type ConfiguredHeaders, MAPPED_FIELDS, NUMBER_FIELDS } from './model/header-mapping.ts';

const name = z.string().min(1).max(200);
const text = z.union([name, z.strictObject({ header: name, path: z.string().max(300).superRefine(checkPath).optional() })]);
const number = z.union([
  name,
  z.strictObject({ header: name, format: z.enum(['text', 'binary']).optional(), path: z.string().max(300).superRefine(checkPath).optional() }).refine((given) => given.path === undefined || given.format !== 'binary', 'a place in JSON is text: leave out format or path'),
]);

/** The names of home-made headers, as `deadLetters.headers` of the configuration and the preview take them. */
export const headerMappingSchema = z
  .strictObject({
    topic: text.optional(),
    partition: number.optional(),
    offset: number.optional(),
    timestamp: number.optional(),
    consumerGroup: text.optional(),
    errorClass: text.optional(),
    errorMessage: text.optional(),
    errorStack: text.optional(),
    attempts: number.optional(),
    correlationId: text.optional(),
  })
  .refine((mapping) => [mapping.topic, mapping.errorClass, mapping.errorMessage, mapping.errorStack].some((one) => one !== undefined), 'name the header of the origin topic, or one that tells the error: by it a record is recognised');

function checkPath(path: string, context: z.core.$RefinementCtx<string>): void {
  try {
    parseJsonPlace(path);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
}

/** A mapping as the lines of waybill.config.yaml, to stand under the cluster. */
export function mappingYaml(mapping: ConfiguredHeaders): string {
  const lines = MAPPED_FIELDS.flatMap((field) => (mapping[field] === undefined ? [] : [`    ${field}: ${headerYaml(mapping[field], NUMBER_FIELDS.has(field))}`]));
  return `deadLetters:\n  headers:\n${lines.join('\n')}\n`;
}

function headerYaml(mapped: ConfiguredHeader, isNumber: boolean): string {
  // JSON's strings are YAML's.
  if (typeof mapped === 'string') return JSON.stringify(mapped);
  const binary = isNumber && mapped.format === 'binary';
  if (!binary && mapped.path === undefined) return JSON.stringify(mapped.header);
  return `{ header: ${JSON.stringify(mapped.header)}${binary ? ', format: binary' : ''}${mapped.path === undefined ? '' : `, path: ${JSON.stringify(mapped.path)}`} }`;
}
