import type { deadLetterFilterSchema } from '#lib/operations/list-dead-letters.ts';
import type { z } from 'zod';

export type Filter = z.infer<typeof deadLetterFilterSchema>;

/** Words for a filter's parts, as a person reads them. */
export const FILTER_WORDS: Record<keyof Filter, string> = {
  cluster: 'cluster',
  topic: 'dead-letter topic',
  originTopic: 'origin topic',
  originGroup: 'group',
  errorClass: 'class',
  failure: 'failure',
  state: 'state',
  correlationId: 'correlation id',
  search: 'text',
};

/** Is anything filtered but the cluster? */
export function isFiltered(filter: Filter): boolean {
  return Object.entries(filter).some(([key, value]) => key !== 'cluster' && value !== undefined);
}

/** `java.lang.IllegalStateException` → `IllegalStateException`. */
export function shortClass(name: string): string {
  return name.split('.').at(-1) || name;
}

/** What of a filter can have a name: a failure's id is gone once its rows are grouped anew. In the order of FILTER_WORDS, so that equal filters are equal text. */
export function savable(filter: Filter): Filter {
  return Object.fromEntries(Object.keys(FILTER_WORDS).flatMap((key) => (key !== 'failure' && filter[key as keyof Filter] !== undefined ? [[key, filter[key as keyof Filter]]] : []))) as Filter;
}

/** "origin topic payments, state new". */
export function describeFilter(filter: Filter): string {
  const parts = (Object.entries(savable(filter)) as [keyof Filter, string][]).map(([key, value]) => `${FILTER_WORDS[key]} ${value}`);
  return parts.length === 0 ? 'nothing is filtered' : parts.join(', ');
}
