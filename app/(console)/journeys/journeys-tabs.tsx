import type { ReactNode } from 'react';
import { links } from '#components/links.ts';
import { PageTabs } from '#components/page-tabs.tsx';

const PAGES = [
  ['Events', links.journeys()],
  ['Usual paths', links.usualPaths()],
] as const;

/** The pages of journeys, each with its own address. */
export function JourneysTabs(): ReactNode {
  return <PageTabs label="Journeys" pages={PAGES} />;
}
