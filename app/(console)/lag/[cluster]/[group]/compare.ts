import { formatCount, formatDuration, formatRate } from '#components/format.ts';
import type { ChartColumns } from './chart-columns.ts';

export type Compare = { kind: 'earlier'; days: number } | { kind: 'group'; group: string };

/** What `compare=` in the URL names: "-7d" the same time a week before, "group:mail" another group of the cluster. null: nothing, or nothing that makes sense. */
export function parseCompare(text: string | undefined): Compare | null {
  const days = /^-(\d{1,2})d$/.exec(text ?? '')?.[1];
  if (days !== undefined && Number(days) >= 1 && Number(days) <= 30) return { kind: 'earlier', days: Number(days) };
  if (text?.startsWith('group:') && text.length > 6 && text.length < 270) return { kind: 'group', group: text.slice(6) };
  return null;
}

/** Its words as a label: "1 week before", "mail". */
export function labelOf(compare: Compare): string {
  if (compare.kind === 'group') return compare.group;
  return compare.days === 7 ? 'a week before' : compare.days === 1 ? 'the day before' : `${compare.days} days before`;
}

/** The difference in one sentence: how far behind each was at most, and how much each consumed. */
export function differenceOf(own: ChartColumns, other: Pick<ChartColumns, 'ageMax' | 'lagMax' | 'consumed'>, group: string, label: string): string {
  const [ownLag, otherLag] = [highest(own.lagMax), highest(other.lagMax)];
  if (ownLag === null && otherLag === null) return `Neither ${group} nor ${label} has figures in this range.`;
  if (otherLag === null) return `Nothing is known of ${label}: no figures were kept.`;
  if (ownLag === null) return `Nothing is known of ${group} in this range; ${label} at most ${formatCount(otherLag)} records waited.`;
  const [ownAge, otherAge] = [highest(own.ageMax), highest(other.ageMax)];
  const [ownRate, otherRate] = [mean(own.consumed), mean(other.consumed)];
  const age = ownAge === null || otherAge === null ? '' : `, the oldest ${formatDuration(ownAge)} old against ${formatDuration(otherAge)}`;
  const rate = ownRate === null || otherRate === null ? '' : `; consumed ${formatRate(ownRate)} on average against ${formatRate(otherRate)}`;
  return `${group}: at most ${formatCount(ownLag)} records waited, against ${formatCount(otherLag)} ${label.endsWith('before') ? label : `of ${label}`}${age}${rate}.`;
}

function highest(column: readonly (number | null)[]): number | null {
  return column.reduce<number | null>((most, value) => (value !== null && (most === null || value > most) ? value : most), null);
}

function mean(column: readonly (number | null)[]): number | null {
  const known = column.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
