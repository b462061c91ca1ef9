'use client';

import { Tabs as Radix } from 'radix-ui';
import { parseAsString, useQueryState } from 'nuqs';
import type { ReactNode } from 'react';

interface TabsProps {
  label: string;
  /** Name of the URL parameter that holds the open tab. */
  param?: string;
  tabs: readonly { id: string; label: ReactNode; content: ReactNode }[];
}

/** Tabs whose choice is in the URL: links to a tab can be shared, and back works. */
export function Tabs({ label, param = 'tab', tabs }: TabsProps): ReactNode {
  const first = tabs[0]?.id ?? '';
  const [chosen, choose] = useQueryState(param, parseAsString.withDefault(first).withOptions({ history: 'push' }));
  const open = tabs.some((tab) => tab.id === chosen) ? chosen : first;
  return (
    <Radix.Root value={open} onValueChange={(value) => void choose(value === first ? null : value)}>
      <Radix.List aria-label={label} className="scroll-x mb-3 flex gap-1 border-b border-line">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.id}
            value={tab.id}
            className="-mb-px h-9 shrink-0 border-b-2 border-transparent px-3 text-muted outline-offset-[-2px] hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
