'use client';

import { parseAsString, useQueryStates } from 'nuqs';
import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { formatDuration, formatTime } from '#components/format.ts';
import type { ChartColumns } from './chart-columns.ts';
import { onDemand } from '#components/on-demand.tsx';
import { PromptSelect } from '#components/prompt-select.tsx';
import { useTimeZone } from '#components/use-time-zone.ts';

// Forms that come when somebody asks for them.
const RangeDialog = onDemand(() => import('./range-dialog.tsx').then((module) => module.RangeDialog));
const CompareDialog = onDemand(() => import('./compare-dialog.tsx').then((module) => module.CompareDialog));

interface ChartsToolbarProps {
  columns: ChartColumns;
  cluster: string;
  group: string;
  chosen: boolean;
  compared: { label: string } | null;
}

/** What time the charts show, and what they are compared with. All of it is in the URL. */
export function ChartsToolbar({ columns, cluster, group, chosen, compared }: ChartsToolbarProps): ReactNode {
  const [url, setUrl] = useQueryStates({ from: parseAsString, to: parseAsString, compare: parseAsString }, { history: 'push', shallow: false });
  const [asked, setAsked] = useState<'range' | 'group' | null>(null);
  const zone = useTimeZone();
  const close = () => setAsked(null);
  const preset = url.compare === null || url.compare === '-1d' || url.compare === '-7d';
  return (
    <div className="mb-2 flex flex-wrap items-center gap-2">
      <p className="mr-auto text-xs text-muted">
        {chosen ? `${formatTime(columns.fromMs, zone)} to ${formatTime(columns.toMs, zone)}` : `Last ${formatDuration(columns.toMs - columns.fromMs)}`} in steps of {formatDuration(columns.stepMs)}
        {columns.resolution === 'hours' ? '; minutes are kept for 3 days, hours after that' : ''}. Drag over a chart to zoom in.
      </p>
      {chosen ? (
        <Button small onClick={() => void setUrl({ from: null, to: null })}>
          Back to now
        </Button>
      ) : null}
      <Button small onClick={() => setAsked('range')}>
        Choose a range…
      </Button>
      <PromptSelect
        aria-label="Compare with"
        className="h-7 max-w-52 rounded-md border border-line bg-surface px-2 text-xs hover:border-line-strong"
        value={preset ? (url.compare ?? '') : 'shown'}
        onChoose={(value) => {
          if (value === 'group') setAsked('group');
          else void setUrl({ compare: value === '' ? null : value });
        }}
      >
        <option value="">Compare with nothing</option>
        <option value="-1d">The day before</option>
        <option value="-7d">A week before</option>
        {preset ? null : <option value="shown">{compared?.label ?? url.compare}</option>}
        <option value="group">Another group…</option>
      </PromptSelect>
      {asked === 'range' ? (
        <RangeDialog
          fromMs={columns.fromMs}
          toMs={columns.toMs}
          onClose={close}
          onChoose={(range) => {
            close();
            void setUrl(range);
          }}
        />
      ) : null}
      {asked === 'group' ? (
        <CompareDialog
          cluster={cluster}
          group={group}
          onClose={close}
          onChoose={(name) => {
            close();
            void setUrl({ compare: `group:${name}` });
          }}
        />
      ) : null}
    </div>
  );
}
