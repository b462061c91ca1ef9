'use client';

import type { ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import type { SessionItem } from '#lib/operations/list-sessions.ts';
import { EndButton } from './end-button.tsx';

const COLUMNS: TableColumn<SessionItem>[] = [
  { id: 'name', header: 'Who', primary: true, value: (session) => session.name, cell: (session) => (session.current ? `${session.name} (this one)` : session.name) },
  { id: 'role', header: 'Role', width: 120, value: (session) => session.role, cell: (session) => session.role },
  { id: 'lastSeen', header: 'Last seen', width: 170, value: (session) => session.lastSeenAt, cell: (session) => <RelativeTime at={session.lastSeenAt} /> },
  { id: 'created', header: 'Signed in', width: 170, hideBelow: 'md', value: (session) => session.createdAt, cell: (session) => <RelativeTime at={session.createdAt} /> },
  { id: 'agent', header: 'Browser', hideBelow: 'lg', value: (session) => session.userAgent, cell: (session) => <span title={session.userAgent ?? undefined}>{session.userAgent ?? 'unknown'}</span> },
  {
    id: 'end',
    header: 'End',
    width: 80,
    cell: (session) => <EndButton label="End" title={`End the session of ${session.name}`} effect={session.current ? 'This is your own session: you will be signed out.' : 'Its next request is refused.'} confirm="End this session" path={`/api/v1/sessions/${session.id}`} />,
  },
];

/** Sessions that are open. */
export function SessionTable({ sessions }: { sessions: SessionItem[] }): ReactNode {
  return <DataTable label="Sessions" rows={sessions} rowKey={(session) => session.id} columns={COLUMNS} sortParam="sessions" />;
}
