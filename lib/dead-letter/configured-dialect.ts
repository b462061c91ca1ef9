import { headersToStrip, type Dialect, type Field, type FieldName } from './dialects.ts';
import { parseJsonPlace } from './read-json-place.ts';
import { MAPPED_FIELDS, NUMBER_FIELDS, type ConfiguredHeader, type ConfiguredHeaders, type MappedField } from '#lib/model/header-mapping.ts';

const FIELD_OF: Record<MappedField, FieldName> = {
  topic: 'topic', partition: 'partition', offset: 'offset', timestamp: 'timestamp', consumerGroup: 'consumerGroup', errorClass: 'class', errorMessage: 'message', errorStack: 'stack', attempts: 'attempts', correlationId: 'correlationId',
};

const headerOf = (mapped: ConfiguredHeader) => (typeof mapped === 'string' ? mapped : mapped.header);

/**
 * A dialect from the user's own header names; the newest of equal headers is the last. It is on a record that has the header of the origin's topic,
 * or, where none is mapped, one of those that tell the error.
 */
export function configuredDialect(names: ConfiguredHeaders): Dialect {
  const mapped = MAPPED_FIELDS.flatMap((field) => (names[field] === undefined ? [] : [[field, names[field]] as const]));
  const fields: Partial<Record<FieldName, readonly Field[]>> = {};
  for (const [field, where] of mapped) {
    const given = typeof where === 'string' ? { header: where } : where;
    const encoding = !NUMBER_FIELDS.has(field) ? 'text' : given.format === 'binary' ? 'big-integer' : 'text-number';
    fields[FIELD_OF[field]] = [{ name: given.header, encoding, ...(given.path === undefined ? {} : { place: parseJsonPlace(given.path) }) }];
  }
  const telling = (['errorClass', 'errorMessage', 'errorStack'] as const).flatMap((field) => (names[field] === undefined ? [] : [headerOf(names[field])]));
  return {
    name: 'configured',
    recognise: names.topic === undefined ? telling : [headerOf(names.topic)],
    newest: 'last',
    fields,
    rootWithoutCause: 'never',
    // The correlation id goes on with the record.
    strip: [...new Set(mapped.flatMap(([field, where]) => (field === 'correlationId' ? [] : [headerOf(where)])))],
  };
}

/** Header names that a replay strips, by dialect: those of the known dialects, and of the user's own header names where some are mapped. */
export function stripListOf(names: ConfiguredHeaders | undefined): (dialect: string | null) => readonly string[] {
  const configured = names ? configuredDialect(names) : null;
  return (dialect) => (configured !== null && dialect === configured.name ? configured.strip : headersToStrip(dialect));
}
