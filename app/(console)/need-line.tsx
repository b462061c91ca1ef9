import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatAge, formatCount, formatDuration, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { StateChip } from '#components/state-chip.tsx';
import type { Need } from '#lib/operations/overview.ts';

interface Words {
  state: string;
  /** Subject, state, since when. */
  what: ReactNode;
  /** Figure or cause. */
  why: string;
  where: string;
  href: string;
  open: string;
}

/** What is about no cluster in particular says so where one is chosen. */
const OF_ALL_CLUSTERS: ReadonlySet<Need['kind']> = new Set(['journeys', 'missed', 'endpoint']);

/**
 * One thing that needs a person: what, since when, how much, and the way there.
 * @param cluster the one that is chosen; null where all are shown
 */
export function NeedLine({ need, now, cluster }: { need: Need; now: Date; cluster: string | null }): ReactNode {
  const { state, what, why, where: place, href, open } = words(need, now);
  const where = cluster !== null && (OF_ALL_CLUSTERS.has(need.kind) || (need.kind === 'collector' && !need.name.includes(':'))) ? [place, 'all clusters'].filter(Boolean).join(', ') : place;
  return (
    <li>
      <Link href={href} prefetch={false} className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 px-4 py-2.5 outline-offset-[-2px] hover:bg-hover lg:grid-cols-[7.5rem_minmax(0,1.1fr)_minmax(0,1.4fr)_minmax(0,0.7fr)_7.5rem]">
        <span className="max-lg:col-span-2 max-lg:row-start-1">
          <StateChip state={state} />
        </span>
        <span className="min-w-0 truncate font-medium max-lg:col-span-2" title={typeof what === 'string' ? what : undefined}>
          {what}
        </span>
        <span className="min-w-0 truncate text-muted max-lg:col-span-2" title={why}>
          {why}
        </span>
        <span className="min-w-0 truncate text-xs text-muted" title={where}>
          {where}
        </span>
        <span className="text-right text-accent-ink">{open}</span>
      </Link>
    </li>
  );
}

function since(at: string | null, now: Date): string {
  if (at === null) return '';
  const age = now.getTime() - new Date(at).getTime();
  return ` ${age < 1_000 ? 'just now' : `${formatAge(age)} ago`}`;
}

const STATUS_WORDS: Record<string, string> = { 'losing-data': 'is losing data, seen', stopped: 'stopped', stalled: 'stalled', rewound: 'was rewound', 'falling-behind': 'began to fall behind', expired: 'lost its commits' };

function words(need: Need, now: Date): Words {
  switch (need.kind) {
    case 'cluster':
      return {
        state: need.state,
        what: need.state === 'down' ? `Cluster ${need.cluster} went down${since(need.since, now)}` : `Cluster ${need.cluster} answers in part`,
        why: need.error ?? 'no error was given',
        where: need.cluster,
        href: links.settings(),
        open: 'Open cluster',
      };
    case 'group': {
      const lag = need.lag === null ? 'waiting records unknown' : `${formatCount(need.lag)} waiting`;
      const oldest = need.lagMs === null ? '' : `, oldest ${need.atLeast ? 'at least ' : ''}${formatDuration(need.lagMs)}`;
      return { state: need.status, what: `${need.group} ${STATUS_WORDS[need.status] ?? need.status}${since(need.since, now)}`, why: lag + oldest, where: need.topics.join(', ') || need.cluster, href: links.group(need.cluster, need.group), open: 'Open lag' };
    }
    case 'hygiene':
      return {
        state: 'critical',
        what: need.count === 1 ? `${need.title}: ${need.subject}` : `${formatNoun(need.count, 'critical finding')}, first ${need.title}: ${need.subject}`,
        why: need.sentence,
        where: need.cluster,
        href: need.count === 1 ? links.finding(need.id) : links.hygiene({ severity: 'critical' }),
        open: need.count === 1 ? 'Open finding' : 'Open findings',
      };
    case 'failure':
      return {
        state: 'new',
        what: `${formatNoun(need.fresh, 'new dead letter')}, one cause`,
        why: [need.errorClass?.split(/[.$]/).at(-1) ?? 'error unknown', need.frame ? `in ${need.frame}` : need.message].filter(Boolean).join(' '),
        where: need.topics.join(', '),
        href: links.failure(need.id),
        open: 'Open failure',
      };
    case 'alert':
      return { state: 'firing', what: `“${need.rule}” fired${since(need.since, now)}`, why: need.sentence, where: need.severity, href: links.alerts(), open: 'Open alert' };
    case 'replay':
      return {
        state: need.state,
        what:
          need.state === 'canary' ? 'A replay sent its first records and waits for you'
          : need.state === 'awaiting-approval' ? `A replay by ${need.by} waits for a second person${need.records === null ? '' : ` (${formatNoun(BigInt(need.records), 'record')})`}`
          : 'A replay needs a decision',
        why: need.reason,
        where: need.target ?? 'to each origin topic',
        href: links.replay(need.id),
        open: 'Open replay',
      };
    case 'replay-rule':
      return {
        state: 'stopped',
        what: `Replay rule stopped${since(need.since, now)}`,
        why: need.why,
        where: `${need.errorClass?.split(/[.$]/).at(-1) ?? 'error unknown'}, by ${need.by}`,
        href: links.failure(need.failure),
        open: 'Open failure',
      };
    case 'found-topics':
      return {
        state: 'proposed',
        what: `${formatNoun(need.count, 'topic')} found and not read`,
        why: `${need.count === 1 ? 'its' : 'their'} records look like dead letters: somebody has to decide`,
        where: `${need.topics.join(', ')}${need.count > need.topics.length ? ' …' : ''}`,
        href: links.deadLetterTopics(),
        open: 'Decide',
      };
    case 'journeys':
      return { state: 'stuck', what: `${formatNoun(need.count, 'journey')} stuck or failed in the last hour`, why: 'they began and have not reached their end', where: '', href: links.journeys({ state: 'stuck' }), open: 'Open list' };
    case 'missed':
      return { state: 'stuck', what: `${formatNoun(need.count, 'event')} never reached ${need.text}`, why: 'the time of the hop was over in the last hour, by the usual path', where: need.entryType, href: links.missingHop(need.entryType, need.step, 3_600), open: 'Open list' };
    case 'collector':
      return { state: 'failing', what: `Collector ${need.name} fails`, why: need.error ?? 'no error was given', where: need.since ? `last success${since(need.since, now)}` : 'never succeeded', href: links.settings(), open: 'Open settings' };
    case 'endpoint':
      return { state: 'disabled', what: `Webhook ${need.name} was switched off`, why: need.reason ?? '', where: 'nobody is told', href: links.webhook(need.id), open: 'Open webhook' };
  }
}
