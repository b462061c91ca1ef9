import { Writer } from '@platformatic/kafka';
import type { GroupMember } from '#lib/model/lag.ts';
import type { GroupDescription } from '../port-offsets.ts';
import { failureOfCode } from './failure.ts';

/** A group as one of the Describe calls told it. Members of a group that failed are not known, which is not the same as none. */
export function describedGroup(told: { group: string; protocol: string | null | undefined; state: string; errorCode: number }, members: () => GroupMember[]): GroupDescription {
  const failure = failureOfCode(told.errorCode);
  return { group: told.group, protocol: told.protocol || null, state: told.state || null, failure, members: failure ? null : members() };
}

/** Java writes an address without a name as "/10.0.0.1". */
export function hostOf(text: string): string {
  return text.replace(/^\//, '');
}

/** The request that the newer Describe calls share: names of groups, and that authorized operations are not asked for. */
export function askForGroups(groups: readonly string[]): Writer {
  return Writer.create()
    .appendArray([...groups], (w, group: string) => w.appendString(group), true, false)
    .appendBoolean(false)
    .appendTaggedFields();
}
