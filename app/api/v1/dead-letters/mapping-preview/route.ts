import { route } from '#app/api/route.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { mappingPreviewInputSchema, mappingPreviewSchema, previewHeaderMapping } from '#lib/operations/preview-header-mapping.ts';

export const POST = route(
  { role: 'operator', summary: "How the newest records of a topic would be read with header names of one's own; changes nothing", body: mappingPreviewInputSchema, response: mappingPreviewSchema },
  ({ store, config, body, principal, request }) => previewHeaderMapping(store, body, { masking: compileMasking(config.masking), principal: principal.name, signal: request.signal }),
);
