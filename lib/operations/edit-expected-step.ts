import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { STEP_REQUIREMENTS, type StepEdit } from '#lib/model/expected-path.ts';
import { deleteEdit, lockLearning, readEdits, readVersions, saveEdit } from '#lib/store/journeys/expected-paths.ts';
import type { Store } from '#lib/store/store.ts';
import type { ExpectedPathWire } from './expected-path-wire.ts';
import { getExpectedPath, notLearned } from './get-expected-path.ts';
import { expectAnew } from './learn-paths.ts';

export const stepEditSchema = z.strictObject({
  /** Id of a step of the path, or of one that an earlier version had. */
  step: z.string().min(1).max(1_000),
  /** "learned" takes the edit back. */
  requirement: z.enum([...STEP_REQUIREMENTS, 'learned']),
});
export type StepEditInput = z.output<typeof stepEditSchema>;

/**
 * Says of a step whether journeys must have it, may have it, or nobody cares; or takes that back. It holds for every version to come.
 * @throws WaybillError `expected-path-not-found`, `expected-step-not-found` 404
 */
export async function editExpectedStep(store: Store, entryType: string, input: StepEditInput, actor: Pick<Principal, 'name'>, now: Date): Promise<ExpectedPathWire> {
  await store.transaction(async (tx) => {
    const known = (await lockLearning(tx, [entryType])).get(entryType);
    if (known === undefined) throw notLearned(entryType);
    const edits = (await readEdits(tx, [entryType])).get(entryType) ?? [];
    const before = edits.find((edit) => edit.id === input.step);
    const named = known.path.steps.find((step) => step.id === input.step) ?? before ?? (await readVersions(tx, entryType)).flatMap((version) => version.path.steps).find((step) => step.id === input.step);
    if (named === undefined) throw new WaybillError('expected-step-not-found', `The usual path of "${entryType}" has no step "${input.step}", and had none in an earlier version.`, { status: 404 });
    const others = edits.filter((edit) => edit.id !== input.step);
    const { id, kind, service, group, topic } = named;
    const edit: StepEdit | null = input.requirement === 'learned' ? null : { id, kind, service, group, topic, requirement: input.requirement, by: actor.name, atMs: now.getTime() };
    if (edit === null) await deleteEdit(tx, entryType, id);
    else await saveEdit(tx, entryType, edit);
    await expectAnew(tx, known.path, known.path, edits, edit === null ? others : [...others, edit], now);
    await recordAudit(tx, actor, { action: 'expected-path.edit', target: `${entryType}: ${id}`, before: { requirement: before?.requirement ?? 'learned' }, after: { requirement: input.requirement } });
    await store.notify('journeys', { path: entryType }, tx);
  });
  return getExpectedPath(store, { entryType, now });
}
