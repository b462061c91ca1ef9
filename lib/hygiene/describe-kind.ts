import type { FindingKind } from '#lib/model/hygiene.ts';

export interface KindWords {
  title: string;
  /** Why it matters. */
  means: string;
  /** What to do about it, one step a line. */
  mend: readonly string[];
}

const WORDS: Record<FindingKind, KindWords> = {
  duplicates: {
    title: 'Duplicates',
    means: 'The same event lies on the topic more than once. Every consumer that is not idempotent acts on it twice: charges, mails, bookings.',
    mend: ['Switch the producer’s idempotence on (enable.idempotence, acks=all): its own retries then write once.', 'Where an event is written with a change in a database, write it through an outbox, and send each row once.', 'Make consumers idempotent: keep the event ids of the last days, or write with the id as a unique key.'],
  },
  'out-of-order': {
    title: 'Out of order',
    means: 'An event lies behind a newer one of the same key. A consumer that keeps the last state ends with the old one.',
    mend: ['Give all events of one aggregate the same key, so that they lie in one partition.', 'Send them from one place, in order: max.in.flight.requests.per.connection of at most 5 with idempotence, or 1 without.', 'Await each send before the next one of the same aggregate, and never send it from two threads.', 'Let consumers drop what is older than what they have (compare the sequence or the event’s time).'],
  },
  'fat-events': {
    title: 'Fat events',
    means: 'Events are large for Kafka, or near the limit above which the broker refuses them. A dead letter is its record plus headers and a stack trace: a record near the limit cannot even be parked.',
    mend: ['Put large parts into an object store and send their address (claim check).', 'Split a list into one event for each of its entries.', 'Compress on the producer (compression.type=zstd).', 'Only then raise max.message.bytes, on every topic the event or its dead letter can reach, and max.request.size of the producers.'],
  },
  'schema-drift': {
    title: 'Schema drift',
    means: 'Events of one type changed their form. Consumers that know the old form fail, or read a default where a value was.',
    mend: ['Open the examples: the producer of the newer record deployed the change.', 'Only add fields, and optional ones; keep the old field beside the new one until no consumer reads it.', 'Let a schema registry check compatibility before a producer can write (BACKWARD at least).', 'A change that breaks gets a new type or a new topic.'],
  },
  unversioned: {
    title: 'No version or type',
    means: 'Events do not say what they are. Whoever reads them guesses their form, and no change of it can be told from a mistake.',
    mend: ['Add a type and a version: CloudEvents (ce_type, ce_dataschema), or headers such as event-type and schema-version.', 'Or write through a schema registry: its id then leads every value.'],
  },
  'lost-correlation': {
    title: 'Lost correlation id',
    means: 'The id that joins the events of one business case ends here. Journeys break off or go on by guesses, and support cannot find the rest.',
    mend: ['Copy the correlation id from the record being handled onto every record that is sent for it: in a producer interceptor or in the one function that sends.', 'At the entry of the system make one where there is none.', 'Pass on traceparent too: OpenTelemetry’s Kafka instrumentation does it.'],
  },
  'retry-storm': {
    title: 'Retry storm',
    means: 'A large part of the work is repeated attempts. They take the room of what could succeed, and press on whatever is down.',
    mend: ['Look at the error of the retries: what cannot heal by waiting (bad data, missing rights) belongs to the dead letters at once.', 'Back off exponentially with jitter, and bound the attempts.', 'Where a dependency is down for all, stop reading (a circuit breaker) rather than retrying each record.'],
  },
  'unread-dead-letters': {
    title: 'Dead letters nobody reads',
    means: 'Records that failed lie where nobody looks, until retention deletes them. Each is business that did not happen.',
    mend: ['Open the dead letters, see their cause, mend it and replay them; archive what is not worth it.', 'Give the failure an owner, and let an alert rule call when dead letters arrive.'],
  },
  'unconsumed-topic': {
    title: 'Topic nobody consumes',
    means: 'It costs disk and network, and often it is the trace of a consumer that was switched off or never came.',
    mend: ['Ask the owner of the producer who should read it.', 'Where nobody should: stop writing it, then delete it.', 'A reader that never commits (a Spark job, a table in memory) cannot be seen here: mute this with that reason.'],
  },
  'no-dead-letter-path': {
    title: 'No dead-letter path',
    means: 'This consumer fails and has nowhere to put what it cannot handle: it skips records, or one record stops its partition.',
    mend: ['Let it publish what it cannot handle to a dead-letter topic after a bounded number of attempts (Spring: DeadLetterPublishingRecoverer; Connect: errors.deadletterqueue.topic.name; Streams: errors.dead.letter.queue.topic.name).', 'Where it has one that Waybill does not know, name it in deadLetters.topics.'],
  },
  'uninstrumented-hop': {
    title: 'Uninstrumented hop',
    means: 'The group commits, so it works, but it sends no spans: journeys show it as a ghost, without times and without errors.',
    mend: ['Add OpenTelemetry’s Kafka instrumentation to it, and let it export to Waybill’s OTLP receiver.', 'Where its spans arrive but name another group, set messaging.consumer.group.name on them.', 'Where it cannot be changed, read the headers of what it writes: headerTap.'],
  },
};

/** What a kind is called, why it matters and how it is mended. */
export function describeKind(kind: FindingKind): KindWords {
  return WORDS[kind];
}
