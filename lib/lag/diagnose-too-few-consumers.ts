import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';
import { count, percent, rate, took } from './in-words.ts';

/** Fewer spans say little about how long a record takes. */
const MIN_ATTEMPTS = 20;
/** Busier than this a consumer has no room to catch up. */
const BUSY = 0.9;

/** Records arrive faster than the members that are there can process them, by how long the processing takes. */
export function diagnoseTooFewConsumers(facts: DiagnosisFacts): Cause | null {
  const { handling, producedPerSecond: arrivals, consumedPerSecond: consumed, members } = facts;
  if (handling === null || handling.meanMs === null || handling.meanMs <= 0 || handling.attempts < MIN_ATTEMPTS || arrivals === null || arrivals <= 0 || members === null) return null;
  // A group that keeps up has enough of them, however busy they are.
  if (facts.lag === null || facts.lag === 0n || facts.status === 'stopped' || facts.status === 'ok') return null;
  const working = members.filter((member) => member.assignments.some(({ partitions }) => partitions.length > 0)).length;
  if (working === 0) return null;
  // A failed attempt takes its time too, and its record comes back.
  const perRecordMs = handling.meanMs * (handling.attempts / Math.max(1, handling.attempts - handling.failed + handling.deadLetters));
  // A client that processes several at once shows by doing more than one thread could.
  const parallel = Math.max(1, ((consumed ?? 0) * perRecordMs) / 1_000 / working);
  const load = (arrivals * perRecordMs) / 1_000 / parallel;
  if (load <= working * BUSY) return null;
  const needed = Math.ceil(load / BUSY);
  const missing = needed - working;
  if (missing <= 0) return null;
  const partitions = facts.partitions.length;
  const room = Math.max(0, partitions - working);
  const taken = Math.min(working, partitions);
  return {
    kind: 'too-few-consumers',
    weight: 0.85,
    headline: `${facts.group} needs ${count(missing, 'more consumer')}: ${rate(arrivals)} arrive, each takes ${took(perRecordMs)}, and ${working === 1 ? '1 consumer does' : `${working} consumers do`} ${rate((working * parallel * 1_000) / perRecordMs)} at most.`,
    evidence: [
      `${count(handling.attempts, 'attempt')} in spans of the last minutes took ${took(handling.meanMs)} on average${handling.failed > 0 ? `, ${percent(handling.failed / handling.attempts)} of them failed` : ''}.`,
      `${consumed === null ? 'How much is consumed is not known' : `${rate(consumed)} are consumed`}: the work of ${load.toFixed(1)} consumers falls on ${working}.`,
      room >= missing ? `${count(partitions, 'partition')} allow it: ${taken} have a consumer of their own, ${room} more could.` : `${count(partitions, 'partition')} allow only ${count(room, 'more consumer')}.`,
    ],
    nextStep:
      room >= missing
        ? `Start ${count(missing, 'more consumer')}, or make the processing faster than ${took((working * parallel * 1_000) / arrivals)} a record.`
        : `Make the processing faster than ${took((Math.max(working, partitions) * parallel * 1_000) / arrivals)} a record, process several records at once in each consumer, or add partitions: each partition feeds one consumer${room > 0 ? `. ${count(room, 'more consumer')} would help a part` : ''}.`,
  };
}
