import { route } from '#app/api/route.ts';
import { listClusterReadings, listClusterReadingsResponseSchema } from '#lib/operations/list-cluster-readings.ts';

export const GET = route({ role: 'viewer', summary: 'Clusters with the state, coverage and time of their last reading', response: listClusterReadingsResponseSchema }, ({ store, clock }) => listClusterReadings(store, { now: clock.now() }));
