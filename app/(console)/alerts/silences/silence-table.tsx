'use client';

import { useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount } from '#components/format.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { SilenceView } from '#lib/operations/list-silences.ts';
import { ConfirmButton } from '../confirm-button.tsx';

const words = (silence: SilenceView): string => silence.matchers.map((matcher) => `${matcher.label}${matcher.operator}${matcher.value}`).join(', ');

/** Silences: what they cover, until when, by whom and why. */
export function SilenceTable({ silences, barred }: { silences: SilenceView[]; barred: string | null }): ReactNode {
  const columns = useMemo<TableColumn<SilenceView>[]>(
    () => [
      { id: 'matchers', header: 'Covers', primary: true, value: words, cell: (silence) => <span className="font-mono text-xs" title={words(silence)}>{words(silence)}</span> },
      { id: 'state', header: 'State', width: 96, value: (silence) => silence.state, cell: (silence) => <StateChip state={silence.state === 'over' ? 'ended' : silence.state === 'planned' ? 'pending' : 'active'} label={silence.state} /> },
      { id: 'silencing', header: 'Keeps quiet', hint: 'Alerts that fire now and are not told', align: 'right', width: 100, value: (silence) => silence.silencing, cell: (silence) => (silence.state === 'active' ? formatCount(silence.silencing) : '-') },
      { id: 'endsAt', header: 'Ends', width: 180, value: (silence) => silence.endsAt, cell: (silence) => <RelativeTime at={silence.endsAt} /> },
      { id: 'comment', header: 'Why', hideBelow: 'md', value: (silence) => silence.comment, cell: (silence) => <span title={silence.comment}>{silence.comment}</span> },
      { id: 'author', header: 'By', width: 120, hideBelow: 'lg', value: (silence) => silence.author, cell: (silence) => silence.author },
      {
        id: 'end',
        header: 'End',
        width: 80,
        cell: (silence) =>
          silence.state === 'over' ? (
            '-'
          ) : (
            <ConfirmButton label="End" title="End this silence" effect={`From the next evaluation on, alerts with ${words(silence)} are told again.`} confirm="End it now" method="DELETE" path={`/api/v1/silences/${silence.id}`} disabledReason={barred} />
          ),
      },
    ],
    [barred],
  );
  return (
    <DataTable
      label="Silences"
      rows={silences}
      rowKey={(silence) => silence.id}
      columns={columns}
      empty={<EmptyState title="Nothing is silenced">A silence keeps alerts with certain labels quiet for a while: during a deploy, or while somebody is at it already. Every alert and every message has a link that opens one filled in.</EmptyState>}
    />
  );
}
