import type { RecordsPort } from '#lib/brokers/port-records.ts';
import { compareOriginal, type ByteDifference } from '#lib/dead-letter/compare-original.ts';
import { hashValues } from '#lib/store/dead-letters/hash-values.ts';
import { readBytes } from '#lib/store/dead-letters/read-row.ts';
import type { Store } from '#lib/store/store.ts';
import type { OriginLook } from './look-at-origins.ts';
import { readAgain, type LetterAtBroker } from './read-again.ts';

/** A dead letter whose value is compared with that of its original. */
export interface LetterToCompare extends LetterAtBroker {
  id: string;
  topicId: number;
  origin: { topic: string | null; partition: number | null; offset: bigint | null };
  /** null: a tombstone. */
  valueBytes: number | null;
}

/** Values hashed in all, and values read in full where they differ: whether they mean the same. */
const HASHED_BYTES = 33_554_432;
const READ_LETTERS = 20;
const READ_BYTES = 67_108_864;

/**
 * How the values of dead letters stand to those of the originals that were found. Equal ones are told by their hashes; those that differ are
 * read in full, the first of them, to see whether a serialiser only wrote them anew.
 * @returns null where it is not known: no original, no bytes, or more than is compared
 */
export async function compareValues(work: { store: Store; broker: Pick<RecordsPort, 'readMessage'>; signal: AbortSignal }, letters: readonly LetterToCompare[], looks: ReadonlyMap<string, OriginLook>): Promise<Map<string, ByteDifference | null>> {
  const { store, signal } = work;
  const outcome = new Map<string, ByteDifference | null>(letters.map((letter) => [letter.id, null]));
  const open: LetterToCompare[] = [];
  for (const letter of letters) {
    const original = looks.get(letter.id)?.original;
    if (!original) continue;
    // Sizes tell null and empty apart without a look at the bytes.
    const here = letter.valueBytes;
    const there = original.valueBytes;
    if (here === null || there === null) outcome.set(letter.id, here === there ? 'same' : here === null ? 'missing-here' : 'missing-there');
    else if (here === 0 || there === 0) outcome.set(letter.id, here === there ? 'same' : here === 0 ? 'missing-here' : 'missing-there');
    else open.push(letter);
  }
  const alike = open.filter((letter) => letter.valueBytes === looks.get(letter.id)?.original?.valueBytes);
  const hashes = new Map((alike.length === 0 ? [] : await hashValues(store, alike, HASHED_BYTES)).map((row) => [`${row.topicId}-${row.partition}-${row.offset}`, row.sha256]));
  let read = 0;
  let bytes = 0;
  for (const letter of open) {
    signal.throwIfAborted();
    const original = looks.get(letter.id)!.original!;
    const hash = hashes.get(`${letter.topicId}-${letter.partition}-${letter.offset}`);
    if (hash && original.valueSha256?.equals(hash)) {
      outcome.set(letter.id, 'same');
      continue;
    }
    const cost = letter.valueBytes! + original.valueBytes!;
    if (read >= READ_LETTERS || bytes + cost > READ_BYTES) continue;
    read += 1;
    bytes += cost;
    outcome.set(letter.id, await compareInFull(work, letter));
  }
  return outcome;
}

async function compareInFull({ store, broker, signal }: { store: Store; broker: Pick<RecordsPort, 'readMessage'>; signal: AbortSignal }, letter: LetterToCompare): Promise<ByteDifference | null> {
  const { origin } = letter;
  const stored = await readBytes(store, letter);
  if (stored === null) return null;
  const here = stored.valueByReference ? (await readAgain(broker, letter, signal))?.value : stored.value;
  const there = (await broker.readMessage({ topic: origin.topic!, partition: origin.partition!, offset: origin.offset! }, { signal })).record?.value;
  return here === undefined || there === undefined ? null : compareOriginal(here, there);
}
