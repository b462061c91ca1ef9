import { formatCount, formatDuration, formatNoun, formatPercent, formatRate } from '#components/format.ts';
import type { Tone } from '#components/state-chip.tsx';
import type { MapEdgeWire, MapNodeWire, MapWire } from '#lib/operations/map-wire.ts';

// What the map says in words: the sentence over it, and what its marks mean.

/** From here on a queue is worth a look, and from there on it is a person's wait. */
const SLOW_MS = 1_000;
const VERY_SLOW_MS = 30_000;

export function queueTone(p95Ms: number | null): Tone {
  if (p95Ms === null) return 'unknown';
  return p95Ms >= VERY_SLOW_MS ? 'bad' : p95Ms >= SLOW_MS ? 'behind' : 'ok';
}

export const queueToneWords: Record<'ok' | 'behind' | 'bad' | 'unknown', string> = {
  ok: `queue p95 under ${formatDuration(SLOW_MS)}`,
  behind: `${formatDuration(SLOW_MS)} to ${formatDuration(VERY_SLOW_MS)}`,
  bad: `${formatDuration(VERY_SLOW_MS)} or more`,
  unknown: 'queue time not known',
};

/** The answer of the screen: how much it shows, what waits longest, where most fails. */
export function mapVerdict(map: MapWire): string {
  if (map.nodes.length === 0) return 'Nothing moved in this range.';
  const names = new Map(map.nodes.map((node) => [node.id, node.name]));
  const counted = [count(map.total.services, 'service'), count(map.total.topics, 'topic'), count(map.total.groups, 'group')].filter((part) => part !== null).join(', ');
  const slowest = most(map.edges.filter((edge) => edge.kind === 'consume'), (edge) => edge.queue?.p95Ms ?? null);
  const failing = most(map.edges.filter((edge) => edge.kind !== 'runs'), (edge) => (edge.failed > 0 ? edge.errorShare : null));
  const way = (edge: MapEdgeWire) => `${names.get(edge.from) ?? ''} → ${names.get(edge.to) ?? ''}`;
  const stuck = map.nodes.filter((node) => node.kind === 'group' && ['losing-data', 'stopped', 'stalled'].includes(node.status ?? '')).length;
  const unread = map.nodes.filter((node) => node.status === 'unread').length;
  return [
    `${counted}.`,
    ...(slowest?.queue ? [`Slowest queue: ${way(slowest)}, p95 ${formatDuration(slowest.queue.p95Ms)}.`] : []),
    ...(failing ? [`Most failures: ${way(failing)}, ${formatPercent(failing.errorShare)} of ${formatNoun(failing.hops, 'record')}.`] : slowest ? ['No record failed for good.'] : []),
    ...(stuck > 0 ? [`${formatNoun(stuck, 'group')} stopped, stalled or losing data.`] : []),
    ...(unread > 0 ? [`${formatNoun(unread, 'topic')} nobody reads.`] : []),
  ].join(' ');
}

function count(number: number, noun: string): string | null {
  return number === 0 ? null : formatNoun(number, noun);
}

function most<Item extends { id: string }>(items: readonly Item[], figure: (item: Item) => number | null): Item | null {
  let best: { item: Item; value: number } | null = null;
  for (const item of items) {
    const value = figure(item);
    if (value !== null && (best === null || value > best.value)) best = { item, value };
  }
  return best?.item ?? null;
}

/** A rate as it is known: "2.4/s", "about 2.4/s", "unknown". */
export function rateText({ ratePerSecond, rateBy }: Pick<MapEdgeWire, 'ratePerSecond' | 'rateBy'>): string {
  return `${rateBy === 'estimate' ? 'about ' : ''}${formatRate(ratePerSecond)}`;
}

export const rateSourceWords: Record<NonNullable<MapEdgeWire['rateBy']>, string> = {
  spans: 'counted from spans over the range: where spans are sampled, of the sampled records',
  offsets: 'from offsets: every record',
  estimate: "the group's commits divided among its topics as they are written",
};

export const edgeWords: Record<MapEdgeWire['kind'], string> = { send: 'sends to', consume: 'is read by', runs: 'is the group of', 'dead-letter': 'dead-letters to' };

export const matchWords: Record<NonNullable<MapEdgeWire['matchedBy']>, string> = {
  spans: 'its spans name the group',
  name: 'its spans name no group: taken for the one of its name',
  alone: 'its spans name no group: taken for the only one left on the topic',
};

/** The second line of a node: what goes through it. */
export function nodeFigures(node: MapNodeWire): string {
  if (node.kind === 'topic') {
    const role = node.status === 'dead-letter' ? ' · dead letters' : node.status === 'retry' ? ' · retries' : '';
    return `${node.ratePerSecond === null ? 'rate unknown' : `${rateText(node)} written`}${role}`;
  }
  if (node.kind === 'group') return [node.ratePerSecond === null ? 'rate unknown' : `${rateText(node)} read`, ...(node.lag !== null && node.lag !== '0' ? [`lag ${formatCount(node.lag)}`] : [])].join(' · ');
  return [...(node.ratePerSecond === null ? [] : [`${rateText(node)} in`]), ...(node.sentPerSecond === null ? [] : [`${formatRate(node.sentPerSecond)} out`])].join(' · ') || 'seen in spans';
}

/** Everything a node's box says, as a sentence for those who do not see it. */
export function describeNode(node: MapNodeWire): string {
  return [
    `${node.kind} ${node.name}`,
    nodeFigures(node),
    ...(node.status === null || node.status === 'ok' || node.status === 'dead-letter' || node.status === 'retry' ? [] : [node.status === 'unread' ? 'nobody reads it' : node.status.replaceAll('-', ' ')]),
    ...(node.queue === null ? [] : [`queue p95 ${formatDuration(node.queue.p95Ms)}`]),
    ...(node.errorShare !== null && node.failed > 0 ? [`${formatPercent(node.errorShare)} failed`] : []),
    ...(node.deadLetters > 0 ? [formatNoun(node.deadLetters, 'dead letter')] : []),
    ...(node.traced ? [] : ['not traced']),
  ].join(', ');
}

/** A name that fits a box: its end tells more than its middle. */
export function shortName(name: string, most = 22): string {
  if (name.length <= most) return name;
  const head = Math.floor((most - 1) / 3);
  return `${name.slice(0, head)}…${name.slice(head + 1 - most)}`;
}
