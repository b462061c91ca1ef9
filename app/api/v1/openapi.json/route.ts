import { route } from '../../route.ts';
import { describeApi } from '../openapi.ts';

// The registry imports this module too, so it is asked for when the first request comes.
export const GET = route({ role: 'public', summary: 'This description, as OpenAPI 3.1', contentType: 'application/json' }, async ({ config }) => {
  const { registry } = await import('../registry.ts');
  return describeApi(registry, config.publicUrl);
});
