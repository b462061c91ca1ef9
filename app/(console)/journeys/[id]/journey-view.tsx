'use client';

import { parseAsString, useQueryState } from 'nuqs';
import type { ReactNode } from 'react';
import { Tabs } from '#components/tabs.tsx';
import type { JourneyWire } from '#lib/operations/journey-wire.ts';
import { Flow } from './flow.tsx';
import { HopDrawer } from './hop-drawer.tsx';
import { HopsTable } from './hops-table.tsx';
import { Sequence } from './sequence.tsx';
import { Timeline } from './timeline.tsx';

/** Timeline, flow, sequence, and their table twin; the open hop is in the URL. */
export function JourneyView({ journey }: { journey: JourneyWire }): ReactNode {
  const [open, setOpen] = useQueryState('hop', parseAsString.withOptions({ history: 'push' }));
  const hop = journey.hops.find((each) => each.id === open) ?? null;
  return (
    <>
      <Tabs
        label="Views of the journey"
        param="view"
        tabs={[
          { id: 'timeline', label: 'Timeline', content: <Timeline journey={journey} onOpen={(id) => void setOpen(id)} /> },
          { id: 'flow', label: 'Flow', content: <Flow journey={journey} onOpen={(id) => void setOpen(id)} /> },
          { id: 'sequence', label: 'Sequence', content: <Sequence journey={journey} onOpen={(id) => void setOpen(id)} /> },
          { id: 'table', label: 'Table', content: <HopsTable journey={journey} onOpen={(id) => void setOpen(id)} /> },
        ]}
      />
      <HopDrawer journey={journey} hop={hop} onClose={() => void setOpen(null)} onOpen={(id) => void setOpen(id)} />
    </>
  );
}
