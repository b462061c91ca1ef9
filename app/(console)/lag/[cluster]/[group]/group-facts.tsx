import type { ReactNode } from 'react';
import { Figure } from '#components/figure.tsx';
import { formatAge, formatCount, formatDuration, formatNoun, formatPercent } from '#components/format.ts';
import { Facts } from '#components/page-header.tsx';
import { inkOf } from '#components/state-chip.tsx';
import { explainLabel } from '#lib/lag/offset-label.ts';
import type { GroupDetail } from '#lib/operations/group-detail-shape.ts';

const TWO_READINGS = 'Rates need two readings.';
const NO_TRACES = 'No span of its consumers was seen in the last 15 minutes: send them to Waybill to see errors and processing times.';

/** The figures of a group in one panel: how far behind, how fast, how well, who. */
export function GroupFacts({ group, now }: { group: GroupDetail; now: Date }): ReactNode {
  const staleFor = group.stale && group.observedAt !== null ? formatAge(now.getTime() - Date.parse(group.observedAt)) : null;
  const reason = group.error ?? 'No offset was ever committed.';
  const idle = group.lag === '0';
  return (
    <div className="panel mb-6 p-4">
      <div className="grid gap-x-8 gap-y-3 sm:grid-cols-2 xl:grid-cols-4">
        <Facts
          items={[
            { label: 'Lag', value: <Figure value={group.lag} as="count" unknownReason={reason} staleFor={staleFor} className="font-medium" /> },
            {
              label: 'Oldest record',
              value: idle ? (
                'nothing waits'
              ) : (
                <>
                  {group.lagSecondsQuality === 'at-least' ? '≥ ' : ''}
                  <Figure value={group.lagSeconds === null ? null : group.lagSeconds * 1_000} as="duration" unknownReason={reason} staleFor={staleFor} />
                </>
              ),
            },
            { label: 'Lost', value: lossOf(group) },
          ]}
        />
        <Facts
          items={[
            { label: 'Consumed', value: <Figure value={group.consumedPerSecond} as="rate" unknownReason={TWO_READINGS} /> },
            { label: 'Produced', value: <Figure value={group.producedPerSecond} as="rate" unknownReason={TWO_READINGS} /> },
            {
              label: 'Drains in',
              value: idle ? 'nothing waits' : group.status === 'ok' && group.lagSeconds !== null && group.lagSeconds < 30 ? 'keeps up' : group.neverDrains ? 'never at this rate' : <Figure value={group.drainSeconds === null ? null : group.drainSeconds * 1_000} as="duration" unknownReason={TWO_READINGS} />,
            },
          ]}
        />
        <Facts
          items={[
            {
              label: 'Errors',
              value:
                group.errorRate === null ? (
                  <Figure value={null} as="count" unknownReason={NO_TRACES} />
                ) : (
                  <span className={group.errorRate > 0.05 ? inkOf('bad') : ''} title={`${formatCount(group.failedAttempts)} of ${formatNoun(group.attempts ?? 0, 'attempt')} failed, ${formatNoun(group.deadLetters, 'dead letter')}, by spans of the last 15 minutes`}>
                    {formatPercent(group.errorRate)} <span className="text-muted">of {formatNoun(group.attempts ?? 0, 'attempt')}</span>
                  </span>
                ),
            },
            { label: 'Takes', value: <Figure value={group.processingMs} as="duration" unknownReason={NO_TRACES} /> },
            { label: 'Dead letters', value: <span title="of the records handled in the last 15 minutes">{group.deadLetters === 0 ? 'none' : formatCount(group.deadLetters)}</span> },
          ]}
        />
        <Facts
          items={[
            { label: 'Members', value: <Figure value={group.members} as="count" unknownReason="The members were not read yet." /> },
            { label: 'State', value: `${group.state}, ${group.type}${group.protocol ? `, ${group.protocol}` : ''}` },
            { label: 'Coordinator', value: group.coordinator === null ? 'unknown' : `broker ${group.coordinator}` },
          ]}
        />
      </div>
      {labelsOf(group).map(({ label, topics }) => (
        <p key={label} className="mt-3 text-xs text-muted">
          <span className="font-medium">{topics}:</span> {explainLabel(label)}
        </p>
      ))}
    </div>
  );
}

function lossOf(group: GroupDetail): ReactNode {
  if (group.lost !== '0') return <span className={`font-medium ${inkOf('bad')}`}>{formatNoun(BigInt(group.lost), 'record')} deleted unread</span>;
  // Where no partition is known, nothing is known of what was lost.
  if (group.lag === null) return <Figure value={null} as="count" unknownReason={group.error ?? 'No offset was ever committed.'} />;
  if (group.lossSeconds === null) return 'none';
  return (
    <span className={group.lossSeconds < 3_600 ? inkOf('bad') : ''} title="Estimate: when retention reaches the oldest unread record, if the group stays where it is">
      none yet; the first in about {formatDuration(group.lossSeconds * 1_000)}
    </span>
  );
}

function labelsOf(group: GroupDetail): { label: NonNullable<GroupDetail['topicFigures'][number]['offsetLabel']>; topics: string }[] {
  const byLabel = new Map<NonNullable<GroupDetail['topicFigures'][number]['offsetLabel']>, string[]>();
  for (const { topic, offsetLabel } of group.topicFigures) if (offsetLabel !== null) byLabel.set(offsetLabel, [...(byLabel.get(offsetLabel) ?? []), topic]);
  return [...byLabel].map(([label, topics]) => ({ label, topics: topics.length <= 3 ? topics.join(', ') : `${topics.slice(0, 2).join(', ')} and ${topics.length - 2} more topics` }));
}
