import type { LagStatus } from '#lib/model/lag.ts';
import { grouped } from './in-words.ts';

/** Statuses in which somebody should look. */
export const NEEDS_A_PERSON: readonly LagStatus[] = ['losing-data', 'stopped', 'stalled', 'rewound', 'falling-behind', 'rebalancing', 'expired'];

/**
 * The first line of the list of groups: the worst in its own words, then how many more, then the rest.
 * @param counts groups by status
 * @param worst sentence of the most urgent group, where one needs a person
 */
export function lagVerdict(counts: ReadonlyMap<LagStatus, number>, worst: string | null): string {
  const of = (...statuses: readonly LagStatus[]) => statuses.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const needy = of(...NEEDS_A_PERSON);
  const unknown = of('unknown');
  const well = of('ok', 'empty');
  if (total === 0) return 'No consumer group has been seen yet.';
  const rest = [well > 0 ? `${groups(well)} ${well === 1 ? 'keeps' : 'keep'} up` : null, unknown > 0 ? `the lag of ${groups(unknown)} is unknown` : null].filter((part) => part !== null).join(', ');
  if (needy === 0) return unknown === 0 ? `All quiet: ${rest}.` : `${capital(rest)}.`;
  const more = needy === 1 ? '' : ` ${capital(groups(needy - 1, 'more'))} ${needy === 2 ? 'needs' : 'need'} a look.`;
  return `${worst ?? `${capital(groups(needy))} need a look.`}${worst === null ? '' : more}${rest === '' ? '' : ` ${capital(rest)}.`}`;
}

function groups(count: number, word?: string): string {
  return `${grouped(count)}${word ? ` ${word}` : ''} ${count === 1 ? 'group' : 'groups'}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
