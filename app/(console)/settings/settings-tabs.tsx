'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { links } from '#components/links.ts';

const PAGES = [
  ['Clusters', links.settings()],
  ['Dead-letter topics', links.deadLetterTopics()],
  ['Access', links.settingsAccess()],
  ['Audit', links.settingsAudit()],
] as const;

/** The pages of the settings, each with its own address. */
export function SettingsTabs(): ReactNode {
  const path = usePathname();
  return (
    <nav aria-label="Settings" className="scroll-x mb-4 flex gap-1 border-b border-line">
      {PAGES.map(([label, href]) => (
        <Link
          key={href}
          href={href}
          prefetch={false}
          aria-current={path === href ? 'page' : undefined}
          className={`-mb-px flex h-9 shrink-0 items-center border-b-2 px-3 outline-offset-[-2px] ${path === href || (href !== links.settings() && path.startsWith(`${href}/`)) ? 'border-accent font-medium' : 'border-transparent text-muted hover:text-ink'}`}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
