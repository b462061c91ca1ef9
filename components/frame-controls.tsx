'use client';

import { LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { DropdownMenu } from 'radix-ui';
import { useSyncExternalStore, type ReactNode } from 'react';
import type { FrameFacts } from '#lib/operations/read-frame.ts';
import { callApi } from './call-api.ts';
import { formatAge, formatExactTime } from './format.ts';
import { useConnection } from './live.tsx';
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
    <select aria-label="Cluster" className={SELECT} value={cluster ?? ''} onChange={(event) => void setCluster(event.target.value || null)}>
      <option value="">All clusters</option>
      {clusters.map((one) => (
        <option key={one.name} value={one.name}>
          {one.name}
          {one.state === 'ok' ? '' : ` (${one.state})`}
        </option>
      ))}
    </select>
  );
}

const RANGE_WORDS: Record<Range, string> = { '1h': 'Last hour', '6h': 'Last 6 h', '24h': 'Last 24 h', '7d': 'Last 7 d' };

/** Time range of charts; figures outside charts are always of now. */
export function RangeSwitch(): ReactNode {
  const [range, setRange] = useQueryState('range', parseAsStringLiteral(['1h', '6h', '24h', '7d'] as const).withDefault(DEFAULT_RANGE).withOptions({ history: 'push', shallow: false }));
  return (
    <select aria-label="Time range of charts" title="Time range of charts; figures are always of now" className={SELECT} value={range} onChange={(event) => void setRange(event.target.value as Range)}>
      {Object.entries(RANGE_WORDS).map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
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

const THEMES = [
  ['system', 'System', Monitor],
  ['light', 'Light', Sun],
  ['dark', 'Dark', Moon],
] as const;

function readTheme(): string {
  return document.documentElement.dataset['theme'] ?? 'system';
}

const themeListeners = new Set<() => void>();

function chooseTheme(theme: string): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
  // A cookie, because the server must paint the right one at once. It says nothing about the person.
  document.cookie = `waybill-theme=${theme}; Path=/; SameSite=Lax; Max-Age=${theme === 'system' ? 0 : 31_536_000}`;
  for (const listener of themeListeners) listener();
}

/** Who is signed in, the theme, the way out. */
export function PersonMenu({ person }: { person: { name: string; role: string } }): ReactNode {
  const theme = useSyncExternalStore((listener) => (themeListeners.add(listener), () => void themeListeners.delete(listener)), readTheme, () => 'system');
  const item = 'flex h-8 cursor-default items-center gap-2 rounded-sm px-2 outline-none data-[highlighted]:bg-hover';
  const signOut = async () => {
    await callApi('DELETE', '/api/v1/sessions/current').catch(() => undefined);
    window.location.assign('/sign-in');
  };
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger aria-label={`${person.name}, ${person.role}: menu`} className="inline-flex size-8 shrink-0 items-center justify-center rounded-full border border-line bg-surface text-muted hover:border-line-strong hover:text-ink">
        <UserRound aria-hidden size={15} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} className="z-50 min-w-52 rounded-md border border-line bg-raised p-1 shadow-xl">
          <DropdownMenu.Label className="px-2 py-1.5">
            <span className="block max-w-60 truncate font-medium">{person.name}</span>
            <span className="block text-xs text-muted">{person.role}</span>
          </DropdownMenu.Label>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.RadioGroup value={theme} onValueChange={chooseTheme}>
            {THEMES.map(([value, words, Icon]) => (
              <DropdownMenu.RadioItem key={value} value={value} className={`${item} data-[state=checked]:font-medium data-[state=checked]:text-accent-ink`}>
                <Icon aria-hidden size={14} /> {words}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item className={item} onSelect={() => void signOut()}>
            <LogOut aria-hidden size={14} /> Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
