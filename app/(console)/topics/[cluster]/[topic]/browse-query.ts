import { parseAsString, parseAsStringLiteral } from 'nuqs';
import { withQuery } from '#components/links.ts';

/** What is browsed, as the URL holds it. */
export const browseParsers = {
  order: parseAsStringLiteral(['newest', 'oldest'] as const).withDefault('newest'),
  from: parseAsStringLiteral(['edge', 'offset', 'time'] as const).withDefault('edge'),
  offset: parseAsString.withDefault(''),
  /** An instant (ISO 8601 UTC), whatever the time zone of who opens the link. */
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
  if (choice.from === 'time' && toInstant(choice.time) === '') problems.time = 'Give a date and time.';
  if (choice.partitions.trim() !== '' && partitionsOf(choice.partitions) === null) problems.partitions = 'Numbers with commas: 0, 3, 7';
  return problems;
}

/** The address of one page of messages. */
export function messagesPath(cluster: string, topic: string, choice: BrowseChoice, cursor: string | null): string {
  return withQuery(`/api/v1/clusters/${encodeURIComponent(cluster)}/topics/${encodeURIComponent(topic)}/messages`, {
    order: choice.order,
    offset: choice.from === 'offset' && cursor === null ? choice.offset.trim() : null,
    time: choice.from === 'time' && cursor === null ? toInstant(choice.time) : null,
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

/** What the field of local time gives ("2026-11-21T13:30:05"), or an instant, as an instant; "" where it is none. */
export function toInstant(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString();
}

/** What a field of local time wants of an instant; "" where it is none. @param zone as use-time-zone.ts gives it */
export function toLocalTime(instant: string, zone: string | undefined): string {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) return '';
  return new Date(zone === 'UTC' ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function partitionsOf(text: string): string | null {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => /^\d{1,6}$/.test(part)) ? parts.join(',') : null;
}
