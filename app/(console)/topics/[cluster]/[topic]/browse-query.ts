import { parseAsString, parseAsStringLiteral } from 'nuqs';
import { withQuery } from '#components/links.ts';

/** What is browsed, as the URL holds it. */
export const browseParsers = {
  order: parseAsStringLiteral(['newest', 'oldest'] as const).withDefault('newest'),
  from: parseAsStringLiteral(['edge', 'offset', 'time'] as const).withDefault('edge'),
  offset: parseAsString.withDefault(''),
  /** Local date and time, as the field gives it. */
  time: parseAsString.withDefault(''),
  partitions: parseAsString.withDefault(''),
  key: parseAsString.withDefault(''),
  filter: parseAsString.withDefault(''),
  isolation: parseAsStringLiteral(['committed', 'all'] as const).withDefault('committed'),
};

export interface BrowseChoice {
  order: 'newest' | 'oldest';
  from: 'edge' | 'offset' | 'time';
  offset: string;
  time: string;
  partitions: string;
  key: string;
  filter: string;
  isolation: 'committed' | 'all';
}

/** Why the choice can't be asked, by field; empty where it can. */
export function problemsOf(choice: BrowseChoice): Partial<Record<keyof BrowseChoice, string>> {
  const problems: Partial<Record<keyof BrowseChoice, string>> = {};
  if (choice.from === 'offset' && !/^\d{1,19}$/.test(choice.offset.trim())) problems.offset = 'An offset is a whole number.';
  if (choice.from === 'time' && Number.isNaN(Date.parse(choice.time))) problems.time = 'Give a date and time.';
  if (choice.partitions.trim() !== '' && partitionsOf(choice.partitions) === null) problems.partitions = 'Numbers with commas: 0, 3, 7';
  return problems;
}

/** The address of one page of messages. */
export function messagesPath(cluster: string, topic: string, choice: BrowseChoice, cursor: string | null): string {
  return withQuery(`/api/v1/clusters/${encodeURIComponent(cluster)}/topics/${encodeURIComponent(topic)}/messages`, {
    order: choice.order,
    offset: choice.from === 'offset' && cursor === null ? choice.offset.trim() : null,
    time: choice.from === 'time' && cursor === null ? new Date(choice.time).toISOString() : null,
    partitions: partitionsOf(choice.partitions),
    key: choice.key,
    filter: choice.filter.trim(),
    isolation: choice.isolation === 'all' ? 'all' : null,
    cursor,
  });
}

export function messagePath(cluster: string, topic: string, partition: number | string, offset: string): string {
  return `/api/v1/clusters/${encodeURIComponent(cluster)}/topics/${encodeURIComponent(topic)}/messages/${partition}/${offset}`;
}

function partitionsOf(text: string): string | null {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => /^\d{1,6}$/.test(part)) ? parts.join(',') : null;
}
