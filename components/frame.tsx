'use client';

import { Bell, ChevronRight, Gauge, Layers, LayoutDashboard, MailX, Map as MapIcon, Menu, RotateCcw, Route, Search, Settings, Sparkles, type LucideIcon } from 'lucide-react';
import Link from 'next/link';
import { usePathname, useSearchParams } from 'next/navigation';
import { Suspense, useState, type ReactNode } from 'react';
import type { FrameFacts } from '#lib/operations/read-frame.ts';
import { Dialog } from './dialog.tsx';
import { formatCount } from './format.ts';
import { ClusterSwitch, ConnectionDot, PersonMenu, RangeSwitch } from './frame-controls.tsx';
import { Keys } from './keys.tsx';
import { links, withQuery } from './links.ts';
import { LiveProvider } from './live.tsx';
import { useStyleNonce } from './use-style-nonce.ts';

interface FrameProps {
  person: { name: string; role: string };
  facts: FrameFacts;
  children: ReactNode;
}

interface RailItem {
  href: string;
  label: string;
  icon: LucideIcon;
  /** Where a person is needed now: the only reason for a number in the rail. */
  count?: number;
  countIs?: string;
}

/** Rail, top bar and breadcrumb around every screen. */
export function Frame({ person, facts, children }: FrameProps): ReactNode {
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [menuOpen, setMenuOpen] = useState(false);
  useStyleNonce();
  const { needs } = facts;
  const groups: RailItem[][] = [
    [
      { href: links.overview(), label: 'Overview', icon: LayoutDashboard },
      { href: links.lag(), label: 'Lag', icon: Gauge, count: needs.lag, countIs: 'groups stopped or losing data' },
      { href: links.journeys(), label: 'Journeys', icon: Route, count: needs.journeys, countIs: 'stuck or failed in the last hour' },
      { href: links.deadLetters(), label: 'Dead letters', icon: MailX, count: needs.failures, countIs: 'causes with new dead letters' },
      { href: links.replays(), label: 'Replays', icon: RotateCcw, count: needs.replays, countIs: 'waiting for a decision' },
      { href: links.alerts(), label: 'Alerts', icon: Bell, count: needs.alerts, countIs: 'firing' },
    ],
    [{ href: links.topics(), label: 'Topics', icon: Layers }, { href: links.map(), label: 'Map', icon: MapIcon }, { href: links.hygiene(), label: 'Hygiene', icon: Sparkles }],
    [{ href: links.settings(), label: 'Settings', icon: Settings }],
  ];
  return (
    <LiveProvider>
      <Keys paletteOpen={paletteOpen} onPalette={setPaletteOpen} clusters={facts.clusters.map((cluster) => cluster.name)} />
      <a href="#content" className="sr-only z-50 focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:rounded-md focus:bg-accent focus:px-3 focus:py-2 focus:text-on-accent">
        Skip to content
      </a>
      <div className="flex min-h-dvh">
        <nav aria-label="Main" className="sticky top-0 hidden h-dvh w-14 shrink-0 flex-col border-r border-line bg-sunken sm:flex rail:w-52">
          <Link href={links.overview()} prefetch={false} className="flex h-12 shrink-0 items-center gap-2.5 px-4 outline-offset-[-3px]" aria-label="Waybill, to the overview">
            <Mark />
            <span className="hidden text-[15px] font-semibold tracking-tight rail:inline">Waybill</span>
          </Link>
          <div className="flex-1 overflow-y-auto px-2 py-1">
            <Suspense>
              <Rail groups={groups} />
            </Suspense>
          </div>
        </nav>
        <div className="flex min-w-0 flex-1 flex-col">
          <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b border-line bg-canvas/95 px-3 backdrop-blur-sm sm:px-4">
            <button type="button" onClick={() => setMenuOpen(true)} aria-label="Menu" className="-ml-1 inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-hover sm:hidden">
              <Menu aria-hidden size={18} />
            </button>
            <Suspense>
              <ClusterSwitch clusters={facts.clusters} />
              <RangeSwitch />
            </Suspense>
            <button
              type="button"
              onClick={() => setPaletteOpen(true)}
              aria-label="Search or jump to… a group, a topic, a correlation id, a failure, a screen"
              aria-keyshortcuts="/ Control+K"
              className="ml-auto flex h-8 w-8 min-w-8 items-center justify-center gap-2 rounded-md border border-line bg-surface text-left text-muted hover:border-line-strong md:w-full md:max-w-80 md:justify-start md:px-2.5"
            >
              <Search aria-hidden size={14} className="shrink-0" />
              <span className="hidden flex-1 truncate md:inline">Search or jump to…</span>
              <kbd aria-hidden className="hidden rounded-sm border border-line bg-sunken px-1 text-xs md:inline">/</kbd>
            </button>
            <ConnectionDot initialCycleAt={facts.lastCycleAt} clusters={facts.clusters} />
            <PersonMenu person={person} />
          </header>
          <main id="content" tabIndex={-1} className="mx-auto w-full max-w-[1600px] flex-1 px-3 py-4 outline-none sm:px-6">
            <Breadcrumb />
            {children}
          </main>
        </div>
      </div>
      <Dialog as="bottom" open={menuOpen} onOpenChange={setMenuOpen} title="Waybill">
        {/* Choosing an item closes the sheet. */}
        <nav aria-label="Main" onClickCapture={(event) => (event.target as HTMLElement).closest('a') && setMenuOpen(false)}>
          <Suspense>
            <Rail groups={groups} large />
          </Suspense>
        </nav>
      </Dialog>
    </LiveProvider>
  );
}

function Mark(): ReactNode {
  return (
    <svg aria-hidden width="22" height="22" viewBox="0 0 32 32" className="shrink-0">
      <rect width="32" height="32" rx="7" fill="var(--color-accent)" />
      <path d="M6.5 10.5l4 12 5.5-10.5 5.5 10.5 4-12" fill="none" stroke="var(--color-on-accent)" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

function Rail({ groups, large = false }: { groups: RailItem[][]; large?: boolean }): ReactNode {
  const path = usePathname();
  const search = useSearchParams();
  // The cluster and the time range stay chosen from screen to screen.
  const kept = { cluster: search.get('cluster'), range: search.get('range') };
  return groups.map((items, index) => (
    <ul key={items[0]?.href} className={index === 0 ? '' : 'mt-2 border-t border-line pt-2'}>
      {items.map(({ href, label, icon: Icon, count, countIs }) => {
        const here = href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
        const needed = count !== undefined && count > 0;
        return (
          <li key={href}>
            <Link
              href={withQuery(href, kept)}
              prefetch={false}
              aria-current={here ? 'page' : undefined}
              title={large ? undefined : label}
              className={`relative my-0.5 flex items-center gap-3 rounded-md px-3 outline-offset-[-2px] ${large ? 'h-11' : 'h-8'} ${here ? 'bg-accent-soft font-medium text-accent-ink' : 'text-muted hover:bg-hover hover:text-ink'}`}
            >
              <Icon aria-hidden size={16} className="shrink-0" />
              <span className={large ? '' : 'sr-only rail:not-sr-only'}>{label}</span>
              {needed ? (
                <span
                  title={`${formatCount(count)} ${countIs ?? ''}`}
                  className={`min-w-4 rounded-full bg-bad-soft px-1.5 text-center text-xs leading-4 font-medium text-bad-ink ${large ? 'ml-auto' : 'absolute top-0.5 right-0.5 rail:static rail:ml-auto'}`}
                >
                  {count > 999 ? '999+' : count}
                  <span className="sr-only"> {countIs}</span>
                </span>
              ) : null}
            </Link>
          </li>
        );
      })}
    </ul>
  ));
}

const WORDS: Record<string, string> = { lag: 'Lag', topics: 'Topics', map: 'Map', hygiene: 'Hygiene', journeys: 'Journeys', 'usual-paths': 'Usual paths', compare: 'Compare', 'dead-letters': 'Dead letters', replays: 'Replays', alerts: 'Alerts', rules: 'Rules', silences: 'Silences', webhooks: 'Webhooks', settings: 'Settings', mapping: 'Home-made headers', access: 'Access', audit: 'Audit' };

/** The URL as a path of links; nothing on a screen of the first level, whose title says it already. */
function Breadcrumb(): ReactNode {
  const parts = usePathname().split('/').filter((part) => part !== '');
  if (parts.length < 2) return null;
  // /lag/<cluster>/<group>, /topics/<cluster>/<topic>: the cluster has no page of its own.
  const scoped = (parts[0] === 'lag' || parts[0] === 'topics') && parts.length === 3;
  return (
    <nav aria-label="Breadcrumb" className="mb-2 text-xs text-muted">
      <ol className="flex min-w-0 flex-wrap items-center gap-1">
        {parts.map((part, index) => {
          const here = index === parts.length - 1;
          const text = decode(part);
          // A topic, a group or a journey may be called like a page.
          const isPage = index === 0 || parts[0] === 'alerts' || parts[0] === 'settings' || (parts[0] === 'journeys' && index === (parts[1] === 'usual-paths' ? 1 : 2));
          const word = isPage ? (WORDS[part] ?? text) : text;
          const href = scoped && index === 1 ? withQuery(`/${parts[0]}`, { cluster: text }) : `/${parts.slice(0, index + 1).join('/')}`;
          return (
            <li key={href} className="flex min-w-0 items-center gap-1">
              {index > 0 ? <ChevronRight aria-hidden size={12} className="shrink-0" /> : null}
              {here ? (
                <span aria-current="page" className="max-w-80 truncate text-ink">
                  {word}
                </span>
              ) : (
                <Link href={href} prefetch={false} className="max-w-60 truncate hover:text-ink hover:underline">
                  {word}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
