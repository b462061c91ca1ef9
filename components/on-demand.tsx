'use client';

import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';

/**
 * A part of the page that is loaded when it is first drawn: for what only an action of a person brings (a dialog, a form). React's own lazy,
 * because next/dynamic adds 2 kB to every screen for what a server would draw ahead. The same function for ever: call it outside of components.
 */
export function onDemand<Props extends object>(load: () => Promise<ComponentType<Props>>, waiting: ReactNode = null): (props: Props) => ReactNode {
  const Part = lazy(async () => ({ default: await load() }));
  return function OnDemand(props: Props): ReactNode {
    return (
      <Suspense fallback={waiting}>
        <Part {...props} />
      </Suspense>
    );
  };
}
