import type { ReactNode } from 'react';
import { formatDuration, formatNoun, formatRate } from '#components/format.ts';
import { TimeChart, type ChartPoint } from '#components/time-chart.tsx';
import { withGaps } from '#components/with-gaps.ts';
import type { Overview } from '#lib/operations/overview.ts';

/** The step of the roll-up that the chart of lag is drawn from. */
const MINUTE_MS = 60_000;
const HEIGHT_PX = 220;
const OTHERS = 'others';

/** Who is furthest behind, and where the records go: side by side where there is room. */
export function OverviewCharts({ overview, rangeMs }: { overview: Overview; rangeMs: number }): ReactNode {
  const { worst, throughput } = overview;
  // Before the first reading of the topics there is nothing to say; who has no topic sees no empty frame.
  if (worst.length === 0 && throughput.items.length === 0) return null;
  return (
    <div className="grid gap-3 xl:grid-cols-2">
      {worst.length > 0 ? <Worst worst={worst} rangeMs={rangeMs} /> : null}
      <Throughput throughput={throughput} rangeMs={rangeMs} />
    </div>
  );
}

function Worst({ worst, rangeMs }: { worst: Overview['worst']; rangeMs: number }): ReactNode {
  const minutes = new Map<string, Record<string, number | null>>();
  for (const group of worst) {
    for (const point of group.points) {
      const values = minutes.get(point.at) ?? {};
      values[`${group.cluster}/${group.group}`] = point.lagMs;
      minutes.set(point.at, values);
    }
  }
  const points: ChartPoint[] = [...minutes.entries()].sort(([left], [right]) => left.localeCompare(right)).map(([at, values]) => ({ at, values }));
  const [top] = worst;
  const latest = top?.points.at(-1)?.lagMs ?? null;
  return (
    <TimeChart
      title="Furthest behind"
      sentence={`${top?.group ?? 'No group'} is ${latest === null ? 'behind by an unknown time' : `${formatDuration(latest)} behind`}; seconds behind over the last ${formatDuration(rangeMs)}.`}
      series={worst.map((group) => ({ key: `${group.cluster}/${group.group}`, label: group.group }))}
      points={withGaps(points, MINUTE_MS)}
      format="duration"
      heightPx={HEIGHT_PX}
    />
  );
}

function Throughput({ throughput, rangeMs }: { throughput: Overview['throughput']; rangeMs: number }): ReactNode {
  const { topics, items, unknownTopics, from, to, stepSeconds } = throughput;
  const others = items.some((item) => (item.rest ?? 0) > 0);
  const names = topics.map(({ cluster, topic }) => (topics.filter((one) => one.topic === topic).length > 1 ? `${topic} (${cluster})` : topic));
  const points: ChartPoint[] = items.map((item) => ({
    at: item.at,
    values: { ...Object.fromEntries(item.topics.map((rate, index) => [String(index), rounded(rate)])), ...(others ? { [OTHERS]: rounded(item.rest) } : {}) },
    ...(item.rest === null && item.topics.every((rate) => rate === null) ? { reason: 'nobody read the end offsets' } : {}),
  }));
  const last = items.at(-1);
  // Readings are a minute apart: what ended longer ago is no "now".
  const live = last !== undefined && Date.parse(to) - Date.parse(last.at) < stepSeconds * 1_000 + 3 * MINUTE_MS;
  const all = last === undefined || last.rest === null ? null : last.topics.reduce<number>((sum, rate) => sum + (rate ?? 0), last.rest);
  const busiest = last?.topics[0];
  const now = items.length === 0 ? 'The first figures come with the second reading of the end offsets, about a minute after the start.' : !live ? 'The end offsets are not being read now.' : all === null ? 'How much is written now is not known.' : `${formatRate(all)} written${typeof busiest === 'number' && topics[0] ? `, ${formatRate(busiest)} of it to ${topics[0].topic}` : ''}.`;
  const unknown = unknownTopics > 0 ? ` Not counted: ${formatNoun(unknownTopics, 'topic')} whose end could not be read, or that were new.` : '';
  // Just started: the axis begins where the readings do, instead of an hour of nothing before them.
  const beginMs = Date.parse(items[0]?.at ?? from);
  const young = items.length > 0 && Date.parse(to) - beginMs < rangeMs / 4;
  return (
    <TimeChart
      title="Throughput by topic"
      sentence={`${now} Records produced per second over the last ${formatDuration(rangeMs)}.${unknown}`}
      series={[...names.map((label, index) => ({ key: String(index), label })), ...(others ? [{ key: OTHERS, label: topics.length === 0 ? 'all topics' : 'all others' }] : [])]}
      points={points}
      range={{ from: young ? new Date(beginMs).toISOString() : from, to }}
      stepMs={stepSeconds * 1_000}
      format="rate"
      heightPx={HEIGHT_PX}
      fileWords="throughput"
    />
  );
}

/** Three digits are more than a pixel; the page is lighter by the rest. */
function rounded(rate: number | null): number | null {
  return rate === null ? null : Number(rate.toPrecision(3));
}
