'use client';

import { Command } from 'cmdk';
import { Bell, Gauge, Layers, MailX, Map as MapIcon, RotateCcw, Route, Settings, Sparkles, type LucideIcon } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useState, type ReactNode } from 'react';
import type { Found } from '#lib/operations/search-names.ts';
import { callApi } from './call-api.ts';
import { links } from './links.ts';

interface PaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  clusters: readonly string[];
}

const PLACES: readonly [string, string, LucideIcon, string][] = [
  ['Lag', links.lag(), Gauge, 'consumer groups behind stopped'],
  ['Journeys', links.journeys(), Route, 'trace order correlation id'],
  ['Dead letters', links.deadLetters(), MailX, 'failures dlq errors'],
  ['Replays', links.replays(), RotateCcw, 'redrive'],
  ['Alerts', links.alerts(), Bell, 'firing'],
  ['Map', links.map(), MapIcon, 'services topics groups flow queue time rates'],
  ['Hygiene', links.hygiene(), Sparkles, 'duplicates schema drift order correlation retries findings'],
  ['Alert rules', links.rules(), Bell, 'thresholds new rule'],
  ['Silences', links.silences(), Bell, 'mute'],
  ['Webhooks', links.webhooks(), Bell, 'deliveries endpoints'],
  ['Settings: clusters', links.settings(), Settings, 'brokers coverage cycle'],
  ['Settings: access', links.settingsAccess(), Settings, 'tokens sessions'],
  ['Settings: audit', links.settingsAudit(), Settings, 'who did what'],
];

const KINDS: Record<Found['kind'], { heading: string; icon: LucideIcon; href: (found: Found) => string }> = {
  group: { heading: 'Groups', icon: Gauge, href: (found) => links.group(found.cluster, found.name) },
  topic: { heading: 'Topics', icon: Layers, href: (found) => links.topic(found.cluster, found.name) },
  failure: { heading: 'Failures', icon: MailX, href: (found) => links.failure(found.id) },
};

/** Search and jump: groups, topics and failures by name, any text as a journey's key, every place. */
export function Palette({ open, onOpenChange, clusters }: PaletteProps): ReactNode {
  const router = useRouter();
  const [text, setText] = useState('');
  const [found, setFound] = useState<{ text: string; items: Found[] }>({ text: '', items: [] });
  const query = text.trim();

  useEffect(() => {
    if (query === '') return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      callApi<{ items: Found[] }>('GET', `/api/v1/search?text=${encodeURIComponent(query)}`, undefined, { signal: abort.signal })
        .then(({ items }) => setFound({ text: query, items }))
        // Nothing found is what the list then says; the places below still work.
        .catch(() => undefined);
    }, 120);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query]);

  const go = (href: string) => {
    onOpenChange(false);
    router.push(href);
  };
  const items = query === '' || found.text === '' ? [] : found.items;
  const row = 'flex h-9 cursor-default items-center gap-3 rounded-md px-3 data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent-ink';
  const heading = '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted';
  const matches = (label: string, words: string) => query === '' || `${label} ${words}`.toLowerCase().includes(query.toLowerCase());
  const places = PLACES.filter(([label, , , words]) => matches(label, words));
  return (
    <Command.Dialog
      open={open}
      onOpenChange={onOpenChange}
      label="Search or jump to"
      shouldFilter={false}
      overlayClassName="fixed inset-0 z-40 bg-black/40"
      contentClassName="fixed left-1/2 top-[12vh] z-50 w-[calc(100%-1.5rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-raised shadow-2xl"
    >
      <Command.Input value={text} onValueChange={setText} placeholder="A group, a topic, a correlation id, a failure…" className="h-12 w-full border-b border-line bg-transparent px-4 text-[15px] outline-none placeholder:text-faint" />
      <Command.List className="max-h-[56vh] overflow-y-auto p-1.5">
        {query === '' ? null : (
          <Command.Group heading="Journey" className={heading}>
            <Command.Item value="journey" className={row} onSelect={() => go(links.findJourney(query))}>
              <Route aria-hidden size={15} className="shrink-0" />
              <span className="truncate">Find the journey of “{query}”</span>
            </Command.Item>
          </Command.Group>
        )}
        {(['group', 'topic', 'failure'] as const).map((kind) => {
          const { heading: title, icon: Icon, href } = KINDS[kind];
          const ofKind = items.filter((item) => item.kind === kind);
          return ofKind.length === 0 ? null : (
            <Command.Group key={kind} heading={title} className={heading}>
              {ofKind.map((item) => (
                <Command.Item key={item.id} value={`${kind}:${item.id}`} className={row} onSelect={() => go(href(item))}>
                  <Icon aria-hidden size={15} className="shrink-0" />
                  <span className="min-w-0 flex-1 truncate">{item.name}</span>
                  {clusters.length > 1 ? <span className="shrink-0 text-xs text-muted">{item.cluster}</span> : null}
                </Command.Item>
              ))}
            </Command.Group>
          );
        })}
        {places.length > 0 ? (
          <Command.Group heading="Places" className={heading}>
            {places.map(([label, href, Icon]) => (
              <Command.Item key={href} value={href} className={row} onSelect={() => go(href)}>
                <Icon aria-hidden size={15} className="shrink-0" />
                {label}
              </Command.Item>
            ))}
          </Command.Group>
        ) : null}
      </Command.List>
    </Command.Dialog>
  );
}
