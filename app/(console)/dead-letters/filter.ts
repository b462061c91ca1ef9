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
