'use client';

import { X } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { links } from '#components/links.ts';
import { TextField } from '#components/text-field.tsx';
import { FILTER_WORDS, type Filter } from './filter.ts';

const WAIT_MS = 300;

/** The search box and what is filtered now, each part removable. The URL holds it all. */
export function FilterBar({ filter, value: inValues }: { filter: Filter; value: string | null }): ReactNode {
  const router = useRouter();
  const [text, setText] = useState(filter.search ?? '');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const apply = (value: string) => {
    clearTimeout(timer.current);
    router.replace(links.deadLetters({ ...filter, view: 'rows', value: inValues, search: value.trim() || null }), { scroll: false });
  };
  const parts = (Object.entries(filter) as [keyof Filter, string][]).filter(([key, value]) => key !== 'search' && key !== 'cluster' && value !== undefined);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <search className="w-full sm:w-80">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          apply(text);
        }}
      >
        <TextField
          label="Search words of message, class, frame or correlation id"
          hideLabel
          type="search"
          placeholder="Words of message, class, correlation id"
          value={text}
          maxLength={200}
          onChange={(event) => {
            const { value } = event.target;
            setText(value);
            clearTimeout(timer.current);
            timer.current = setTimeout(() => apply(value), WAIT_MS);
          }}
        />
      </form>
      </search>
      {parts.map(([key, value]) => (
        <Link
          key={key}
          href={links.deadLetters({ ...filter, view: 'rows', value: inValues, [key]: null })}
          prefetch={false}
          className="inline-flex h-7 max-w-full items-center gap-1.5 rounded-md bg-accent-soft px-2 text-xs text-accent-ink"
        >
          <span className="min-w-0 truncate">
            <span className="sr-only">Remove the filter </span>
            {FILTER_WORDS[key]}: {key === 'failure' ? 'this one' : value}
          </span>
          <X aria-hidden size={12} className="shrink-0" />
        </Link>
      ))}
      {inValues === null ? null : (
        <Link href={links.deadLetters({ ...filter, view: 'rows' })} prefetch={false} className="inline-flex h-7 max-w-full items-center gap-1.5 rounded-md bg-accent-soft px-2 text-xs text-accent-ink">
          <span className="min-w-0 truncate">
            <span className="sr-only">Remove the search </span>in values: {inValues}
          </span>
          <X aria-hidden size={12} className="shrink-0" />
        </Link>
      )}
    </div>
  );
}
