/** Who joined and who left between two descriptions of a group, by member id: a member that was thrown out and came back counts as both. null where nothing changed. */
export function memberChanges(before: readonly { memberId: string }[], after: readonly { memberId: string }[]): { joined: number; left: number } | null {
  const old = new Set(before.map((member) => member.memberId));
  const joined = after.reduce((count, member) => count + (old.delete(member.memberId) ? 0 : 1), 0);
  return joined === 0 && old.size === 0 ? null : { joined, left: old.size };
}
