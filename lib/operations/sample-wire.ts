import { z } from 'zod';

/** Parameters of the broker request `sample-headers`. */
export const sampleParamsSchema = z.object({ topic: z.string().min(1).max(249), limit: z.number().int().min(1).max(50) });

/** Its answer, one part: headers of the newest records, newest first, masked; names and values in base64. */
export interface SampledHeaders {
  records: { partition: number; offset: string; timestampMs: string | null; headers: [string, string | null][] }[];
}
