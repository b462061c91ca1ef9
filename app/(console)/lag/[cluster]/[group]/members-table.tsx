'use client';

import { useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount } from '#components/format.ts';
import type { GroupDetail } from '#lib/operations/group-detail-shape.ts';

type Member = GroupDetail['memberList'][number];

/** Who reads for the group, and what each was given. */
export function MembersTable({ members, group, state, type, described }: { members: readonly Member[]; group: string; state: string; type: string; described: boolean }): ReactNode {
  const columns = useMemo(
    (): TableColumn<Member>[] => [
      { id: 'client', header: 'Client', primary: true, width: 220, value: (row) => row.clientId, cell: (row) => <span title={row.memberId}>{row.clientId || row.memberId}</span> },
      { id: 'host', header: 'Host', width: 150, value: (row) => row.host, cell: (row) => row.host },
      { id: 'count', header: 'Partitions', align: 'right', width: 96, value: countOf, cell: (row) => (countOf(row) === 0 ? <span className="text-behind-ink" title="This member was given nothing: there are more members than partitions, or a rebalance is under way.">0</span> : formatCount(countOf(row))) },
      { id: 'assignment', header: 'Assignment', value: assignmentOf, cell: (row) => <span title={assignmentOf(row)}>{assignmentOf(row)}</span>, hideBelow: 'sm' },
      { id: 'instance', header: 'Instance', width: 140, hidden: true, value: (row) => row.instanceId, cell: (row) => row.instanceId ?? <span className="text-muted">dynamic</span> },
    ],
    [],
  );
  if (members.length === 0) {
    if (!described && state !== 'Empty' && state !== 'Dead') return <EmptyState title="The members were not read yet">They are read within a minute of the first cycle.</EmptyState>;
    return <EmptyState title="No member is connected">{type === 'simple' ? `${group} commits offsets without joining as members, as stream processors and scripts do.` : `Nobody reads for ${group} at the moment. Its members appear here when they connect.`}</EmptyState>;
  }
  return <DataTable label="Members" rows={members} rowKey={(row) => row.memberId} columns={columns} sortParam="msort" />;
}

function countOf(member: Member): number {
  return member.assignments.reduce((sum, { partitions }) => sum + partitions.length, 0);
}

function assignmentOf(member: Member): string {
  if (member.assignments.length === 0) return 'nothing';
  return member.assignments.map(({ topic, partitions }) => `${topic} ${ranges(partitions)}`).join(', ');
}

/** [0, 1, 2, 5] → "p0-2, 5". */
function ranges(partitions: readonly number[]): string {
  const sorted = partitions.toSorted((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let j = i;
    while (j + 1 < sorted.length && (sorted[j + 1] ?? 0) === (sorted[j] ?? 0) + 1) j += 1;
    parts.push(j > i ? `${sorted[i]}-${sorted[j]}` : String(sorted[i]));
    i = j + 1;
  }
  return `p${parts.join(', ')}`;
}
