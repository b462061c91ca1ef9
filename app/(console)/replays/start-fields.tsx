'use client';

import { useState, type ReactNode } from 'react';
import { SelectField, TextField } from '#components/text-field.tsx';

export interface Start {
  /** As an input of type datetime-local has it, in the person's own zone; empty: at once. */
  at: string;
  /** Seconds it may be late; empty: however late. */
  late: string;
}

export const AT_ONCE: Start = { at: '', late: '' };

const MAX_AHEAD_MS = 7 * 86_400_000;

/** What is wrong with a start; null: nothing. */
export function startError({ at }: Start, now = new Date()): string | null {
  if (at === '') return null;
  const time = new Date(at).getTime();
  if (Number.isNaN(time)) return 'A day and a time.';
  if (time <= now.getTime()) return 'This lies in the past. Leave it empty to start at once.';
  return time - now.getTime() > MAX_AHEAD_MS ? 'At most 7 days ahead.' : null;
}

/** The start as the API takes it. */
export function startOf({ at, late }: Start): { startAt?: string; startBy?: string } {
  if (at === '') return {};
  const startAt = new Date(at);
  return { startAt: startAt.toISOString(), ...(late === '' ? {} : { startBy: new Date(startAt.getTime() + Number(late) * 1_000).toISOString() }) };
}

/** When a replay starts by itself, and what happens where Waybill is down then. */
export function StartFields({ start, onChange }: { start: Start; onChange: (start: Start) => void }): ReactNode {
  const [touched, setTouched] = useState(false);
  return (
    <>
      <TextField
        label="Start"
        type="datetime-local"
        value={start.at}
        onChange={(event) => {
          setTouched(true);
          onChange({ ...start, at: event.target.value });
        }}
        error={touched ? startError(start) : null}
        hint="Empty: at once. Your time zone; what arrives until then is not part of it."
      />
      {start.at === '' ? null : (
        <SelectField
          label="If Waybill is down then"
          value={start.late}
          onChange={(event) => onChange({ ...start, late: event.target.value })}
          options={[
            { value: '', label: 'start as soon as it is back' },
            { value: '900', label: 'do not start over 15 min late' },
            { value: '3600', label: 'do not start over 1 h late' },
          ]}
        />
      )}
    </>
  );
}
