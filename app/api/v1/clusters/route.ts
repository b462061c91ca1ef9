import { route } from '#app/api/route.ts';
import { listClusters, listClustersResponseSchema } from '#lib/operations/list-clusters.ts';

export const GET = route({ role: 'viewer', summary: 'Clusters with the state, coverage and time of their last reading', response: listClustersResponseSchema }, ({ store, clock }) => listClusters(store, { now: clock.now() }));
