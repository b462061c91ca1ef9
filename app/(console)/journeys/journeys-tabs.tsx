'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { links } from '#components/links.ts';

const PAGES = [
  ['Events', links.journeys()],
  ['Usual paths', links.usualPaths()],
] as const;

/** The pages of journeys, each with its own address. */
export function JourneysTabs(): ReactNode {
  const path = usePathname();
  return (
    <nav aria-label="Journeys" className="scroll-x mb-4 flex gap-1 border-b border-line">
      {PAGES.map(([label, href]) => {
        const current = path === href || (href !== links.journeys() && path.startsWith(`${href}/`));
        return (
          <Link
            key={href}
            href={href}
            prefetch={false}
            aria-current={current ? 'page' : undefined}
            className={`-mb-px flex h-9 shrink-0 items-center border-b-2 px-3 outline-offset-[-2px] ${current ? 'border-accent font-medium' : 'border-transparent text-muted hover:text-ink'}`}
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
