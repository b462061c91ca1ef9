'use client';

import { Boxes, Layers, Minus, Plus, UsersRound, type LucideIcon } from 'lucide-react';
import { parseAsInteger, useQueryState } from 'nuqs';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { formatDuration, formatPercent } from '#components/format.ts';
import { toneOf } from '#components/state-chip.tsx';
import { layOutMap, type MapPlace } from '#lib/journey/lay-out-map.ts';
import type { MapEdgeWire, MapNodeWire, MapWire } from '#lib/operations/map-wire.ts';
import { describeNode, nodeFigures, queueTone, queueToneWords, rateText, shortName } from './map-words.ts';

const COLUMN = 256;
const ROW = 72;
const BOX = { width: 184, height: 48 };
const MARGIN = 20;
/** Room for lines that come back to the first column. */
const LEFT = 48;
/** Lines that share a gap between rows run beside each other. */
const LANES = [0, 7, -7];
const ZOOMS = [40, 50, 60, 70, 80, 90, 100, 125, 150];
/** Smaller than this a map is not fitted by itself: it would not be read. A telephone's window is moved over it instead. */
const LEAST_FITTED = 70;
const LEAST_FRAME = 640;

const ICONS: Record<MapNodeWire['kind'], LucideIcon> = { service: Boxes, topic: Layers, group: UsersRound };

/** Services, topics and groups from left to right. What had a place keeps it, however the figures change. */
export function MapDrawing({ map, onOpen }: { map: MapWire; onOpen: (id: string) => void }): ReactNode {
  const [chosen, setChosen] = useQueryState('zoom', parseAsInteger.withOptions({ history: 'replace' }));
  const [fitted, setFitted] = useState(100);
  const frame = useRef<HTMLDivElement>(null);
  const ids = map.nodes.map((node) => node.id);
  const lines = map.edges.map(({ from, to, kind }) => ({ from, to, beside: kind === 'runs' }));
  const [known, setKnown] = useState(() => layOutMap(ids, lines));
  const places = layOutMap(ids, lines, known);
  if (places !== known) setKnown(places);
  const placeOf = (id: string): MapPlace => places.get(id) ?? { column: 0, row: 0 };
  const routes = map.edges.map((edge, nth) => ({ edge, ...routeOf(placeOf(edge.from), placeOf(edge.to), nth % LANES.length) }));
  const size = {
    width: Math.max(...ids.map((id) => placeOf(id).column)) * COLUMN + BOX.width + LEFT + MARGIN,
    height: Math.max(...ids.map((id) => placeOf(id).row)) * ROW + BOX.height + 2 * MARGIN,
  };
  useEffect(() => {
    // Once: a map that grows by a node must not shrink under the reader's eyes.
    const width = frame.current?.clientWidth ?? 0;
    if (width >= LEAST_FRAME) setFitted(Math.max(LEAST_FITTED, ZOOMS.findLast((each) => each <= Math.min(100, (100 * width) / size.width)) ?? LEAST_FITTED));
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  const zoom = Math.min(ZOOMS.at(-1)!, Math.max(ZOOMS[0]!, chosen ?? fitted));
  const step = (by: -1 | 1) => {
    const near = by === 1 ? ZOOMS.find((each) => each > zoom) : ZOOMS.findLast((each) => each < zoom);
    if (near !== undefined) void setChosen(near);
  };
  return (
    <section aria-label="Map">
      <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
        <Legend />
        <span className="ml-auto flex items-center gap-1">
          <ZoomButton label="Smaller" icon={Minus} disabled={zoom <= ZOOMS[0]!} onClick={() => step(-1)} />
          <span className="w-10 text-center">{zoom} %</span>
          <ZoomButton label="Larger" icon={Plus} disabled={zoom >= ZOOMS.at(-1)!} onClick={() => step(1)} />
        </span>
      </div>
      <div ref={frame} className="panel max-h-[max(420px,calc(100dvh-260px))] overflow-auto overscroll-contain">
        <div className="relative" style={{ ...size, zoom: zoom / 100 }}>
          <svg aria-hidden width={size.width} height={size.height} className="absolute inset-0">
            {routes.map(({ edge, path }) => (
              <Line key={edge.id} edge={edge} path={path} />
            ))}
            {routes.map(({ edge, label }) => (
              <Label key={edge.id} edge={edge} at={label} />
            ))}
          </svg>
          <ol aria-label="Services, topics and groups">
            {map.nodes
              .toSorted((a, b) => placeOf(a.id).column - placeOf(b.id).column || placeOf(a.id).row - placeOf(b.id).row)
              .map((node) => (
                <li key={node.id} className="absolute" style={{ left: LEFT + placeOf(node.id).column * COLUMN, top: MARGIN + placeOf(node.id).row * ROW, ...BOX }}>
                  <NodeBox node={node} onOpen={onOpen} />
                </li>
              ))}
          </ol>
        </div>
      </div>
    </section>
  );
}

function NodeBox({ node, onOpen }: { node: MapNodeWire; onOpen: (id: string) => void }): ReactNode {
  const Icon = ICONS[node.kind];
  const trouble = troubleOf(node);
  return (
    <button type="button" onClick={() => onOpen(node.id)} title={describeNode(node)} className={`flex size-full flex-col justify-center rounded-md border px-2 text-left hover:bg-hover ${lookOf(node)}`}>
      <span className="flex w-full min-w-0 items-center gap-1.5">
        <Icon aria-hidden size={13} className="shrink-0 text-muted" />
        <span className={`min-w-0 flex-1 truncate ${node.matched ? 'font-medium' : ''}`}>{shortName(node.name)}</span>
      </span>
      <span className="flex w-full min-w-0 items-center gap-1.5 text-xs text-muted">
        <span className="min-w-0 flex-1 truncate">
          {nodeFigures(node)}
          {node.traced ? '' : ' · no spans'}
        </span>
        {trouble === null ? null : <span className="max-w-24 shrink-0 truncate rounded-sm bg-bad-soft px-1 text-bad-ink">{trouble}</span>}
      </span>
      <span className="sr-only">: {describeNode(node)}. Opens its figures.</span>
    </button>
  );
}

/** What of a node needs a look, in a word or a figure. */
function troubleOf(node: MapNodeWire): string | null {
  if (node.kind === 'group' && node.status !== null && ['bad', 'behind'].includes(toneOf(node.status))) return node.status.replaceAll('-', ' ');
  if (node.status === 'unread') return 'unread';
  return node.kind !== 'topic' && node.failed > 0 && node.errorShare !== null ? `✕ ${formatPercent(node.errorShare)}` : null;
}

function lookOf(node: MapNodeWire): string {
  const tone = node.kind === 'group' && node.status !== null ? toneOf(node.status) : null;
  const border = tone === 'bad' ? 'border-bad' : tone === 'behind' ? 'border-behind' : node.kind === 'topic' ? 'border-flight' : node.kind === 'group' ? 'border-line-strong' : 'border-ok';
  return `${border} ${node.traced ? '' : 'border-dashed'} ${node.kind === 'topic' ? 'bg-sunken' : 'bg-surface'}`;
}

const STROKES = { ok: 'stroke-ok', behind: 'stroke-behind', bad: 'stroke-bad', unknown: 'stroke-line-strong' } as const;
const INKS = { ok: 'fill-ok-ink', behind: 'fill-behind-ink', bad: 'fill-bad-ink', unknown: 'fill-muted' } as const;

type Stroke = keyof typeof STROKES;

function strokeOf(edge: MapEdgeWire): Stroke {
  return edge.kind === 'consume' ? (queueTone(edge.queue?.p95Ms ?? null) as Stroke) : edge.kind === 'dead-letter' ? 'bad' : 'unknown';
}

/** From one to seven pixels, by the order of magnitude of the rate: 0.1 a second to 10,000. */
function widthOf(rate: number | null): number {
  return rate === null ? 1 : Math.min(7, 1 + 1.2 * Math.log10(1 + rate * 10));
}

/** Where a line runs, and where its figures stand: straight to the next column, else in the gap between two rows, where no box hides it. */
function routeOf(from: MapPlace, to: MapPlace, nth: number): { path: string; label: { x: number; y: number } } {
  const left = (place: MapPlace) => LEFT + place.column * COLUMN;
  const middle = (place: MapPlace) => MARGIN + place.row * ROW + BOX.height / 2;
  if (from.column === to.column && Math.abs(from.row - to.row) === 1) {
    // What belongs together stands below each other.
    const x = left(from) + BOX.width / 2;
    return { path: `M${x} ${middle(from)} L${x} ${middle(to)}`, label: { x, y: (middle(from) + middle(to)) / 2 } };
  }
  const [x1, y1, x2, y2] = [left(from) + BOX.width, middle(from), left(to), middle(to)];
  if (to.column === from.column + 1) return { path: `M${x1} ${y1} C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`, label: { x: (x1 + x2) / 2, y: (y1 + y2) / 2 - 3 } };
  const turn = (COLUMN - BOX.width) / 2;
  const gap = (ROW - BOX.height) / 2;
  const lane = MARGIN + to.row * ROW + (from.row < to.row ? -gap : BOX.height + gap) + LANES[nth]!;
  const isForth = to.column > from.column;
  const [start, end] = isForth ? [x1 + turn, x2 - turn] : [x1, x2];
  return {
    path: `M${x1} ${y1} C${x1 + turn} ${y1} ${x1 + turn} ${lane} ${start} ${lane} L${end} ${lane} C${x2 - turn} ${lane} ${x2 - turn} ${y2} ${x2} ${y2}`,
    // Near who reads, each in a place of its own.
    label: { x: isForth ? end - 44 - 84 * nth : end + 50 + 84 * nth, y: lane + 3 },
  };
}

function Line({ edge, path }: { edge: MapEdgeWire; path: string }): ReactNode {
  return (
    <path
      d={path}
      fill="none"
      strokeOpacity={0.75}
      className={STROKES[strokeOf(edge)]}
      strokeWidth={edge.kind === 'runs' ? 1 : widthOf(edge.ratePerSecond)}
      {...(edge.traced ? {} : { strokeDasharray: '5 4' })}
    />
  );
}

/** The figures that a line's colour and width stand for. */
function Label({ edge, at }: { edge: MapEdgeWire; at: { x: number; y: number } }): ReactNode {
  const parts = [
    ...(edge.kind === 'consume' && edge.queue !== null ? [formatDuration(edge.queue.p95Ms)] : edge.kind === 'send' ? [rateText(edge)] : []),
    ...(edge.kind !== 'runs' && edge.failed > 0 && edge.errorShare !== null ? [`✕ ${formatPercent(edge.errorShare)}`] : []),
    ...(edge.kind === 'dead-letter' ? [`◆ ${edge.deadLetters}`] : []),
  ];
  if (parts.length === 0) return null;
  return (
    <text x={at.x} y={at.y} textAnchor="middle" className={`stroke-surface text-[11px] ${edge.failed > 0 && edge.kind !== 'runs' ? 'fill-bad-ink' : INKS[strokeOf(edge)]}`} strokeWidth={5} paintOrder="stroke">
      {parts.join(' ')}
    </text>
  );
}

function Legend(): ReactNode {
  return (
    <ul aria-label="Legend" className="flex flex-wrap items-center gap-x-4 gap-y-1">
      {(['service', 'topic', 'group'] as const).map((kind) => {
        const Icon = ICONS[kind];
        return (
          <li key={kind} className="flex items-center gap-1">
            <Icon aria-hidden size={13} />
            {kind}
          </li>
        );
      })}
      {(['ok', 'behind', 'bad'] as const).map((tone) => (
        <li key={tone} className="flex items-center gap-1.5">
          <svg aria-hidden width={18} height={6}>
            <path d="M0 3H18" className={STROKES[tone]} strokeWidth={3} />
          </svg>
          {queueToneWords[tone]}
        </li>
      ))}
      <li className="flex items-center gap-1.5">
        <svg aria-hidden width={18} height={6}>
          <path d="M0 3H18" className={STROKES.unknown} strokeWidth={2} strokeDasharray="5 4" />
        </svg>
        known by offsets, no spans
      </li>
      <li>wider: more records</li>
    </ul>
  );
}

function ZoomButton({ label, icon: Icon, disabled, onClick }: { label: string; icon: LucideIcon; disabled: boolean; onClick: () => void }): ReactNode {
  return (
    <button type="button" aria-label={label} title={disabled ? 'No further' : label} disabled={disabled} onClick={onClick} className="inline-flex size-7 items-center justify-center rounded-md border border-line bg-surface hover:border-line-strong disabled:opacity-50">
      <Icon aria-hidden size={13} />
    </button>
  );
}
