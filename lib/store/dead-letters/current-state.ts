// "replaying" is not written to a dead letter: it is one while the ledger holds an item of it that may still be sent. Claiming a million
// rows so costs a million small ledger rows, and not an update of the widest table with all its indices as well. Items that are not final
// are few at any time (what jobs have claimed ahead) and have an index of their own (replay_item_open_key).

/** Whether a replay holds the dead letter `d`. */
export const IS_REPLAYING = `exists (select 1 from replay_item o where o.topic_id = d.topic_id and o.partition = d.partition and o."offset" = d."offset" and not o.final)`;

/** State of the dead letter `d`, as people see it. */
export const CURRENT_STATE = `case when ${IS_REPLAYING} then 'replaying' else d.state end`;

/** Condition over `d` for one state; `parameter` is its placeholder ($3). */
export function inState(state: string, parameter: string): string {
  if (state !== 'replaying') return `(d.state = ${parameter} and not ${IS_REPLAYING})`;
  // Starts from the few open items, not from the many dead letters. The parameter stays in use: one that is bound must be.
  return `(${parameter}::text is not null and (d.topic_id, d.partition, d."offset") in (select o.topic_id, o.partition, o."offset" from replay_item o where not o.final))`;
}
