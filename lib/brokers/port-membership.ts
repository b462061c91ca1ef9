/** One member's place in a consumer group. It keeps its membership alive by itself; what it has may change at any moment. */
export interface Membership {
  /** Partitions that this member is to read, and the generation of the group that gave them: with each rebalance it is another. */
  assigned(): { generation: number; partitions: { topic: string; partition: number }[] };
  /** Next offsets as the group committed them, by "topic:partition"; absent where it never did. */
  committed(partitions: readonly { topic: string; partition: number }[]): Promise<Map<string, bigint>>;
  /**
   * Commits next offsets.
   * @param generation the one that the partitions were assigned in
   * @returns false where the group has moved on since: another member reads these now, from what was committed before
   * @throws where the coordinator does not answer
   */
  commit(generation: number, offsets: readonly { topic: string; partition: number; offset: bigint }[]): Promise<boolean>;
  /** Why the membership ended, or null while it lasts: then the caller joins again. */
  failure(): Error | null;
  /** Leaves the group, so that its partitions go to others at once. */
  leave(): Promise<void>;
}

/** Reading as a member of a consumer group, for work that several processes share. Nothing else of Waybill joins a group. */
export interface MembershipPort {
  /** @throws where the group cannot be joined (no right, no coordinator) */
  joinGroup(request: { group: string; topics: readonly string[] }): Promise<Membership>;
}
