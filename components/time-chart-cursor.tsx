'use client';

import { useContext, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { NO_CURSOR, SharedCursor, type Cursor } from './chart-group.tsx';
import { formatDuration, formatTime } from './format.ts';
import { chartFigure, type TimeChartProps } from './time-chart.tsx';

interface CursorProps extends TimeChartProps {
  from: number;
  to: number;
  hues: readonly string[];
}

/** Fewer pixels are a click with a trembling hand, not a choice of time. */
const MIN_DRAG_PX = 6;

/**
 * What moves over a chart: the reading under the pointer, and the stretch of time one drags over to zoom in. By keyboard it is a slider:
 * arrows move from reading to reading, with Shift they select, Enter zooms, Escape lets go.
 */
export function TimeChartCursor({ title, series, points, format, marks = [], under, underLabel, onZoom, from, to, hues }: CursorProps): ReactNode {
  const own = useState<Cursor>(NO_CURSOR);
  const [cursor, setCursor] = useContext(SharedCursor) ?? own;
  const [here, setHere] = useState(false);
  const drag = useRef<{ x: number; at: number } | null>(null);
  const times = useMemo(() => points.map((point) => Date.parse(point.at)), [points]);
  const index = cursor.at === null ? -1 : nearest(times, cursor.at);
  const point = points[index];
  const share = (at: number) => Math.max(0, Math.min(1, (at - from) / (to - from || 1)));
  const percent = (at: number) => `${(share(at) * 100).toFixed(3)}%`;
  const nearMarks = cursor.at === null ? [] : marks.filter((mark) => Math.abs(Date.parse(mark.at) - (cursor.at ?? 0)) <= (to - from) / 80);

  const momentOf = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return from + Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * (to - from);
  };
  const zoom = (left: number, right: number) => {
    setCursor(NO_CURSOR);
    if (right - left >= 1_000) onZoom?.({ from: new Date(left).toISOString(), to: new Date(right).toISOString() });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = index < 0 ? points.length - 1 : index;
    const page = Math.max(1, Math.round(points.length / 10));
    const target = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, PageDown: now - page, PageUp: now + page, Home: 0, End: points.length - 1 }[event.key];
    if (target !== undefined) {
      const at = times[Math.max(0, Math.min(points.length - 1, target))] ?? null;
      setCursor({ at, anchor: event.shiftKey ? (cursor.anchor ?? times[now] ?? null) : null });
    } else if (event.key === 'Enter' && cursor.anchor !== null && cursor.at !== null) zoom(Math.min(cursor.anchor, cursor.at), Math.max(cursor.anchor, cursor.at));
    else if (event.key === 'Escape' && cursor.at !== null) setCursor(NO_CURSOR);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const words = point === undefined ? 'no reading chosen' : `${formatTime(point.at)}: ${point.reason ? `${point.reason}; ` : ''}${series.map((one) => `${one.label} ${chartFigure(format, point.values[one.key], true)}`).join(', ')}${nearMarks.map((mark) => `; ${mark.label}`).join('')}`;
  const selected = cursor.anchor !== null && cursor.at !== null ? [Math.min(cursor.anchor, cursor.at), Math.max(cursor.anchor, cursor.at)] : null;
  return (
    // A slider over a drawing, with a tooltip and a selection inside: an input has no room for them.
    <div
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="slider"
      tabIndex={0}
      aria-label={`${title}: reading in time`}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, points.length - 1)}
      aria-valuenow={Math.max(0, index)}
      aria-valuetext={selected ? `${words}. Selected ${formatDuration((selected[1] ?? 0) - (selected[0] ?? 0))}; Enter zooms in` : words}
      aria-keyshortcuts={onZoom ? 'Shift+ArrowLeft Shift+ArrowRight Enter' : undefined}
      className={`relative h-full touch-pan-y select-none ${onZoom ? 'cursor-crosshair' : ''}`}
      onKeyDown={onKeyDown}
      onFocus={() => setHere(true)}
      onBlur={() => {
        setHere(false);
        setCursor(NO_CURSOR);
      }}
      onPointerEnter={() => setHere(true)}
      onPointerMove={(event) => {
        const at = momentOf(event);
        setHere(true);
        setCursor({ at: drag.current ? at : (times[nearest(times, at)] ?? at), anchor: drag.current && Math.abs(event.clientX - drag.current.x) >= MIN_DRAG_PX ? drag.current.at : null });
      }}
      onPointerLeave={() => {
        if (drag.current) return;
        setHere(false);
        setCursor(NO_CURSOR);
      }}
      onPointerDown={(event) => {
        if (!onZoom || event.button !== 0 || event.pointerType === 'touch') return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, at: momentOf(event) };
      }}
      onPointerUp={(event) => {
        const start = drag.current;
        drag.current = null;
        if (start && Math.abs(event.clientX - start.x) >= MIN_DRAG_PX) {
          const at = momentOf(event);
          zoom(Math.min(start.at, at), Math.max(start.at, at));
        }
      }}
      onPointerCancel={() => {
        drag.current = null;
        setCursor(NO_CURSOR);
      }}
    >
      {selected ? <span aria-hidden className="pointer-events-none absolute inset-y-0 border-x border-accent bg-accent/15" style={{ left: percent(selected[0] ?? 0), width: `${(share(selected[1] ?? 0) - share(selected[0] ?? 0)) * 100}%` }} /> : null}
      {cursor.at === null ? null : <span aria-hidden className="pointer-events-none absolute inset-y-0 w-px bg-line-strong" style={{ left: percent(cursor.at) }} />}
      {here && point !== undefined && cursor.at !== null ? (
        <div aria-hidden className={`pointer-events-none absolute top-1 z-10 max-w-72 min-w-36 rounded-md border border-line bg-raised px-2.5 py-1.5 text-xs shadow-lg ${share(cursor.at) > 0.5 ? '-translate-x-full -ml-2' : 'ml-2'}`} style={{ left: percent(cursor.at) }}>
          <p className="mb-1 text-muted">{selected ? `${formatTime(new Date(selected[0] ?? 0))} + ${formatDuration((selected[1] ?? 0) - (selected[0] ?? 0))}` : formatTime(point.at)}</p>
          {series.map((one, at) => (
            <p key={one.key} className="flex items-center gap-2">
              <span className="inline-block h-0.5 w-3 shrink-0" style={{ background: hues[at] }} />
              <span className="flex-1 truncate pr-3">{one.label}</span>
              <span className="font-medium whitespace-nowrap">{chartFigure(format, point.values[one.key], true)}</span>
            </p>
          ))}
          {under && point.values[under] !== point.values[series[0]?.key ?? ''] ? (
            <p className="flex items-center gap-2 text-muted">
              <span className="inline-block w-3 shrink-0" />
              <span className="flex-1 pr-3">{underLabel}</span>
              <span className="whitespace-nowrap">{chartFigure(format, point.values[under], true)}</span>
            </p>
          ) : null}
          {point.reason ? <p className="mt-1 text-muted">{point.reason}</p> : null}
          {nearMarks.map((mark) => (
            <p key={`${mark.at} ${mark.label}`} className="mt-1 border-t border-line pt-1">
              {mark.label}
            </p>
          ))}
        </div>
      ) : null}
    </div>
  );
}

/** Index of the time closest to `at`; -1 where there is none. */
function nearest(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  return Math.abs((times[low] ?? 0) - at) <= Math.abs((times[high] ?? 0) - at) ? low : high;
}
