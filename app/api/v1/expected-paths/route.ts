import { expectedPathsSchema } from '#lib/operations/expected-path-wire.ts';
import { listExpectedPaths } from '#lib/operations/list-expected-paths.ts';
import { route } from '../../route.ts';

export const GET = route({ role: 'viewer', summary: 'Usual paths of journeys by the topic on which they begin', response: expectedPathsSchema }, ({ store, clock }) => listExpectedPaths(store, { now: clock.now() }));
