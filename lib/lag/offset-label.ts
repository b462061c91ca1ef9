/** Why differences of offsets in a topic are not numbers of records. */
export type Label = 'compacted' | 'transactional' | 'compacted-and-transactional';

/**
 * Compaction leaves holes, and each transaction ends with a marker that takes an offset (KIP-98): lag there is an upper bound of the records.
 * null where a difference of offsets is a number of records, as far as is known.
 */
export function offsetLabel(cleanupPolicy: string | null, transactionsSeen: boolean): Label | null {
  const compacted = cleanupPolicy !== null && cleanupPolicy.split(',').some((policy) => policy.trim() === 'compact');
  if (compacted) return transactionsSeen ? 'compacted-and-transactional' : 'compacted';
  return transactionsSeen ? 'transactional' : null;
}

/** The label in a sentence. */
export function explainLabel(label: Label): string {
  switch (label) {
    case 'compacted':
      return 'The topic is compacted: offsets of records that were compacted away are counted too, so fewer records wait.';
    case 'transactional':
      return 'Transactions write here: the marker at the end of each takes an offset and is counted too, so a few records fewer wait.';
    case 'compacted-and-transactional':
      return 'The topic is compacted and written in transactions: compacted records and markers are counted too, so fewer records wait.';
  }
}
