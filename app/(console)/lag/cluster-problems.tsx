import type { ReactNode } from 'react';
import { formatAgo, formatCount, formatDuration, formatNoun } from '#components/format.ts';
import { ProblemState } from '#components/problem-state.tsx';
import type { ClusterReading } from '#lib/operations/list-cluster-readings.ts';

/** What is wrong with reading, where something is: which cluster, since when, what still holds. */
export function ClusterProblems({ clusters, now }: { clusters: readonly ClusterReading[]; now: Date }): ReactNode {
  return clusters.map((cluster) => {
    const last = cluster.lastCycleAt === null ? 'No figures were read yet.' : `The figures below are from ${formatAgo(cluster.lastCycleAt, now)} and stay as they were.`;
    switch (cluster.state) {
      case 'down':
        return (
          <ProblemState key={cluster.name} title={`${cluster.name} does not answer${cluster.downSince === null ? '' : `, since ${formatAgo(cluster.downSince, now)}`}`}>
            {cluster.error ?? 'No reason was given.'} {last} Waybill goes on trying.
          </ProblemState>
        );
      case 'stale':
        return (
          <ProblemState key={cluster.name} severity="warning" title={`${cluster.name} was last read ${cluster.lastCycleAt === null ? 'never' : formatAgo(cluster.lastCycleAt, now)}`}>
            {last} Check that the offsets collector runs: <code>npm run doctor</code>.
          </ProblemState>
        );
      case 'partial': {
        const cycle = cluster.lastCycle;
        const missing = [cycle && cycle.groupsFailed > 0 ? formatNoun(cycle.groupsFailed, 'group') : null, cycle && cycle.partitionsFailed > 0 ? formatNoun(cycle.partitionsFailed, 'partition') : null].filter((part) => part !== null).join(' and ');
        return (
          <ProblemState key={cluster.name} severity="warning" title={`${cluster.name} was read in part`}>
            {cluster.error ?? `${missing || 'Some figures'} could not be read in the last cycle.`} They show their last good figures with their age.
          </ProblemState>
        );
      }
      case 'ok':
      case 'unknown':
        return null;
    }
  });
}

/** How the last cycle went: what Waybill costs the brokers, and what it covers. */
export function Coverage({ clusters }: { clusters: readonly ClusterReading[] }): ReactNode {
  const read = clusters.flatMap((cluster) => (cluster.lastCycle ? [{ name: cluster.name, cycle: cluster.lastCycle }] : []));
  if (read.length === 0) return null;
  return (
    <div className="mt-3 text-xs text-muted">
      {read.map(({ name, cycle }) => (
        <p key={name}>
          {name}: {formatNoun(cycle.groups, 'group')}, {formatNoun(cycle.groupPartitions, 'committed partition')} and {formatNoun(cycle.partitions, 'partition')} read in {formatDuration(cycle.readMs)} with {formatNoun(cycle.requests, 'request')}, stored after{' '}
          {formatDuration(cycle.durationMs)}, every {formatDuration(cycle.intervalMs)}.{cycle.clamped > 0 ? ` ${formatCount(cycle.clamped)} read negative and show 0.` : ''}
          {cycle.topicsHidden ? ` Waybill's user may not see every topic there: what groups committed in the others is in no figure.` : ''}
        </p>
      ))}
    </div>
  );
}
