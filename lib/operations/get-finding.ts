import { WaybillError } from '#lib/errors.ts';
import { readFinding } from '#lib/store/hygiene/findings.ts';
import type { Store } from '#lib/store/store.ts';
import { type FindingWire, toFinding } from './finding-shape.ts';

/** One finding with its evidence. @throws WaybillError `finding-not-found` 404 */
export async function getFinding(store: Store, id: string, now: Date): Promise<FindingWire> {
  const row = await readFinding(store, id);
  if (row === null) throw findingNotFound(id);
  return toFinding(row, now);
}

export function findingNotFound(id: string): WaybillError {
  return new WaybillError('finding-not-found', `There is no finding ${id}. Findings are forgotten 30 days after they were resolved.`, { status: 404 });
}
