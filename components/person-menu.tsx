'use client';

import { LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useSyncExternalStore, type ReactNode } from 'react';
import { callApi } from './call-api.ts';
import type { MenuPanelProps } from './menu-button.tsx';

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
export function PersonMenuPanel({ person, trigger }: MenuPanelProps & { person: { name: string; role: string } }): ReactNode {
  const theme = useSyncExternalStore((listener) => (themeListeners.add(listener), () => void themeListeners.delete(listener)), readTheme, () => 'system');
  const item = 'flex h-8 cursor-default items-center gap-2 rounded-sm px-2 outline-none data-[highlighted]:bg-hover';
  const signOut = async () => {
    await callApi('DELETE', '/api/v1/sessions/current').catch(() => undefined);
    window.location.assign('/sign-in');
  };
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
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
