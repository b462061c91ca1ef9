export function apart(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

export function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}


export function uniqueBy<Item>(items: readonly Item[], name: (item: Item) => string): Item[] {
  const sorted = items.map((item) => ({ item, name: name(item) })).toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return sorted.filter((entry, place) => place === 0 || sorted[place - 1]!.name !== entry.name).map((entry) => entry.item);
}
