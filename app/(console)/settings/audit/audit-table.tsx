'use client';

import { parseAsString, useQueryStates } from 'nuqs';
import { useState, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { Dialog } from '#components/dialog.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { formatExactTime } from '#components/format.ts';
import { Facts } from '#components/page-header.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { TextField } from '#components/text-field.tsx';
import type { AuditItem } from '#lib/operations/list-audit.ts';

/** The audit trail: Space or "Facts" shows what was before and after. */
export function AuditTable({ entries }: { entries: AuditItem[] }): ReactNode {
  const [peeked, setPeeked] = useState<AuditItem | null>(null);
  const [filter, setFilter] = useQueryStates({ action: parseAsString.withDefault(''), actor: parseAsString.withDefault('') }, { history: 'replace', shallow: false, throttleMs: 300 });
  const columns: TableColumn<AuditItem>[] = [
    { id: 'at', header: 'When', width: 180, value: (entry) => entry.at, cell: (entry) => <RelativeTime at={entry.at} /> },
    { id: 'actor', header: 'Who', width: 180, value: (entry) => entry.actor, cell: (entry) => entry.actor },
    { id: 'action', header: 'Did', width: 160, value: (entry) => entry.action, cell: (entry) => <code>{entry.action}</code> },
    { id: 'target', header: 'To', value: (entry) => entry.target, cell: (entry) => <span title={entry.target}>{entry.target}</span> },
    { id: 'reason', header: 'Because', hideBelow: 'md', value: (entry) => entry.reason, cell: (entry) => <span title={entry.reason ?? undefined}>{entry.reason ?? '-'}</span> },
    {
      id: 'facts',
      header: 'Facts',
      width: 80,
      cell: (entry) =>
        entry.before === null && entry.after === null ? (
          '-'
        ) : (
          <button type="button" onClick={() => setPeeked(entry)} className="text-accent-ink hover:underline">
            Facts
          </button>
        ),
    },
  ];
  const filtered = filter.action !== '' || filter.actor !== '';
  return (
    <>
      <DataTable
        label="Audit trail"
        rows={entries}
        rowKey={(entry) => entry.id}
        columns={columns}
        onPeek={setPeeked}
        toolbar={
          <>
            <div className="w-44">
              <TextField label="Action starts with" hideLabel placeholder="Action starts with…" value={filter.action} onChange={(event) => void setFilter({ action: event.target.value || null })} />
            </div>
            <div className="w-44">
              <TextField label="Who starts with" hideLabel placeholder="Who starts with…" value={filter.actor} onChange={(event) => void setFilter({ actor: event.target.value || null })} />
            </div>
          </>
        }
        empty={<EmptyState title={filtered ? 'No entry matches this filter' : 'Nothing was done yet'}>{filtered ? 'Actions read like replay.start or token.create; both filters match from the start.' : 'Sign-ins, replays, rules, silences, webhooks and tokens leave a line here.'}</EmptyState>}
      />
      <Dialog open={peeked !== null} onOpenChange={(open) => !open && setPeeked(null)} as="side" title={peeked?.action ?? ''} description={peeked ? `${peeked.actor}, ${formatExactTime(peeked.at)}` : undefined}>
        {peeked ? (
          <Facts
            items={[
              { label: 'To', value: peeked.target },
              { label: 'Because', value: peeked.reason ?? '-' },
              { label: 'Before', value: <Json value={peeked.before} /> },
              { label: 'After', value: <Json value={peeked.after} /> },
            ]}
          />
        ) : null}
      </Dialog>
    </>
  );
}

function Json({ value }: { value: unknown }): ReactNode {
  return value === null ? '-' : <pre className="overflow-x-auto rounded-sm bg-sunken p-2 text-xs">{JSON.stringify(value, null, 2)}</pre>;
}
