'use client';

import { parseAsArrayOf, parseAsString, useQueryState } from 'nuqs';
import { useMemo, type ReactNode } from 'react';
import { formatCount, formatDuration, formatNoun } from '#components/format.ts';
import { type FlowLine, type FlowNode, layOutFlow } from '#lib/journey/lay-out-flow.ts';
import type { HopWire, JourneyWire } from '#lib/operations/journey-wire.ts';
import { evidenceWords, outcomeOf, placeOf, whatOf, whoOf } from './hop-words.ts';

const COLUMN = 220;
const ROW = 64;
const BOX = { width: 180, height: 48 };
const MARGIN = 12;
const MOST_ALIKE = 4;
const MOST_NODES = 400;

/** The causal tree from left to right: a line is why two hops are connected, solid by trace, dashed by what was concluded. */
export function Flow({ journey, onOpen }: { journey: JourneyWire; onOpen: (id: string) => void }): ReactNode {
  const [unfolded, setUnfolded] = useQueryState('unfold', parseAsArrayOf(parseAsString, '|').withDefault([]).withOptions({ history: 'push' }));
  const byId = useMemo(() => new Map(journey.hops.map((hop) => [hop.id, hop])), [journey.hops]);
  const flow = useMemo(
    () => layOutFlow(journey.hops.map((hop) => ({ id: hop.id, alike: `${hop.kind} ${whoOf(hop)} ${hop.topic ?? ''}` })), journey.edges, { mostAlike: MOST_ALIKE, mostNodes: MOST_NODES, unfolded: new Set(unfolded) }),
    [journey, unfolded],
  );
  const places = new Map(flow.nodes.map((node) => [node.id, node]));
  const causes = new Map(flow.lines.flatMap((line) => (line.main ? [[line.to, line] as const] : [])));
  const size = { width: flow.columns * COLUMN - (COLUMN - BOX.width) + 2 * MARGIN, height: flow.rows * ROW - (ROW - BOX.height) + 2 * MARGIN };
  return (
    <section aria-label="Flow">
      <p className="mb-2 text-xs text-muted">
        {formatNoun(journey.hops.length, 'hop')}, each right of what caused it.
        {flow.left > 0 ? ` ${formatCount(flow.left)} more are in the table.` : ''}
      </p>
      <div className="panel scroll-x">
        <div className="relative" style={size}>
          <svg aria-hidden width={size.width} height={size.height} className="absolute inset-0">
            {flow.lines.map((line) => (
              <Line key={`${line.from} ${line.to}`} line={line} from={places.get(line.from)!} to={places.get(line.to)!} />
            ))}
          </svg>
          <ol>
            {flow.nodes.map((node) => {
              const hop = byId.get(node.id);
              const cause = causes.get(node.id);
              const from = cause === undefined ? undefined : byId.get(cause.from);
              const why = from === undefined ? 'begins the journey' : `after ${whoOf(from)} ${whatOf(from)}${cause?.kind ? `, by ${evidenceWords[cause.kind]}` : ''}`;
              return (
                <li key={node.id} className="absolute" style={{ left: MARGIN + node.column * COLUMN, top: MARGIN + node.row * ROW, ...BOX }}>
                  {hop === undefined ? (
                    <button type="button" onClick={() => void setUnfolded([...unfolded, node.id])} className="size-full rounded-md border border-dashed border-line-strong bg-sunken px-2 text-left text-muted hover:bg-hover">
                      <span className="block font-medium">+{formatNoun(node.hops.length, 'hop')}</span>
                      <span className="block text-xs">alike; show them</span>
                    </button>
                  ) : (
                    <button type="button" onClick={() => onOpen(hop.id)} title={`${whoOf(hop)}: ${whatOf(hop)} at ${placeOf(hop)}; ${why}`} className={`size-full rounded-md border px-2 text-left hover:bg-hover ${look(hop)}`}>
                      <span className="block truncate font-medium">{hop.kind === 'replay' ? `replay by ${whoOf(hop)}` : whoOf(hop)}</span>
                      <span className="block truncate text-xs text-muted">{mark(hop)} {whatOf(hop)}</span>
                      <span className="sr-only">
                        , {placeOf(hop)}, took {formatDuration(hop.durationMs)}
                        {outcomeOf(hop) === '' ? '' : `, ${outcomeOf(hop)}`}; {why}. Opens its facts.
                      </span>
                    </button>
                  )}
                </li>
              );
            })}
          </ol>
        </div>
      </div>
      <ul aria-label="Legend" className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        <li className="flex items-center gap-1.5"><Sample />by trace, causation id or the same record</li>
        <li className="flex items-center gap-1.5"><Sample dashed />by the same correlation id, or inferred</li>
        <li className="flex items-center gap-1.5"><span aria-hidden className="h-2.5 w-4 rounded-xs border border-dashed border-bad" />known without a span</li>
      </ul>
    </section>
  );
}

function look(hop: HopWire): string {
  if (hop.kind === 'dead-letter' || (hop.error !== null && !hop.uncertain)) return `border-bad bg-bad-soft ${hop.ghost ? 'border-dashed' : ''}`;
  if (hop.kind === 'replay') return 'border-replayed bg-replayed-soft';
  if (hop.ghost) return 'border-dashed border-bad bg-surface';
  return hop.kind === 'send' ? 'border-flight bg-surface' : 'border-ok bg-surface';
}

/** Colour is never the only sign. */
function mark(hop: HopWire): string {
  if (hop.kind === 'dead-letter') return '◆';
  if (hop.kind === 'replay') return '↺';
  if (hop.kind === 'send') return '→';
  return hop.error !== null && !hop.uncertain ? '✕' : hop.uncertain ? '?' : '✓';
}

function isWeak(kind: FlowLine['kind']): boolean {
  return kind === 'correlation' || kind === 'inferred';
}

function Line({ line, from, to }: { line: FlowLine; from: FlowNode; to: FlowNode }): ReactNode {
  const [x1, y1] = [MARGIN + from.column * COLUMN + BOX.width, MARGIN + from.row * ROW + BOX.height / 2];
  const [x2, y2] = [MARGIN + to.column * COLUMN, MARGIN + to.row * ROW + BOX.height / 2];
  const bend = Math.max(20, Math.abs(x2 - x1) / 2);
  return (
    <path
      d={`M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}
      fill="none"
      className={line.main ? 'stroke-line-strong' : 'stroke-line'}
      strokeWidth={line.main ? 1.5 : 1}
      {...(isWeak(line.kind) ? { strokeDasharray: '4 4' } : {})}
    />
  );
}

function Sample({ dashed = false }: { dashed?: boolean }): ReactNode {
  return (
    <svg aria-hidden width={18} height={4}>
      <path d="M0 2H18" className="stroke-line-strong" strokeWidth={1.5} {...(dashed ? { strokeDasharray: '4 4' } : {})} />
    </svg>
  );
}
