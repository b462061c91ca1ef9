import type { ReactNode } from 'react';
import { readFrame } from '#lib/operations/read-frame.ts';
import { Frame } from '#components/frame.tsx';
import { pageContext } from '../page-context.ts';

export default async function ConsoleLayout({ children }: { children: ReactNode }): Promise<ReactNode> {
  const { store, principal, now } = await pageContext('viewer');
  const frame = await readFrame(store, { now });
  return (
    <Frame person={{ name: principal.name, role: principal.role }} facts={frame}>
      {children}
    </Frame>
  );
}
