'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';

interface PageTabsProps {
  label: string;
  /** The first is the one whose address the others lie below: it is current only there. */
  pages: readonly (readonly [label: string, href: string])[];
}

/** Pages that belong together, each with its own address. A page below one of them keeps its tab current. */
export function PageTabs({ label, pages }: PageTabsProps): ReactNode {
  const path = usePathname();
  return (
    <nav aria-label={label} className="scroll-x mb-4 flex gap-1 border-b border-line">
      {pages.map(([name, href], place) => {
        const current = path === href || (place > 0 && path.startsWith(`${href}/`));
        return (
          <Link
            key={href}
            href={href}
            prefetch={false}
            aria-current={current ? 'page' : undefined}
            className={`-mb-px flex h-9 shrink-0 items-center border-b-2 px-3 outline-offset-[-2px] ${current ? 'border-accent font-medium' : 'border-transparent text-muted hover:text-ink'}`}
          >
            {name}
          </Link>
        );
      })}
    </nav>
  );
}
