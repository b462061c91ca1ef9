'use client';

import { X } from 'lucide-react';
import { parseAsString, useQueryStates } from 'nuqs';
import type { ReactNode } from 'react';
import { TextField } from '#components/text-field.tsx';

const parsers = { q: parseAsString.withDefault(''), service: parseAsString, topic: parseAsString, group: parseAsString };
const exact = ['service', 'topic', 'group'] as const;

/** What the map is narrowed to: a text, or one service, topic or group with what leads there and goes on from there. */
export function MapFilterBar({ filter }: { filter: { service: string; topic: string; group: string } }): ReactNode {
  const [{ q }, setQuery] = useQueryStates(parsers, { history: 'replace', shallow: false, throttleMs: 400 });
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <div className="w-64 max-w-full">
        <TextField
          label="Find a service, topic or group on the map"
          hideLabel
          type="search"
          placeholder="Service, topic or group"
          value={q}
          onChange={(event) => void setQuery({ q: event.target.value || null, service: null, topic: null, group: null })}
        />
      </div>
      {exact.map((kind) =>
        filter[kind] === '' ? null : (
          <button key={kind} type="button" onClick={() => void setQuery({ [kind]: null })} className="inline-flex h-7 max-w-full items-center gap-1.5 rounded-md border border-accent bg-accent-soft px-2 text-xs">
            <span className="truncate">
              {kind} {filter[kind]}
            </span>
            <X aria-hidden size={12} className="shrink-0" />
            <span className="sr-only">, show all again</span>
          </button>
        ),
      )}
    </div>
  );
}
