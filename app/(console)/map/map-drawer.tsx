'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { Dialog } from '#components/dialog.tsx';
import { formatCount, formatDuration, formatNoun, formatPercent, formatRate } from '#components/format.ts';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { Facts, Section } from '#components/page-header.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { MapEdgeWire, MapNodeWire, MapWire } from '#lib/operations/map-wire.ts';
import { hrefOf } from './map-tables.tsx';
import { edgeWords, matchWords, nodeFigures, rateSourceWords, rateText } from './map-words.ts';

interface MapDrawerProps {
  map: MapWire;
  node: MapNodeWire | null;
  onClose: () => void;
  onOpen: (id: string) => void;
}

const MOST_EDGES = 50;

/** A node's figures, what it is connected with, journeys that show it, and the way to its page. */
export function MapDrawer({ map, node, onClose, onOpen }: MapDrawerProps): ReactNode {
  return (
    <Dialog open={node !== null} onOpenChange={(open) => !open && onClose()} as="side" title={node === null ? '' : `${node.kind[0]!.toUpperCase()}${node.kind.slice(1)} ${node.name}`} description={node === null ? '' : nodeFigures(node)}>
      {node === null ? null : <NodeFacts map={map} node={node} onOpen={onOpen} />}
    </Dialog>
  );
}

function NodeFacts({ map, node, onOpen }: { map: MapWire; node: MapNodeWire; onOpen: (id: string) => void }): ReactNode {
  const names = new Map(map.nodes.map((each) => [each.id, each.name]));
  const edges = map.edges.filter((edge) => edge.from === node.id || edge.to === node.id);
  const journey = edges.find((edge) => edge.journeyId !== null)?.journeyId ?? null;
  const failed = edges.find((edge) => edge.failedJourneyId !== null)?.failedJourneyId ?? null;
  return (
    <>
      <div className="mb-4 flex flex-wrap gap-2">
        {node.kind === 'service' || node.cluster === null ? null : <LinkButton look="primary" href={hrefOf(node)}>Open the {node.kind}</LinkButton>}
        <LinkButton href={links.map({ [node.kind]: node.name, cluster: node.cluster })}>Only this on the map</LinkButton>
        {journey === null ? null : <LinkButton href={links.journey(journey)}>A journey through here</LinkButton>}
        {failed === null ? null : <LinkButton href={links.journey(failed)}>One that failed here</LinkButton>}
        {node.deadLetters > 0 && node.kind !== 'service' ? <LinkButton href={links.deadLetters({ cluster: node.cluster, ...(node.kind === 'topic' ? { originTopic: node.name } : { originGroup: node.name }) })}>Dead letters</LinkButton> : null}
      </div>
      <Section title="Figures" aside={`over ${formatDuration(new Date(map.to).getTime() - new Date(map.from).getTime())}`}>
        <Facts
          items={[
            ...(node.cluster === null ? [] : [{ label: 'Cluster', value: node.cluster }]),
            ...(node.status === null ? [] : [{ label: node.kind === 'group' ? 'Status' : 'Role', value: node.kind === 'group' ? <StateChip state={node.status} /> : node.status === 'unread' ? 'no group reads it' : node.status.replaceAll('-', ' ') }]),
            ...(node.kind === 'service' && node.ratePerSecond === null ? [] : [{ label: node.kind === 'topic' ? 'Written' : 'Read', value: <>{rateText(node)}{node.rateBy === null ? '' : <span className="text-muted"> {rateSourceWords[node.rateBy]}</span>}</> }]),
            ...(node.sentPerSecond === null ? [] : [{ label: 'Sent', value: <>{formatRate(node.sentPerSecond)} <span className="text-muted">{rateSourceWords.spans}</span></> }]),
            ...(node.lag === null ? [] : [{ label: 'Lag now', value: formatNoun(BigInt(node.lag), 'record') }]),
            { label: 'Failed', value: node.errorShare === null ? <span className="text-muted">not known: no span tells of an outcome</span> : `${formatPercent(node.errorShare)} of ${formatNoun(node.hops - node.uncertain, 'record')}` },
            ...(node.failedAttempts > 0 ? [{ label: 'Failed attempts', value: formatCount(node.failedAttempts) }] : []),
            ...(node.deadLetters > 0 ? [{ label: 'Dead letters', value: formatCount(node.deadLetters) }] : []),
            { label: 'In the queue', value: timesText(node.queue) },
            { label: 'Handling', value: timesText(node.processing) },
            ...(node.traced ? [] : [{ label: 'Spans', value: 'none in this range: it is known by its offsets' }]),
          ]}
        />
      </Section>
      <Section title={formatNoun(edges.length, 'connection')}>
        <ul className="flex flex-col gap-2">
          {edges.slice(0, MOST_EDGES).map((edge) => (
            <EdgeLine key={edge.id} edge={edge} node={node} name={names} onOpen={onOpen} />
          ))}
        </ul>
        {edges.length > MOST_EDGES ? <p className="mt-2 text-xs text-muted">{formatCount(edges.length - MOST_EDGES)} more are in the table.</p> : null}
      </Section>
    </>
  );
}

function EdgeLine({ edge, node, name, onOpen }: { edge: MapEdgeWire; node: MapNodeWire; name: ReadonlyMap<string, string>; onOpen: (id: string) => void }): ReactNode {
  const other = edge.from === node.id ? edge.to : edge.from;
  const open = (
    <button type="button" onClick={() => onOpen(other)} className="text-left text-accent-ink [overflow-wrap:anywhere] hover:underline">
      {name.get(other) ?? other}
    </button>
  );
  const facts = [
    ...(edge.kind === 'runs' ? [] : [rateText(edge)]),
    ...(edge.queue === null || edge.kind === 'runs' ? [] : [`queue p95 ${formatDuration(edge.queue.p95Ms)}`]),
    ...(edge.failed > 0 && edge.errorShare !== null ? [`${formatPercent(edge.errorShare)} failed`] : []),
    ...(edge.deadLetters > 0 ? [formatNoun(edge.deadLetters, 'dead letter')] : []),
    ...(edge.lag === null || edge.lag === '0' ? [] : [`${formatCount(edge.lag)} wait`]),
    ...(edge.matchedBy === null || edge.matchedBy === 'spans' ? [] : [matchWords[edge.matchedBy]]),
    ...(edge.traced || edge.kind === 'dead-letter' ? [] : ['no span names it']),
  ];
  return (
    <li>
      {edge.from === node.id ? <><span className="text-muted">{edgeWords[edge.kind]}</span> {open}</> : <>{open} <span className="text-muted">{edgeWords[edge.kind]} this</span></>}
      <p className="text-xs text-muted">
        {facts.join(' · ')}
        {edge.failedJourneyId === null ? null : <> · <Link className="text-accent-ink underline" href={links.journey(edge.failedJourneyId)}>one that failed</Link></>}
      </p>
    </li>
  );
}

function timesText(times: MapNodeWire['queue']): ReactNode {
  return times === null ? <span className="text-muted">not known: no span tells</span> : `p50 ${formatDuration(times.p50Ms)}, p95 ${formatDuration(times.p95Ms)}`;
}
