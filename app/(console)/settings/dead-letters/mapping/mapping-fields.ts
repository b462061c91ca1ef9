import { MAPPED_FIELDS, type ConfiguredHeader, type ConfiguredHeaders, type MappedField } from '#lib/model/header-mapping.ts';

/** What people call the fields of a mapping. */
export const FIELD_LABELS: Record<MappedField, string> = {
  topic: 'Origin topic',
  partition: 'Origin partition',
  offset: 'Origin offset',
  timestamp: 'Origin timestamp (ms)',
  consumerGroup: 'Consumer group',
  errorClass: 'Error class',
  errorMessage: 'Error message',
  errorStack: 'Stack trace',
  attempts: 'Failed attempts',
  correlationId: 'Correlation id',
};

/** A field's mapping in its long form. */
export function parts(mapped: ConfiguredHeader | undefined): { header: string; format: 'text' | 'binary' | 'json'; path: string } {
  if (mapped === undefined) return { header: '', format: 'text', path: '' };
  if (typeof mapped === 'string') return { header: mapped, format: 'text', path: '' };
  return { header: mapped.header, format: mapped.path === undefined ? (mapped.format ?? 'text') : 'json', path: mapped.path ?? '' };
}

/** The mapping as the API takes it: fields without a header, and JSON without a place yet, are left out. */
export function compact(mapping: ConfiguredHeaders): ConfiguredHeaders {
  const made: ConfiguredHeaders = {};
  for (const field of MAPPED_FIELDS) {
    const { header, format, path } = parts(mapping[field]);
    if (header === '') continue;
    if (format === 'json') {
      if (path !== '') made[field] = { header, path };
    } else made[field] = format === 'binary' ? { header, format } : header;
  }
  return made;
}
