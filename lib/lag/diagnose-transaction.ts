import type { OpenTransaction } from '#lib/model/lag.ts';
import { type Cause, type DiagnosisFacts, type PartitionEvidence } from './diagnosis-facts.ts';
import { count, partitionList, words } from './in-words.ts';

/** A shorter transaction is daily life. */
const OPEN_PATIENCE_MS = 60_000;

/** Records that read_committed consumers cannot reach, because a transaction before them was never ended. */
export function diagnoseTransaction(facts: DiagnosisFacts): Cause | null {
  // A group below the last stable offset has records to read: whatever is its trouble, this is not it.
  const held = facts.partitions.filter((p) => p.block !== null && facts.nowMs - p.block.since >= Math.min(OPEN_PATIENCE_MS, facts.hangingAfterMs) && p.committedOffset !== null && p.committedOffset >= p.block.lastStableOffset);
  const oldest = held.toSorted((a, b) => (a.block?.since ?? 0) - (b.block?.since ?? 0))[0];
  if (!oldest?.block) return null;
  const stoodMs = facts.nowMs - oldest.block.since;
  const hanging = stoodMs >= facts.hangingAfterMs;
  const waiting = held.filter((p) => p.committedOffset === p.block?.lastStableOffset);
  const [transaction] = oldest.block.transactions;
  const blocked = held.reduce((sum, p) => sum + (p.endOffset ?? 0n) - (p.block?.lastStableOffset ?? 0n), 0n);
  const who = transaction === undefined ? 'a transaction' : transaction.transactionalId === null ? `a transaction of producer ${transaction.producerId} that no coordinator knows` : `the transaction of "${transaction.transactionalId}"`;
  const stuck = waiting.length > 0;
  return {
    kind: 'transaction',
    weight: stuck ? (hanging ? 0.98 : 0.7) : 0.25,
    headline: stuck
      ? `${hanging ? 'A hanging transaction' : 'An open transaction'} holds ${count(blocked, 'offset')} of ${oldest.topic} back: ${partitionList(waiting.map((p) => p.partition))} ${waiting.length === 1 ? 'waits' : 'wait'} behind ${who}, open for at least ${words(stoodMs)}.`
      : `${hanging ? 'A hanging transaction' : 'An open transaction'} stands in ${oldest.topic}, but ${facts.group} reads past it (read_uncommitted).`,
    evidence: [
      `The last stable offset of ${oldest.topic} partition ${oldest.partition} stands at ${oldest.block.lastStableOffset} since ${words(stoodMs)}, the end is at ${oldest.endOffset ?? 'unknown'}; the group committed ${oldest.committedOffset ?? 'nothing'}.`,
      ...oldest.block.transactions.slice(0, 3).map((one) => describe(one, facts.nowMs)),
      ...(oldest.block.error === null ? [] : [`The brokers could not be asked which transaction it is: ${oldest.block.error}`]),
      ...(oldest.block.transactions.length === 0 && oldest.block.error === null && oldest.block.askedAt === null ? ['The brokers are asked which transaction it is within a minute.'] : []),
    ],
    nextStep: nextStep(oldest, transaction),
  };
}

function describe(one: OpenTransaction, nowMs: number): string {
  const id = `producer id ${one.producerId}, epoch ${one.producerEpoch}, from offset ${one.startOffset}`;
  if (one.transactionalId === null) return `No coordinator knows it any more: ${id}${one.lastAt === null ? '' : `, last write ${words(nowMs - one.lastAt)} ago`}.`;
  return `Transactional id "${one.transactionalId}" (${id})${one.state === null ? '' : ` is ${one.state}`}${one.startedAt === null ? '' : ` since ${words(nowMs - one.startedAt)}`}${one.timeoutMs === null ? '' : `, its timeout is ${words(one.timeoutMs)}`}${one.coordinator === null ? '' : `; broker ${one.coordinator} coordinates it`}.`;
}

function nextStep(at: PartitionEvidence, transaction: OpenTransaction | undefined): string {
  const abort = `kafka-transactions.sh abort --topic ${at.topic} --partition ${at.partition} --start-offset ${transaction?.startOffset ?? at.block?.lastStableOffset ?? '?'}`;
  if (transaction?.transactionalId === null) return `Nobody will end it: abort it with ${abort}.`;
  const timeout = transaction?.timeoutMs === null || transaction?.timeoutMs === undefined ? 'its timeout' : `its timeout of ${words(transaction.timeoutMs)}`;
  return `Look at the producer${transaction ? ` "${transaction.transactionalId}"` : ''}: it neither commits nor aborts. The coordinator aborts the transaction after ${timeout}; to end it now: ${abort}.`;
}
