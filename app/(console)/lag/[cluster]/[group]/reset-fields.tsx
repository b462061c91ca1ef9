'use client';

import type { ReactNode } from 'react';
import { SelectField, TextField } from '#components/text-field.tsx';

export interface ResetChoice {
  kind: 'earliest' | 'latest' | 'time' | 'offset' | 'shift';
  /** Of time (as the browser's own field writes it, local), offset and shift. */
  value: string;
  /** Empty = all topics. */
  topic: string;
  /** "0, 2-4"; empty = all of the topic. */
  partitions: string;
}

const KINDS: readonly { value: ResetChoice['kind']; label: string }[] = [
  { value: 'earliest', label: 'the start of the log' },
  { value: 'latest', label: 'the end of the log' },
  { value: 'time', label: 'a time' },
  { value: 'offset', label: 'an offset' },
  { value: 'shift', label: 'further on or back' },
];
const MAX_PARTITION = 99_999;

/** Where to, and which partitions. */
export function ResetFields({ choice, topics, onlyTopic, error, onChange }: { choice: ResetChoice; topics: readonly string[]; onlyTopic: boolean; error: string | null; onChange: (choice: ResetChoice) => void }): ReactNode {
  const set = (change: Partial<ResetChoice>) => onChange({ ...choice, ...change });
  const valueError = choice.value !== '' ? error : null;
  const topicOptions = [...(onlyTopic ? [] : [{ value: '', label: 'all that it committed in' }]), ...topics.map((topic) => ({ value: topic, label: topic }))];
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {onlyTopic ? null : (
        <>
          <SelectField label="To" value={choice.kind} options={KINDS} onChange={(event) => set({ kind: event.target.value as ResetChoice['kind'], value: '' })} />
          {choice.kind === 'time' ? (
            <TextField label="Time" type="datetime-local" step={1} value={choice.value} error={valueError} hint="In your own time zone. To the first record at or after it." onChange={(event) => set({ value: event.target.value })} />
          ) : choice.kind === 'offset' ? (
            <TextField label="Offset" inputMode="numeric" value={choice.value} error={valueError} hint="The next record to be read, in every partition chosen." onChange={(event) => set({ value: event.target.value })} />
          ) : choice.kind === 'shift' ? (
            <TextField label="By records" inputMode="numeric" value={choice.value} error={valueError} hint="-100 goes back by 100, 100 skips 100." onChange={(event) => set({ value: event.target.value })} />
          ) : (
            <div className="hidden sm:block" />
          )}
        </>
      )}
      <SelectField label={onlyTopic ? 'Topic' : 'Topics'} value={choice.topic} options={topicOptions} onChange={(event) => set({ topic: event.target.value, partitions: '' })} />
      {onlyTopic || choice.topic === '' ? null : <TextField label="Partitions" value={choice.partitions} hint="0, 2-4; empty for all of the topic." error={choice.partitions !== '' && parsePartitions(choice.partitions) === null ? 'Numbers and ranges, divided by commas.' : null} onChange={(event) => set({ partitions: event.target.value })} />}
    </div>
  );
}

/** The body of the API's question, or why there is none yet. */
export function resetBodyOf(choice: ResetChoice): { body: Record<string, unknown>; error: null } | { body: null; error: string } {
  const value = choice.value.trim();
  let to: Record<string, string>;
  switch (choice.kind) {
    case 'earliest':
    case 'latest':
      to = { kind: choice.kind };
      break;
    case 'time': {
      const at = new Date(value);
      if (Number.isNaN(at.getTime())) return { body: null, error: 'Give a date and a time.' };
      to = { kind: 'time', time: at.toISOString() };
      break;
    }
    case 'offset':
      if (!/^\d{1,18}$/.test(value)) return { body: null, error: 'A whole number from 0 on.' };
      to = { kind: 'offset', offset: value };
      break;
    case 'shift':
      if (!/^[+-]?\d{1,18}$/.test(value)) return { body: null, error: 'A whole number, negative to go back.' };
      to = { kind: 'shift', by: value.replace('+', '') };
      break;
  }
  if (choice.topic === '') return { body: { to }, error: null };
  if (choice.partitions.trim() === '') return { body: { to, topic: choice.topic }, error: null };
  const partitions = parsePartitions(choice.partitions);
  if (partitions === null) return { body: null, error: 'The partitions are not numbers and ranges.' };
  return { body: { to, partitions: partitions.map((partition) => ({ topic: choice.topic, partition })) }, error: null };
}

/** "0, 2-4" → [0, 2, 3, 4]; null where it is not that. */
function parsePartitions(text: string): number[] | null {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(part);
    if (!match) return null;
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (last < first || last > MAX_PARTITION || found.size + last - first > 10_000) return null;
    for (let partition = first; partition <= last; partition += 1) found.add(partition);
  }
  return [...found].toSorted((a, b) => a - b);
}
