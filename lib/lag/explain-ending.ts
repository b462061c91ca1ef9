import type { CommitsEnded } from './how-commits-ended.ts';
import { count, words } from './in-words.ts';

/** What became of a group that is gone, with what was known of it then, and why that is known. */
export function explainEnding(group: { name: string; ended: CommitsEnded | null; lag: bigint | null; topics: readonly string[]; lastSeenAt: number }, nowMs: number): string {
  const { name, ended, lag, topics } = group;
  const when = `${words(Math.max(0, nowMs - (ended?.at ?? group.lastSeenAt)))} ago`;
  const waiting = lag === null ? '' : lag === 0n ? ' Nothing waited for it then.' : ` ${count(lag, 'record')} waited then${topics.length === 0 ? '' : ` on ${topics[0]}${topics.length === 1 ? '' : ` and ${count(topics.length - 1, 'more topic')}`}`}.`;
  if (ended === null || ended.how === 'unclear') return `The group "${name}" is gone from the brokers since ${when}: it was deleted, or its offsets expired.${waiting}`;
  if (ended.how === 'expired') return `The group "${name}" is gone from the brokers since ${when}: its offsets expired; ${whyExpired(ended)}.${waiting}`;
  if (ended.by !== null) return `The group "${name}" was deleted ${when} by ${ended.by}${ended.reason === null ? '' : ` ("${ended.reason}")`}.${waiting}`;
  return `The group "${name}" was deleted ${when}, not through Waybill: its offsets had not expired, because somebody was at work in it ${words(ended.idleMs ?? 0)} before and the brokers keep offsets for ${words(ended.retentionMs ?? 0)} (offsets.retention.minutes).${waiting}`;
}

/** Why commits count as expired, as a part of a sentence. */
export function whyExpired({ idleMs, retentionMs }: CommitsEnded): string {
  const kept = retentionMs === null ? '' : `, and the brokers keep offsets for ${words(retentionMs)} (offsets.retention.minutes)`;
  return idleMs === null ? `no commit and no member was seen for longer than that${kept}` : `the last commit or member was seen ${words(idleMs)} before${kept}`;
}
