import { mapSchema } from '#lib/operations/map-wire.ts';
import { mapQuerySchema, mapRange, readMap } from '#lib/operations/read-map.ts';
import { route } from '../../route.ts';

export const GET = route(
  { role: 'viewer', summary: 'Services, topics and groups with rates, share of errors and queue time over a range: from spans, and from offsets where there are none', query: mapQuerySchema, response: mapSchema },
  ({ store, query, clock }) => {
    const now = clock.now();
    const { cluster, search, service, topic, group } = query;
    return readMap(store, { ...mapRange(query, now), cluster: cluster ?? null, search, service, topic, group, now });
  },
);
