/**
 * Sets of units that belong to one business event, joined by evidence from strong to weak. Each set remembers the journey
 * keys seen in it by attribute: two sets whose keys under the same attribute differ are two events, whatever weak evidence
 * says (a scope that leaked, an offset of a recreated topic, a bulk request).
 */
export class Components {
  private readonly parents: number[];
  private readonly keys: (Map<string, Set<string>> | undefined)[];

  constructor(count: number) {
    this.parents = Array.from({ length: count }, (_, index) => index);
    this.keys = Array.from({ length: count });
  }

  addKey(unit: number, by: string, value: string): void {
    const root = this.find(unit);
    const keys = (this.keys[root] ??= new Map<string, Set<string>>());
    const values = keys.get(by);
    if (values === undefined) keys.set(by, new Set([value]));
    else values.add(value);
  }

  find(unit: number): number {
    let root = unit;
    while (this.parents[root] !== root) root = this.parents[root]!;
    for (let at = unit; at !== root; ) {
      const next = this.parents[at]!;
      this.parents[at] = root;
      at = next;
    }
    return root;
  }

  /** Joins whatever the keys say: for evidence that two spans touched the very same record. */
  join(a: number, b: number): void {
    const [low, high] = [Math.min(this.find(a), this.find(b)), Math.max(this.find(a), this.find(b))];
    if (low === high) return;
    this.parents[high] = low;
    const gone = this.keys[high];
    if (gone === undefined) return;
    for (const [by, values] of gone) for (const value of values) this.addKey(low, by, value);
    this.keys[high] = undefined;
  }

  /** Joins unless the keys contradict. @returns whether the two are one now */
  joinUnlessOther(a: number, b: number): boolean {
    const [left, right] = [this.find(a), this.find(b)];
    if (left === right) return true;
    if (this.contradict(left, right)) return false;
    this.join(left, right);
    return true;
  }

  private contradict(left: number, right: number): boolean {
    const [mine, theirs] = [this.keys[left], this.keys[right]];
    if (mine === undefined || theirs === undefined) return false;
    for (const [by, values] of mine) {
      const others = theirs.get(by);
      if (others !== undefined && ![...values].some((value) => others.has(value))) return true;
    }
    return false;
  }
}
