import type { Detected, Example } from '#lib/model/hygiene.ts';
import type { FieldSeen, ShapeState, Sighting } from './learn-shape.ts';
import { example, many, MOST_EXAMPLES, percent, recordAt } from './words.ts';

/** Fewer records before a change prove nothing. */
const LEAST_BEFORE = 10;
/** Had it always been as frequent as it is since, the records before would have shown it, but for this chance. */
const CHANCE = 1e-4;
/** One record may be a mistake of its own; a change comes again. */
const LEAST_AFTER = 3;

interface Change {
  path: string;
  what: 'appeared' | 'missing' | 'type';
  share: number;
  before: string;
  after: string;
  firstAt: Sighting;
  lastAt: Sighting;
  /** The last record of the old form that is known. */
  oldAt: Sighting | null;
}

/**
 * Fields of one type of event that appear, vanish or change their type, told from fields that are optional: a change counts when what came
 * before would have shown it, had it always been so (chance under 1 in 10,000). null is no type.
 * @param states what was learned of the topic's events, by their type; '' = events that name none
 * @param fromMs evidence must have been seen at or after this moment
 */
export function detectSchemaDrift(topic: string, states: ReadonlyMap<string, ShapeState>, fromMs: number): Detected | null {
  const changes = [...states].flatMap(([eventType, state]) => Object.entries(state.fields).flatMap(([path, field]) => judge(path, field).map((change) => ({ eventType, ...change })))).filter((change) => change.lastAt.atMs >= fromMs);
  const newest = changes.toSorted((a, b) => b.lastAt.atMs - a.lastAt.atMs)[0];
  const first = changes.toSorted((a, b) => a.firstAt.atMs - b.firstAt.atMs)[0];
  if (newest === undefined || first === undefined) return null;
  const count = (what: Change['what']) => changes.filter((change) => change.what === what).length;
  const breaking = count('type') + count('missing');
  const ordered = changes.toSorted((a, b) => Number(a.what === 'appeared') - Number(b.what === 'appeared') || b.share - a.share || (a.path < b.path ? -1 : 1));
  const types = [...new Set(changes.map((change) => change.eventType))].filter((type) => type !== '');
  const says = [count('type') === 0 ? null : `${many(count('type'), 'field')} changed type`, count('missing') === 0 ? null : `${many(count('missing'), 'field')} that ${count('missing') === 1 ? 'was' : 'were'} always there ${count('missing') === 1 ? 'is' : 'are'} missing`, count('appeared') === 0 ? null : `${many(count('appeared'), 'field')} appeared`].filter((part) => part !== null);
  return {
    kind: 'schema-drift',
    severity: breaking > 0 ? 'warning' : 'info',
    subject: { topic, group: null, service: null },
    sentence: `The events on ${topic}${types.length === 0 ? '' : ` (${types.slice(0, 3).join(', ')}${types.length > 3 ? ` and ${types.length - 3} more types` : ''})`} changed their form: ${says.join(', ')}.`,
    facts: [
      { label: 'Fields that changed type', value: count('type'), unit: 'count' },
      { label: 'Fields now missing', value: count('missing'), unit: 'count' },
      { label: 'Fields that appeared', value: count('appeared'), unit: 'count' },
      { label: 'Events learned from', value: [...states.values()].reduce((sum, state) => sum + state.records, 0), unit: 'count' },
    ],
    examples: ordered.slice(0, 2 * MOST_EXAMPLES).map((change) => toExample(topic, change)),
    since: new Date(first.firstAt.atMs),
    lastSeen: new Date(newest.lastAt.atMs),
  };
}

function toExample(topic: string, change: Change & { eventType: string }): Example {
  const of = change.eventType === '' ? '' : ` of ${change.eventType}`;
  const since = `in ${percent(change.share)} of the events since`;
  const note = change.what === 'appeared' ? `${change.path}${of} appeared, ${since}.` : change.what === 'missing' ? `${change.path}${of} was always there and is missing, ${since}.` : `${change.path}${of} has another type, ${since}.`;
  return example(note, [...(change.oldAt === null ? [] : [recordAt(topic, change.oldAt)]), recordAt(topic, change.firstAt)], change);
}

function judge(path: string, field: FieldSeen): Change[] {
  const changes: Change[] = [];
  const types = Object.entries(field.types).filter(([type]) => type !== 'null').toSorted(([, a], [, b]) => a.first - b.first);
  const usual = types.map(([type]) => type).join(' or ') || 'null';
  const appearedIn = field.records - field.firstSeen + 1;
  if (field.firstSeen > 1 && changed(field.firstSeen - 1, field.seen, appearedIn)) {
    changes.push({ path, what: 'appeared', share: field.seen / appearedIn, before: 'not there', after: usual, firstAt: field.firstAt, lastAt: field.lastAt, oldAt: null });
  }
  if (field.firstSeen === 1 && field.firstMissing !== null && field.firstMissing > 1 && field.firstMissingAt !== null && field.lastMissingAt !== null) {
    const missing = field.records - field.seen;
    const since = field.records - field.firstMissing + 1;
    if (changed(field.firstMissing - 1, missing, since)) changes.push({ path, what: 'missing', share: missing / since, before: usual, after: 'not there', firstAt: field.firstMissingAt, lastAt: field.lastMissingAt, oldAt: field.firstAt });
  }
  const [, old] = types[0] ?? [];
  for (const [type, seen] of types.slice(1)) {
    const since = field.seen - seen.first + 1;
    if (changed(seen.first - 1, seen.seen, since)) changes.push({ path, what: 'type', share: seen.seen / since, before: types[0]![0], after: type, firstAt: seen.firstAt, lastAt: seen.lastAt, oldAt: old!.firstAt });
  }
  return changes;
}

/** Whether `count` of `since` records, after none of `before`, is a change and not chance. */
function changed(before: number, count: number, since: number): boolean {
  if (before < LEAST_BEFORE || count < LEAST_AFTER || since < count) return false;
  const share = count / since;
  return share >= 1 || before * Math.log1p(-share) < Math.log(CHANCE);
}
