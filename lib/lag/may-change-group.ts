/** Why Waybill leaves groups of this type alone, and what changes them; null where it may. */
export function whyTypeUnchangeable(type: string): string | null {
  switch (type) {
    case 'share':
      return 'Waybill does not change share groups: use kafka-share-groups.sh with --reset-offsets, --delete-offsets or --delete.';
    case 'streams':
      return 'Waybill does not change streams groups, because their internal topics must be reset with them: use kafka-streams-groups.sh with --reset-offsets or --delete.';
    default:
      return null;
  }
}

/** Why a group can't be changed while it is in this state; null where nobody is at work in it. */
export function whyStateUnchangeable(group: string, state: string, members: number | null): string | null {
  if (state === 'Empty' || state === 'Dead') return null;
  return `${group} is ${state}${members === null ? '' : ` with ${members} ${members === 1 ? 'member' : 'members'}`}: stop its consumers first. Kafka changes offsets of an empty group only.`;
}
