import { route } from '#app/api/route.ts';
import { mappingPreviewInputSchema, mappingPreviewSchema, previewHeaderMapping } from '#lib/operations/preview-header-mapping.ts';

export const POST = route(
  { role: 'operator', summary: "How the newest records of a dead-letter topic would be read with header names of one's own; changes nothing", body: mappingPreviewInputSchema, response: mappingPreviewSchema },
  ({ store, body }) => previewHeaderMapping(store, body),
);
