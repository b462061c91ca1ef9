'use client';

import { UserRound } from 'lucide-react';
import { parseAsString, parseAsStringLiteral, useQueryState, useQueryStates } from 'nuqs';
import type { ReactNode } from 'react';
import type { FrameFacts } from '#lib/operations/read-frame.ts';
import { formatAge, formatExactTime } from './format.ts';
import { useConnection } from './live.tsx';
import { MenuButton } from './menu-button.tsx';
import { PromptSelect } from './prompt-select.tsx';
import { useNow } from './relative-time.tsx';
import { DEFAULT_RANGE, type Range } from './scope.ts';
import { StateDot } from './state-chip.tsx';

const SELECT = 'h-8 max-w-40 min-w-0 rounded-md border border-line bg-surface px-2 text-ink hover:border-line-strong';

/** Which cluster the screens show. */
export function ClusterSwitch({ clusters }: { clusters: FrameFacts['clusters'] }): ReactNode {
  const [cluster, setCluster] = useQueryState('cluster', parseAsString.withOptions({ history: 'push', shallow: false }));
  if (clusters.length === 0) return <span className="truncate px-1 text-muted">No cluster yet</span>;
  const only = clusters.length === 1 ? clusters[0] : undefined;
  if (only) {
    return (
      <span className="flex min-w-0 items-center gap-2 px-1" title={`Cluster ${only.name}: ${only.state}`}>
        <StateDot state={only.state} />
        <span className="truncate font-medium">{only.name}</span>
        <span className="sr-only">{only.state}</span>
      </span>
    );
  }
  return (
    <PromptSelect aria-label="Cluster" className={SELECT} value={cluster ?? ''} onChoose={(name) => void setCluster(name || null)}>
      <option value="">All clusters</option>
      {clusters.map((one) => (
        <option key={one.name} value={one.name}>
          {one.name}
          {one.state === 'ok' ? '' : ` (${one.state})`}
        </option>
      ))}
    </PromptSelect>
  );
}

const RANGE_WORDS: Record<Range, string> = { '15m': 'Last 15 min', '1h': 'Last hour', '6h': 'Last 6 h', '24h': 'Last 24 h', '7d': 'Last 7 d', '30d': 'Last 30 d' };

/** Time range of charts; figures outside charts are always of now. */
export function RangeSwitch(): ReactNode {
  const [{ range, from, to }, setRange] = useQueryStates(
    { range: parseAsStringLiteral(['15m', '1h', '6h', '24h', '7d', '30d'] as const).withDefault(DEFAULT_RANGE), from: parseAsString, to: parseAsString },
    { history: 'push', shallow: false },
  );
  const chosen = from !== null && to !== null;
  return (
    <PromptSelect aria-label="Time range of charts" title="Time range of charts; figures are always of now" className={SELECT} value={chosen ? 'chosen' : range} onChoose={(next) => void setRange({ range: next as Range, from: null, to: null })}>
      {chosen ? <option value="chosen">Chosen range</option> : null}
      {Object.entries(RANGE_WORDS).map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </PromptSelect>
  );
}

const STALE_MS = 45_000;

/** Whether figures flow, and how old the newest are. */
export function ConnectionDot({ initialCycleAt, clusters }: { initialCycleAt: string | null; clusters: FrameFacts['clusters'] }): ReactNode {
  const { connection, lastCycleAt } = useConnection();
  const now = useNow();
  const cycleAt = Math.max(lastCycleAt ?? 0, initialCycleAt ? new Date(initialCycleAt).getTime() : 0);
  const age = cycleAt === 0 ? null : Math.max(0, now - cycleAt);
  const stale = age !== null && age > STALE_MS;
  const down = clusters.filter((cluster) => cluster.state === 'down');
  const [tone, word] =
    connection === 'signed-out'
      ? (['bad', 'signed out'] as const)
      : connection === 'lost'
        ? (['bad', 'reconnecting'] as const)
        : age === null
          ? (['unknown', 'no cycle yet'] as const)
          : down.length > 0
            ? (['bad', `${down.length === 1 ? down[0]?.name : `${down.length} clusters`} down`] as const)
            : stale
              ? (['behind', formatAge(age)] as const)
              : (['ok', formatAge(age)] as const);
  const title =
    connection === 'lost'
      ? 'The connection to Waybill is lost. The figures on this page stay as they are; it reconnects by itself.'
      : connection === 'signed-out'
        ? 'This session is over. Reload the page to sign in again.'
        : age === null
          ? 'No collector cycle has been seen yet.'
          : `Last cycle ${formatExactTime(cycleAt)}${stale ? ': older than it should be' : ''}`;
  return (
    <span title={title} className="flex h-8 shrink-0 items-center gap-2 px-1 text-xs whitespace-nowrap text-muted" suppressHydrationWarning>
      <StateDot state="" tone={tone} />
      <span className="hidden min-w-8 min-[400px]:inline" suppressHydrationWarning>
        <span className="sr-only">{connection === 'live' ? 'Live, last cycle ' : 'Connection: '}</span>
        {word}
      </span>
    </span>
  );
}

/** Who is signed in, the theme, the way out. */
export function PersonMenu({ person }: { person: { name: string; role: string } }): ReactNode {
  return (
    <MenuButton load={loadPersonMenu} props={{ person }} aria-label={`${person.name}, ${person.role}: menu`} className="inline-flex size-8 shrink-0 items-center justify-center rounded-full border border-line bg-surface text-muted hover:border-line-strong hover:text-ink">
      <UserRound aria-hidden size={15} />
    </MenuButton>
  );
}

const loadPersonMenu = () => import('./person-menu.tsx').then((module) => module.PersonMenuPanel);
