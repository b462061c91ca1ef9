import type { fetchV17, RecordsBatch } from '@platformatic/kafka';
import type { BrokerRecord } from '../port-records.ts';

const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const LOG_APPEND_TIME = 0x08;
/** Control record key: version int16, type int16 (0 abort, 1 commit). */
const ABORT_MARKER = 0;

/**
 * The records of one fetched partition that a reader may see, and where to read on. For READ_COMMITTED the rules of the Java client's
 * CompletedFetch: transactions of `abortedTransactions` become active as their first offset is reached and end at their abort marker, so a
 * producer that aborts, commits and aborts again is told apart. The broker lists every aborted transaction that reaches into the range, also
 * one that began before it or whose marker lies in a later fetch, so the list of one answer is all the state there is (KIP-98, section 5.8).
 * @param aborted 'mark' keeps the records of aborted transactions and says so on each; only with isolation 1, whose answers list them
 */
export function committedRecords(topic: string, answer: fetchV17.FetchResponsePartition, fromOffset: bigint, isolation: 0 | 1, aborted: 'hide' | 'mark' = 'hide'): { records: BrokerRecord[]; nextOffset: bigint } {
  const waiting = [...(answer.abortedTransactions ?? [])].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : a.firstOffset > b.firstOffset ? 1 : 0));
  const aborting = new Set<bigint>();
  const records: BrokerRecord[] = [];
  let next = 0;
  let nextOffset = fromOffset;

  for (const batch of (answer.records ?? []) as RecordsBatch[]) {
    const lastOffset = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    let isAborted = false;
    // A compacted batch can be empty; its offsets are passed all the same.
    if (lastOffset >= nextOffset) nextOffset = lastOffset + 1n;
    if (isolation === 1 && batch.producerId >= 0n) {
      for (let item = waiting[next]; item !== undefined && item.firstOffset <= lastOffset; item = waiting[++next]) aborting.add(item.producerId);
      if ((batch.attributes & CONTROL) !== 0) {
        const key = batch.records[0]?.key;
        if (key && key.length >= 4 && key.readInt16BE(2) === ABORT_MARKER) aborting.delete(batch.producerId);
        continue;
      }
      isAborted = (batch.attributes & TRANSACTIONAL) !== 0 && aborting.has(batch.producerId);
      if (isAborted && aborted === 'hide') continue;
    }
    if ((batch.attributes & CONTROL) !== 0) continue;
    const appended = (batch.attributes & LOG_APPEND_TIME) !== 0;
    for (const record of batch.records) {
      const offset = batch.firstOffset + BigInt(record.offsetDelta);
      // A batch is always sent whole: its first records may lie before the offset that was asked for.
      if (offset < fromOffset) continue;
      const timestamp = appended ? batch.maxTimestamp : batch.firstTimestamp + record.timestampDelta;
      records.push({
        topic,
        partition: answer.partitionIndex,
        offset,
        timestampMs: timestamp < 0n ? null : timestamp,
        timestampType: appended ? 'log-append' : 'create',
        key: record.key,
        value: record.value,
        headers: record.headers.map(([name, value]) => [name ?? new Uint8Array(0), value] as const),
        ...(isAborted ? { aborted: true } : {}),
      });
    }
  }
  return { records, nextOffset };
}
