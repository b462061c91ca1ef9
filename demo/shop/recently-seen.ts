export interface RecentlySeen {
  has(id: string): boolean;
  add(id: string): void;
}

/** Remembers the last `limit` ids, for guards against duplicates that must run for days in bounded memory. */
export function recentlySeen(limit: number): RecentlySeen {
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    add: (id) => {
      ids.delete(id);
      ids.add(id);
      if (ids.size > limit) ids.delete(ids.values().next().value!);
    },
  };
}
