'use client';

import { parseAsArrayOf, parseAsString, useQueryState } from 'nuqs';
import { useDeferredValue, useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { Figure } from '#components/figure.tsx';
import { formatCount, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { inkOf, StateChip } from '#components/state-chip.tsx';
import { TextField } from '#components/text-field.tsx';
import { retentionText } from './retention.ts';
import { type PackedTopics, type TopicRow, unpackTopic } from './topic-row.ts';

/** What the list can be narrowed to; a topic may have several. */
const LABELS: readonly { id: string; word: string; hint: string; is: (row: TopicRow) => boolean }[] = [
  { id: 'offline', word: 'offline', hint: 'Partitions without a leader', is: (row) => (row.offline ?? 0) > 0 },
  { id: 'under-replicated', word: 'under-replicated', hint: 'Partitions with fewer replicas in sync than there are', is: (row) => (row.underReplicated ?? 0) > 0 },
  { id: 'nobody', word: 'nobody consumes', hint: 'No consumer group committed here or is assigned. Readers without a group are not seen.', is: (row) => row.nobodyConsumes === true && !row.internal },
  { id: 'dead-letter', word: 'dead letters', hint: 'Its name is that of a dead-letter topic', is: (row) => row.role === 'dead-letter' },
  { id: 'retry', word: 'retry', hint: 'Its name is that of a retry topic', is: (row) => row.role === 'retry' },
  { id: 'compacted', word: 'compacted', hint: 'Keeps the latest record of each key', is: (row) => row.cleanupPolicy?.includes('compact') === true },
  { id: 'internal', word: 'internal', hint: 'Kafka’s own', is: (row) => row.internal },
];

/** All topics: filtered by label and text, sorted. */
export function TopicsTable({ packed, severalClusters }: { packed: PackedTopics; severalClusters: boolean }): ReactNode {
  const [labels, setLabels] = useQueryState('label', parseAsArrayOf(parseAsString).withDefault([]));
  const [search, setSearch] = useQueryState('q', parseAsString.withDefault('').withOptions({ history: 'replace', throttleMs: 300 }));
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const rows = useMemo(() => packed.rows.map((row) => unpackTopic(packed.texts, row)), [packed]);
  const counts = useMemo(() => new Map(LABELS.map((label) => [label.id, rows.filter(label.is).length])), [rows]);
  const shown = useMemo(() => {
    const chosen = LABELS.filter((label) => labels.includes(label.id));
    return rows.filter((row) => chosen.every((label) => label.is(row)) && (wanted === '' || [row.topic, ...row.producers, ...row.consumers].some((name) => name.toLowerCase().includes(wanted))));
  }, [rows, labels, wanted]);
  const columns = useMemo(() => columnsOf(severalClusters), [severalClusters]);
  const toggle = (id: string) => {
    const next = labels.includes(id) ? labels.filter((one) => one !== id) : [...labels, id];
    void setLabels(next.length === 0 ? null : next);
  };
  return (
    <DataTable
      label="Topics"
      rows={shown}
      rowKey={(row) => `${row.cluster} ${row.topic}`}
      rowHref={(row) => links.topic(row.cluster, row.topic)}
      columns={columns}
      initialSort="-produced"
      empty={<EmptyState title="No topic matches">Of {formatNoun(rows.length, 'topic')} none has these labels and this text. Clear the filter to see them all.</EmptyState>}
      toolbar={
        <>
          <div className="w-56 max-w-full">
            <TextField label="Find a topic, producer or consumer" hideLabel placeholder="Topic, producer or consumer" type="search" value={search} onChange={(event) => void setSearch(event.target.value || null)} />
          </div>
          <fieldset className="flex min-w-0 flex-wrap gap-1">
            <legend className="sr-only">Filter by label</legend>
            {LABELS.filter((label) => (counts.get(label.id) ?? 0) > 0 || labels.includes(label.id)).map((label) => (
              <button
                key={label.id}
                type="button"
                title={label.hint}
                aria-pressed={labels.includes(label.id)}
                onClick={() => toggle(label.id)}
                className={`inline-flex h-7 items-center gap-1.5 rounded-md border px-2 text-xs hover:border-line-strong ${labels.includes(label.id) ? 'border-accent bg-accent-soft' : 'border-line bg-surface'}`}
              >
                {label.word}
                <span className="tabular-nums text-muted">{formatCount(counts.get(label.id) ?? 0)}</span>
              </button>
            ))}
          </fieldset>
        </>
      }
    />
  );
}

function columnsOf(severalClusters: boolean): TableColumn<TopicRow>[] {
  const big = (text: string | null) => (text === null ? null : BigInt(text));
  return [
    { id: 'topic', header: 'Topic', primary: true, width: 250, value: (row) => row.topic, cell: (row) => <span title={row.topic}>{row.topic}</span> },
    ...(severalClusters ? [{ id: 'cluster', header: 'Cluster', width: 110, hideBelow: 'lg' as const, value: (row: TopicRow) => row.cluster, cell: (row: TopicRow) => row.cluster }] : []),
    { id: 'labels', header: 'Labels', width: 190, value: (row) => labelRank(row), hint: 'Most urgent first', cell: (row) => <Labels row={row} /> },
    { id: 'produced', header: 'Produced', align: 'right', width: 104, hint: 'Records per second over the last minute', value: (row) => row.producedPerSecond, cell: (row) => <Figure value={row.producedPerSecond} as="rate" unknownReason="Rates need two readings of every partition, about a minute apart." /> },
    { id: 'size', header: 'Size', align: 'right', width: 80, hideBelow: 'sm', hint: 'On disk, summed over the leaders: each record once, however many replicas', value: (row) => big(row.sizeBytes), cell: (row) => <Figure value={row.sizeBytes} as="bytes" unknownReason={row.sizeError} /> },
    { id: 'held', header: 'Offsets', align: 'right', width: 96, hidden: true, hint: 'End minus start: at most so many records', value: (row) => big(row.offsetsHeld), cell: (row) => <Figure value={row.offsetsHeld} as="count" unknownReason="Not every end offset is known." /> },
    { id: 'retention', header: 'Kept', width: 120, hideBelow: 'md', value: (row) => (row.retentionMs === null ? null : row.retentionMs.startsWith('-') || !row.cleanupPolicy?.includes('delete') ? 9_223_372_036_854_775_807n : BigInt(row.retentionMs)), cell: (row) => <Retention row={row} /> },
    { id: 'policy', header: 'Policy', width: 110, hidden: true, value: (row) => row.cleanupPolicy, cell: (row) => row.cleanupPolicy ?? <Figure value={null} as="count" unknownReason={row.configError} /> },
    { id: 'partitions', header: 'Partitions', align: 'right', width: 84, hideBelow: 'md', value: (row) => row.partitions, cell: (row) => <span title={row.replicationFactor === null ? undefined : `${formatNoun(row.replicationFactor, 'replica')} each`}>{formatCount(row.partitions)}{row.replicationFactor === null ? '' : <span className="text-muted"> × {row.replicationFactor}</span>}</span> },
    { id: 'replicas', header: 'Under-replicated', align: 'right', width: 110, hidden: true, value: (row) => row.underReplicated, cell: (row) => <Figure value={row.underReplicated} as="count" unknownReason="The topics collector has not described it yet." /> },
    { id: 'producers', header: 'Producers', width: 150, hideBelow: 'lg', hint: 'Services whose spans wrote here in the last day', value: (row) => row.producers.join(', '), cell: (row) => <Names names={row.producers} count={row.producers.length} none="no span seen" why="No service sent a span of writing here in the last day. Services that are not traced are not seen." /> },
    { id: 'consumers', header: 'Consumers', width: 170, hideBelow: 'lg', hint: 'Groups that committed here or are assigned', value: (row) => row.groups, cell: (row) => (row.groups === 0 ? <NoConsumer row={row} /> : <Names names={row.consumers} count={row.groups} none="none" why="" />) },
    { id: 'lag', header: 'Lag', align: 'right', width: 84, hideBelow: 'sm', hint: 'Waiting records, summed over the groups', value: (row) => big(row.lag), cell: (row) => (row.groups === 0 ? <span className="text-muted" title="No group reads it.">-</span> : <Figure value={row.lag} as="count" unknownReason="No group committed here, or no end offset is known." />) },
  ];
}

function labelRank(row: TopicRow): number {
  const first = LABELS.findIndex((label) => label.is(row));
  return first === -1 ? LABELS.length : first;
}

function Labels({ row }: { row: TopicRow }): ReactNode {
  const of = LABELS.filter((label) => label.is(row) && label.id !== 'compacted');
  if (of.length === 0) return <span className="text-faint">-</span>;
  return (
    <span className="flex min-w-0 gap-1 overflow-hidden">
      {of.map((label) => {
        const count = label.id === 'offline' ? row.offline : label.id === 'under-replicated' ? row.underReplicated : null;
        const tone = label.id === 'offline' ? 'bad' : label.id === 'under-replicated' ? 'behind' : 'neutral';
        return <StateChip key={label.id} state={tone === 'bad' ? 'stopped' : tone === 'behind' ? 'partial' : 'empty'} tone={tone} title={label.hint} label={count === null ? label.word : `${formatCount(count)} ${label.word}`} />;
      })}
    </span>
  );
}

function Retention({ row }: { row: TopicRow }): ReactNode {
  const text = retentionText(row);
  return text === null ? <Figure value={null} as="count" unknownReason={row.configError} /> : <span title={`cleanup.policy ${row.cleanupPolicy ?? ''}`}>{text}</span>;
}

const NAMES_SAID = 20;

function Names({ names, count, none, why }: { names: readonly string[]; count: number; none: string; why: string }): ReactNode {
  if (names.length === 0) return <span className="text-muted" title={why}>{none}</span>;
  return <span title={`${names.slice(0, NAMES_SAID).join(', ')}${count > NAMES_SAID ? ` and ${formatCount(count - NAMES_SAID)} more` : ''}`}>{names[0]}{count > 1 ? <span className="text-muted"> +{formatCount(count - 1)}</span> : null}</span>;
}

function NoConsumer({ row }: { row: TopicRow }): ReactNode {
  if (row.nobodyConsumes === null) return <Figure value={null} as="count" unknownReason="Not all groups of the cluster could be read." />;
  return (
    <span className={row.internal ? 'text-muted' : inkOf('behind')} title="No consumer group committed here or is assigned. Readers without a group are not seen.">
      nobody
    </span>
  );
}
