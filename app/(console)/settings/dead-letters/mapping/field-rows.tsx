'use client';

import type { ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { SelectField, TextField } from '#components/text-field.tsx';
import { MAPPED_FIELDS, NUMBER_FIELDS, type ConfiguredHeaders, type MappedField } from '#lib/model/header-mapping.ts';
import type { HeaderSeen } from '#lib/operations/describe-headers.ts';
import { FIELD_LABELS, parts } from './mapping-fields.ts';

interface FieldRowsProps {
  headers: readonly HeaderSeen[];
  mapping: ConfiguredHeaders;
  onChange: (mapping: ConfiguredHeaders) => void;
}

/** One row a field: the header, how its bytes are read, and an example of what it holds. */
export function FieldRows({ headers, mapping, onChange }: FieldRowsProps): ReactNode {
  const set = (field: MappedField, change: Partial<ReturnType<typeof parts>>) => {
    const { header, format, path } = { ...parts(mapping[field]), ...change };
    onChange({ ...mapping, [field]: header === '' ? undefined : format === 'json' ? { header, path } : format === 'binary' ? { header, format } : header });
  };
  return (
    <ul className="panel divide-y divide-line">
      {MAPPED_FIELDS.map((field) => {
        const { header, format, path } = parts(mapping[field]);
        const seen = headers.find((one) => one.name === header);
        const names = header !== '' && !seen ? [{ name: header, records: 0 }, ...headers] : headers;
        return (
          <li key={field} className="grid items-start gap-x-3 gap-y-1.5 px-3 py-2 md:grid-cols-[10rem_minmax(0,1.3fr)_minmax(0,1fr)_minmax(0,1.7fr)]">
            <span className="font-medium md:pt-1.5">{FIELD_LABELS[field]}</span>
            <SelectField
              hideLabel
              label={`Header of ${FIELD_LABELS[field]}`}
              value={header}
              onChange={(event) => {
                const next = headers.find((one) => one.name === event.target.value);
                set(field, { header: event.target.value, format: next?.looks === 'json' ? 'json' : next?.looks === 'binary' && NUMBER_FIELDS.has(field) ? 'binary' : 'text', path: '' });
              }}
              options={[{ value: '', label: 'not conveyed' }, ...names.map((one) => ({ value: one.name, label: one.name === '' ? '(empty name)' : one.name }))]}
            />
            {header === '' ? (
              <span className="text-faint max-md:hidden md:pt-1.5">-</span>
            ) : (
              <div className="flex min-w-0 flex-col gap-1.5">
                <SelectField
                  hideLabel
                  label={`Format of ${FIELD_LABELS[field]}`}
                  value={format}
                  onChange={(event) => set(field, { format: event.target.value as 'text' | 'binary' | 'json' })}
                  options={[{ value: 'text', label: NUMBER_FIELDS.has(field) ? 'digits as text' : 'text' }, ...(NUMBER_FIELDS.has(field) ? [{ value: 'binary', label: 'big-endian binary' }] : []), { value: 'json', label: 'a place in JSON' }]}
                />
                {format === 'json' ? <TextField hideLabel label={`Place of ${FIELD_LABELS[field]}`} value={path} placeholder="$.error.type" maxLength={300} onChange={(event) => set(field, { path: event.target.value })} /> : null}
              </div>
            )}
            <span className="min-w-0 text-xs md:pt-1.5">
              {header === '' ? (
                <span className="text-faint max-md:hidden">-</span>
              ) : !seen ? (
                <span className="text-behind-ink">none of these records has it</span>
              ) : (
                <>
                  <code className="line-clamp-2 [overflow-wrap:anywhere]">{seen.example ?? 'null'}</code>
                  <span className="text-muted">
                    {seen.looks === 'binary' ? 'binary, as a number; ' : ''}on {formatNoun(seen.records, 'record')}
                  </span>
                </>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
