'use client';

import { parseAsString, useQueryState } from 'nuqs';
import type { ReactNode } from 'react';
import { Tabs } from '#components/tabs.tsx';
import type { MapWire } from '#lib/operations/map-wire.ts';
import { MapDrawer } from './map-drawer.tsx';
import { MapDrawing } from './map-drawing.tsx';
import { MapTables } from './map-tables.tsx';

/** The drawing and its table twin; what is open is in the URL. */
export function MapView({ map, severalClusters }: { map: MapWire; severalClusters: boolean }): ReactNode {
  const [open, setOpen] = useQueryState('open', parseAsString.withOptions({ history: 'push' }));
  const node = map.nodes.find((each) => each.id === open) ?? null;
  return (
    <>
      <Tabs
        label="Views of the map"
        param="view"
        tabs={[
          { id: 'map', label: 'Map', content: <MapDrawing map={map} onOpen={(id) => void setOpen(id)} /> },
          { id: 'table', label: 'Table', content: <MapTables map={map} severalClusters={severalClusters} /> },
        ]}
      />
      <MapDrawer map={map} node={node} onClose={() => void setOpen(null)} onOpen={(id) => void setOpen(id)} />
    </>
  );
}
