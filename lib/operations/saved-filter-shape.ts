import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import type { SavedFilterRow } from '#lib/store/dead-letters/saved-filters.ts';
import { listSchema, timeSchema } from '#lib/wire.ts';
import { deadLetterFilterSchema } from './list-dead-letters.ts';

/** As many as a person still finds one in. */
export const MOST_SAVED_FILTERS = 100;

/** A failure's id is gone once its rows are grouped anew, so a filter that names one would silently find nothing. */
export const savableFilterSchema = z
  .strictObject(deadLetterFilterSchema.omit({ failure: true }).shape)
  .refine((filter) => Object.values(filter).some((value) => value !== undefined && value !== ''), 'a filter that leaves everything is not worth a name');

export const savedFilterInputSchema = z.strictObject({ name: z.string().trim().min(1, 'give it a name').max(60), filter: savableFilterSchema });
export const savedFilterChangeSchema = savedFilterInputSchema.partial().refine((change) => Object.values(change).some((value) => value !== undefined), 'say what to change: name or filter');

export const savedFilterSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  /** Parameters of GET /api/v1/dead-letters, as in the page's URL. */
  filter: z.record(z.string(), z.string()),
  createdBy: z.string(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});
export type SavedFilterWire = z.infer<typeof savedFilterSchema>;
export const savedFilterListSchema = listSchema(savedFilterSchema);

export function toSavedFilter(row: SavedFilterRow): SavedFilterWire {
  return { ...row, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
}

/** The parts of a filter that are set, as they are stored. */
export function setParts(filter: z.output<typeof savableFilterSchema>): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''));
}

export function nameTaken(name: string): WaybillError {
  return new WaybillError('name-taken', `There is a saved filter "${name}" already. Choose another name, or change that one.`, { status: 409 });
}

export function noSavedFilter(): WaybillError {
  return new WaybillError('saved-filter-not-found', 'There is no such saved filter; somebody may have deleted it.', { status: 404 });
}
