'use client';

import { useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { Figure } from '#components/figure.tsx';
import { formatCount, formatPercent } from '#components/format.ts';
import { links } from '#components/links.ts';
import { Section } from '#components/page-header.tsx';
import { inkOf, StateChip } from '#components/state-chip.tsx';
import type { MapEdgeWire, MapNodeWire, MapWire } from '#lib/operations/map-wire.ts';
import { edgeWords, queueTone, rateSourceWords, rateText } from './map-words.ts';

interface EdgeRow extends MapEdgeWire {
  fromName: string;
  toName: string;
  toHref: string;
  /** Services that read as the group. */
  services: string;
}

const NO_SPANS = 'No span tells of it in this range.';

/** The same figures as the drawing, in rows. */
export function MapTables({ map, severalClusters }: { map: MapWire; severalClusters: boolean }): ReactNode {
  const rows = useMemo(() => {
    const byId = new Map(map.nodes.map((node) => [node.id, node]));
    // Which service a group is of is said in its row: its figures are the same.
    const servicesOf = Map.groupBy(map.edges.filter((edge) => edge.kind === 'runs'), (edge) => edge.from);
    return map.edges.flatMap((edge): EdgeRow[] => {
      const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
      if (edge.kind === 'runs' || from === undefined || to === undefined) return [];
      return [{ ...edge, fromName: from.name, toName: to.name, toHref: hrefOf(to), services: (servicesOf.get(to.id) ?? []).map((each) => byId.get(each.to)?.name ?? '').join(', ') }];
    });
  }, [map]);
  const nodeColumns = useMemo(() => nodeColumnsOf(severalClusters), [severalClusters]);
  return (
    <>
      <Section title="Connections">
        <DataTable label="Connections" rows={rows} rowKey={(row) => row.id} columns={EDGE_COLUMNS} initialSort="-queue" empty={<p className="text-muted">Nothing on the map is connected.</p>} />
      </Section>
      <Section title="Services, topics and groups">
        <DataTable label="Services, topics and groups" rows={map.nodes} rowKey={(row) => row.id} rowHref={hrefOf} columns={nodeColumns} initialSort="kind" sortParam="nodes" />
      </Section>
    </>
  );
}

/** Where a node's own page is; a service has none but its part of the map. */
export function hrefOf(node: MapNodeWire): string {
  if (node.kind === 'service' || node.cluster === null) return links.map({ [node.kind]: node.name });
  return node.kind === 'topic' ? links.topic(node.cluster, node.name) : links.group(node.cluster, node.name);
}

function Rate({ row }: { row: Pick<MapEdgeWire, 'ratePerSecond' | 'rateBy'> }): ReactNode {
  return row.ratePerSecond === null ? <Figure value={null} as="rate" unknownReason="Neither spans nor offsets tell it for this range." /> : <span title={row.rateBy === null ? undefined : rateSourceWords[row.rateBy]}>{rateText(row)}</span>;
}

/** Of a way on which nothing is handled there is no time of handling: that is not unknown. */
function handlesNothing(row: MapEdgeWire | MapNodeWire): boolean {
  return row.kind === 'send' || row.kind === 'dead-letter' || (row.kind === 'service' && row.hops === 0);
}

const NOT_APPLICABLE = <span className="text-muted">-</span>;

function Errors({ row }: { row: MapEdgeWire | MapNodeWire }): ReactNode {
  if (row.kind === 'dead-letter' || (row.kind === 'service' && row.hops === 0)) return NOT_APPLICABLE;
  if (row.errorShare === null) return <Figure value={null} as="count" unknownReason={row.hops === 0 ? NO_SPANS : 'Only whole batches were marked: whose error it was is not said.'} />;
  return (
    <span className={row.failed > 0 ? inkOf('bad') : ''} title={`${formatCount(row.failed)} of ${formatCount(row.hops - row.uncertain)}`}>
      {formatPercent(row.errorShare)}
    </span>
  );
}

function Queue({ ms }: { ms: number | null }): ReactNode {
  const tone = queueTone(ms);
  return <Figure value={ms} as="duration" unknownReason={NO_SPANS} className={ms === null ? '' : tone === 'ok' ? '' : inkOf(tone)} />;
}

function figureColumns<Row extends MapEdgeWire | MapNodeWire>(): TableColumn<Row>[] {
  const lag = (row: Row) => (row.lag === null ? null : BigInt(row.lag));
  return [
    { id: 'rate', header: 'Rate', align: 'right', width: 104, hint: 'Records per second over the range', value: (row) => row.ratePerSecond, cell: (row) => (row.kind === 'dead-letter' || (row.kind === 'service' && row.hops === 0) ? NOT_APPLICABLE : <Rate row={row} />) },
    { id: 'errors', header: 'Errors', align: 'right', width: 84, hint: 'Share of the records that failed for good, of those whose outcome spans tell', value: (row) => row.errorShare, cell: (row) => <Errors row={row} /> },
    { id: 'queue50', header: 'Queue p50', align: 'right', width: 104, hideBelow: 'md', hint: 'From the publication to the beginning of the handling', value: (row) => row.queue?.p50Ms ?? null, cell: (row) => (handlesNothing(row) ? NOT_APPLICABLE : <Queue ms={row.queue?.p50Ms ?? null} />) },
    { id: 'queue', header: 'Queue p95', align: 'right', width: 104, hint: 'From the publication to the beginning of the handling', value: (row) => row.queue?.p95Ms ?? null, cell: (row) => (handlesNothing(row) ? NOT_APPLICABLE : <Queue ms={row.queue?.p95Ms ?? null} />) },
    { id: 'processing50', header: 'Handling p50', align: 'right', width: 108, hidden: true, hint: 'All attempts at a record', value: (row) => row.processing?.p50Ms ?? null, cell: (row) => (handlesNothing(row) ? NOT_APPLICABLE : <Figure value={row.processing?.p50Ms} as="duration" unknownReason={NO_SPANS} />) },
    { id: 'processing', header: 'Handling p95', align: 'right', width: 108, hideBelow: 'md', hint: 'All attempts at a record', value: (row) => row.processing?.p95Ms ?? null, cell: (row) => (handlesNothing(row) ? NOT_APPLICABLE : <Figure value={row.processing?.p95Ms} as="duration" unknownReason={NO_SPANS} />) },
    { id: 'attempts', header: 'Failed attempts', align: 'right', width: 120, hideBelow: 'lg', value: (row) => row.failedAttempts, cell: (row) => (handlesNothing(row) ? NOT_APPLICABLE : row.hops === 0 ? <Figure value={null} as="count" unknownReason={NO_SPANS} /> : formatCount(row.failedAttempts)) },
    { id: 'deadLetters', header: 'Dead letters', align: 'right', width: 104, hideBelow: 'lg', hint: 'Records that ended as a dead letter, as far as they belong to a journey', value: (row) => row.deadLetters, cell: (row) => formatCount(row.deadLetters) },
    { id: 'lag', header: 'Lag', align: 'right', width: 84, hideBelow: 'sm', hint: 'Records that wait now', value: lag, cell: (row) => (row.lag === null ? <span className="text-muted">-</span> : formatCount(row.lag)) },
  ];
}

const EDGE_COLUMNS: TableColumn<EdgeRow>[] = [
  { id: 'from', header: 'From', primary: true, width: 190, value: (row) => row.fromName, cell: (row) => <span title={row.fromName}>{row.fromName}</span> },
  { id: 'kind', header: '', width: 116, hideBelow: 'sm', cell: (row) => <span className="text-muted">{edgeWords[row.kind]}</span> },
  { id: 'to', header: 'To', width: 190, value: (row) => row.toName, cell: (row) => <a className="hover:text-accent-ink hover:underline" href={row.toHref} title={row.toName}>{row.toName}</a> },
  { id: 'service', header: 'Service', width: 150, hideBelow: 'xl', hint: 'Which reads as this group', value: (row) => row.services, cell: (row) => (row.services === '' ? <span className="text-muted">-</span> : <span title={row.services}>{row.services}</span>) },
  ...figureColumns<EdgeRow>(),
  { id: 'traced', header: 'Known by', width: 96, hideBelow: 'lg', value: (row) => (row.traced ? 'spans' : 'offsets'), cell: (row) => (row.kind === 'dead-letter' ? 'headers' : row.traced ? 'spans' : 'offsets only') },
];

function nodeColumnsOf(severalClusters: boolean): TableColumn<MapNodeWire>[] {
  return [
    { id: 'name', header: 'Name', primary: true, width: 220, value: (row) => row.name, cell: (row) => <span title={row.name}>{row.name}</span> },
    { id: 'kind', header: 'Kind', width: 76, value: (row) => row.kind, cell: (row) => row.kind },
    ...(severalClusters ? [{ id: 'cluster', header: 'Cluster', width: 110, hideBelow: 'lg' as const, value: (row: MapNodeWire) => row.cluster, cell: (row: MapNodeWire) => row.cluster ?? '-' }] : []),
    { id: 'status', header: 'Status', width: 130, hideBelow: 'sm', value: (row) => row.status, cell: (row) => (row.status === null ? <span className="text-muted">-</span> : row.kind === 'group' ? <StateChip state={row.status} /> : <span className="text-muted">{row.status === 'unread' ? 'nobody reads it' : row.status.replaceAll('-', ' ')}</span>) },
    { id: 'sent', header: 'Sent', align: 'right', width: 84, hideBelow: 'md', hint: 'Records per second that a service sends, from spans', value: (row) => row.sentPerSecond, cell: (row) => (row.sentPerSecond === null ? <span className="text-muted">-</span> : <Figure value={row.sentPerSecond} as="rate" />) },
    ...figureColumns<MapNodeWire>(),
    { id: 'traced', header: 'Spans', width: 76, hideBelow: 'lg', value: (row) => (row.traced ? 'yes' : 'none'), cell: (row) => (row.traced ? 'yes' : 'none') },
  ];
}
