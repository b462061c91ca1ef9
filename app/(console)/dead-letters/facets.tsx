import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Facet } from '#lib/store/dead-letters/count-facets.ts';
import { formatCount } from '#components/format.ts';
import { links } from '#components/links.ts';
import { FILTER_WORDS, shortClass, type Filter } from './filter.ts';

const NAMES: readonly Facet['name'][] = ['state', 'errorClass', 'topic', 'originTopic', 'originGroup'];
const SHOWN = 8;

/** What the rows are made of; each value narrows the list, a chosen one gives it back. Values that were not conveyed can't be chosen. */
export function Facets({ facets, filter, value: inValues }: { facets: readonly Facet[]; filter: Filter; value: string | null }): ReactNode {
  const groups = NAMES.map((name) => ({ name, values: facets.filter((facet) => facet.name === name) })).filter((group) => group.values.length > 0);
  return (
    <details open className="min-w-0 text-xs [&>summary]:lg:hidden">
      <summary className="mb-2 font-medium">Narrow down</summary>
      <div className="flex flex-col gap-4">
        {groups.map(({ name, values }) => (
          <section key={name} aria-label={FILTER_WORDS[name]}>
            <h2 className="mb-1 font-medium text-muted first-letter:uppercase">{FILTER_WORDS[name]}</h2>
            <ul>
              {values.slice(0, SHOWN).map(({ value, count }) => {
                const chosen = value !== null && filter[name] === value;
                // Two packages can have a class of one name: those are shown in full.
                const twice = value !== null && values.some((other) => other.value !== null && other.value !== value && shortClass(other.value) === shortClass(value));
                const text = value === null ? 'not conveyed' : name === 'errorClass' && !twice ? shortClass(value) : name === 'state' ? value.replaceAll('-', ' ') : value;
                const inner = (
                  <>
                    <span className="min-w-0 flex-1 truncate">{text}</span>
                    <span className="text-muted">{formatCount(count)}</span>
                  </>
                );
                return (
                  <li key={value ?? ' none'}>
                    {value === null ? (
                      <span className="flex h-7 items-center gap-2 px-2 text-unknown-ink italic">{inner}</span>
                    ) : (
                      <Link
                        href={links.deadLetters({ ...filter, view: 'rows', value: inValues, [name]: chosen ? null : value })}
                        prefetch={false}
                        title={value}
                        aria-current={chosen ? 'true' : undefined}
                        className={`flex h-7 items-center gap-2 rounded-md px-2 ${chosen ? 'bg-accent-soft font-medium text-accent-ink' : 'hover:bg-hover'}`}
                      >
                        {inner}
                      </Link>
                    )}
                  </li>
                );
              })}
            </ul>
            {values.length > SHOWN ? <p className="px-2 text-muted">{formatCount(values.length - SHOWN)} more</p> : null}
          </section>
        ))}
      </div>
    </details>
  );
}
