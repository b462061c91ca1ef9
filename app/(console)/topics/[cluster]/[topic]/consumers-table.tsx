'use client';

import type { ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { Figure } from '#components/figure.tsx';
import { formatCount } from '#components/format.ts';
import { links } from '#components/links.ts';
import { StateChip } from '#components/state-chip.tsx';
import { LAG_STATUSES } from '#lib/model/lag.ts';
import type { TopicConsumer } from '#lib/operations/topic-shape.ts';

const COLUMNS: TableColumn<TopicConsumer>[] = [
  { id: 'group', header: 'Group', primary: true, width: 260, value: (row) => row.group, cell: (row) => <span title={row.group}>{row.group}</span> },
  { id: 'status', header: 'Status', width: 140, hint: 'Of the group, over all its topics', value: (row) => LAG_STATUSES.indexOf(row.status), cell: (row) => <StateChip state={row.status} /> },
  { id: 'lag', header: 'Lag here', align: 'right', width: 110, value: (row) => (row.lag === null ? null : BigInt(row.lag)), cell: (row) => <Figure value={row.lag} as="count" unknownReason={row.committedPartitions === 0 ? 'It is assigned, and has committed nothing here yet.' : 'No end offset could be read.'} /> },
  { id: 'committed', header: 'Partitions', align: 'right', width: 110, hint: 'In which it committed', value: (row) => row.committedPartitions, cell: (row) => (row.committedPartitions === 0 ? <span className="text-muted">assigned only</span> : formatCount(row.committedPartitions)) },
  { id: 'state', header: 'State', width: 120, hideBelow: 'sm', value: (row) => row.state, cell: (row) => row.state },
];

/** Groups that read the topic, and how far behind each is. */
export function ConsumersTable({ cluster, topic, consumers, nobody }: { cluster: string; topic: string; consumers: readonly TopicConsumer[]; nobody: boolean | null }): ReactNode {
  return (
    <DataTable
      label={`Consumers of ${topic}`}
      rows={consumers}
      rowKey={(row) => row.group}
      rowHref={(row) => links.group(cluster, row.group)}
      columns={COLUMNS}
      initialSort="-lag"
      sortParam="csort"
      empty={
        <EmptyState title={nobody === null ? 'Who reads this topic is not known' : 'Nobody consumes this topic'}>
          {nobody === null ? 'Not all groups of the cluster could be read.' : 'No consumer group has committed here or is assigned one of its partitions. Readers without a group, such as a console consumer, are not seen.'}
        </EmptyState>
      }
    />
  );
}
